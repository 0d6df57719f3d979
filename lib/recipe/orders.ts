import { eachBlock, lengthOf, lookedUp, workedOut } from '../data/derived.js';
import type { NumberVector } from '../data/frame.js';
import { bracketedOrder, nthSmallest } from './bracketed.js';

/** The values that are there, ascending. */
export function sortedPresent(v: NumberVector): Float64Array {
	const out = new Float64Array(lengthOf(v));
	let n = 0;
	eachBlock(v, (data) => {
		for (let i = 0, end = data.length; i < end; i++) if (data[i] === data[i]) out[n++] = data[i];
	});
	return out.subarray(0, n).sort();
}

/** Rows up to which sorting costs least. */
const FEW = 2048;

/**
 * Values at some ranks (0 is the smallest) among those that are there. `ranks` is told how many there are. Nothing of the size of the
 * column is kept. Where a guess finds few ranks among many rows, one pass; else two: the first counts values by their leading 16 bits, the
 * second looks at those whose bits have a rank.
 */
export function orderOf(v: NumberVector, ranks: (present: number) => readonly number[]): { present: number; at(rank: number): number } {
	const table = lookedUp(v);
	if (table) return orderOfCounts(table);
	return bracketedOrder(v, ranks) ?? workedOut(v, (held) => orderOfRows(held, ranks));
}

function orderOfRows(v: NumberVector, ranks: (present: number) => readonly number[]): { present: number; at(rank: number): number } {
	if (lengthOf(v) <= FEW) {
		const sorted = sortedPresent(v);
		return { present: sorted.length, at: (rank) => sorted[rank] + 0 };
	}
	const counts = new Uint32Array(1 << 16);
	let present = 0;
	eachBlock(v, (values) => {
		present += countKeys(values, counts);
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
	eachBlock(v, (values) => pickKeys(values, place, buckets));
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

/** The leading 16 bits of each number, turned so that they are in the order of the numbers: of negative ones all, of others the sign. */
const wordsOf = (values: Float64Array): Int32Array => new Int32Array(values.buffer, values.byteOffset, values.length * 2);

/** Counts the numbers that are there by their leading bits. */
function countKeys(values: Float64Array, counts: Uint32Array): number {
	const words = wordsOf(values);
	let present = 0;
	for (let i = 0, n = values.length; i < n; i++) {
		if (values[i] !== values[i]) continue;
		const high = words[2 * i + 1] >> 16;
		counts[high < 0 ? ~high : high | 0x8000]++;
		present++;
	}
	return present;
}

function pickKeys(values: Float64Array, place: Uint16Array, buckets: Bucket[]): void {
	const words = wordsOf(values);
	for (let i = 0, n = values.length; i < n; i++) {
		const high = words[2 * i + 1] >> 16;
		const at = place[high < 0 ? ~high : high | 0x8000];
		if (at !== 0 && values[i] === values[i]) addTo(buckets[at - 1], values[i]);
	}
}

/** The same where each code of a text column has a number. */
function orderOfCounts({ table, counts }: { table: Float64Array; counts: Uint32Array }): { present: number; at(rank: number): number } {
	const order = [...table.keys()].filter((k) => counts[k] && table[k] === table[k]).sort((a, b) => table[a] - table[b]);
	const ends: number[] = [];
	for (const k of order) ends.push((ends.at(-1) ?? 0) + counts[k]);
	return { present: ends.at(-1) ?? 0, at: (rank) => table[order[ends.findIndex((end) => rank < end)]] + 0 };
}
