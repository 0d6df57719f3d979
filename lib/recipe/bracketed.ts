import { BLOCK, eachBlock, lengthOf, takenVectors } from '../data/derived.js';
import type { NumberVector } from '../data/frame.js';

/** Rows that are looked at to guess between which two values a rank lies. */
const SAMPLE = 4096;
/** Below so many rows the guess costs more than it saves. */
const MANY = 16 * SAMPLE;
/** Each guess is a pass over a block; for more of them counting all values by their leading bits costs less. */
const MOST_BRACKETS = 3;

/** Two values of a sample, with what the rows say about them. Where both are one value, no row is between them. */
interface Bracket {
	low: number;
	high: number;
	/** Rows with a value. */
	present: number;
	below: number;
	atLow: number;
	atHigh: number;
	/** Values between the two, as many as `filled`. */
	between: Float64Array;
	filled: number;
}

/**
 * Values at some ranks by one look at all rows (Floyd and Rivest 1975): a sample says between which two values a rank lies, with so much
 * room that it nearly always does; rows below and above are counted, those between are kept. Undefined where the guess was wrong, or where
 * it would not pay. What is found depends on all rows and not on the sample.
 */
export function bracketedOrder(
	v: NumberVector,
	ranks: (present: number) => readonly number[],
): { present: number; at(rank: number): number } | undefined {
	if (lengthOf(v) < MANY) return undefined;
	const brackets = bracketsOf(sampleOf(v), ranks);
	if (brackets.length === 0 || brackets.length > MOST_BRACKETS) return undefined;
	eachBlock(v, (values) => {
		for (const bracket of brackets) count(bracket, values);
	});
	const [{ present }] = brackets;
	const found = new Map<number, number>();
	for (const rank of ranks(present)) {
		const bracket = brackets.find((b) => rank >= b.below && rank < b.below + b.atLow + b.filled + (b.low === b.high ? 0 : b.atHigh));
		if (!bracket) return undefined;
		if (!found.has(rank)) found.set(rank, valueIn(bracket, rank - bracket.below) + 0);
	}
	return { present, at: (rank) => found.get(rank)! };
}

/** Values of some rows, ascending: one of each of so many stretches of the table, not always the same of each. */
function sampleOf(v: NumberVector): Float64Array {
	const rows = lengthOf(v);
	const chosen = new Uint32Array(SAMPLE);
	for (let k = 0; k < SAMPLE; k++) {
		const fraction = (Math.imul(k + 1, 0x9e3779b1) >>> 0) / 2 ** 32;
		chosen[k] = Math.floor(((k + fraction) * rows) / SAMPLE);
	}
	const [taken] = takenVectors([v], chosen) as NumberVector[];
	return taken.data.filter((x) => x === x).sort();
}

/** Where the ranks are in the whole, by those in the sample: four standard deviations of the median's place to either side. */
function bracketsOf(sample: Float64Array, ranks: (present: number) => readonly number[]): Bracket[] {
	const size = sample.length;
	if (size === 0) return [];
	const margin = Math.ceil(2 * Math.sqrt(size)) + 2;
	const brackets: Bracket[] = [];
	let last = -Infinity;
	for (const rank of ranks(size).toSorted((a, b) => a - b)) {
		const [from, to] = [rank - margin, rank + margin];
		const high = to < size ? sample[to] : Infinity;
		if (from <= last) brackets[brackets.length - 1].high = high;
		else {
			const low = from >= 0 ? sample[from] : -Infinity;
			brackets.push({ low, high, present: 0, below: 0, atLow: 0, atHigh: 0, between: new Float64Array(0), filled: 0 });
		}
		last = to;
	}
	return brackets;
}

/** Without a branch in the loop: the side on which a value lies is as good as random, and each wrong guess of a processor costs more. */
function count(bracket: Bracket, values: Float64Array): void {
	if (bracket.filled + values.length > bracket.between.length) {
		const larger = new Float64Array(2 * bracket.between.length + BLOCK);
		larger.set(bracket.between);
		bracket.between = larger;
	}
	const { low, high, between } = bracket;
	let { present, below, atLow, atHigh, filled } = bracket;
	for (let i = 0, n = values.length; i < n; i++) {
		const x = values[i];
		present = (present + Number(x === x)) | 0;
		below = (below + Number(x < low)) | 0;
		atLow = (atLow + Number(x === low)) | 0;
		atHigh = (atHigh + Number(x === high)) | 0;
		between[filled] = x;
		filled = (filled + (Number(x > low) & Number(x < high))) | 0;
	}
	bracket.present = present;
	bracket.below = below;
	bracket.atLow = atLow;
	bracket.atHigh = atHigh;
	bracket.filled = filled;
}

/** The value at a rank counted from the bracket's lower end. */
function valueIn({ low, high, atLow, between, filled }: Bracket, rank: number): number {
	if (rank < atLow) return low;
	return rank < atLow + filled ? nthSmallest(between, filled, rank - atLow) : high;
}

/** Hoare's selection: reorders `values[0..n)` so that position k holds what sorting would put there, smaller ones before it. */
export function nthSmallest(values: Float64Array, n: number, k: number): number {
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
