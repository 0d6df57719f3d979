import type { ItemPredictions } from '../domain/item.js';
import type { ReportRecord } from '../domain/report.js';
import { predictJob } from './jobs/predictJob.js';
import { modelLabel } from './modelReference.js';
import type { ChosenModel } from './predictRows.js';
import type { Session } from './session.js';

export interface PredictOnRequest {
	datasetId: string;
	model: ChosenModel & { runId: string };
	/** All rows, or those that Train kept apart. */
	rows: 'all' | 'test';
	/** Columns to name in each row that moved its answer most. */
	reasons: number;
	/** Whether all rows, of many an even sample, go to the prediction log; rows that Train kept apart never do. */
	log: boolean;
	/** Whether a report of the answers is drawn. */
	report: boolean;
	/** Whether texts are made harmless that a spreadsheet would run. */
	forSpreadsheets: boolean;
}

export interface PredictedOn {
	/** What an item carries of it. */
	predictions: ItemPredictions & Required<Pick<ItemPredictions, 'file' | 'bytes'>>;
	notes: Array<{ code: string; text: string }>;
	report?: ReportRecord;
}

/**
 * Answers a dataset as a CSV file that lies in the store, outside this process; what could not be logged is noted in the log.
 * @throws `data.schema_mismatch`, `evaluate.not_comparable`, `store.not_found`, `compute.*`
 */
export async function predictOn({ store, run }: Session, request: PredictOnRequest): Promise<PredictedOn> {
	const { model, rows, log, ...asked } = request;
	const { notes, report, unlogged, ...made } = await run(predictJob, {
		store: store.ref,
		model,
		rows,
		log: rows === 'all' && log,
		...asked,
	});
	if (unlogged) store.noteUnlogged({ model: modelLabel(model), digest: model.digest, ...unlogged });
	return { predictions: { ...made, ...(notes.length ? { notes } : {}) }, notes, ...(report ? { report } : {}) };
}
