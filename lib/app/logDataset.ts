import { takeRows, withoutColumns, type Frame } from '../data/frame.js';
import { frameRows } from '../data/preview.js';
import type { ModelManifest } from '../domain/model.js';
import { isAnswer, verdict } from '../serve/predictor.js';
import type { Store } from '../store/contract.js';
import { logEntry, type ChosenModel } from './predictRows.js';

/** Rows of one dataset that the prediction log takes: enough to watch drift, and written within a second. */
const MOST_LOGGED = 10_000;

/** Writes the rows of a predicted dataset to the prediction log as a caller would have sent them; of many an even sample. Returns how many. */
export async function logDataset(store: Store, model: ChosenModel, manifest: ModelManifest, frame: Frame, scores: Float64Array): Promise<number> {
	const rows = Math.min(MOST_LOGGED, frame.rows);
	const picked = Uint32Array.from({ length: rows }, (_, i) => Math.floor((i * frame.rows) / rows));
	const columns = manifest.signature.map((c) => c.name);
	const kept = new Set(columns);
	const inputs = frameRows(takeRows(withoutColumns(frame, frame.schema.map((c) => c.name).filter((name) => !kept.has(name))), picked));
	const outputs = scores.length / Math.max(1, frame.rows);
	const entries = inputs.flatMap((input, i) => {
		const score = scores.subarray(picked[i] * outputs, (picked[i] + 1) * outputs);
		return isAnswer(score) ? [logEntry(model, input, { answer: { ...verdict(manifest, score), score: Array.from(score) } }, columns)] : [];
	});
	await store.logPredictions(entries);
	return entries.length;
}
