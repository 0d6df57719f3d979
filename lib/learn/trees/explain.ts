import { MlopsError } from '../../domain/errors.js';
import type { Column, ExplainOptions, Matrix } from '../contract.js';
import type { Compiled } from './compileTrees.js';
import { copyColumn, matchColumns } from './matchColumns.js';
import { PathWalk } from './pathWalk.js';
import { rawBatch, rawRow } from './rawScore.js';
import { Shap, shapTables, type ShapTables } from './shap.js';
import { BackgroundShap } from './shapBackground.js';
import { RowShap } from './shapRow.js';

/** Rows at a time: enough for classes of rows to be shared, few enough to stay in cache. */
const MOST_ROWS = 2048;
/** Working memory of a block. */
const BYTES = 32e6;
/** How far values may add up to something else than the score, relative to the numbers added: rounding, never more. */
const TOLERANCE = 1e-7;

/** SHAP values of one model, over many rows or one. Answers have the columns in the order of `order`, the expected value behind them. */
export class Explainer {
	private readonly tables: ShapTables;
	private readonly byRow: RowShap | undefined;
	private single?: Shap;

	/** `order[j]`: where the model's column j stands among `width` columns of the answer. */
	constructor(
		private readonly c: Compiled,
		private readonly order: readonly number[],
		private readonly width: number,
	) {
		this.tables = shapTables(c);
		this.byRow = RowShap.of(c, this.tables);
	}

	/** One row, in the model's order of columns, for one output. */
	row(values: Float64Array, output: number): Float64Array {
		let phi: Float64Array = new Float64Array(this.order.length);
		if (this.byRow) this.byRow.add(values, output, phi);
		else {
			this.single ??= new Shap(this.c, this.tables, 1);
			this.single.walk.values.set(values.subarray(0, this.order.length));
			this.single.rows(1, output);
			phi = this.single.phi;
		}
		const out = new Float64Array(this.width + 1);
		this.write(phi, 1, 0, output, this.tables.expected, out, 0);
		const raw = new Float64Array(this.c.outputs);
		rawRow(this.c, values, 0, raw, 0);
		check(out, 0, out.length, raw[output], 0);
		return out;
	}

	/** All rows of a matrix: see `Predictor.explain` in ../contract.ts. */
	rows(x: Matrix, options: ExplainOptions = {}): Float64Array {
		const { background, interactions } = options;
		const columns = matchColumns(this.c.model, x);
		const raw = rawBatch(this.c, x);
		if (!background) return interactions ? this.interactions(columns, x.rows, raw) : this.pathDependent(columns, x.rows, raw);
		if (interactions)
			throw new MlopsError('learn.parameter_invalid', 'Interaction values have no form with background rows.', {
				remedy: 'Ask for interactions without background rows, or for contributions with them.',
			});
		if (!(background.rows > 0))
			throw new MlopsError('learn.too_few_rows', 'There are no background rows to compare with.', {
				expected: 'at least one row',
				remedy: 'Give some rows of the training data as background.',
			});
		return this.interventional(columns, x.rows, raw, background);
	}

	private pathDependent(columns: Column[], rows: number, raw: Float64Array): Float64Array {
		const { c, width, tables } = this;
		const wide = width + 1;
		const out = new Float64Array(rows * c.outputs * wide);
		const capacity = this.capacity(rows, 8 * width);
		const shap = new Shap(c, tables, capacity);
		this.inChunks(shap, columns, rows, capacity, (row, k, r) => {
			const cell = row * c.outputs + k;
			this.write(shap.phi, capacity, r, k, tables.expected, out, cell * wide);
			check(out, cell * wide, wide, raw[cell], row);
		});
		return out;
	}

	/**
	 * Plays all rows for every output, so many at a time as fit; `each` finds row `row` at place `r` of what the game filled for output `k`.
	 */
	private inChunks(shap: Shap, columns: Column[], rows: number, capacity: number, each: (row: number, k: number, r: number) => void): void {
		for (let from = 0; from < rows; from += capacity) {
			const count = Math.min(capacity, rows - from);
			columns.forEach((column, j) => copyColumn(column, from, count, shap.walk.values, j * capacity, 1));
			for (let k = 0; k < this.c.outputs; k++) {
				shap.rows(count, k);
				for (let r = 0; r < count; r++) each(from + r, k, r);
			}
		}
	}

