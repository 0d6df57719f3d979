import { isNumberVector, type StringVector, type Vector } from '../data/frame.js';

/** The values that are there, ascending. */
export function sortedPresent(data: Float64Array): Float64Array {
	const out = new Float64Array(data.length);
	let n = 0;
	for (let i = 0; i < data.length; i++) if (data[i] === data[i]) out[n++] = data[i];
	return out.subarray(0, n).sort();
}

export interface Moments {
	count: number;
	mean: number /** Population variance. */;
	variance: number;
}

/** Mean and population variance in two passes, in row order, so that equal rows give equal bits. */
export function moments(data: Float64Array): Moments {
	let count = 0;
	let sum = 0;
	for (let i = 0; i < data.length; i++)
		if (data[i] === data[i]) {
			sum += data[i];
			count++;
		}
	if (!count) return { count: 0, mean: NaN, variance: NaN };
	const mean = sum / count;
	let squares = 0;
	let rest = 0;
	for (let i = 0; i < data.length; i++) {
		if (data[i] !== data[i]) continue;
		const d = data[i] - mean;
		squares += d * d;
		rest += d;
	}
	return { count, mean, variance: (squares - (rest * rest) / count) / count };
}

/**
 * Quantiles by linear interpolation (numpy's default) of the values that are there; NaN if there are none. Finds them by partial
 * ordering, in time that grows with the rows alone, where sorting millions of rows would take seconds.
 */
export function quantiles(data: Float64Array, shares: readonly number[]): number[] {
	const values = new Float64Array(data.length);
	let n = 0;
	for (let i = 0; i < data.length; i++) if (data[i] === data[i]) values[n++] = data[i];
	return shares.map((share) => {
		if (!n) return NaN;
		const at = share * (n - 1);
		const low = Math.floor(at);
		const below = nthSmallest(values, n, low);
		if (at === low) return below;
		let above = Infinity; // all that follow position `low` are at least as big
		for (let i = low + 1; i < n; i++) if (values[i] < above) above = values[i];
		return below + (above - below) * (at - low);
	});
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

/** Rows of each dictionary entry, at index code (0: missing). */
export function codeCounts({ codes, dictionary }: StringVector): Uint32Array {
	const counts = new Uint32Array(dictionary.length + 1);
	for (let i = 0; i < codes.length; i++) counts[codes[i]]++;
	return counts;
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
	return { levels: levels.sort((a, b) => compareText(a.level, b.level)), missing: counts[0], rows: vector.codes.length };
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
	const sorted = sortedPresent(vector.data);
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
	let n = 0;
	if (isNumberVector(vector)) {
		for (let i = 0; i < vector.data.length; i++) if (vector.data[i] !== vector.data[i]) n++;
	} else for (let i = 0; i < vector.codes.length; i++) if (vector.codes[i] === 0) n++;
	return n;
}

export const isMissing = (vector: Vector, row: number): boolean =>
	isNumberVector(vector) ? Number.isNaN(vector.data[row]) : vector.codes[row] === 0;
