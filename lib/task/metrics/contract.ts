import type { Output } from '../contract.js';
import type { Bounds } from '../statistics/smallSamples.js';
import type { Numbers } from './numbers.js';
import type { Scored } from './scored.js';

/** What one row adds to a sum. */
export type RowTerm = (row: number) => number;

/**
 * Rows counted by true and predicted class, for bounds that hold with few rows of a class. Where days or groups are drawn, each counts as
 * one row.
 */
export interface Counted {
	scored: Scored;
	/** The metric itself. */
	value: number;
	/** Row-major: row = true class, column = predicted class. */
	matrix: Float64Array;
	/** Rows of each class, rows called so, and all rows. */
	support: number[];
	called: number[];
	total: number;
	/** Classes that occur. */
	present: number[];
	/** Two-sided level and its normal quantile; absent: 95 %. */
	alpha?: number;
	z?: number;
}

/**
 * How a metric of rows drawn again is found without a pass over them, for its bootstrap interval.
 * `sums`: it follows from weighted means of what each row adds (one term alone gives a standard error, too). `counts`: from the confusion
 * matrix.
 * `ranks`: from bins of scores, one list a class. `resample`: by `value` with the weights of the rows, which is always right and costs a
 * pass each.
 */
export type Replicates =
	| {
			from: 'sums';
			terms(scored: Scored): readonly RowTerm[];
			of(means: readonly number[]): number;
			/** Derivative of `of` at the mean of a single term, by which its standard error is carried over; absent: 1. */
			slope?(mean: number): number;
	  }
	| { from: 'counts'; of(matrix: Float64Array, classes: number): number }
	| {
			from: 'ranks';
			of(bins: readonly Float64Array[]): number;
			/** The metric with its variance; rows in the given order, best score first. */
			variance?(y: Numbers, p: Float64Array, order: Uint32Array): { value: number; variance: number };
	  }
	| { from: 'resample' };

/**
 * How far chance moves a metric: among `n` rows that were drawn like these it has the variance `sum(variance / (n * share))`. `variance` is
 * that of what a row adds, `share` that of the rows that add something.
 */
export type Chance = ReadonlyArray<{ variance: number; share: number }>;

/** A test of two models on the same, independent rows. */
export interface PairedTest {
	name: string;
	test(y: Numbers, ours: Float64Array, theirs: Float64Array): { difference: number; variance: number; pValue: number };
}

/** One metric, one file in this folder, listed in index.ts: forms, gate, intervals, slices, charts and words ask it. */
export interface Metric {
	/** Stored in records and named in rules. */
	id: string;
	/** Other spellings of the id, without signs and in lower case. */
	aliases?: readonly string[];
	/** In forms and the reference: name and a sentence. */
	label: string;
	description: string;
	/** In reports: what it is called, and what it means in half a sentence. */
	title: string;
	meaning: string;
	better: 'higher' | 'lower';
	/** Least and greatest value. */
	range: readonly [low: number, high: number];
	/** Shares are written as percentages; `target` is the unit of the target; else a plain number. */
	unit?: 'share' | 'target';
	/** Kinds of outputs that it judges: those of a task decide whether it applies. */
	outputs: readonly Output[];
	/** Whether it can be had of rows whose truth nobody knows. */
	withoutTruth?: boolean;
	/** Whether each class counts alike, however rare it is: then five rows of each are needed to judge by it. */
	eachClass?: boolean;
	/** NaN where these rows do not define it. */
	value(scored: Scored): number;
	replicates: Replicates;
	/** 95 % bounds that hold however few rows of a class there are; `undefined` where these rows allow none. */
	exact?(counted: Counted): Bounds | undefined;
	paired?: PairedTest;
	/**
	 * How far chance moves it, by rows whose truth is known, for estimates without the truth (lib/monitor/estimate). Absent: it follows from
	 * `replicates` (`chance.ts`).
	 */
	chance?(known: Scored): Chance | undefined;
}

/** Identity function that gives an extension its type. */
export const defineMetric = (metric: Metric): Metric => metric;
