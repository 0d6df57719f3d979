import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MlopsError, type MlopsErrorJson } from '../domain/errors.js';
import type { PredictionLogEntry, Store } from '../store/contract.js';
import { modelLabel } from './modelReference.js';
import { predictorOf, type Answer, type RowPredictor } from '../serve/predictor.js';

/** The longest that rows are answered in one go. */
const TURN_MS = 20;

export interface ChosenModel { name: string; version?: number; digest: string; alias?: string }
export type RowResult = { answer: Answer } | { error: MlopsErrorJson };

/** Answers rows one by one; a bad row gets its own error and stops none of the others. Every answer and error is written to the prediction log. */
export async function predictRows(store: Store, model: ChosenModel, rows: Array<Record<string, unknown>>, options: { reasons: number; log: boolean }): Promise<RowResult[]> {
	const predictor = await predictorOf(store, model.digest);
	const results: RowResult[] = [];
	let resumed = performance.now();
	for (const row of rows) {
		results.push(answerRow(predictor, row, options.reasons));
		if (performance.now() - resumed < TURN_MS) continue;
		// This may be n8n's own process: its pages must go on answering.
		await nextTurn();
		resumed = performance.now();
	}
	if (options.log) await store.logPredictions(results.map((result, i) => logEntry(model, rows[i], result, predictor.manifest.signature.map((c) => c.name))));
	return results;
}

function answerRow(predictor: RowPredictor, row: Record<string, unknown>, reasons: number): RowResult {
	try {
		return { answer: predictor.answer(row, reasons) };
	} catch (thrown) {
		return { error: MlopsError.from(thrown).toJSON() };
	}
}

/** What the prediction log keeps of one row's answer or error: of its inputs only the model's own `columns`. */
export function logEntry(model: ChosenModel, row: Record<string, unknown>, result: RowResult, columns: string[]): PredictionLogEntry {
	const input = Object.fromEntries(columns.filter((c) => row[c] !== undefined).map((c) => [c, row[c]]));
	const base = { at: new Date().toISOString(), model: modelLabel(model), digest: model.digest, requestId: randomUUID(), input, ...(model.alias ? { alias: model.alias } : {}) };
	return 'answer' in result
		? { ...base, prediction: result.answer.prediction, score: result.answer.score, ...(result.answer.warnings ? { warnings: result.answer.warnings } : {}) }
		: { ...base, prediction: null, score: [], error: result.error.message };
}
