import { MlopsError } from '../../domain/errors.js';
import type { Matrix, Predictor } from '../contract.js';
import { childOf, compile, type Compiled } from './compile.js';
import { fastBatch } from './fastBatch.js';
import { linkOf } from './losses/index.js';
import type { Ensemble } from './model.js';
import { shapRow, shapTables } from './shap.js';

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
