import type { ModelColumn } from '../ensemble.js';
import { doubleBefore } from '../neighbours.js';
import type { FinishedTree } from '../tree.js';

/**
 * A split as pieces of the number line: values up to `upTo[i]` (and above `upTo[i - 1]`) go left if `left[i]`, those above all of them
 * if `left[upTo.length]`. Neighbours go different ways, so a plain split is `{ upTo: [t], left: [true, false] }`.
 */
export interface Intervals {
	upTo: number[];
	left: boolean[];
	missingLeft: boolean;
}

/** What LightGBM takes for zero, as in `childOf`. */
const ZERO = 1e-35;

/** The split of an inner node, for every number and code, as `childOf` decides it. */
export function intervalsOf(tree: FinishedTree, n: number, column: ModelColumn): Intervals {
	const missingLeft = tree.defaultLeft[n] === 1;
	const codes = tree.codes[n];
	if (!codes)
		return tree.special[n] ? aroundZero(tree.threshold[n], missingLeft) : { upTo: [tree.threshold[n]], left: [true, false], missingLeft };
	// A code that no training row had goes the default way, so either the codes that go left are listed or those that go right.
	const listed = column.kind === 'category' && missingLeft ? others(column.seen, codes) : codes;
	return { ...runs(listed, listed === codes), missingLeft };
}

/** Zero goes with what is missing; on both sides of it the threshold decides. */
function aroundZero(threshold: number, missingLeft: boolean): Intervals {
	const out: Intervals = { upTo: [], left: [], missingLeft };
	const below = doubleBefore(-ZERO);
	const add = (upTo: number, left: boolean) => {
		if (out.left.at(-1) === left) out.upTo.pop();
		else out.left.push(left);
		out.upTo.push(upTo);
	};
	if (threshold < below) add(threshold, true);
	add(below, below <= threshold);
	add(ZERO, missingLeft);
	if (threshold > ZERO) add(threshold, true);
	add(Infinity, false);
	out.upTo.pop();
	return out;
}

/** Sorted codes as intervals that end just below a whole number. */
function runs(codes: Uint32Array, left: boolean): Pick<Intervals, 'upTo' | 'left'> {
	const upTo: number[] = [];
	for (let i = 0, n = codes.length; i < n; ) {
		let end = i + 1;
		while (end < codes.length && codes[end] === codes[end - 1] + 1) end++;
		upTo.push(doubleBefore(codes[i]), doubleBefore(codes[end - 1] + 1));
		i = end;
	}
	return { upTo, left: Array.from({ length: upTo.length + 1 }, (_, i) => (i % 2 === 1) === left) };
}

/** Sorted codes of `all` that are not in `some`. */
function others(all: Uint32Array, some: Uint32Array): Uint32Array {
	const gone = new Set(some);
	return all.filter((code) => !gone.has(code));
}
