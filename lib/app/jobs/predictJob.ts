import { z } from 'zod/v4';
import { defineJob } from '../../compute/contract.js';
import { loadModel, type LoadedModel } from '../../learn/score.js';
import { requireColumns, requiredNames } from '../../serve/requireColumns.js';
import type { ModelManifest } from '../../domain/model.js';
import type { Store } from '../../store/contract.js';
import { classWords } from '../../task/classes.js';
import { taskById } from '../../task/index.js';
import { predictionsReport } from '../../report/reports/predictions.js';
import { answerSummary } from '../answersTo.js';
import { readingNotes } from '../frameForModel.js';
import { DatasetLog } from '../logDataset.js';
import { modelLabel } from '../modelReference.js';
import { unloggedText } from '../predictRows.js';
import { targetColumnOf } from '../targetColumn.js';
import { MOST_ASKED } from '../reasonColumns.js';
import { reportRecord } from '../../domain/report.js';
import { keepReport } from '../keepReport.js';
import { storeRef } from '../../domain/storeRef.js';
import { withKept } from '../withStore.js';
import { rowsToAnswer, writeAnswers, type WrittenAnswers } from '../writeAnswers.js';

const chosen = z.object({
	name: z.string(),
	version: z.number().optional(),
	digest: z.string(),
	alias: z.string().optional(),
	runId: z.string(),
});
const figure = (n: number): string => n.toLocaleString('en');

/** A model whose classes are called as people wrote them, for a report: the file has what callers get. */
const inWords = async (store: Pick<Store, 'get'>, manifest: ModelManifest, runId: string): Promise<ModelManifest> => ({
	...manifest,
	classes: classWords(manifest.classes, await targetColumnOf(store, runId)),
});

/** What a person should know of the answers: those that are none, and reasons that are missing. */
function notesOn(written: WrittenAnswers, model: LoadedModel, rows: number): Array<{ code: string; text: string }> {
	const notes: Array<{ code: string; text: string }> = [];
	if (written.failed)
		notes.push({
			code: 'predict.no_number',
			text:
				`${figure(written.failed)} of ${figure(rows)} rows have no prediction, because the model gave no number: look for values ` +
				`that are far too large or too small.`,
		});
	if (written.explained === false)
		notes.push({
			code: 'predict.no_reasons',
			text: `This model (${model.manifest.learner.id}) cannot tell the reasons of its answers, so the file has none.`,
		});
	if (written.explained && model.reasons === 'asked' && rows > MOST_ASKED)
		notes.push({
			code: 'predict.some_reasons',
			text: `The first ${figure(MOST_ASKED)} of ${figure(rows)} rows have reasons: for each, this model is asked thousands of times.`,
		});
	return notes;
}

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
		await withKept(ref, async (store) => {
			const started = performance.now();
			const notes: Array<{ code: string; text: string }> = [];
			context.progress({ stage: 'Reading the data', share: 0.05 });
			const model = await loadModel(await store.artifacts.get(choice.digest));
			const { manifest } = model;
			const { finds } = taskById(manifest.task);
			const source = await rowsToAnswer(store, { datasetId, runId: choice.runId, rows }, model);
			requireColumns(
				requiredNames(manifest),
				(name) => source.schema.some((c) => c.name === name),
				'dataset',
				() => source.schema.map((c) => c.name),
			);
			const answeredBy = await model.prepare?.(source.rows, context.threads, (text) =>
				notes.push({ code: 'predict.backend_failed', text }),
			);
			if (answeredBy) notes.push({ code: 'predict.backend', text: answeredBy });
			const path = await store.artifacts.temporary('csv');
			const logged = log ? () => new DatasetLog(choice, manifest, source.rows) : undefined;
			const written = await writeAnswers(source, model, path, { reasons, forSpreadsheets, keepAnswers: report === true, logged }, context);
			const { failed } = written;
			notes.push(...readingNotes(written.findings, source.rows), ...notesOn(written, model, source.rows));
			const { digest, size } = await store.artifacts.putFile(path);
			await store.add('file', modelLabel(choice), { what: 'predictions', files: [{ name: 'predictions.csv', digest }] });
			let unlogged: { rows: number; why: string } | undefined;
			if (written.log) {
				const { rows: offered, refused } = await written.log.write(store);
				if (refused) {
					unlogged = { rows: offered, why: refused.message };
					notes.push({ code: 'predict.log_gap', text: unloggedText({ rows: offered, why: refused }) });
				} else if (offered < source.rows - failed)
					notes.push({
						code: 'predict.log_sample',
						text: `The prediction log got ${figure(offered)} of ${figure(source.rows)} rows, an even sample; the file has them all.`,
					});
			}
			for (const note of notes) context.note(note.code, note.text);
			const drawn = written.answers
				? await keepReport(
						store,
						'predictions',
						await predictionsReport({
							model: modelLabel(choice),
							target: manifest.target,
							...(finds ? { finds } : {}),
							rows: source.rows,
							failed,
							notes,
							...answerSummary(written.answers, await inWords(store, manifest, choice.runId)),
						}),
					)
				: undefined;
			return {
				...(drawn ? { report: drawn } : {}),
				model: modelLabel(choice),
				...(choice.version ? { version: choice.version } : {}),
				rows: source.rows,
				failed,
				file: digest,
				bytes: size,
				seconds: (performance.now() - started) / 1000,
				notes,
				...(unlogged ? { unlogged } : {}),
			};
		}),
});
