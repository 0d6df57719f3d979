import { codeCounts, eachBlock, lengthOf, lookedUp, workedOut } from '../data/derived.js';
import { isNumberVector, type NumberVector, type StringVector, type Vector } from '../data/frame.js';
import { orderOf, sortedPresent } from './orders.js';

export interface Moments {
	count: number;
	mean: number;
	/** Population standard deviation. */
	deviation: number;
}

/**
 * Mean and population deviation in two passes, in row order, so that equal rows give equal bits. Where a sum or a square is more than a
 * number holds, once more in a larger unit.
 */
export function moments(v: NumberVector): Moments {
	return workedOut(v, (held) => {
		const found = momentsOf(held, 1);
		return !found.count || Number.isFinite(found.deviation) ? found : momentsOf(held, unitOf(held));
	});
}

/** The power of two below the largest value. */
function unitOf(v: NumberVector): number {
	let most = 0;
	eachBlock(v, (values) => {
		for (let i = 0, n = values.length; i < n; i++) if (Math.abs(values[i]) > most) most = Math.abs(values[i]);
	});
	return most < Infinity ? 2 ** Math.min(1023, Math.floor(Math.log2(most))) : 1;
}

function momentsOf(v: NumberVector, unit: number): Moments {
	const sums: Sums = { count: 0, sum: 0, mean: NaN, squares: 0, rest: 0 };
	eachBlock(v, (values) => addUp(sums, values, unit));
	const { count } = sums;
	if (!count) return { count: 0, mean: NaN, deviation: NaN };
	sums.mean = sums.sum / count;
	eachBlock(v, (values) => addSquares(sums, values, unit));
	const variance = (sums.squares - (sums.rest * sums.rest) / count) / count;
	return { count, mean: sums.mean * unit, deviation: Math.sqrt(variance) * unit };
}

interface Sums {
	count: number;
	sum: number;
	mean: number;
	squares: number;
	/** What is left of the sum around the mean, which rounding made. */
	rest: number;
}

function addUp(sums: Sums, values: Float64Array, unit: number): void {
	const per = 1 / unit;
	let { count, sum } = sums;
	for (let i = 0, n = values.length; i < n; i++) {
		const x = values[i];
		if (x !== x) continue;
		sum += x * per;
		count++;
	}
	sums.count = count;
	sums.sum = sum;
}

function addSquares(sums: Sums, values: Float64Array, unit: number): void {
	const per = 1 / unit;
	const { mean } = sums;
	let { squares, rest } = sums;
	for (let i = 0, n = values.length; i < n; i++) {
		const d = values[i] * per - mean;
		if (d !== d) continue;
		squares += d * d;
		rest += d;
	}
	sums.squares = squares;
	sums.rest = rest;
}

/**
 * Quantiles by linear interpolation (numpy's default) of the values that are there; NaN if there are none, or where an infinite one takes
 * part. In time that grows with the rows alone, where sorting millions of rows would take seconds.
 */
export function quantiles(v: NumberVector, shares: readonly number[]): number[] {
	const { present, at } = orderOf(v, (n) => shares.flatMap((share) => [Math.floor(share * (n - 1)), Math.ceil(share * (n - 1))]));
	return shares.map((share) => {
		if (!present) return NaN;
		const rank = share * (present - 1);
		const low = Math.floor(rank);
		const below = at(low);
		return rank === low ? below : below + (at(low + 1) - below) * (rank - low);
	});
}

/** The median, and how many values there are. */
export function medianOf(v: NumberVector): { median: number; present: number } {
	const { present, at } = orderOf(v, (n) => [Math.floor((n - 1) / 2), Math.ceil((n - 1) / 2)]);
	if (!present) return { median: NaN, present };
	const low = at(Math.floor((present - 1) / 2));
	return { median: present % 2 ? low : low + (at(present / 2) - low) * 0.5, present };
}

export interface Levels {
	/** Levels that occur, in code-unit order, with their rows. */
	levels: Array<{ level: string; count: number }>;
	missing: number;
	rows: number;
}

/** The levels that occur in the rows given; unused dictionary entries do not count. */
export function levelsOf(vector: StringVector): Levels {
	const counts = codeCounts(vector);
	const levels = vector.dictionary.map((level, k) => ({ level, count: counts[k + 1] })).filter((l) => l.count > 0);
	return { levels: levels.sort((a, b) => compareText(a.level, b.level)), missing: counts[0], rows: lengthOf(vector) };
}

/** Order by code units, the same on every machine whatever its locale. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The most frequent value, the smallest one among equals (as scikit-learn); null if there is none. */
export function mostFrequent(vector: Vector): number | string | null {
	if (!isNumberVector(vector)) {
		let best: { level: string; count: number } | undefined;
		for (const l of levelsOf(vector).levels) if (!best || l.count > best.count) best = l;
		return best?.level ?? null;
	}
	const sorted = sortedPresent(vector);
	let best: number | null = null;
	let bestCount = 0;
	for (let i = 0, n = sorted.length; i < n; ) {
		let j = i + 1;
		while (j < sorted.length && sorted[j] === sorted[i]) j++;
		if (j - i > bestCount) {
			best = sorted[i];
			bestCount = j - i;
		}
		i = j;
	}
	return best;
}

/** Rows with nothing in them. */
export function missingCount(vector: Vector): number {
	if (!isNumberVector(vector)) return codeCounts(vector)[0];
	let n = 0;
	const table = lookedUp(vector);
	if (table) {
		for (let k = 0, end = table.counts.length; k < end; k++) if (Number.isNaN(table.table[k])) n += table.counts[k];
		return n;
	}
	eachBlock(vector, (data) => {
		let own = 0;
		for (let i = 0, end = data.length; i < end; i++) if (data[i] !== data[i]) own++;
		n += own;
	});
	return n;
}

export const isMissing = (vector: Vector, row: number): boolean =>
	isNumberVector(vector) ? Number.isNaN(vector.data[row]) : vector.codes[row] === 0;
