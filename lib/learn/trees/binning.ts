import { MlopsError } from '../../domain/errors.js';
import type { Column, Matrix } from '../contract.js';
import { murmurMix } from '../../domain/random.js';
import { sortNumbers } from './sortNumbers.js';

/** Rows looked at to place the borders of columns with many values: about 250 a bin. Columns with few values are looked at whole. */
const SAMPLE = 65_536;

/**
 * How values of one column become bins.
 * Numbers: bin 0 is missing, bin b holds `bounds[b-2] < x <= bounds[b-1]`. `zeros` and `gaps` are the numbers of rows that are zero and
 * missing. Categories: bin b is the code `codes[b]`, the last bin all codes from there on (rare ones together); the bin after it is for
 * codes that no training row has.
 */
export type ColumnBins =
	| { kind: 'number'; bins: number; bounds: Float64Array; missing: boolean; zeros: number; gaps: number }
	| { kind: 'category'; bins: number; codes: Uint32Array; binOf: Uint32Array };

/** Borders between neighbours of few ascending distinct values: a bin a value. */
const boundsBetween = (values: Float64Array): Float64Array =>
	Float64Array.from({ length: Math.max(0, values.length - 1) }, (_, i) => between(values[i], values[i + 1]));

/** Borders of a numeric column from the ascending finite values of a sample: one bin a value where they fit, else equally full bins. */
export function placeBounds(sorted: Float64Array, maxBin: number): Float64Array {
	const n = sorted.length;
	let distinct = n > 0 ? 1 : 0;
	for (let i = 1; i < n; i++) if (sorted[i] !== sorted[i - 1]) distinct++;
	if (distinct <= maxBin) return boundsBetween(sorted.filter((v, i) => i === 0 || v !== sorted[i - 1]));
	// A value with more rows than a fair share gets a bin of its own; the others share what is left.
	const heavy = n / maxBin;
	let restRows = n;
	let restBins = maxBin;
	for (let i = 0, j = 0; i < n; i = j) {
		j = endOfRun(sorted, i);
		if (j - i >= heavy) {
			restRows -= j - i;
			restBins--;
		}
	}
	let share = restRows / Math.max(1, restBins);
	const bounds: number[] = [];
	let filled = 0;
	let next = endOfRun(sorted, 0);
	for (let i = 0; next < n && bounds.length < maxBin - 1; ) {
		const count = next - i;
		const after = endOfRun(sorted, next);
		const own = count >= heavy;
		if (!own) restRows -= count;
		filled += count;
		if (own || filled >= share || (after - next >= heavy && filled >= Math.max(1, share / 2))) {
			bounds.push(between(sorted[i], sorted[next]));
			filled = 0;
			if (!own) {
				restBins--;
				share = restRows / Math.max(1, restBins);
			}
		}
		i = next;
		next = after;
	}
	return Float64Array.from(bounds);
}

function endOfRun(sorted: Float64Array, from: number): number {
	const v = sorted[from];
	let to = from + 1;
	while (to < sorted.length && sorted[to] === v) to++;
	return to;
}

/** A number that separates a from b, a < b: `a <= t < b`, without overflow. */
function between(a: number, b: number): number {
	const t = a / 2 + b / 2;
	return t >= a && t < b ? t : a;
}

/**
 * Bins of every column; the rarest categories that together have at most `rareShare` of the rows share one. @throws `learn.value_infinite`,
 * `learn.code_out_of_range` naming the column
 */
export function planBins(matrix: Matrix, maxBin: number, seed: number, rareShare = 0): ColumnBins[] {
	const rows = matrix.rows;
	const take = Math.min(rows, SAMPLE);
	const picks = rows > SAMPLE ? stratified(rows, take, seed) : undefined;
	const buffer = new Float64Array(take);
	return matrix.columns.map((column): ColumnBins => {
		if (column.kind === 'category') return planCategory(column, rows, rareShare);
		const { data } = column;
		const look = survey(data, rows, maxBin);
		if (look.infinite >= 0) throw infinite(column.name, look.infinite);
		let bounds: Float64Array;
		if (look.values) bounds = boundsBetween(look.values);
		else {
			let finite = 0;
			for (let i = 0; i < take; i++) {
				const v = data[picks ? picks[i] : i];
				if (v === v) buffer[finite++] = v;
			}
			bounds = placeBounds(sortNumbers(buffer.subarray(0, finite)), maxBin);
		}
		return { kind: 'number', bins: look.any ? bounds.length + 1 : 0, bounds, missing: look.gaps > 0, zeros: look.zeros, gaps: look.gaps };
	});
}

/**
 * One pass over a column: how many values are missing or zero, the first infinite one, and all values where they are few enough for a bin
 * each, ascending.
 */
function survey(
	data: Float32Array | Float64Array,
	rows: number,
	most: number,
): { gaps: number; zeros: number; infinite: number; any: boolean; values?: Float64Array } {
	let gaps = 0;
	let zeros = 0;
	let any = false;
	const table = new Float64Array(1024);
	const used = new Uint8Array(1024);
	const bits = new Float64Array(1);
	const words = new Int32Array(bits.buffer);
	let distinct = 0;
	let last = NaN;
	let i = 0;
	for (; i < rows && distinct <= most; i++) {
		const v = data[i];
		if (v - v !== 0) {
			if (v === v) return { gaps, zeros, infinite: i, any };
			gaps++;
			continue;
		}
		any = true;
		if (v === 0) zeros++;
		if (v === last) continue;
		last = v;
		// Zero and minus zero are one value.
		bits[0] = v + 0;
		let at = (Math.imul(words[0] ^ Math.imul(words[1], -1640531535), -2048144777) >>> 22) & 1023;
		while (used[at] && table[at] !== v) at = (at + 1) & 1023;
		if (used[at]) continue;
		used[at] = 1;
		table[at] = v + 0;
		distinct++;
	}
	for (; i < rows; i++) {
		const v = data[i];
		if (v === 0) zeros++;
		else if (v - v !== 0) {
			if (v === v) return { gaps, zeros, infinite: i, any };
			gaps++;
		}
	}
	return { gaps, zeros, infinite: -1, any, values: distinct <= most ? table.filter((_, i) => used[i]).sort() : undefined };
}

