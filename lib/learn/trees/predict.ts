import { MlopsError } from '../../domain/errors.js';
import type { Matrix, Predictor } from '../contract.js';
import { fastBatch, type FastBatch } from './fastBatch.js';
import { linkOf } from './losses/index.js';
import type { Ensemble } from './model.js';
import { shapRow, shapTables } from './shap.js';

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
	for (const t of model.trees) t.feature.forEach((f, n) => { if (t.codes[n]) words += unseen[f].length; });
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

/** Raw scores of one row into out. No allocation. */
export function rawRow(c: Compiled, values: Float64Array, offset: number, out: Float64Array, at: number): void {
	const { roots, feature, outputs, value, scale } = c;
	for (let k = 0; k < outputs; k++) out[at + k] = 0;
	for (let t = 0, k = 0; t < roots.length; t++) {
		let n = roots[t];
		let f = feature[n];
		while (f >= 0) {
			n = childOf(c, n, values[offset + f]);
			f = feature[n];
		}
		out[at + k] += value[n];
		if (++k === outputs) k = 0;
	}
	for (let k = 0; k < outputs; k++) out[at + k] = c.model.initial[k] + out[at + k] * scale;
}

const BATCH = 256;
/** Rows times trees from which the kernel is worth its set-up. */
const WORTH_KERNEL = 20_000;

/** Raw scores of all rows, row-major: blocks of rows that stay in cache, tree after tree; by the WASM kernel where there is one. */
export function rawBatch(c: Compiled, x: Matrix, out: Float64Array = new Float64Array(x.rows * c.outputs), plain = false): Float64Array {
	const { outputs, scale, model } = c;
	const columns = matchColumns(model, x);
	const width = columns.length;
	const fast = plain || x.rows * c.roots.length < WORTH_KERNEL ? undefined : (c.fast ??= fastBatch(c, BATCH));
	const block = fast ? fast.rows : new Float64Array(BATCH * width);
	for (let from = 0; from < x.rows; from += BATCH) {
		const rows = Math.min(BATCH, x.rows - from);
		columns.forEach((column, j) => {
			const { data } = column;
			for (let i = 0, at = j; i < rows; i++, at += width) block[at] = data[from + i];
			if (column.kind === 'category') {
				for (let i = 0; i < rows; i++) if (data[from + i] >= column.levels) throw outOfRange(column.name, data[from + i], column.levels, from + i);
			}
		});
		const base = from * outputs;
		if (fast) {
			fast.run(rows);
			out.set(fast.sums.subarray(0, rows * outputs), base);
		} else sumLeaves(c, block, width, rows, out, base);
		for (let i = 0; i < rows; i++) for (let k = 0; k < outputs; k++) out[base + i * outputs + k] = model.initial[k] + out[base + i * outputs + k] * scale;
	}
	return out;
}

/** The plain form of the kernel's `predict`. */
function sumLeaves(c: Compiled, block: Float64Array, width: number, rows: number, out: Float64Array, base: number): void {
	const { roots, feature, threshold, left, right, kind, value, outputs } = c;
	out.fill(0, base, base + rows * outputs);
	for (let t = 0, k = 0; t < roots.length; t++) {
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

const outOfRange = (column: string, code: number, levels: number, row: number) => new MlopsError('learn.code_out_of_range', `Column "${column}" holds category code ${code}, but has ${levels} levels.`, { column, row: row + 1, expected: `codes below ${levels}` });

/** The model's columns in a matrix, in the model's order. @throws `learn.columns_mismatch` */
function matchColumns(model: Ensemble, x: Matrix) {
	return model.columns.map((wanted, i) => {
		const found = x.columns[i]?.name === wanted.name ? x.columns[i] : x.columns.find((c) => c.name === wanted.name);
		if (!found) throw new MlopsError('learn.columns_mismatch', `The model needs the column "${wanted.name}", which is not there.`, { column: wanted.name, remedy: 'Predict on data with the same columns as in training.' });
		if (found.kind !== wanted.kind) throw new MlopsError('learn.columns_mismatch', `Column "${wanted.name}" was ${wanted.kind === 'number' ? 'numeric' : 'categorical'} in training and is not now.`, { column: wanted.name });
		return found;
	});
}

/** The learner contract's predictor of an ensemble. `columns` are the names of the columns that rows will have. */
export function treePredictor(model: Ensemble, columns: readonly string[]): Predictor {
	const order = model.columns.map((c, i) => {
		const at = columns[i] === c.name ? i : columns.indexOf(c.name);
		if (at < 0) throw new MlopsError('learn.columns_mismatch', `The model needs the column "${c.name}", which is not there.`, { column: c.name, remedy: 'Predict on data with the same columns as in training.' });
		return at;
	});
	const straight = order.every((at, i) => at === i);
	const c = compile(model);
	const apply = linkOf(model.loss);
	const link = (out: Float64Array, at: number) => apply?.(out, at, model.outputs);
	const values = new Float64Array(order.length);
	const arrange = (row: Float64Array): Float64Array => {
		if (straight) return row;
		for (let j = 0; j < order.length; j++) values[j] = row[order[j]];
		return values;
	};
	let tables: ReturnType<typeof shapTables> | undefined;
	return {
		outputs: model.outputs,
		batch(x, out) {
			rawBatch(c, x, out);
			for (let i = 0; i < x.rows; i++) link(out, i * model.outputs);
		},
		row(row, out) {
			rawRow(c, arrange(row), 0, out, 0);
			link(out, 0);
		},
		contributions(row, output) {
			tables ??= shapTables(c);
			const inModelOrder = shapRow(c, tables, arrange(row), output);
			const out = new Float64Array(columns.length + 1);
			order.forEach((at, j) => { out[at] += inModelOrder[j]; });
			out[columns.length] = inModelOrder[order.length];
			return out;
		},
	};
}
