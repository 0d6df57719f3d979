import { isNumberVector, type Vector } from '../frame.js';
import { sortFinite } from '../sortFinite.js';

/** Bins of a column of numbers, a power of two. */
const BINS = 64;

/** The bin of each row, from 0 for none. */
export interface Bins {
	bin: Uint32Array;
	count: number;
	/** Whether neighbours are alike. */
	ordered: boolean;
}

/** A bin for every row: categories as they are, numbers by quantile (equal values together), 0 for missing. */
export function binsOf(vector: Vector): Bins {
	if (!isNumberVector(vector)) return { bin: vector.codes, count: vector.dictionary.length + 1, ordered: false };
	const { data } = vector;
	const sorted = sortedNumbers(data);
	const cuts: number[] = [];
	for (let b = 1; b < BINS; b++) {
		const cut = sorted[Math.floor((b * sorted.length) / BINS)];
		if (cut === undefined) continue;
		if (cut !== cuts.at(-1)) cuts.push(cut);
		// A frequent value (0 for "none") has a bin of its own.
		else {
			const next = sorted.subarray(Math.floor((b * sorted.length) / BINS)).find((v) => v > cut);
			if (next !== undefined && sorted[Math.min(sorted.length - 1, Math.floor(((b + 1) * sorted.length) / BINS))] > cut) cuts.push(next);
		}
	}
	const bin = new Uint32Array(data.length);
	const edges = new Float64Array(BINS).fill(Infinity);
	edges.set(cuts);
	for (let from = 0; from < bin.length; from += STRIP) placeRows(data, edges, bin, from, Math.min(bin.length, from + STRIP), cuts.length);
	return { bin, count: cuts.length + 2, ordered: true };
}

/** Rows that a loop takes at a time: one of its own is compiled once, and not anew in the middle of every column. */
const STRIP = 4096;

/** The bins of some rows: how many edges a value reaches, found by halves and without a branch, which nobody could foretell. */
function placeRows(data: Float64Array, edges: Float64Array, bin: Uint32Array, from: number, to: number, last: number): void {
	for (let i = from; i < to; i++) {
		const v = data[i];
		if (v !== v) continue;
		let reached = 0;
		for (let half = BINS >> 1; half > 0; half >>= 1) reached += half * Number(edges[reached + half - 1] <= v);
		bin[i] = Math.min(reached, last) + 1;
	}
}

/**
 * For each bin the one that says what it means: itself, or, of numbers, the nearest one that a row taught something. Few rows leave bins
 * empty, and would hide a column that repeats the target.
 */
export function teachersOf({ count, ordered }: Bins, taught: (bin: number) => boolean): Uint32Array {
	const teachers = Uint32Array.from({ length: count }, (_, b) => b);
	if (!ordered) return teachers;
	const filled = teachers.filter((b) => b > 0 && taught(b));
	let next = 0;
	for (let b = 1; b < count && filled.length; b++) {
		while (next < filled.length - 1 && Math.abs(filled[next + 1] - b) < Math.abs(filled[next] - b)) next++;
		teachers[b] = filled[next];
	}
	return teachers;
}

/** Copies those of some rows that are not NaN behind the first `n`; a gap is overwritten by the next. @returns how many there are then */
function keepNumbers(data: Float64Array, there: Float64Array, from: number, to: number, n: number): number {
	for (let i = from; i < to; i++) {
		there[n] = data[i] + 0;
		n += Number(data[i] === data[i]);
	}
	return n;
}

/** All that are not NaN, in ascending order. */
function sortedNumbers(data: Float64Array): Float64Array {
	const there = new Float64Array(data.length);
	let n = 0;
	for (let from = 0; from < data.length; from += STRIP) n = keepNumbers(data, there, from, Math.min(data.length, from + STRIP), n);
	return sortFinite(there.subarray(0, n), new Float64Array(n));
}
