import type { Frame } from '../../data/frame.js';
import { MlopsError } from '../../domain/errors.js';
import type { ModelManifest } from '../../domain/model.js';
import { buildReference } from '../../monitor/index.js';
import { taskById } from '../../task/index.js';
import { referenceRows } from '../referenceRows.js';
import { defineWatch } from './contract.js';
import { driftOver, driftWatchParams, segmentSketches, type DriftReference, type Subject } from './driftWatch.js';

/** What the model answers, beside what it answered on its test rows: predicted classes and scores, as files of predictions have them. */
const answered: Subject = {
	async reference(store, { record, manifest }, { segments }, params): Promise<DriftReference> {
		const evaluation = await store.evaluationOf(record.body.digest);
		const { digest, runId } = record.body;
		const rows = await referenceRows(store, { digest, runId }, manifest, true);
		if (!rows)
			throw new MlopsError(
				'monitor.no_reference',
				`${record.name} version ${record.version} has no test rows to compare its answers with.`,
				{
					remedy: 'Evaluate it on a dataset of your own, or watch "Data Drift".',
				},
			);
		const compared = answersFrame(rows.scores, rows.frame.rows, manifest);
		return {
			id: evaluation?.id ?? record.body.runId,
			description: `the test rows of ${record.name}@${record.version}`,
			sketch: buildReference(compared),
			needed: [],
			...segmentSketches(rows.frame, compared, manifest, segments, params),
		};
	},
	rows(entries, manifest) {
		const outputs = taskById(manifest.task).outputs(manifest.classes.length);
		const scores = new Float64Array(entries.length * outputs).fill(NaN);
		entries.forEach(({ score = [] }, i) => {
			if (score.length === outputs) scores.set(score, i * outputs);
		});
		return answersFrame(scores, entries.length, manifest);
	},
};

/** Answers of both sides by the same rule, so that a threshold cannot make the difference. */
function answersFrame(scores: Float64Array, rows: number, manifest: ModelManifest): Frame {
	const task = taskById(manifest.task);
	const outputs = task.outputs(manifest.classes.length);
	const known = Uint8Array.from({ length: rows }, (_, i) => (Number.isFinite(scores[i * outputs]) ? 1 : 0));
	const columns = task.columns({ rows, scores, outputs, answered: known }, manifest);
	return {
		rows,
		schema: columns.map(({ schema }) => ({ ...schema, role: 'feature' as const })),
		vectors: columns.map(({ vector }) => vector),
		rowId: Float64Array.from({ length: rows }, (_, i) => i),
	};
}

/** Whether a model answers as it did when it was tested: it explains, and can wait. */
export const answers = defineWatch({
	id: 'answers',
	params: driftWatchParams,
	look: async (store, { from, until, ...watched }, params, context) =>
		(await driftOver(answered, store, watched, [{ from, until }], params, context))[0],
	lookOver: async (store, watched, windows, params, context) => await driftOver(answered, store, watched, windows, params, context),
});
