import { z } from 'zod/v4';
import { dictionaryOf } from './dictionary.js';
import { taskType } from './column.js';
import { metricValues } from './run.js';

/** An estimate with its 95 % interval. */
export const interval = z.object({ value: z.number(), low: z.number(), high: z.number() });
export type Interval = z.infer<typeof interval>;

export const gateRule = z.object({
	metric: z.string(),
	/**
	 * `min`/`max`: against `value`. `champion`: better than the champion by at least `value` and significantly so. `baseline`: better than
	 * the dummy by at least `value`.
	 */
	kind: z.enum(['min', 'max', 'champion', 'baseline']),
	value: z.number(),
});
export type GateRule = z.infer<typeof gateRule>;

export const gateResult = z.object({
	passed: z.boolean(),
	/** True where there were too few rows (or rows of a class) to judge by; the first reason says which. */
	refused: z.boolean().optional(),
	/** Which rows were judged, in words. */
	judged: z.string().optional(),
	/** One sentence a rule, passed or not. */
	reasons: z.array(z.object({ passed: z.boolean(), text: z.string() })),
});
export type GateResult = z.infer<typeof gateResult>;

/**
 * Version of the gate: of how metrics, their intervals and the rules of an evaluation come about. It goes up whenever the same model, rows
 * and rules could be judged otherwise than before. 1: no version in the record. 2: intervals that hold with few rows of a class.
 * 3: luck is allowed half as often, one time in eighty.
 */
export const GATE_VERSION = 3;

/** The version of the gate that judged an evaluation. */
export const gateVersionOf = (evaluation: { gateVersion?: number }): number => evaluation.gateVersion ?? 1;

/** How times are put together when results stand side by side. */
export const sidePeriod = z.enum(['month', 'quarter', 'year']);
export type SidePeriod = z.infer<typeof sidePeriod>;

export const xy = z.object({ x: z.array(z.number()), y: z.array(z.number()) });

/** Comparison of two models on the same rows. */
export const comparison = z.object({
	against: z.string(),
	metric: z.string(),
	ours: z.number(),
	theirs: z.number(),
	/** Ours minus theirs, signed so that positive is better, with its interval. */
	difference: interval,
	pValue: z.number(),
	rows: z.number().int(),
	/** Rows left out because one of the two was trained on them. */
	leftOut: z.number().int(),
	test: z.string(),
	/** True where nobody can tell which of these rows the other was trained on: none was left out, so it may look better than it is. */
	seenUnknown: z.boolean().optional(),
});
export type Comparison = z.infer<typeof comparison>;

/** Record kind `evaluation`. Arrays are already thinned for drawing (at most a few hundred points). */
export const evaluationRecord = z.object({
	runId: z.string(),
	/** Digest of the model package that was evaluated. */
	model: z.string(),
	datasetId: z.string(),
	task: taskType,
	target: z.string(),
	classes: z.array(z.string()),
	rows: z.number().int(),
	/** Test rows in the period or group; intervals resample these (`rows`, `day`, `group`, `copies`: each row with its copies). */
	resampled: z.string(),
	metrics: dictionaryOf(interval),
	baseline: metricValues,
	primary: z.string(),
	threshold: z.number().optional(),
	thresholdReason: z.string().optional(),
	confusion: z.object({ labels: z.array(z.string()), counts: z.array(z.array(z.number())) }).optional(),
	roc: z.array(xy.extend({ label: z.string() })).optional(),
	pr: z.array(xy.extend({ label: z.string() })).optional(),
	calibration: z.object({ predicted: z.array(z.number()), observed: z.array(z.number()), count: z.array(z.number()) }).optional(),
	residuals: z
		.object({
			predicted: z.array(z.number()),
			residual: z.array(z.number()),
			histogram: z.object({ edges: z.array(z.number()), counts: z.array(z.number()) }),
		})
		.optional(),
	importance: z.array(z.object({ feature: z.string(), drop: z.number(), std: z.number() })),
	slices: z.array(
		z.object({
			column: z.string(),
			value: z.string(),
			rows: z.number(),
			metric: z.number(),
			low: z.number().optional(),
			high: z.number().optional(),
		}),
	),
	/**
	 * Results side by side: one part for each value of a column, or each period of a time, with its rows (and those of each class). No figure
	 * where they are too few to judge. `leftOut` parts are not listed.
	 */
	side: z
		.object({
			column: z.string(),
			period: sidePeriod.optional(),
			metric: z.string(),
			leftOut: z.number().int(),
			parts: z.array(
				z.object({
					value: z.string(),
					rows: z.number().int(),
					classRows: z.array(z.number()).optional(),
					metric: z.number().optional(),
					low: z.number().optional(),
					high: z.number().optional(),
				}),
			),
		})
		.optional(),
	/** What single panels of the report draw, by the panel's id; each knows the form of its own. */
	panels: dictionaryOf(z.unknown()).optional(),
	/** By the primary metric; `comparisons` has one for each metric that both models have, on the same rows. */
	comparison: comparison.optional(),
	comparisons: z.array(comparison).optional(),
	gate: gateResult,
	gateRules: z.array(gateRule),
	/** `GATE_VERSION` when it was judged; absent: 1. */
	gateVersion: z.number().int().optional(),
	/** Whose alias the comparison looked at, whether or not it pointed to a model then. */
	champion: z.object({ model: z.string(), alias: z.string() }).optional(),
	/** Digest of the Parquet artifact with test predictions: `__row`, `label`, `score` (or one column a class). */
	predictions: z.string(),
	seconds: z.number(),
	notes: z.array(z.object({ code: z.string(), text: z.string() })),
});
export type EvaluationRecord = z.infer<typeof evaluationRecord>;
