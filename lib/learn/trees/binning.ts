import { MlopsError } from '../../domain/errors.js';
import type { Column, Matrix } from '../contract.js';
import { mix } from './random.js';

/** Rows looked at to place the bin borders (LightGBM's `bin_construct_sample_cnt`). */
const SAMPLE = 200_000;

/**
 * How values of one column become bins.
 * Numbers: bin 0 is missing, bin b holds `bounds[b-2] < x <= bounds[b-1]`.
 * Categories: bin b is the code `codes[b]`; the bin after the last is for codes that no training row has.
 */
export type ColumnBins =
	| { kind: 'number'; bins: number; bounds: Float64Array; missing: boolean }
	| { kind: 'category'; bins: number; codes: Uint32Array; binOf: Uint32Array };

/** Borders of a numeric column from the ascending finite values of a sample: one bin a value where they fit, else equally full bins. */
export function placeBounds(sorted: Float64Array, maxBin: number): Float64Array {
	const values: number[] = [];
	const counts: number[] = [];
	for (let i = 0; i < sorted.length; ) {
		const v = sorted[i];
		let j = i + 1;
		while (j < sorted.length && sorted[j] === v) j++;
		values.push(v);
		counts.push(j - i);
		i = j;
	}
	if (values.length <= maxBin) return Float64Array.from({ length: Math.max(0, values.length - 1) }, (_, i) => between(values[i], values[i + 1]));
	const bounds: number[] = [];
	// A value with more rows than a fair share gets a bin of its own; the others share what is left.
	let restRows = sorted.length;
	let restBins = maxBin;
	const heavy = counts.map((c) => c >= sorted.length / maxBin);
	for (let i = 0; i < values.length; i++) if (heavy[i]) { restRows -= counts[i]; restBins--; }
	let share = restRows / Math.max(1, restBins);
	let filled = 0;
	for (let i = 0; i + 1 < values.length && bounds.length < maxBin - 1; i++) {
		if (!heavy[i]) restRows -= counts[i];
		filled += counts[i];
		if (heavy[i] || filled >= share || (heavy[i + 1] && filled >= Math.max(1, share / 2))) {
			bounds.push(between(values[i], values[i + 1]));
			filled = 0;
			if (!heavy[i]) {
				restBins--;
				share = restRows / Math.max(1, restBins);
			}
		}
	}
	return Float64Array.from(bounds);
}

/** A number that separates a from b, a < b: `a <= t < b`, without overflow. */
function between(a: number, b: number): number {
	const t = a / 2 + b / 2;
	return t >= a && t < b ? t : a;
}

/** Bins of every column. @throws `learn.value_infinite`, `learn.code_out_of_range` naming the column */
export function planBins(matrix: Matrix, maxBin: number, seed: number): ColumnBins[] {
	const rows = matrix.rows;
	const take = Math.min(rows, SAMPLE);
	const picks = rows > SAMPLE ? stratified(rows, take, seed) : undefined;
	const buffer = new Float64Array(take);
	return matrix.columns.map((column): ColumnBins => {
		if (column.kind === 'category') return planCategory(column, rows);
		const { data } = column;
		let finite = 0;
		let missing = false;
		for (let i = 0; i < take; i++) {
			const v = data[picks ? picks[i] : i];
			if (v === v) buffer[finite++] = v;
		}
		for (let i = 0; i < rows; i++) {
			const v = data[i];
			if (v - v !== 0) {
				if (v === v) throw infinite(column.name, i);
				missing = true;
			}
		}
		const bounds = placeBounds(buffer.subarray(0, finite).sort(), maxBin);
		return { kind: 'number', bins: finite ? bounds.length + 1 : 0, bounds, missing };
	});
}

/** One row of each of `take` equal stretches of the data: spread evenly, and the same for the same seed. */
function stratified(rows: number, take: number, seed: number): Uint32Array {
	const step = rows / take;
	return Uint32Array.from({ length: take }, (_, i) => Math.min(rows - 1, Math.floor((i + mix(seed, i) / 4294967296) * step)));
}

function planCategory(column: Column & { kind: 'category' }, rows: number): ColumnBins {
	const counts = new Uint32Array(column.levels);
	for (let i = 0; i < rows; i++) {
		const code = column.data[i];
		if (code >= column.levels) throw codeOutOfRange(column.name, code, column.levels, i);
		counts[code]++;
	}
	const codes: number[] = [];
	for (let c = 0; c < column.levels; c++) if (counts[c]) codes.push(c);
	const binOf = new Uint32Array(column.levels).fill(codes.length);
	codes.forEach((c, b) => { binOf[c] = b; });
	return { kind: 'category', bins: codes.length, codes: Uint32Array.from(codes), binOf };
}

/** Fills `out` with the bins of a column. */
export function binColumn(column: Column, bins: ColumnBins, out: Uint8Array | Uint16Array | Uint32Array, rows: number): void {
	if (column.kind === 'category') {
		if (bins.kind !== 'category') throw new MlopsError('learn.columns_mismatch', `Column "${column.name}" was numeric in training and is categorical now.`, { column: column.name });
		const { binOf } = bins;
		for (let i = 0; i < rows; i++) {
			const code = column.data[i];
			if (code >= column.levels) throw codeOutOfRange(column.name, code, column.levels, i);
			out[i] = code < binOf.length ? binOf[code] : bins.bins;
		}
		return;
	}
	if (bins.kind !== 'number') throw new MlopsError('learn.columns_mismatch', `Column "${column.name}" was categorical in training and is numeric now.`, { column: column.name });
	// 255 borders padded with infinity: eight halvings without a branch that could be mispredicted.
	const padded = new Float64Array(256).fill(Infinity);
	padded.set(bins.bounds);
	const { data } = column;
	for (let i = 0; i < rows; i++) {
		const v = data[i];
		if (v - v !== 0) {
			if (v === v) throw infinite(column.name, i);
			out[i] = 0;
			continue;
		}
		let at = 0;
		at += +(padded[at + 127] < v) << 7;
		at += +(padded[at + 63] < v) << 6;
		at += +(padded[at + 31] < v) << 5;
		at += +(padded[at + 15] < v) << 4;
		at += +(padded[at + 7] < v) << 3;
		at += +(padded[at + 3] < v) << 2;
		at += +(padded[at + 1] < v) << 1;
		at += +(padded[at] < v);
		out[i] = at + 1;
	}
}

const infinite = (column: string, row: number) => new MlopsError('learn.value_infinite', `Column "${column}" holds an infinite value.`, {
	column, row: row + 1, expected: 'finite numbers or missing values', remedy: 'Clean the column first: clip it, or turn infinite values into missing ones.',
});

const codeOutOfRange = (column: string, code: number, levels: number, row: number) => new MlopsError('learn.code_out_of_range',
	`Column "${column}" holds category code ${code}, but has ${levels} levels.`, { column, row: row + 1, expected: `codes below ${levels}`, found: String(code), remedy: 'Fit and apply the same encoding to training and new data.' });
