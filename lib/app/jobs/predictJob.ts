import { z } from 'zod/v4';
import { defineJob } from '../../compute/contract.js';
import type { Frame } from '../../data/frame.js';
import { throwIfCancelled } from '../../domain/cancel.js';
import { MlopsError } from '../../domain/errors.js';
import { PART } from '../../domain/split.js';
import { loadModel } from '../../learn/score.js';
import { requireColumns, requiredNames } from '../../serve/requireColumns.js';
import type { Store } from '../../store/contract.js';
import { taskById } from '../../task/index.js';
import { predictionsReport } from '../../report/reports/predictions.js';
import { answerColumns, answersTo, answerSummary } from '../answersTo.js';
import { readRows, storedRows } from '../frameForModel.js';
import { labelsIn } from '../labelsIn.js';
import { logDataset } from '../logDataset.js';
import { modelLabel } from '../modelReference.js';
import { unloggedText } from '../predictRows.js';
import { reasonColumns } from '../reasonColumns.js';
import { reportRecord } from '../../domain/report.js';
import { keepReport } from '../keepReport.js';
import { rowsInParts, splitRows } from '../splitRows.js';
import { warningColumn } from '../warningColumn.js';
import { storeRef } from '../../domain/storeRef.js';
import { withStore } from '../withStore.js';
import { writeCsv } from '../writeCsv.js';

const chosen = z.object({
	name: z.string(),
	version: z.number().optional(),
	digest: z.string(),
	alias: z.string().optional(),
	runId: z.string(),
});
const figure = (n: number): string => n.toLocaleString('en');

/**
 * Predicts the rows of a dataset version, read by the model's signature, and keeps the answers as a CSV: row id, true label where it is
 * known, prediction, scores, reasons when asked, and `warnings` where cells could not be read, are unknown to the model or lie far outside.
 * `failed` counts rows for which the model gave no number. @throws `data.schema_mismatch` when columns that it needs are not there
 */
export const predictJob = defineJob({
	id: 'predict',
	input: z.object({
		store: storeRef,
		datasetId: z.string(),
		model: chosen,
		rows: z.enum(['all', 'test']),
		/** How many reasons a row; they cost more than the predictions themselves. */
		reasons: z.number().int().min(0).max(20),
		/** Whether rows go to the prediction log, an even sample of many. */
		log: z.boolean(),
		/** Whether to draw a report of the answers. */
		report: z.boolean().optional(),
		/** Whether texts that a spreadsheet would run as formulas get an apostrophe in the file. */
		forSpreadsheets: z.boolean().default(false),
	}),
	output: z.object({
		model: z.string(),
		version: z.number().optional(),
		rows: z.number(),
		failed: z.number(),
		file: z.string(),
		bytes: z.number(),
		seconds: z.number(),
		/** What a person should know about the file. */
		notes: z.array(z.object({ code: z.string(), text: z.string() })),
		report: reportRecord.optional(),
		/** Answers that the prediction log did not take. */
		unlogged: z.object({ rows: z.number(), why: z.string() }).optional(),
	}),
	run: async ({ store: ref, datasetId, model: choice, rows, reasons, log, report, forSpreadsheets }, context) =>
		await withStore(ref, async (store) => {
			const started = performance.now();
			const notes: Array<{ code: string; text: string }> = [];
			context.progress({ stage: 'Reading the data', share: 0.05 });
			const model = await loadModel(await store.artifacts.get(choice.digest));
			const stored = await rowsToPredict(store, datasetId, choice.runId, rows);
			const { manifest } = model;
			const { finds } = taskById(manifest.task);
			requireColumns(
				requiredNames(manifest),
				(name) => stored.schema.some((c) => c.name === name),
				'dataset',
				() => stored.schema.map((c) => c.name),
			);
			const { frame, findings, notes: read } = readRows(stored, manifest);
			notes.push(...read);
			context.progress({ stage: `Predicting ${figure(frame.rows)} rows`, share: 0.4 });
			const scores = await model.scoreFrame(frame, { threads: context.threads });
			const labels = await labelsIn(frame, manifest);
			const answers = answersTo(frame.rows, scores);
			const { columns, failed } = answerColumns(answers, manifest, labels);
			if (failed)
				notes.push({
					code: 'predict.no_number',
					text:
						`${figure(failed)} of ${figure(frame.rows)} rows have no prediction, because the model gave no number: look for values ` +
						`that are far too large or too small.`,
				});
			const explained =
				reasons > 0
					? await reasonColumns(frame, model, reasons, (share) => {
							throwIfCancelled(context, 'The prediction');
							context.progress({ stage: 'Finding the reasons', share: 0.5 + 0.3 * share });
						})
					: [];
			if (!explained)
				notes.push({
					code: 'predict.no_reasons',
					text: `This model (${manifest.learner.id}) cannot tell the reasons of its answers, so the file has none.`,
				});
			context.progress({ stage: 'Writing the predictions', share: 0.8 });
			const warnings = warningColumn(frame.rows, findings);
			const all = [...columns, ...(explained ?? []), ...(warnings ? [warnings] : [])];
			const path = await store.artifacts.temporary('csv');
			await writeCsv({ rows: frame.rows, rowId: frame.rowId, schema: all.map((c) => c.schema), vectors: all.map((c) => c.vector) }, path, {
				forSpreadsheets,
			});
			const { digest, size } = await store.artifacts.putFile(path);
			await store.add('file', modelLabel(choice), { what: 'predictions', files: [{ name: 'predictions.csv', digest }] });
			let unlogged: { rows: number; why: string } | undefined;
			if (log) {
				const { rows: logged, refused } = await logDataset(store, choice, manifest, frame, scores, findings);
				if (refused) {
					unlogged = { rows: logged, why: refused.message };
					notes.push({ code: 'predict.log_gap', text: unloggedText({ rows: logged, why: refused }) });
				} else if (logged < frame.rows - failed)
					notes.push({
						code: 'predict.log_sample',
						text: `The prediction log got ${figure(logged)} of ${figure(frame.rows)} rows, an even sample; the file has them all.`,
					});
			}
			for (const note of notes) context.note(note.code, note.text);
			const drawn = report
				? await keepReport(
						store,
						'predictions',
						await predictionsReport({
							model: modelLabel(choice),
							target: manifest.target,
							...(finds ? { finds } : {}),
							rows: frame.rows,
							failed,
							notes,
							...answerSummary(answers, manifest),
						}),
					)
				: undefined;
			return {
				...(drawn ? { report: drawn } : {}),
				model: modelLabel(choice),
				...(choice.version ? { version: choice.version } : {}),
				rows: frame.rows,
				failed,
				file: digest,
				bytes: size,
				seconds: (performance.now() - started) / 1000,
				notes,
				...(unlogged ? { unlogged } : {}),
			};
		}),
});

async function rowsToPredict(store: Store, datasetId: string, runId: string, rows: 'all' | 'test'): Promise<Frame> {
	const dataset = await store.get('dataset', datasetId);
	const frame = await storedRows(store, dataset);
	if (rows === 'all') return frame;
	const run = await store.get('run', runId);
	if (run.body.imported || run.body.datasetId !== datasetId) {
		throw new MlopsError(
			'evaluate.not_comparable',
			run.body.imported
				? 'The model was imported, so no rows were kept apart for it.'
				: 'The model was trained on another version of this dataset, so it is not known which rows were kept apart.',
			{ remedy: 'Choose "All" rows, or the dataset version that the model was trained on.' },
		);
	}
	return rowsInParts(await splitRows(store, frame, run.body), [PART.test]);
}