	/** The diagonal holds what a column does alone: its value less what it shares with others. */
	private interactions(columns: Column[], rows: number, raw: Float64Array): Float64Array {
		const { c, width, tables, order } = this;
		const inner = order.length;
		const wide = width + 1;
		const square = wide * wide;
		const out = new Float64Array(rows * c.outputs * square);
		const capacity = this.capacity(rows, 8 * (width + inner * inner));
		const shap = new Shap(c, tables, capacity, true);
		const pairs = shap.pairs!;
		this.inChunks(shap, columns, rows, capacity, (row, k, r) => {
			const cell = row * c.outputs + k;
			const base = cell * square;
			for (let f = 0; f < inner; f++) out[base + order[f] * (wide + 1)] += shap.phi[f * capacity + r] * c.scale;
			for (let f = 0; f < inner; f++) {
				for (let g = f + 1; g < inner; g++) {
					const both = pairs[(f * inner + g) * capacity + r] * c.scale;
					out[base + order[f] * wide + order[g]] = both;
					out[base + order[g] * wide + order[f]] = both;
					out[base + order[f] * (wide + 1)] -= both;
					out[base + order[g] * (wide + 1)] -= both;
				}
			}
			out[base + square - 1] = tables.expected[k];
			check(out, base, square, raw[cell], row);
		});
		return out;
	}

	private interventional(columns: Column[], rows: number, raw: Float64Array, background: Matrix): Float64Array {
		const { c, width, tables } = this;
		const behind = background.rows;
		const wide = width + 1;
		const backgroundColumns = matchColumns(c.model, background);
		const expected = new Float64Array(c.outputs);
		rawBatch(c, background).forEach((v, i) => {
			expected[i % c.outputs] += v / behind;
		});
		const out = new Float64Array(rows * c.outputs * wide);
		const each = behind + this.capacity(rows, 8 * width);
		const shap = new BackgroundShap(c, tables.depth, each, behind);
		backgroundColumns.forEach((column, j) => copyColumn(column, 0, behind, shap.walk.values, j * each, 1));
		for (let from = 0; from < rows; from += each - behind) {
			const count = Math.min(each - behind, rows - from);
			columns.forEach((column, j) => copyColumn(column, from, count, shap.walk.values, j * each + behind, 1));
			for (let k = 0; k < c.outputs; k++) {
				shap.rows(behind + count, k);
				for (let r = 0; r < count; r++) {
					const cell = (from + r) * c.outputs + k;
					this.write(shap.phi, each, behind + r, k, expected, out, cell * wide);
					check(out, cell * wide, wide, raw[cell], from + r);
				}
			}
		}
		return out;
	}

	private capacity(rows: number, bytesPerRow: number): number {
		const each = PathWalk.bytesPerRow(this.width, this.tables.depth) + bytesPerRow;
		return Math.max(1, Math.min(rows, MOST_ROWS, Math.floor(BYTES / each)));
	}

	private write(
		phi: Float64Array,
		capacity: number,
		r: number,
		output: number,
		expected: Float64Array,
		out: Float64Array,
		at: number,
	): void {
		const {
			order,
			width,
			c: { scale },
		} = this;
		for (let j = 0; j < order.length; j++) out[at + order[j]] += phi[j * capacity + r] * scale;
		out[at + width] = expected[output];
	}
}

/**
 * Contributions and expected value must add up to the raw score; that they do shows that every path was counted. @throws
 * `learn.explanation_inexact`
 */
function check(out: Float64Array, at: number, length: number, raw: number, row: number): void {
	let sum = 0;
	let size = 1;
	for (let j = at; j < at + length; j++) {
		sum += out[j];
		size += Math.abs(out[j]);
	}
	if (Math.abs(sum - raw) <= TOLERANCE * size) return;
	throw new MlopsError('learn.explanation_inexact', `The contributions of row ${row + 1} add up to ${sum}, but its score is ${raw}.`, {
		row: row + 1,
		remedy: "The model's numbers are too large or too different in size to be explained exactly; train it again with a scaled target.",
	});
}
