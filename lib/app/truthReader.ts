import type { RolloutRecord } from '../domain/rollout.js';
import { createTruths } from '../serve/rollout/truths.js';
import type { Store } from '../store/contract.js';
import { metricById } from '../task/metrics/index.js';
import { taskById } from '../task/index.js';
import type { TruthReader } from './rolloutStatus.js';
import { manifestIn, truthPairs, type PairCursor } from './truthPairs.js';

/**
 * Reads the truth that comes back to a rollout, on from where it was read last, or all of it where some was told again; judged by the main
 * metric of the model's task. Undefined for a task that is not judged by truths, and where the file of the stable version cannot be read.
 */
export async function truthReaderOf(store: Store, rollout: RolloutRecord): Promise<TruthReader | undefined> {
	const { model, stable, candidates } = rollout;
	const manifestOf = async (version: number) => {
		const record = await store.find('modelVersion', model, version);
		return record && (await manifestIn(store, record.body.digest));
	};
	const manifest = await manifestOf(stable);
	const task = manifest && taskById(manifest.task);
	const metric = task && metricById(task.primary);
	if (!manifest || !metric || task.labels === 'none') return undefined;
	const others = await Promise.all(
		candidates.map(async ({ version }) => [version, (await manifestOf(version))?.threshold ?? 0.5] as const),
	);
	const thresholds = [
		['stable', manifest.threshold] as const,
		...others.flatMap(([version, threshold]) => [[`candidate-${version}`, threshold] as const, [`shadow-${version}`, threshold] as const]),
	];
	const { length: classes } = manifest.classes;
	const truths = createTruths({ metric, outputs: task.outputs(classes), classes, thresholds: Object.fromEntries(thresholds) });
	let cursor: PairCursor | undefined;
	let retold = 0;
	let end = -1;
	let reading: Promise<unknown> = Promise.resolve();

	async function readOn(): Promise<boolean> {
		// Each batch of truths is an event: where the chain stands still nothing was told, and the log need not be read.
		const seq = (await store.auditLog({ limit: 1 }))[0]?.seq ?? 0;
		if (seq === end) return false;
		let found = await truthPairs(store, rollout, cursor);
		const anew = cursor !== undefined && found.retold !== retold;
		if (anew) {
			// What counts is what was told last: who read earlier must not judge otherwise than who reads now.
			found = await truthPairs(store, rollout);
			truths.clear();
		}
		({ cursor, retold } = found);
		end = seq;
		truths.add(found.pairs);
		return anew || found.pairs.length > 0;
	}

	return {
		truths,
		async read() {
			// One after the other: two that go on from one place would count what comes then twice.
			const own = reading.then(readOn);
			reading = own.catch(() => {});
			return await own;
		},
	};
}
