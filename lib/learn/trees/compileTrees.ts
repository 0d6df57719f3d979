import type { Column } from '../contract.js';
import type { LeafMasks } from './leafMasks.js';
import type { Ensemble } from './ensemble.js';

/**
 * Sums of leaf values of some rows at a time: the caller fills each column, calls `run` and reads `sums`, row after row. `floats` where all
 * columns that are used hold floats.
 */
export interface FastBatch {
	/** Rows at a time. */
	most(floats: boolean): number;
	/** Whether a tree asks for a column: the others need not be filled. */
	used: Uint8Array;
	/** @throws `learn.code_out_of_range` */
	fill(place: number, column: Column, from: number, rows: number, floats: boolean): void;
	sums: Float64Array;
	run(rows: number, threads: number, floats: boolean): void;
}

/**
 * A model laid out for speed: all trees in flat arrays, nodes addressed over all trees. `left` of a leaf is the leaf itself.
 * Splits by category look a code up in a table of bits that covers every level, seen in training or not.
 */
export interface Compiled {
	model: Ensemble;
	roots: Int32Array;
	feature: Int32Array;
	threshold: Float64Array;
	left: Int32Array;
	right: Int32Array;
	/** Bit 0: missing goes left; bit 1: by category; bit 2: zero is missing, or raw categories. */
	kind: Uint8Array;
	value: Float64Array;
	/** First word of a category split's bits. */
	bitsAt: Int32Array;
	bits: Uint32Array;
	levels: Uint32Array;
	outputs: number;
	/** Factor of every leaf: 1, or 1 / trees an output. */
	scale: number;
	/** The same for single rows, made at the first. */
	rows?: RowNodes;
	/** Single rows asked so far, and the same by column, made when they are many. */
	asked: number;
	masks?: LeafMasks;
	/** The same for the kernel, made at the first large batch. */
	fast?: FastBatch;
}

/**
 * The nodes as a single row meets them: 16 bytes each, of which a cache line holds four, and the two children of a node side by side.
 * A node is addressed by four times its number, n:
 * `cells[n / 2]` is the threshold, of a split by category `words[n]` the first word of its bits; `words[n + 2]` the feature; `words[n + 3]`
 * eight times the left child, and the kind; `values[n / 4]` a leaf's value. A leaf sends every value to itself. `numbers` says whether all
 * splits compare, without special cases.
 */
export interface RowNodes {
	cells: Float64Array;
	words: Int32Array;
	values: Float64Array;
	roots: Int32Array;
	numbers: boolean;
}

