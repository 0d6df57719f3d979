import type { Kernel } from '../kernelContract.js';

/** What a loss sees: views of one stretch of rows, one score and gradient array an output. */
export interface LossRows {
	rows: number;
	score: Float64Array[];
	y: Float64Array;
	weight?: Float64Array;
}

/**
 * A loss is one file in this folder, listed in index.ts: a first score, gradients and hessians, the link, and the value that early stopping
 * watches.
 */
export interface Loss {
	id: string;
	/** Raw scores a row: classes for softmax, else 1. */
	outputs(classes: number): number;
	/** First raw score of each output. */
	initial(y: Float64Array, weight: Float64Array | undefined, rows: number, classes: number): number[];
	/** Gradient and hessian are linear in the target, so that rows with the same features can share one with the mean of their targets. */
	linear?: true;
	/** Fills g and h (both times weight) for each output. */
	gradients(input: LossRows, g: Float32Array[], h: Float32Array[]): void;
	/** A kernel routine that does the same as `gradients` (of two classes in single precision), where there is one. */
	kernel?: keyof Pick<Kernel, 'gradientsLogistic' | 'gradientsSquared' | 'gradientsSoftmax'>;
	/** Output of a leaf from the residuals y - score of its rows, in the place of the Newton step. */
	renew?(residuals: Float64Array, weights: Float64Array | undefined): number;
	/** Raw scores at `at` of out become probabilities or values, in place. */
	link(out: Float64Array, at: number, outputs: number): void;
	metric: string;
	/** Weighted mean of the loss, smaller is better. */
	evaluate(input: LossRows): number;
	/** @throws `learn.target_invalid` when the loss cannot take a target */
	check?(y: Float64Array, rows: number): void;
}

/** Weighted mean of y; rows are summed in their order. */
export function weightedMean(y: Float64Array, weight: Float64Array | undefined, rows: number): number {
	let sum = 0;
	let total = 0;
	for (let i = 0; i < rows; i++) {
		const w = weight ? weight[i] : 1;
		sum += w * y[i];
		total += w;
	}
	return sum / total;
}

/** Weighted mean of a value a row. */
export function meanLoss({ rows, weight }: LossRows, of: (row: number) => number): number {
	let sum = 0;
	let total = 0;
	for (let i = 0; i < rows; i++) {
		const w = weight ? weight[i] : 1;
		if (w === 0) continue;
		sum += w * of(i);
		total += w;
	}
	return sum / total;
}
