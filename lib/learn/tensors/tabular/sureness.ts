import type { Dictionary } from '../../../domain/dictionary.js';
import type { FitInput, Matrix, State } from '../../contract.js';
import { bestTemperature } from '../../ensemble/answerCalibration.js';
import { watchedRows } from '../order.js';
import type { Form } from './networkForm.js';
import { tabularPredictor } from './tabularPredictor.js';

/** Validation rows of which a temperature is found, at least: fewer bear out nothing. */
const LEAST_ROWS = 50;

/**
 * The temperature that makes a network's probabilities as sure as the validation rows bear out (Guo, Pleiss, Sun and Weinberger 2017).
 * Never below 1: the rows have chosen the epoch, and few rows that are all told right would make it sure of anything. Nothing without them.
 */
export async function temperatureOf(state: State, valid: FitInput['valid'], threads: number): Promise<number | undefined> {
	if (!valid || valid.x.rows < LEAST_ROWS) return undefined;
	const at = watchedRows(valid.x.rows);
	const columns = valid.x.columns.map((c): Matrix['columns'][number] =>
		c.kind === 'number' ? { ...c, data: Float64Array.from(at, (i) => c.data[i]) } : { ...c, data: Uint32Array.from(at, (i) => c.data[i]) },
	);
	const { labels } = valid;
	const weight = labels.weight && Float64Array.from(at, (i) => labels.weight![i]);
	const predictor = tabularPredictor(
		state,
		columns.map((c) => c.name),
	);
	const scores = new Float64Array(at.length * predictor.outputs);
	await predictor.batch({ rows: at.length, columns }, scores, threads);
	const y = Float64Array.from(at, (i) => labels.y[i]);
	return bestTemperature(y, scores, predictor.outputs, { least: 1, weight });
}

/** Divides a network's raw outputs by a temperature: in its last layer, so that no reader has to know of it. */
export function cool(arrays: Dictionary<Float32Array>, { hidden }: Form, temperature: number): void {
	for (const name of [`w${hidden.length}`, `b${hidden.length}`]) arrays[name] = arrays[name]!.map((v) => v / temperature);
}
