import type { Frame } from '../data/frame.js';
import { takeRows } from '../data/takeRows.js';
import { loadFrame } from '../data/loadFrame.js';
import type { ColumnSchema } from '../domain/column.js';
import type { EvaluationRecord } from '../domain/evaluation.js';
import type { ModelManifest } from '../domain/model.js';
import { loadModel } from '../learn/score.js';
import type { Store } from '../store/contract.js';
import { taskById } from '../task/index.js';
import { testRows } from './evaluatedRows.js';
import { readRows, storedRows } from './frameForModel.js';
import { splitRows } from './splitRows.js';

/** Rows whose truth is known, which a model never learned from. */
export interface ReferenceRows {
	/** As the model reads them; without columns where only truth and scores were asked for. */
	frame: Frame;
	labels: Float64Array;
	/** Row-major, as the model gave them. */
	scores: Float64Array;
}

/** Record that says how good a version is: its newest evaluation, else the run whose test rows may be asked about. */
export const referenceIdOf = async (store: Store, { digest, runId }: { digest: string; runId: string }): Promise<string> =>
	(await store.evaluationOf(digest))?.id ?? runId;

/**
 * The rows of a version's newest evaluation, else those that its training kept apart. Undefined where nobody knows what it was right about:
 * an imported model that nobody evaluated, or one that learned without labels.
 * @param columns whether the columns are wanted, too
 * @throws `store.not_found` where the data were cleared away
 */
export async function referenceRows(
	store: Store,
	{ digest, runId }: { digest: string; runId: string },
	manifest: ModelManifest,
	columns: boolean,
): Promise<ReferenceRows | undefined> {
	const evaluation = await store.evaluationOf(digest);
	if (evaluation) return await evaluatedRows(store, evaluation.body, manifest, columns);
	const { body: run } = await store.get('run', runId);
	if (run.imported || taskById(manifest.task).labels === 'none') return undefined;
	const dataset = await store.get('dataset', run.datasetId);
	const raw = await storedRows(store, dataset);
	const model = await loadModel(await store.artifacts.get(digest));
	const { frame, labels } = await testRows(dataset, raw, await splitRows(store, raw, run), run, model);
	return frame.rows ? { frame, labels, scores: await model.scoreFrame(frame) } : undefined;
}

/** The rows of an evaluation as its file of predictions has them, with the columns of its dataset. */
async function evaluatedRows(
	store: Store,
	{ predictions, datasetId }: EvaluationRecord,
	manifest: ModelManifest,
	columns: boolean,
): Promise<ReferenceRows> {
	const number = (name: string): ColumnSchema => ({ name, type: 'number', role: 'feature' });
	const outputs = taskById(manifest.task).outputs(manifest.classes.length);
	const names = outputs === 1 ? ['score'] : manifest.classes.map((c) => `score ${String(c)}`);
	const told = await loadFrame(await store.artifacts.materialise(predictions), { schema: ['label', ...names].map(number) });
	const [labels, ...parts] = told.vectors.map((v) => (v as { data: Float64Array }).data);
	const scores = new Float64Array(told.rows * outputs);
	parts.forEach((part, k) => part.forEach((value, i) => (scores[i * outputs + k] = value)));
	if (!columns) return { frame: { rows: told.rows, schema: [], vectors: [], rowId: told.rowId }, labels, scores };
	const raw = await storedRows(store, await store.get('dataset', datasetId));
	const places = new Map(Array.from(raw.rowId, (id, i) => [id, i]));
	const at = Uint32Array.from(told.rowId, (id) => places.get(id)!);
	return { frame: readRows(takeRows(raw, at), manifest).frame, labels, scores };
}
