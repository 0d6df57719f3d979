import type { Matrix, Predictor } from './contract.js';

/** Rows that are turned from columns into rows at a time: small enough to stay in cache. */
const BLOCK = 256;

export interface RowModel {
	columns: number;
	outputs: number;
	/** Predicts the row that starts at `values[at]` into `out[to...]`. No allocation. */
	rowAt(values: Float64Array, at: number, out: Float64Array, to: number): void;
	contributions?(values: Float64Array, output: number): Float64Array;
}

/** Batch and row prediction from one function, so that they are equal bit for bit. */
export function rowPredictor({ columns, outputs, rowAt, contributions }: RowModel): Predictor {
	const block = new Float64Array(BLOCK * columns);
	return {
		outputs,
		row: (values, out) => rowAt(values, 0, out, 0),
		batch(x: Matrix, out: Float64Array): void {
			for (let from = 0; from < x.rows; from += BLOCK) {
				const n = Math.min(BLOCK, x.rows - from);
				for (let j = 0; j < columns; j++) {
					const { data } = x.columns[j];
					for (let i = 0; i < n; i++) block[i * columns + j] = data[from + i];
				}
				for (let i = 0; i < n; i++) rowAt(block, i * columns, out, (from + i) * outputs);
			}
		},
		contributions,
	};
}
