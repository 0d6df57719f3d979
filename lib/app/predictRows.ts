import { randomUUID } from 'node:crypto';
import { MlopsError, type MlopsErrorJson } from '../domain/errors.js';
import type { PredictionLogEntry, Store } from '../store/contract.js';
import { predictorOf, type Answer } from '../serve/predictor.js';

export interface ChosenModel { name: string; version?: number; digest: string; alias?: string }
export type RowResult = { answer: Answer } | { error: MlopsErrorJson };

/** Answers rows one by one; a bad row gets its own error and stops none of the others. Every answer and error is written to the prediction log. */
export async function predictRows(store: Store, model: ChosenModel, rows: Array<Record<string, unknown>>, options: { reasons: number; log: boolean }): Promise<RowResult[]> {
	const predictor = await predictorOf(store, model.digest);
	const results = rows.map((row): RowResult => {
		try {
			return { answer: predictor.answer(row, options.reasons) };
		} catch (thrown) {
			return { error: MlopsError.from(thrown).toJSON() };
		}
	});
	if (options.log) await store.logPredictions(results.map((result, i) => logEntry(model, rows[i], result, predictor.manifest.signature.map((c) => c.name))));
	return results;
}

function logEntry(model: ChosenModel, row: Record<string, unknown>, result: RowResult, columns: string[]): PredictionLogEntry {
	const input = Object.fromEntries(columns.filter((c) => row[c] !== undefined).map((c) => [c, row[c]]));
	const base = { at: new Date().toISOString(), model: model.version ? `${model.name}@${model.version}` : model.name, digest: model.digest, requestId: randomUUID(), input, ...(model.alias ? { alias: model.alias } : {}) };
	return 'answer' in result
		? { ...base, prediction: result.answer.prediction, score: result.answer.score }
		: { ...base, prediction: null, score: [], error: result.error.message };
}
