import type { Matrix } from '../contract.js';
import { childOf, goesLeft, rowNodes, type Compiled, type RowNodes } from './compileTrees.js';
import { fastBatch } from './fastBatch.js';
import { addByMasks, leafMasks } from './leafMasks.js';
import { checkCodes, copyColumn, matchColumns } from './matchColumns.js';

/** Single rows from which the table of masks is worth its set-up. */
const WORTH_MASKS = 100;

/** Raw scores of one row into out. No allocation. */
export function rawRow(c: Compiled, values: Float64Array, offset: number, out: Float64Array, at: number): void {
	const { outputs, scale } = c;
	if (c.asked < WORTH_MASKS && ++c.asked === WORTH_MASKS) c.masks = leafMasks(c);
	for (let k = 0; k < outputs; k++) out[at + k] = 0;
	if (c.masks) addByMasks(c.masks, values, offset, out, at, outputs);
	else addByWalk(c, values, offset, out, at);
	for (let k = 0; k < outputs; k++) out[at + k] = c.model.initial[k] + out[at + k] * scale;
}

function addByWalk(c: Compiled, values: Float64Array, offset: number, out: Float64Array, at: number): void {
	const { outputs } = c;
	const nodes = (c.rows ??= rowNodes(c));
	const { cells, words, values: leaves, roots, numbers } = nodes;
	let t = numbers ? byComparison(nodes, values, offset, out, at, outputs) : 0;
	for (let k = t % outputs, end = roots.length; t < end; t++) {
		let n = roots[t];
		for (;;) {
			const word = words[n + 3];
			if (word >>> 3 === n) break;
			const f = words[n + 2];
			const v = values[offset + f];
			n =
				word & 6
					? (word >>> 3) + (goesLeft(c, word & 7, f, word & 2 ? words[n] : cells[n >> 1], v) ? 0 : 4)
					: next(word, +(v > cells[n >> 1]), +(v !== v));
		}
		out[at + k] += leaves[n >> 2];
		if (++k === outputs) k = 0;
	}
}

/**
 * Adds leaves four trees at a time, as far as there are four, and answers how many trees that were: a step waits for memory, and four can
 * wait together. No branch depends on a value, since it would be guessed wrong every other time; a missing value is above nothing and goes
 * right unless it is told left.
 */
function byComparison(
	{ cells, words, values: leaves, roots }: RowNodes,
	values: Float64Array,
	offset: number,
	out: Float64Array,
	at: number,
	outputs: number,
): number {
	let t = 0;
	let k = 0;
	for (; t + 3 < roots.length; t += 4) {
		let n0 = roots[t];
		let n1 = roots[t + 1];
		let n2 = roots[t + 2];
		let n3 = roots[t + 3];
		for (let moved = 1; moved !== 0; ) {
			const v0 = values[offset + words[n0 + 2]];
			const v1 = values[offset + words[n1 + 2]];
			const v2 = values[offset + words[n2 + 2]];
			const v3 = values[offset + words[n3 + 2]];
			const m0 = next(words[n0 + 3], +(v0 > cells[n0 >> 1]), +(v0 !== v0));
			const m1 = next(words[n1 + 3], +(v1 > cells[n1 >> 1]), +(v1 !== v1));
			const m2 = next(words[n2 + 3], +(v2 > cells[n2 >> 1]), +(v2 !== v2));
			const m3 = next(words[n3 + 3], +(v3 > cells[n3 >> 1]), +(v3 !== v3));
			moved = (m0 ^ n0) | (m1 ^ n1) | (m2 ^ n2) | (m3 ^ n3);
			n0 = m0;
			n1 = m1;
			n2 = m2;
			n3 = m3;
		}
		out[at + k] += leaves[n0 >> 2];
		if (++k === outputs) k = 0;
		out[at + k] += leaves[n1 >> 2];
		if (++k === outputs) k = 0;
		out[at + k] += leaves[n2 >> 2];
		if (++k === outputs) k = 0;
		out[at + k] += leaves[n3 >> 2];
		if (++k === outputs) k = 0;
	}
	return t;
}

/** The child of a node that compares. */
const next = (word: number, above: number, missing: number): number => (word >>> 3) + ((above | (missing & ~word)) << 2);

const BATCH = 256;
/** Rows times trees from which the kernel is worth its set-up, and from which every further thread is worth its call. */
const WORTH_KERNEL = 20_000;
const WORTH_THREAD = 200_000;

export interface BatchOptions {
	/** Ceiling; the scores are the same, bit for bit, whatever it is. */
	threads?: number;
	/** Plain JavaScript even where there is a kernel: for comparisons. */
	plain?: boolean;
}

/** Raw scores of all rows, row-major: blocks of rows that stay in cache, tree after tree; by the WASM kernel where there is one. */
export function rawBatch(
	c: Compiled,
	x: Matrix,
	out: Float64Array = new Float64Array(x.rows * c.outputs),
	{ threads = 1, plain = false }: BatchOptions = {},
): Float64Array {
	const { outputs, scale, model } = c;
	const columns = matchColumns(model, x);
	const work = x.rows * c.roots.length;
	const fast = plain || work < WORTH_KERNEL ? undefined : (c.fast ??= fastBatch(c));
	if (fast) {
		const hands = Math.min(threads, Math.ceil(work / WORTH_THREAD));
		const floats = columns.every((column, j) => !fast.used[j] || column.data instanceof Float32Array);
		const most = fast.most(floats);
		for (let from = 0; from < x.rows; from += most) {
			const rows = Math.min(most, x.rows - from);
			columns.forEach((column, j) => {
				if (fast.used[j]) fast.fill(j, column, from, rows, floats);
				else checkCodes(column, from, rows);
			});
			fast.run(rows, hands, floats);
			out.set(fast.sums.subarray(0, rows * outputs), from * outputs);
		}
	} else {
		const width = columns.length;
		const block = new Float64Array(Math.min(BATCH, x.rows) * width);
		for (let from = 0; from < x.rows; from += BATCH) {
			const rows = Math.min(BATCH, x.rows - from);
			columns.forEach((column, j) => copyColumn(column, from, rows, block, j, width));
			sumLeaves(c, block, width, rows, out, from * outputs);
		}
	}
	for (let i = 0, at = 0; i < x.rows; i++) for (let k = 0; k < outputs; k++, at++) out[at] = model.initial[k] + out[at] * scale;
	return out;
}

/** The plain form of the kernel's `predict`. */
function sumLeaves(c: Compiled, block: Float64Array, width: number, rows: number, out: Float64Array, base: number): void {
	const { roots, feature, threshold, left, right, kind, value, outputs } = c;
	out.fill(0, base, base + rows * outputs);
	for (let t = 0, k = 0, end = roots.length; t < end; t++) {
		const root = roots[t];
		for (let i = 0, at = 0; i < rows; i++, at += width) {
			let n = root;
			let f = feature[n];
			while (f >= 0) {
				const v = block[at + f];
				if (kind[n] === 0) n = v <= threshold[n] ? left[n] : right[n];
				else n = childOf(c, n, v);
				f = feature[n];
			}
			out[base + i * outputs + k] += value[n];
		}
		if (++k === outputs) k = 0;
	}
}
