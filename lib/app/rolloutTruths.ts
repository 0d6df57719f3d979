import type { RolloutRecord } from '../domain/rollout.js';
import { readPackage } from '../formats/modelPackage.js';
import { armName, STABLE } from '../serve/rollout/counts.js';
import { createTruths } from '../serve/rollout/truths.js';
import type { Store } from '../store/contract.js';
import { taskById } from '../task/index.js';
import { metricById } from '../task/metrics/index.js';
import type { TruthReader } from './rolloutStatus.js';
import { truthPairs, type PairCursor } from './truthPairs.js';

/** Nothing where the model's main metric needs no truth. @throws what reading the stable version's package throws */
export async function readTruths(store: Store, rollout: RolloutRecord): Promise<TruthReader | undefined> {
	const manifestOf = async (version: number) => {
		const record = await store.find('modelVersion', rollout.model, version);
		return record && readPackage(await store.artifacts.get(record.body.digest)).manifest;
	};
	const stable = await manifestOf(rollout.stable);
	const task = stable && taskById(stable.task);
	const metric = task && metricById(task.primary);
	if (!stable || !metric || metric.withoutTruth) return undefined;
	const thresholds = new Map([[STABLE, stable.threshold]]);
	for (const { version } of rollout.candidates) thresholds.set(armName(rollout, version), (await manifestOf(version))?.threshold ?? 0.5);
	const classes = stable.classes.length;
	const truths = createTruths({ metric, outputs: task.outputs(classes), classes, thresholds: Object.fromEntries(thresholds) });
	let cursor: PairCursor | undefined;
	return {
		truths,
		async read() {
			const found = await truthPairs(store, rollout, cursor);
			cursor = found.cursor;
			truths.add(found.pairs);
		},
	};
}
