import type { Ensemble } from './model.js';

/** Sums of leaf values of up to `most` rows at a time: the caller fills blocks of `block` rows, calls `run` and reads `sums`, row after row. */
export interface FastBatch {
	most: number;
	block: number;
	values: Float64Array;
	/** Where in `values` a block has a column. */
	at(block: number, column: number): number;
	sums: Float64Array;
	run(rows: number, threads: number): void;
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
	/** The same for the kernel, made at the first large batch. */
	fast?: FastBatch;
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
	for (const t of model.trees) t.codes.forEach((set, n) => {
		const f = t.feature[n];
		if (set?.length && t.special[n] && model.columns[f].kind === 'number') levels[f] = Math.max(levels[f], set[set.length - 1] + 1);
	});
	model.columns.forEach((c, f) => { if (c.kind === 'number' && levels[f]) unseen[f] = new Uint32Array(Math.ceil(levels[f] / 32)); });
	let words = 0;
	for (const t of model.trees) t.codes.forEach((set, n) => { if (set) words += unseen[t.feature[n]].length; });
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
	return { model, roots, feature, threshold, left, right, kind, value, bitsAt, bits, levels, outputs: model.outputs, scale: model.average ? model.outputs / Math.max(1, model.trees.length) : 1 };
}

/** The child of node n for a value: NaN is missing. A code that no training row had goes the default way. */
export function childOf(c: Compiled, n: number, v: number): number {
	const kind = c.kind[n];
	if (kind < 2) return v <= c.threshold[n] || (v !== v && kind === 1) ? c.left[n] : c.right[n];
	let left: boolean | number;
	if (kind & 2) {
		const known = v >= 0 && v < c.levels[c.feature[n]];
		// A raw number that is in no set goes right; only a missing one has a default.
		left = known ? (c.bits[c.bitsAt[n] + (v >>> 5)] >>> (v & 31)) & 1 : (kind < 4 || v !== v) && kind & 1;
	} else left = v !== v || Math.abs(v) <= ZERO ? kind & 1 : v <= c.threshold[n];
	return left ? c.left[n] : c.right[n];
}

/** What LightGBM takes for zero. */
const ZERO = 1e-35;
