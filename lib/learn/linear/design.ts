import type { Labels, Matrix } from '../contract.js';

/** `squared`: half squared error. `logistic`: log loss of class 1. `softmax`: log loss over all classes. */
export type LossName = 'squared' | 'logistic' | 'softmax';

/** A column as the passes over the rows read it: numbers minus their mean, or the coefficient that each row's level has. */
export type DesignColumn = { kind: 'number'; data: Float64Array } | { kind: 'category'; data: Uint32Array };

/**
 * The design matrix of a linear model, never built: a number column is one coefficient, a category column one coefficient a code
 * (one-hot without the zeros), and the last coefficient is the intercept. So 3 M rows with two columns of 250 levels
 * need no more memory than their codes. Number columns are centred, which changes no solution (the intercept is free) but makes every
 * solver converge faster. Plain data, so that threads can have it too: with `shared` its arrays lie in shared memory.
 */
export interface Design {
	rows: number;
	columns: DesignColumn[];
	/** First coefficient of each column; the last entry is the intercept's place. */
	offsets: Uint32Array;
	/** Coefficients of one output, intercept included. */
	width: number;
	/** Weighted mean of each number column, 0 for categories. */
	means: Float64Array;
	loss: LossName;
	/** Coefficient vectors: one a class for `softmax`, else 1. */
	outputs: number;
	y: Float64Array;
	weight?: Float64Array;
	offset?: Float64Array;
}

/** Lays out columns and labels of a training. */
export function designOf(x: Matrix, labels: Labels, loss: LossName, shared: boolean): Design {
	const { rows } = x;
	const bytes = (n: number): ArrayBuffer | SharedArrayBuffer => (shared ? new SharedArrayBuffer(n) : new ArrayBuffer(n));
	const numbers = (from: Float64Array | undefined): Float64Array | undefined => {
		if (!from || !shared) return from;
		const out = new Float64Array(bytes(8 * rows));
		out.set(from.subarray(0, rows));
		return out;
	};
	const offsets = new Uint32Array(x.columns.length + 1);
	x.columns.forEach((c, j) => {
		offsets[j + 1] = offsets[j] + (c.kind === 'number' ? 1 : c.levels);
	});
	const means = Float64Array.from(x.columns, (c) => (c.kind === 'number' ? mean(c.data, rows, labels.weight) : 0));
	const columns = x.columns.map((c, j): DesignColumn => {
		if (c.kind === 'number') {
			const data = new Float64Array(bytes(8 * rows));
			centre(c.data, means[j], data);
			return { kind: 'number', data };
		}
		const data = new Uint32Array(bytes(4 * rows));
		place(c.data, offsets[j], data);
		return { kind: 'category', data };
	});
	return {
		rows,
		columns,
		offsets,
		width: offsets[x.columns.length] + 1,
		means,
		loss,
		outputs: loss === 'softmax' ? labels.classes : 1,
		y: numbers(labels.y)!,
		weight: numbers(labels.weight),
		offset: numbers(labels.offset),
	};
}

function centre(from: ArrayLike<number>, by: number, to: Float64Array): void {
	for (let i = 0, n = to.length; i < n; i++) to[i] = from[i] - by;
}

function place(codes: ArrayLike<number>, first: number, to: Uint32Array): void {
	for (let i = 0, n = to.length; i < n; i++) to[i] = first + codes[i];
}

function mean(data: ArrayLike<number>, rows: number, weight: Float64Array | undefined): number {
	let sum = 0;
	let total = 0;
	for (let i = 0; i < rows; i++) {
		const w = weight ? weight[i] : 1;
		sum += w * data[i];
		total += w;
	}
	return total > 0 ? sum / total : 0;
}