/** One row of each of `take` equal stretches of the data: spread evenly, and the same for the same seed. */
export function stratified(rows: number, take: number, seed: number): Uint32Array {
	const step = rows / take;
	return Uint32Array.from({ length: take }, (_, i) => Math.min(rows - 1, Math.floor((i + murmurMix(seed, i) / 4294967296) * step)));
}

function planCategory(column: Column & { kind: 'category' }, rows: number, rareShare: number): ColumnBins {
	const counts = new Uint32Array(column.levels);
	const { data } = column;
	for (let i = 0; i < rows; i++) {
		const code = data[i];
		if (code >= column.levels) throw codeOutOfRange(column.name, code, column.levels, i);
		counts[code]++;
	}
	const codes: number[] = [];
	for (let c = 0; c < column.levels; c++) if (counts[c]) codes.push(c);
	const rare = rareCodes(codes, counts, rareShare * rows);
	const bins = codes.length - Math.max(0, rare.length - 1);
	const binOf = new Uint32Array(column.levels).fill(bins);
	for (const c of rare) binOf[c] = bins - 1;
	const common = codes.filter((c) => binOf[c] === bins);
	common.forEach((c, b) => {
		binOf[c] = b;
	});
	return { kind: 'category', bins, codes: Uint32Array.from([...common, ...rare]), binOf };
}

/**
 * The rarest codes that together have at most `most` rows, ascending; none where that is a single one. Missing (code 0) is never among
 * them.
 */
function rareCodes(codes: number[], counts: Uint32Array, most: number): number[] {
	const order = codes.filter((c) => c > 0).sort((a, b) => counts[a] - counts[b] || b - a);
	let rows = 0;
	const rare: number[] = [];
	for (const c of order) {
		rows += counts[c];
		if (rows > most) break;
		rare.push(c);
	}
	return rare.length > 1 ? rare.sort((a, b) => a - b) : [];
}

/** The codes of some bins of a category, ascending. */
export function codesIn({ bins, codes }: ColumnBins & { kind: 'category' }, chosen: readonly number[]): Uint32Array {
	return Uint32Array.from(chosen.flatMap((b) => (b === bins - 1 ? [...codes.subarray(b)] : codes[b]))).sort();
}

/** The same bins for other rows of the same values: how many of them are zero and missing. */
export function recount(bins: readonly ColumnBins[], matrix: Matrix): ColumnBins[] {
	return bins.map((b, j): ColumnBins => {
		if (b.kind !== 'number') return b;
		const { data } = matrix.columns[j];
		let zeros = 0;
		let gaps = 0;
		for (let i = 0; i < matrix.rows; i++) {
			if (data[i] === 0) zeros++;
			else if (data[i] !== data[i]) gaps++;
		}
		return { ...b, zeros, gaps };
	});
}

/** Fills `out` with the bins of a column. */
export function binColumn(column: Column, bins: ColumnBins, out: Uint8Array | Uint16Array | Uint32Array, rows: number): void {
	if (column.kind === 'category') {
		if (bins.kind !== 'category')
			throw new MlopsError('learn.columns_mismatch', `Column "${column.name}" was numeric in training and is categorical now.`, {
				column: column.name,
			});
		const { binOf } = bins;
		const { data } = column;
		for (let i = 0; i < rows; i++) {
			const code = data[i];
			if (code >= column.levels) throw codeOutOfRange(column.name, code, column.levels, i);
			out[i] = code < binOf.length ? binOf[code] : bins.bins;
		}
		return;
	}
	if (bins.kind !== 'number')
		throw new MlopsError('learn.columns_mismatch', `Column "${column.name}" was categorical in training and is numeric now.`, {
			column: column.name,
		});
	const padded = paddedBounds(bins.bounds);
	const { data } = column;
	const zeroBin = binOfNumber(bins.bounds, 0);
	for (let i = 0; i < rows; i++) {
		const v = data[i];
		// Many columns are zero for most rows, and a branch that always goes the same way is free.
		if (v === 0) {
			out[i] = zeroBin;
			continue;
		}
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

/** 256 borders, those to spare infinite: eight halvings without a branch that could be mispredicted. */
export const paddedBounds = (bounds: Float64Array): Float64Array => {
	const padded = new Float64Array(256).fill(Infinity);
	padded.set(bounds);
	return padded;
};

/** Bin of a known number. */
export function binOfNumber(bounds: Float64Array, value: number): number {
	let bin = 1;
	while (bin <= bounds.length && bounds[bin - 1] < value) bin++;
	return bin;
}

export const infinite = (column: string, row: number) =>
	new MlopsError('learn.value_infinite', `Column "${column}" holds an infinite value.`, {
		column,
		row: row + 1,
		expected: 'finite numbers or missing values',
		remedy: 'Clean the column first: clip it, or turn infinite values into missing ones.',
	});

const codeOutOfRange = (column: string, code: number, levels: number, row: number) =>
	new MlopsError('learn.code_out_of_range', `Column "${column}" holds category code ${code}, but has ${levels} levels.`, {
		column,
		row: row + 1,
		expected: `codes below ${levels}`,
		found: String(code),
		remedy: 'Fit and apply the same encoding to training and new data.',
	});
