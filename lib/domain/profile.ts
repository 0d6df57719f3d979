import { z } from 'zod/v4';
import { columnRole, columnType, taskType } from './column.js';

/** Something a person should look at before training, with what to do about it. */
export const profileWarning = z.object({
	code: z.enum([
		'all_missing',
		'constant',
		'id_like',
		'high_cardinality',
		'many_missing',
		'leakage',
		'imbalance',
		'duplicates',
		'target_missing',
		'target_one_class',
		'mixed_values',
		'infinite_values',
		'future_dates',
		'personal',
		'label_spellings',
	]),
	column: z.string().optional(),
	/** On `leakage`: plain from the counts, so Clean leaves the column out. */
	certain: z.boolean().optional(),
	text: z.string(),
	/** What to do, an imperative sentence. */
	remedy: z.string(),
});
export type ProfileWarning = z.infer<typeof profileWarning>;

/** Shares at which quantiles are kept. */
export const QUANTILES = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99] as const;

/**
 * Cells that are no value of their column's type: they are gaps. Most frequent values first, 20 at most; `row` counts the rows of the
 * source from 1.
 */
export const strayCells = z.object({
	count: z.number().int(),
	cells: z.array(z.object({ value: z.string(), count: z.number().int(), row: z.number().int() })),
});
export type StrayCells = z.infer<typeof strayCells>;

export const columnProfile = z.object({
	name: z.string(),
	type: columnType,
	role: columnRole,
	/** Rows without a value. */
	missing: z.number().int(),
	/** Different values, counted exactly. */
	distinct: z.number().int(),
	/** Numbers, booleans (0/1) and dates (UTC milliseconds); finite values only. */
	min: z.number().optional(),
	max: z.number().optional(),
	mean: z.number().optional(),
	/** Standard deviation with n - 1. */
	std: z.number().optional(),
	/** Values at `QUANTILES`, linearly interpolated as numpy's default does. */
	quantiles: z.array(z.number()).optional(),
	/** Equal widths from min to max; one more edge than counts. */
	histogram: z.object({ edges: z.array(z.number()), counts: z.array(z.number().int()) }).optional(),
	/** Most frequent values, first the most frequent, ties by value. */
	top: z.array(z.object({ value: z.union([z.string(), z.number()]), count: z.number().int() })).optional(),
	strays: strayCells.optional(),
	warnings: z.array(z.string()),
});
export type ColumnProfile = z.infer<typeof columnProfile>;

/** What Ingest shows of a dataset. For people's eyes: a step fitted inside a fold never uses it. */
export const profileSchema = z.object({
	rows: z.number().int(),
	/** Evenly spaced rows that correlations and leaks were looked for in, where these are not all. */
	sampled: z.number().int().optional(),
	target: z.string().optional(),
	task: taskType.optional(),
	columns: z.array(columnProfile),
	/** Pearson correlation of up to 20 numeric columns; null where it is undefined. */
	correlations: z
		.object({ columns: z.array(z.string()), matrix: z.array(z.array(z.number().nullable())), rows: z.number().int() })
		.optional(),
	/** Rows that repeat an earlier row in all columns. */
	duplicates: z.number().int(),
	warnings: z.array(profileWarning),
});
export type Profile = z.infer<typeof profileSchema>;
