import { sortFinite } from '../data/sortFinite.js';

/** A numeric sample as its different values in rising order and how often each occurs: exact, and small where values repeat. */
export interface Weighted {
	values: Float64Array;
	counts: Float64Array;
	n: number;
}

/** Two numeric samples. `integers`: both hold whole numbers in integer columns (numpy bins those differently). */
export interface NumericPair {
	kind: 'numeric';
	reference: Weighted;
	current: Weighted;
	integers: boolean;
}

/** Two categorical samples: counts of the same keys, in rising order of keys; a key may be absent on one side. */
export interface CategoricalPair {
	kind: 'categorical';
	keys: readonly string[];
	reference: Float64Array;
	current: Float64Array;
}

export type Pair = NumericPair | CategoricalPair;

/** Copies the present, finite values of a column into `into`; -0 counts as 0. Returns how many they are. */
export function finiteInto(into: Float64Array, data: Float64Array): number {
	let n = 0;
	for (let i = 0, end = data.length; i < end; i++) {
		const x = data[i];
		if (x - x === 0) into[n++] = x + 0; // NaN and infinities are not 0 here
	}
	return n;
}

/** Sorts and counts values of which `finiteInto` made sure. Both arrays, of equal length, are overwritten: the sample lies in them. */
export function countedIn(values: Float64Array, scratch: Float64Array): Weighted {
	const sorted = sortFinite(values, scratch);
	const counts = sorted === values ? scratch : values;
	let last = -1;
	for (let i = 0, n = sorted.length; i < n; i++) {
		const x = sorted[i];
		if (last >= 0 && sorted[last] === x) counts[last]++;
		else {
			sorted[++last] = x;
			counts[last] = 1;
		}
	}
	return { values: sorted.subarray(0, last + 1), counts: counts.subarray(0, last + 1), n: sorted.length };
}

/** Present, finite values of a column, sorted and counted; -0 counts as 0. */
export function weightedOf(data: Float64Array): Weighted {
	const kept = new Float64Array(data.length);
	const n = finiteInto(kept, data);
	const { values, counts } = countedIn(kept.subarray(0, n), new Float64Array(n));
	// What repeats a lot need not keep the memory of all rows.
	const small = values.length < n / 2;
	return { values: small ? values.slice() : values, counts: small ? counts.slice() : counts, n };
}

/**
 * Calls `visit` for each different value of either sample, in rising order, with its count on each side. What every column goes through
 * walks by itself: a call for each value costs more than all it does.
 */
export function merge(a: Weighted, b: Weighted, visit: (value: number, inA: number, inB: number) => void): void {
	let i = 0;
	let j = 0;
	while (i < a.values.length || j < b.values.length) {
		const x = i < a.values.length ? a.values[i] : Infinity;
		const y = j < b.values.length ? b.values[j] : Infinity;
		const value = x < y ? x : y;
		visit(value, x === value ? a.counts[i++] : 0, y === value ? b.counts[j++] : 0);
	}
}

/** How many different values two samples have together; counted up to one more than `most`. */
export function distinctTogether(a: Weighted, b: Weighted, most: number): number {
	const { values: x } = a;
	const { values: y } = b;
	let n = 0;
	for (let i = 0, j = 0; n <= most && (i < x.length || j < y.length); n++) {
		const value = j >= y.length || (i < x.length && x[i] < y[j]) ? x[i] : y[j];
		if (i < x.length && x[i] === value) i++;
		if (j < y.length && y[j] === value) j++;
	}
	return n;
}

export function meanOf({ values, counts, n }: Weighted): number {
	let sum = 0;
	for (let i = 0, end = values.length; i < end; i++) sum += values[i] * counts[i];
	return sum / n;
}

/** Sum of squared distances from the mean. */
export function squaresOf(sample: Weighted): number {
	const mean = meanOf(sample);
	let sum = 0;
	for (let i = 0, n = sample.values.length; i < n; i++) sum += sample.counts[i] * (sample.values[i] - mean) ** 2;
	return sum;
}

/** Standard deviation of the sample itself (divisor n), as `numpy.std`. */
export const populationStd = (sample: Weighted): number => Math.sqrt(squaresOf(sample) / sample.n);

/**
 * The smallest value with at least `share` of the rows of both samples at or below it, found from the end that is nearer: the middle of
 * long samples is not walked through.
 */
export function quantileTogether(a: Weighted, b: Weighted, share: number): number {
	const { values: x, counts: inX } = a;
	const { values: y, counts: inY } = b;
	const n = a.n + b.n;
	if (share < 0.5) {
		let seen = 0;
		let value = NaN;
		for (let i = 0, j = 0; !(seen >= share * n) && (i < x.length || j < y.length); ) {
			value = j >= y.length || (i < x.length && x[i] < y[j]) ? x[i] : y[j];
			if (i < x.length && x[i] === value) seen += inX[i++];
			if (j < y.length && y[j] === value) seen += inY[j++];
		}
		return value;
	}
	let i = x.length - 1;
	let j = y.length - 1;
	for (let above = 0; ; ) {
		const value = j < 0 || (i >= 0 && x[i] > y[j]) ? x[i] : y[j];
		if (i >= 0 && x[i] === value) above += inX[i--];
		if (j >= 0 && y[j] === value) above += inY[j--];
		if ((i < 0 && j < 0) || n - above < share * n) return value;
	}
}

/** Numbers as levels: the same two samples seen as categories. */
export function asCategories({ reference, current }: Pick<NumericPair, 'reference' | 'current'>): CategoricalPair {
	const keys: string[] = [];
	const a: number[] = [];
	const b: number[] = [];
	merge(reference, current, (value, inA, inB) => {
		keys.push(String(value));
		a.push(inA);
		b.push(inB);
	});
	return { kind: 'categorical', keys, reference: Float64Array.from(a), current: Float64Array.from(b) };
}

export const sum = (counts: ArrayLike<number>): number => {
	let total = 0;
	for (let i = 0; i < counts.length; i++) total += counts[i];
	return total;
};
