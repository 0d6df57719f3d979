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

/** Counts equal values of a sorted array. */
export function weighted(sorted: Float64Array): Weighted {
	let distinct = 0;
	for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) distinct++;
	const values = new Float64Array(distinct);
	const counts = new Float64Array(distinct);
	let at = -1;
	for (let i = 0; i < sorted.length; i++) {
		if (i === 0 || sorted[i] !== sorted[i - 1]) values[++at] = sorted[i];
		counts[at]++;
	}
	return { values, counts, n: sorted.length };
}

/** Present, finite values of a column, sorted and counted; -0 counts as 0. */
export function weightedOf(data: Float64Array): Weighted {
	let n = 0;
	const kept = new Float64Array(data.length);
	for (let i = 0; i < data.length; i++) if (data[i] - data[i] === 0) kept[n++] = data[i] + 0; // NaN and infinities are not 0 here
	return weighted(kept.subarray(0, n).sort());
}

/** Calls `visit` for each different value of either sample, in rising order, with its count on each side. */
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

export function distinctTogether(a: Weighted, b: Weighted): number {
	let n = 0;
	merge(a, b, () => {
		n++;
	});
	return n;
}

export function meanOf({ values, counts, n }: Weighted): number {
	let sum = 0;
	for (let i = 0; i < values.length; i++) sum += values[i] * counts[i];
	return sum / n;
}

/** Sum of squared distances from the mean. */
export function squaresOf(sample: Weighted): number {
	const mean = meanOf(sample);
	let sum = 0;
	for (let i = 0; i < sample.values.length; i++) sum += sample.counts[i] * (sample.values[i] - mean) ** 2;
	return sum;
}

/** Standard deviation of the sample itself (divisor n), as `numpy.std`. */
export const populationStd = (sample: Weighted): number => Math.sqrt(squaresOf(sample) / sample.n);

/** Value below which `share` of the rows lie (the smallest value with at least that share at or below it). */
export function quantileOf({ values, counts, n }: Weighted, share: number): number {
	let seen = 0;
	for (let i = 0; i < values.length; i++) {
		seen += counts[i];
		if (seen >= share * n) return values[i];
	}
	return values[values.length - 1];
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
