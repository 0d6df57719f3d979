import { z } from 'zod/v4';
import { changesAsked } from '../../domain/changes.js';
import type { DatasetHandle } from '../../domain/dataset.js';
import { dictionaryOf } from '../../domain/dictionary.js';
import type { ItemPredictions } from '../../domain/item.js';
import { UNREGISTERED } from '../modelReference.js';
import { predictOn } from '../predictOn.js';
import { predictRows, unloggedText, type ChosenModel, type RowResult } from '../predictRows.js';
import type { Session } from '../session.js';
import { checkedRequest } from './checkedRequest.js';
import type { Note, Outcome } from './outcome.js';
import { datasetFor, datasetReference, modelFor, modelReference } from './references.js';

const reasons = z.number().int().min(0).max(20);
const log = z.boolean().default(true);

/** Rows to answer one by one. */
export const predictRequest = z.object({
	model: modelReference,
	rows: z.array(dictionaryOf(z.unknown())).meta({ description: 'Rows by column name' }),
	reasons: reasons.default(3).meta({ description: 'How many columns to name that moved an answer most' }),
	log: log.meta({ description: 'Write questions and answers to the prediction log' }),
	changes: changesAsked
		.optional()
		.meta({ description: 'What would change an answer: columns that may change, and the answer that is wished' }),
	keys: z.array(z.string().optional()).optional().meta({ description: 'What you call each row: its truth may be told by it' }),
});
export type PredictRequest = z.input<typeof predictRequest>;

/** A dataset to answer as a file. */
export const predictDatasetRequest = z.object({
	model: modelReference,
	dataset: datasetReference,
	rows: z.enum(['all', 'test']).default('all').meta({ description: 'All rows, or those that Train kept apart' }),
	reasons: reasons.default(0).meta({ description: 'How many columns to name in each row that moved its answer most' }),
	log: log.meta({ description: 'Write questions and answers to the prediction log, of many rows an even sample' }),
	forSpreadsheets: z.boolean().default(true).meta({ description: 'Make texts harmless that a spreadsheet would run as formulas' }),
});
export type PredictDatasetRequest = z.input<typeof predictDatasetRequest>;

/** The model and what to call it in logs. */
async function chosen(session: Session, reference: z.output<typeof modelReference>): Promise<ChosenModel & { runId: string }> {
	const { model, alias } = await modelFor(session.store, reference);
	const { name = UNREGISTERED, version, digest, runId } = model;
	return { name, ...(version ? { version } : {}), digest, runId, ...(alias ? { alias } : {}) };
}

/** Answers rows one by one; a bad row has its own error and stops none of the others. @throws `store.not_found`, `learn.model_invalid` */
export async function predict(
	session: Session,
	asked: PredictRequest,
): Promise<{ model: ChosenModel; results: RowResult[]; notes: Note[] }> {
	const { model: reference, rows, ...options } = checkedRequest(predictRequest, asked, 'predict');
	const model = await chosen(session, reference);
	const notes: Note[] = [];
	const results = await predictRows(session.store, model, rows, {
		...options,
		onUnlogged: (gap) => notes.push({ code: 'predict.log_gap', text: unloggedText(gap) }),
	});
	return { model, results, notes };
}

/**
 * Answers a dataset as a CSV file that lies in the store, at `path`: row, truth where it is known, prediction, scores, reasons and
 * warnings.
 * @throws `data.schema_mismatch`, `evaluate.not_comparable`, `store.not_found`, `compute.*`
 */
export async function predictDataset(
	session: Session,
	asked: PredictDatasetRequest,
): Promise<Outcome<{ dataset: DatasetHandle; predictions: ItemPredictions }> & { path: string }> {
	const { store } = session;
	const { model: reference, dataset: named, ...options } = checkedRequest(predictDatasetRequest, asked, 'predictDataset');
	const model = await chosen(session, reference);
	const dataset = await datasetFor(store, named);
	const { predictions, notes, report } = await predictOn(session, { ...options, datasetId: dataset.id, model, report: true });
	return {
		fields: { dataset, predictions },
		notes,
		...(report ? { report } : {}),
		path: await store.artifacts.materialise(predictions.file),
	};
}
