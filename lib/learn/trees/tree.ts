/**
 * A tree as it grows: nodes in the order they were made, the root first, children after their parents.
 * `feature` is a column of the matrix, or -1 in a leaf.
 */
export interface Tree {
	feature: number[];
	threshold: number[];
	left: number[];
	right: number[];
	/** 1: missing and unseen values go left. */
	defaultLeft: number[];
	/**
	 * 1: zero counts as missing (numbers; from imported models), or the codes are raw numbers, of which only a missing one goes the default
	 * way.
	 */
	special: number[];
	/** Sorted codes that go left, for a split by category. */
	codes: Array<Uint32Array | undefined>;
	/** Output of the node: a leaf's is added to the score, an inner node's is what it would be as a leaf. */
	value: number[];
	/** Sum of row hessians (with unit hessians: rows) and number of rows. */
	cover: number[];
	count: number[];
	gain: number[];
	/** Covers are whole multiples of it; absent where nobody says so. */
	unit?: number;
}

export const emptyTree = (): Tree => ({
	feature: [],
	threshold: [],
	left: [],
	right: [],
	defaultLeft: [],
	special: [],
	codes: [],
	value: [],
	cover: [],
	count: [],
	gain: [],
});

export function addNode(tree: Tree, value: number, cover: number, count: number): number {
	tree.feature.push(-1);
	tree.threshold.push(0);
	tree.left.push(-1);
	tree.right.push(-1);
	tree.defaultLeft.push(0);
	tree.special.push(0);
	tree.codes.push(undefined);
	tree.value.push(value);
	tree.cover.push(cover);
	tree.count.push(count);
	tree.gain.push(0);
	return tree.feature.length - 1;
}

/** Numbers of a tree that is done: as it grew, or packed. */
type Numbers = ArrayLike<number>;

/** A tree that no longer changes. Without categories `codes` may be empty. */
export type FinishedTree = { readonly [K in Exclude<keyof Tree, 'codes' | 'unit'>]: Numbers } & {
	readonly codes: ReadonlyArray<Uint32Array | undefined>;
	readonly unit?: number;
};
