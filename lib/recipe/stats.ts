import { BLOCK, codeCounts, eachBlock, lengthOf, lookedUp, workedOut } from '../data/derived.js';
import { isNumberVector, type NumberVector, type StringVector, type Vector } from '../data/frame.js';

/** The values that are there, ascending. */
function sortedPresent(v: NumberVector): Float64Array {
	const out = new Float64Array(lengthOf(v));
	let n = 0;
	eachBlock(v, (data) => {
		for (let i = 0; i < data.length; i++) if (data[i] === data[i]) out[n++] = data[i];
	});
	return out.subarray(0, n).sort();
}

export interface Moments {
	count: number;
	mean: number /** Population variance. */;
	variance: number;
}

/** Mean and population variance in two passes, in row order, so that equal rows give equal bits. */
export function moments(v: NumberVector): Moments {
	return workedOut(v, momentsOf);
}

function momentsOf(v: NumberVector): Moments {
	let count = 0;
	let sum = 0;
	eachBlock(v, (data) => {
		let [n, s] = [count, sum];
		for (let i = 0; i < data.length; i++) {
			const x = data[i];
			if (x !== x) continue;
			s += x;
			n++;
		}
		[count, sum] = [n, s];
	});
	if (!count) return { count: 0, mean: NaN, variance: NaN };
	const mean = sum / count;
	let squares = 0;
	let rest = 0;
	eachBlock(v, (data) => {
		let [q, r] = [squares, rest];
		for (let i = 0; i < data.length; i++) {
			const d = data[i] - mean;
			if (d !== d) continue;
			q += d * d;
			r += d;
		}
		[squares, rest] = [q, r];
	});
	return { count, mean, variance: (squares - (rest * rest) / count) / count };
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

/** Rows up to which sorting costs least. */
const FEW = 2048;

/**
 * Values at some ranks (0 is the smallest) among those that are there. `ranks` is told how many there are. Two passes, and nothing of the
 * size of the column in memory: the first counts values by their leading 16 bits, the second looks at those whose bits have a rank.
 */
export function orderOf(v: NumberVector, ranks: (present: number) => readonly number[]): { present: number; at(rank: number): number } {
	const table = lookedUp(v);
	if (table) return orderOfCounts(table);
	return workedOut(v, (held) => orderOfRows(held, ranks));
}

function orderOfRows(v: NumberVector, ranks: (present: number) => readonly number[]): { present: number; at(rank: number): number } {
	if (lengthOf(v) <= FEW) {
		const sorted = sortedPresent(v);
		return { present: sorted.length, at: (rank) => sorted[rank] + 0 };
	}
	const counts = new Uint32Array(1 << 16);
	let present = 0;
	eachKey(v, (keys, data) => {
		let n = present;
		for (let i = 0; i < keys.length; i++) {
			if (data[i] !== data[i]) continue;
			counts[keys[i]]++;
			n++;
		}
		present = n;
	});
	const wanted = present ? [...new Set(ranks(present))].sort((a, b) => a - b) : [];
	const buckets: Bucket[] = [];
	/** Of each key the bucket that is looked at, counted from 1. */
	const place = new Uint16Array(1 << 16);
	for (let key = 0, below = 0, next = 0; next < wanted.length; below += counts[key++]) {
		if (wanted[next] >= below + counts[key]) continue;
		place[key] = buckets.push({ first: below, size: counts[key], common: NaN, same: 0, others: NONE, filled: 0 });
		while (next < wanted.length && wanted[next] < below + counts[key]) next++;
	}
	eachKey(v, (keys, data) => {
		for (let i = 0; i < keys.length; i++) {
			const at = place[keys[i]];
			if (at !== 0 && data[i] === data[i]) addTo(buckets[at - 1], data[i]);
		}
	});
	const found = new Map<number, number>();
	for (const bucket of buckets)
		for (const rank of wanted)
			if (rank >= bucket.first && rank < bucket.first + bucket.size) found.set(rank, inBucket(bucket, rank - bucket.first) + 0);
	return { present, at: (rank) => found.get(rank)! };
}

/** Values that share their leading bits. Of whole numbers and the like these are often one value, which is counted and not kept. */
interface Bucket {
	/** Rank of its smallest value. */
	first: number;
	size: number;
	/** The first value that came, and how often it did. */
	common: number;
	same: number;
	others: Float64Array;
	filled: number;
}
const NONE = new Float64Array(0);

function addTo(bucket: Bucket, x: number): void {
	if (bucket.same === 0) bucket.common = x;
	if (x === bucket.common) bucket.same++;
	else {
		if (bucket.filled === 0) bucket.others = new Float64Array(bucket.size - bucket.same);
		bucket.others[bucket.filled++] = x;
	}
}

/** The value at a rank among those of a bucket. */
function inBucket({ common, same, others, filled }: Bucket, rank: number): number {
	let less = 0;
	for (let i = 0; i < filled; i++) if (others[i] < common) less++;
	if (rank >= less && rank < less + same) return common;
	return nthSmallest(others, filled, rank < less ? rank : rank - same);
}

/** Numbers with 16 bits that are in the same order, block by block: of negative numbers all bits are turned, of others the sign alone. */
function eachKey(v: NumberVector, work: (keys: Uint16Array, data: Float64Array) => void): void {
	const keys = new Uint16Array(BLOCK);
	eachBlock(v, (data) => {
		const words = new Int32Array(data.buffer, data.byteOffset, data.length * 2);
		for (let i = 0; i < data.length; i++) {
			const high = words[2 * i + 1] >> 16;
			keys[i] = high < 0 ? ~high : high | 0x8000;
		}
		work(keys.subarray(0, data.length), data);
	});
}

/** The same where each code of a text column has a number. */
function orderOfCounts({ table, counts }: { table: Float64Array; counts: Uint32Array }): { present: number; at(rank: number): number } {
	const order = [...table.keys()].filter((k) => counts[k] && table[k] === table[k]).sort((a, b) => table[a] - table[b]);
	const ends: number[] = [];
	for (const k of order) ends.push((ends.at(-1) ?? 0) + counts[k]);
	return { present: ends.at(-1) ?? 0, at: (rank) => table[order[ends.findIndex((end) => rank < end)]] + 0 };
}

/** Hoare's selection: reorders `values[0..n)` so that position k holds what sorting would put there, smaller ones before it. */
function nthSmallest(values: Float64Array, n: number, k: number): number {
	let left = 0;
	let right = n - 1;
	while (left < right) {
		// The median of three keeps sorted and constant columns from being slow.
		const [a, b, c] = [values[left], values[(left + right) >>> 1], values[right]];
		const pivot = a < b ? (b < c ? b : a < c ? c : a) : a < c ? a : b < c ? c : b;
		let i = left;
		let j = right;
		while (i <= j) {
			while (values[i] < pivot) i++;
			while (values[j] > pivot) j--;
			if (i <= j) {
				const t = values[i];
				values[i++] = values[j];
				values[j--] = t;
			}
		}
		if (k <= j) right = j;
		else if (k >= i) left = i;
		else break;
	}
	return values[k];
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
	for (let i = 0; i < sorted.length; ) {
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
		for (let k = 0; k < table.counts.length; k++) if (Number.isNaN(table.table[k])) n += table.counts[k];
		return n;
	}
	eachBlock(vector, (data) => {
		let own = 0;
		for (let i = 0; i < data.length; i++) if (data[i] !== data[i]) own++;
		n += own;
	});
	return n;
}

export const isMissing = (vector: Vector, row: number): boolean =>
	isNumberVector(vector) ? Number.isNaN(vector.data[row]) : vector.codes[row] === 0;
