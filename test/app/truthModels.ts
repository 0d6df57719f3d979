import { trainJob } from '../../lib/app/jobs/trainJob.js';
import { predictRows } from '../../lib/app/predictRows.js';
import { handleOf } from '../../lib/app/datasetByName.js';
import type { Frame } from '../../lib/data/frame.js';
import { writeFrame } from '../../lib/data/writeFrame.js';
import type { ColumnSchema } from '../../lib/domain/column.js';
import type { DatasetHandle } from '../../lib/domain/dataset.js';
import { splitParams } from '../../lib/domain/split.js';
import type { Store } from '../../lib/store/contract.js';
import { murmurTwice } from '../../lib/domain/random.js';
import { frameContent, frameOf } from '../data/frames.js';
import { taskContext } from '../learn/penguins.js';

/** Patients: the sicker the higher the marker; `sick` says it by the two labels, `days` in numbers. */
export function patients(rows: number, labels: readonly [no: string | number, yes: string | number] | 'boolean' | 'days', seed = 1): Frame {
	const random = murmurTwice(seed);
	const marker = Array.from({ length: rows }, () => random());
	const sick = marker.map((m) => random() < m);
	const words = labels === 'boolean' || labels === 'days' ? [0, 1] : labels;
	const type = labels === 'boolean' ? 'boolean' : labels === 'days' ? 'number' : typeof words[0] === 'number' ? 'integer' : 'category';
	const schema: ColumnSchema[] = [
		{ name: 'marker', type: 'number', role: 'feature' },
		{ name: 'ward', type: 'category', role: 'feature' },
		{ name: 'visits', type: 'integer', role: 'feature' },
		{ name: 'sick', type, role: 'target' },
	];
	return frameOf(schema, {
		marker,
		ward: marker.map((_, i) => (i % 2 ? 'north' : 'south')),
		visits: marker.map((_, i) => i % 7),
		sick: labels === 'days' ? marker.map((m) => 10 * m) : sick.map((s) => words[Number(s)]),
	});
}

/** Keeps a frame as a version of a dataset. */
export async function keepDataset(store: Store, name: string, frame: Frame): Promise<DatasetHandle> {
	const path = await store.artifacts.temporary('parquet');
	await writeFrame(frame, path);
	const { digest } = await store.artifacts.putFile(path);
	const record = await store.add('dataset', name, {
		name,
		rows: frame.rows,
		columns: [...frame.schema],
		content: frameContent(frame),
		data: digest,
		quarantined: 0,
		source: { type: 'items', description: 'made in a test' },
	});
	return handleOf(store, record);
}

export interface Deployed {
	name: string;
	version: number;
	digest: string;
}

/** Trains on such patients, and registers the model as the next version and champion of `name`. */
export async function deployed(store: Store, name: string, frame: Frame): Promise<Deployed> {
	const dataset = await keepDataset(store, `${name}-data`, frame);
	const spec = {
		target: 'sick',
		split: splitParams.parse({}),
		learner: frame.schema.at(-1)!.type === 'number' ? 'linearRegression' : 'logisticRegression',
		params: {},
		seed: 0,
		crossValidation: 0,
		classWeight: 'none' as const,
		timeBudgetSeconds: 5,
		refit: true,
	};
	const { run } = await trainJob.run(
		{ store: store.ref, datasetId: dataset.id, recipe: { steps: [] }, modelName: name, runAgain: false, spec },
		taskContext(),
	);
	const { model: digest } = (await store.get('run', run.id)).body;
	const version = ((await store.find('modelVersion', name))?.version ?? 0) + 1;
	await store.add('modelVersion', name, { name, version, runId: run.id, digest, tags: {} });
	await store.moveAlias(name, 'champion', version, { actor: 'test' });
	return { name, version, digest };
}

/** Asks a model as Predict does, and gives the ids of the answers. */
export async function ask(store: Store, model: Deployed, rows: Array<Record<string, unknown>>, keys?: string[]): Promise<string[]> {
	const results = await predictRows(store, model, rows, { reasons: 0, log: true, keys });
	return results.map(({ id }) => id!);
}

export const row = (marker: number, more: Record<string, unknown> = {}): Record<string, unknown> => ({
	marker,
	ward: 'north',
	visits: 2,
	...more,
});
