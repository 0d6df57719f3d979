import { z } from 'zod/v4';
import { defineTask } from '../../compute/contract.js';
import type { Frame, Vector } from '../../data/frame.js';
import { loadFrame } from '../../data/loadFrame.js';
import type { ColumnSchema } from '../../domain/column.js';
import { MlopsError } from '../../domain/errors.js';
import type { ModelManifest } from '../../domain/model.js';
import { PART } from '../../domain/split.js';
import { loadModel } from '../../learn/score.js';
import { verdict } from '../../serve/predictor.js';
import type { Store } from '../../store/contract.js';
import { labelsIn } from '../labelsIn.js';
import { rowsInParts, splitRows } from '../splitRows.js';
import { withStore } from '../withStore.js';
import { writeCsv } from '../writeCsv.js';

const chosen = z.object({ name: z.string(), version: z.number().optional(), digest: z.string(), alias: z.string().optional(), runId: z.string() });

/** Predicts the rows of a dataset version and keeps the answers as a CSV: row id, true label where it is known, prediction, and the scores. */
export const predictTask = defineTask({
	id: 'predict',
	input: z.object({ home: z.string(), datasetId: z.string(), model: chosen, rows: z.enum(['all', 'test']) }),
	output: z.object({ model: z.string(), version: z.number().optional(), rows: z.number(), failed: z.number(), file: z.string(), seconds: z.number() }),
	run: async ({ home, datasetId, model: choice, rows }, context) => await withStore(home, async (store) => {
		const started = performance.now();
		context.report({ stage: 'Reading the data', share: 0.05 });
		const frame = await rowsToPredict(store, datasetId, choice.runId, rows);
		const model = await loadModel(await store.artifacts.get(choice.digest));
		context.report({ stage: `Predicting ${frame.rows.toLocaleString('en')} rows`, share: 0.4 });
		const scores = await model.scoreFrame(frame, { threads: context.threads });
		const labels = await labelsIn(frame, model.manifest);
		context.report({ stage: 'Writing the predictions', share: 0.8 });
		const path = await store.artifacts.temporary('csv');
		await writeCsv(answers(frame, model.manifest, scores, labels), path);
		const { digest } = await store.artifacts.putFile(path);
		return {
			model: choice.version ? `${choice.name}@${choice.version}` : choice.name, ...(choice.version ? { version: choice.version } : {}),
			rows: frame.rows, failed: 0, file: digest, seconds: (performance.now() - started) / 1000,
		};
	}),
});

async function rowsToPredict(store: Store, datasetId: string, runId: string, rows: 'all' | 'test'): Promise<Frame> {
	const dataset = await store.get('dataset', datasetId);
	const frame = await loadFrame(await store.artifacts.path(dataset.body.data), { schema: dataset.body.columns });
	if (rows === 'all') return frame;
	const run = await store.get('run', runId);
	if (run.body.datasetId !== datasetId) {
		throw new MlopsError('evaluate.not_comparable', 'The model was trained on another version of this dataset, so it is not known which rows were kept apart.', { remedy: 'Choose "All" rows, or the dataset version that the model was trained on.' });
	}
	return rowsInParts(await splitRows(store, frame, run.body), [PART.test]);
}

/** Columns of the file: `label` (if known), `prediction`, then `probability` (binary), one `probability <class>` each, or nothing more (regression). */
function answers(frame: Frame, manifest: ModelManifest, scores: Float64Array, labels: Float64Array | undefined): Frame {
	const { task } = manifest;
	const classes = manifest.classes.map(String);
	const outputs = scores.length / Math.max(1, frame.rows);
	const schema: ColumnSchema[] = [];
	const vectors: Vector[] = [];
	const add = (name: string, vector: Vector) => { schema.push({ name, type: 'codes' in vector ? 'category' : 'number', role: 'feature' }); vectors.push(vector); };
	const coded = (codes: Uint32Array): Vector => ({ codes, dictionary: classes });
	if (labels) add('label', task === 'regression' ? { data: labels } : coded(Uint32Array.from(labels, (y) => (Number.isNaN(y) ? 0 : y + 1))));
	if (task === 'regression') add('prediction', { data: scores });
	else {
		const codes = new Uint32Array(frame.rows);
		const index = new Map(manifest.classes.map((c, i) => [c, i + 1]));
		for (let i = 0; i < frame.rows; i++) codes[i] = index.get(verdict(manifest, scores.subarray(i * outputs, (i + 1) * outputs)).prediction)!;
		add('prediction', coded(codes));
		if (task === 'binary') add('probability', { data: scores });
		else classes.forEach((c, k) => add(`probability ${c}`, { data: Float64Array.from({ length: frame.rows }, (_, i) => scores[i * outputs + k]) }));
	}
	return { rows: frame.rows, schema, vectors, rowId: frame.rowId };
}
