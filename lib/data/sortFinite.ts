/** Bits of a digit: three of them are the upper half of a number. */
const BITS = 11;
const SIZE = 1 << BITS;
const PASSES = 3;
/** So many places back at most a number is put into its place by itself; what lies deeper in disorder is sorted as a stretch. */
const NEAR = 32;

/**
 * Finite numbers in rising order, by the digits of their upper halves and then within what these leave equal: several times as fast as by
 * comparing. Both arrays are overwritten.
 * @param values without -0, which the order of bits tells from 0
 * @param scratch as long as `values`
 * @returns the one of the two that holds them
 */
export function sortFinite(values: Float64Array, scratch: Float64Array): Float64Array {
	const n = values.length;
	if (n < SIZE) return values.sort();
	const sorted = byUpperHalf(values, scratch, n);
	for (let i = 1; i < n; i++) {
		const x = sorted[i];
		if (sorted[i - 1] <= x) continue;
		let j = i - 1;
		const least = Math.max(0, i - NEAR);
		while (j >= least && sorted[j] > x) j--;
		if (j < least && least > 0) {
			i = sortStretch(sorted, i) - 1;
			continue;
		}
		sorted.copyWithin(j + 2, j + 1, i);
		sorted[j + 1] = x;
	}
	return sorted;
}

/** Bits of the upper half, turned so that their order is that of the numbers: all of negative ones, the sign of others. */
const keyOf = (bits: number): number => (bits ^ ((bits >> 31) | 0x80000000)) >>> 0;

function byUpperHalf(values: Float64Array, scratch: Float64Array, n: number): Float64Array {
	const counts = new Uint32Array(PASSES * SIZE);
	const halves = (of: Float64Array): Int32Array => new Int32Array(of.buffer, of.byteOffset, 2 * n);
	let bits = halves(values);
	for (let i = 1; i < 2 * n; i += 2) {
		const key = keyOf(bits[i]);
		counts[key & (SIZE - 1)]++;
		counts[SIZE + ((key >>> BITS) & (SIZE - 1))]++;
		counts[2 * SIZE + (key >>> (2 * BITS))]++;
	}
	let from = values;
	let to = scratch;
	for (let pass = 0; pass < PASSES; pass++) {
		const places = counts.subarray(pass * SIZE, (pass + 1) * SIZE);
		const shift = pass * BITS;
		// All numbers have this digit in common.
		if (places[(keyOf(bits[1]) >>> shift) & (SIZE - 1)] === n) continue;
		for (let d = 0, at = 0; d < SIZE; d++) {
			const count = places[d];
			places[d] = at;
			at += count;
		}
		for (let i = 0; i < n; i++) to[places[(keyOf(bits[2 * i + 1]) >>> shift) & (SIZE - 1)]++] = from[i];
		[from, to] = [to, from];
		bits = halves(from);
	}
	return from;
}

/** Sorts all numbers with the upper half of the one at `at`. Returns the place after the last of them. */
function sortStretch(sorted: Float64Array, at: number): number {
	const bits = new Int32Array(sorted.buffer, sorted.byteOffset, 2 * sorted.length);
	const upper = bits[2 * at + 1];
	let from = at;
	let to = at + 1;
	while (from > 0 && bits[2 * from - 1] === upper) from--;
	while (to < sorted.length && bits[2 * to + 1] === upper) to++;
	sorted.subarray(from, to).sort();
	return to;
}

/** What whole numbers and days (in milliseconds) lie apart at least. */
const UNITS = [1, 86_400_000];
/** Steps in one, where numbers have digits behind their point. */
const PARTS = [10, 100, 1_000, 10_000];
const MOST_STEPS = 1 << 20;
/** Parts are counted where they lie in the processor's cache: beyond that sorting them takes no longer. */
const MOST_PARTS = 1 << 18;

/**
 * The different ones of numbers in rising order, with how often each occurs, where they are equal steps apart (whole ones, days, or parts
 * of ten) and there is room for so many steps: sooner done than sorting them.
 * @param min the least of them
 * @param max the greatest
 */
export function countSteps(numbers: Float64Array, min: number, max: number): { values: Float64Array; counts: Uint32Array } | undefined {
	if (Number.isSafeInteger(min) && Number.isSafeInteger(max)) {
		for (const unit of UNITS) {
			const steps = (max - min) / unit;
			if (!(steps < Math.min(MOST_STEPS, numbers.length))) continue;
			const all = new Uint32Array(Math.floor(steps) + 1);
			if (countInto(all, numbers, min, unit)) return different(all, (k) => min + k * unit);
		}
	}
	for (const parts of PARTS) {
		const [first, last] = [Math.round(min * parts), Math.round(max * parts)];
		// More parts are only more steps.
		if (!(last - first < Math.min(MOST_PARTS, numbers.length))) break;
		if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last)) break;
		const all = new Uint32Array(last - first + 1);
		if (countParts(all, numbers, first, parts)) return different(all, (k) => (first + k) / parts);
	}
	return undefined;
}

/** The steps that were counted. */
function different(all: Uint32Array, valueOf: (step: number) => number): { values: Float64Array; counts: Uint32Array } {
	let length = 0;
	for (let k = 0, n = all.length; k < n; k++) if (all[k]) length++;
	const values = new Float64Array(length);
	const counts = new Uint32Array(length);
	for (let k = 0, at = 0, n = all.length; k < n; k++) {
		if (all[k] === 0) continue;
		values[at] = valueOf(k);
		counts[at++] = all[k];
	}
	return { values, counts };
}

/** Whether all of them are whole steps of `unit` from `min`, and so were counted. */
function countInto(counts: Uint32Array, numbers: Float64Array, min: number, unit: number): boolean {
	for (let i = 0, n = numbers.length; i < n; i++) {
		const step = Math.trunc((numbers[i] - min) / unit);
		if (min + step * unit !== numbers[i]) return false;
		counts[step]++;
	}
	return true;
}

/** Whether all of them are the numbers closest to so many parts of one, from `first` on, and so were counted. */
function countParts(counts: Uint32Array, numbers: Float64Array, first: number, parts: number): boolean {
	for (let i = 0, n = numbers.length; i < n; i++) {
		const part = Math.round(numbers[i] * parts);
		if (part / parts !== numbers[i]) return false;
		counts[part - first]++;
	}
	return true;
}