export function compile(model: Ensemble): Compiled {
	const nodes = model.trees.reduce((n, t) => n + t.feature.length, 0);
	const roots = new Int32Array(model.trees.length);
	const feature = new Int32Array(nodes).fill(-1);
	const threshold = new Float64Array(nodes);
	const left = new Int32Array(nodes);
	const right = new Int32Array(nodes);
	const kind = new Uint8Array(nodes);
	const value = new Float64Array(nodes);
	const bitsAt = new Int32Array(nodes);
	const levels = Uint32Array.from(model.columns, (c) => (c.kind === 'category' ? c.levels : 0));
	const unseen = model.columns.map((c) => {
		const words = new Uint32Array(c.kind === 'category' ? Math.ceil(c.levels / 32) : 0).fill(0xffffffff);
		if (c.kind === 'category') for (const code of c.seen) words[code >>> 5] &= ~(1 << (code & 31));
		return words;
	});
	// Columns of raw category numbers, in imported models.
	for (const t of model.trees)
		t.codes.forEach((set, n) => {
			const f = t.feature[n];
			if (set?.length && t.special[n] && model.columns[f].kind === 'number') levels[f] = Math.max(levels[f], set[set.length - 1] + 1);
		});
	model.columns.forEach((c, f) => {
		if (c.kind === 'number' && levels[f]) unseen[f] = new Uint32Array(Math.ceil(levels[f] / 32));
	});
	let words = 0;
	for (const t of model.trees)
		t.codes.forEach((set, n) => {
			if (set) words += unseen[t.feature[n]].length;
		});
	const bits = new Uint32Array(words);
	let at = 0;
	let word = 0;
	model.trees.forEach((tree, t) => {
		roots[t] = at;
		for (let n = 0; n < tree.feature.length; n++) {
			const f = tree.feature[n];
			value[at + n] = tree.value[n];
			left[at + n] = f < 0 ? at + n : at + tree.left[n];
			right[at + n] = f < 0 ? at + n : at + tree.right[n];
			feature[at + n] = f;
			threshold[at + n] = tree.threshold[n];
			kind[at + n] = tree.defaultLeft[n] | (tree.special[n] ? 4 : 0);
			const set = tree.codes[n];
			if (f >= 0 && set) {
				kind[at + n] |= 2;
				bitsAt[at + n] = word;
				if (tree.defaultLeft[n]) bits.set(unseen[f], word);
				for (const code of set) bits[word + (code >>> 5)] |= 1 << (code & 31);
				word += unseen[f].length;
			}
		}
		at += tree.feature.length;
	});
	return {
		model,
		roots,
		feature,
		threshold,
		left,
		right,
		kind,
		value,
		bitsAt,
		bits,
		levels,
		asked: 0,
		outputs: model.outputs,
		scale: model.average ? model.outputs / Math.max(1, model.trees.length) : 1,
	};
}

/** The child of node n for a value: NaN is missing. A code that no training row had goes the default way. */
export function childOf(c: Compiled, n: number, v: number): number {
	const kind = c.kind[n];
	if (kind < 2) return v <= c.threshold[n] || (v !== v && kind === 1) ? c.left[n] : c.right[n];
	return goesLeft(c, kind, c.feature[n], kind & 2 ? c.bitsAt[n] : c.threshold[n], v) ? c.left[n] : c.right[n];
}

/**
 * Whether a value goes left at a split that is more than a comparison (`kind` 2 or more); `what` is the threshold, of a split by category
 * the first word of its bits.
 */
export function goesLeft(c: Compiled, kind: number, feature: number, what: number, v: number): boolean | number {
	if (kind & 2) {
		const known = v >= 0 && v < c.levels[feature];
		// A raw number that is in no set goes right; only a missing one has a default.
		return known ? (c.bits[what + (v >>> 5)] >>> (v & 31)) & 1 : (kind < 4 || v !== v) && kind & 1;
	}
	return v !== v || Math.abs(v) <= ZERO ? kind & 1 : v <= what;
}

/** Lays a model out for single rows. */
export function rowNodes({ roots, feature, threshold, left, right, kind, value, bitsAt }: Compiled): RowNodes {
	const cells = new Float64Array(feature.length * 2).fill(Infinity);
	const words = new Int32Array(cells.buffer);
	const values = new Float64Array(feature.length);
	const starts = new Int32Array(roots.length);
	let next = 0;
	roots.forEach((root, t) => {
		starts[t] = 4 * next;
		const order = [root];
		const first = next;
		for (let at = 0; at < order.length; at++) {
			const n = order[at];
			const here = first + at;
			const leaf = feature[n] < 0;
			values[here] = value[n];
			words[4 * here + 2] = leaf ? 0 : feature[n];
			words[4 * here + 3] = ((leaf ? here : first + order.length) << 5) | (leaf ? 1 : kind[n]);
			if (leaf) continue;
			cells[2 * here] = kind[n] & 2 ? 1 : threshold[n];
			if (kind[n] & 2) words[4 * here] = bitsAt[n];
			order.push(left[n], right[n]);
		}
		next += order.length;
	});
	return { cells, words, values, roots: starts, numbers: kind.every((k) => k < 2) };
}

/** What LightGBM takes for zero. */
const ZERO = 1e-35;
