import { z } from 'zod/v4';
import { dictionaryOf } from './dictionary.js';
import { taskType } from './column.js';
import { recipe } from './recipe.js';
import { leftOut, splitCopies, splitParams } from './split.js';

export const metricValues = dictionaryOf(z.number());
export type MetricValues = z.infer<typeof metricValues>;

/** One point of a learning curve. */
export const curvePoint = z.object({ step: z.number(), train: z.number().optional(), validation: z.number().optional() });

export const leaderboardRow = z.object({
	learner: z.string(),
	params: dictionaryOf(z.unknown()),
	/** Cross-validated or validation metrics; `primary` names the one that ranks. */
	metrics: metricValues,
	std: z.number().optional(),
	seconds: z.number(),
	/** Fits, one a fold, that ended since its share of the time was over: with more time it might rank higher. Absent where none did. */
	cutShort: z.number().int().positive().optional(),
	/** Why it is not ranked, if it failed or ran out of time. */
	failed: z.string().optional(),
});

/** How close to the minimum of its objective a solver came. */
export const solverReport = z.object({
	iterations: z.number().int(),
	/** Whether it ended by its tolerance. */
	converged: z.boolean(),
	/** The largest slope left. */
	slope: z.number(),
	/** Duality gap: the objective is at most so far above its minimum; absent where the objective has none. */
	gap: z.number().optional(),
});
export type SolverReport = z.infer<typeof solverReport>;

/** Record kind `run`: everything needed to explain and repeat a training. */
export const runRecord = z.object({
	datasetId: z.string(),
	recipe,
	split: splitParams.extend({
		/** What `auto` came to; `none`: nothing was divided, since the model was imported. */
		used: z.enum(['time', 'group', 'random', 'none']),
		/** Column that decided, if any. */
		by: z.string().optional(),
		/** First and last moment of the test rows when split by time (ISO). */
		testStart: z.string().optional(),
		testEnd: z.string().optional(),
		rows: z.object({ train: z.number(), validation: z.number(), test: z.number(), none: z.number() }),
		/** The rows of `none`, and before them those that steps had dropped, by reason. */
		leftOut: z.array(leftOut).optional(),
		/** Rule by which rows were divided; absent: 1. */
		rule: z.number().int().optional(),
		copies: splitCopies.optional(),
		/** Digest of the artifact that holds one byte a row of the dataset (`PART`); in runs of before, of those rows that the steps kept. */
		artifact: z.string(),
	}),
	/**
	 * Where an imported model came from: the program, its own word for what was minimised, and the digest of its file. No row of `datasetId`,
	 * the example table, is known to have been learned from.
	 */
	imported: z
		.object({ program: z.string(), objective: z.string(), trees: z.number().int(), file: z.string(), fileName: z.string() })
		.optional(),
	task: taskType,
	target: z.string(),
	learner: z.string(),
	params: dictionaryOf(z.unknown()),
	seed: z.number().int(),
	metrics: metricValues,
	/** Metric that ranks: `auc`, `logLoss`, `rmse`, ... */
	primary: z.string(),
	/** What candidates of the leaderboard were ranked by, where it is another than `primary`. */
	rankedBy: z.string().optional(),
	curve: z.array(curvePoint),
	/** What the curve shows, by a metric's name or `loss`; absent in runs of before, whose learners tell (`curveMetricOf`). */
	curveMetric: z.string().optional(),
	leaderboard: z.array(leaderboardRow).optional(),
	crossValidation: z.object({ folds: z.number(), metrics: dictionaryOf(z.array(z.number())) }).optional(),
	seconds: z.number(),
	stages: z.array(z.object({ name: z.string(), seconds: z.number() })),
	backend: z.string(),
	/** Absent for learners without a solver, and in runs of before. */
	solver: solverReport.optional(),
	codeVersion: z.string(),
	notes: z.array(z.object({ code: z.string(), text: z.string() })),
	/** Digest of the model package artifact. */
	model: z.string(),
	/** Digest of the sketch of the training rows (lib/monitor), the reference for drift. */
	reference: z.string().optional(),
	peakMemoryBytes: z.number().optional(),
});
export type RunRecord = z.infer<typeof runRecord>;

/** Codes of notes that say that a model may know no more than guessing does. */
export const DOUBTS = { guessing: 'learn.no_better_than_guessing', unseen: 'learn.not_looked_again' } as const;

/** What a run says against its own figures; nothing of most. */
export const doubtIn = ({ notes }: Pick<RunRecord, 'notes'>): string | undefined =>
	notes.find(({ code }) => code === DOUBTS.guessing || code === DOUBTS.unseen)?.text;
