import { z } from 'zod/v4';

export const histogramPair = z.object({
	/** Bin labels (categories) or edges (numbers: one more than the counts). */
	labels: z.array(z.string()).optional(),
	edges: z.array(z.number()).optional(),
	reference: z.array(z.number()),
	current: z.array(z.number()),
});

export const columnDrift = z.object({
	column: z.string(),
	type: z.enum(['numeric', 'categorical']),
	test: z.string(),
	/** The statistic that decides: a distance or a p-value, as `threshold` says. */
	score: z.number(),
	threshold: z.number(),
	drifted: z.boolean(),
	pValue: z.number().optional(),
	/** Sampling floor taken off the distance in the default mode. */
	floor: z.number().optional(),
	missing: z.object({ reference: z.number(), current: z.number(), drifted: z.boolean(), pValue: z.number() }),
	/**
	 * Values that the reference lacks: their share of the current rows with a value, the most frequent of them, and whether they are drift by
	 * themselves.
	 */
	newValues: z.object({ share: z.number(), values: z.array(z.string()), drifted: z.boolean() }).optional(),
	histogram: histogramPair.optional(),
	reason: z.string(),
});
export type ColumnDrift = z.infer<typeof columnDrift>;

/** What reading the current rows by a model's signature found in a column, in rows. */
export const columnReading = z.object({
	column: z.string(),
	/** Cells that are no value of this column: they count as missing. */
	unread: z.number().int(),
	/** Values that no training row had. */
	unknown: z.number().int(),
	/** Numbers and dates far outside of the training data. */
	outside: z.number().int(),
	examples: z.array(z.string()),
});
export type ColumnReading = z.infer<typeof columnReading>;

/** A column from which nothing comes any more: it is gone, holds no value or next to none, or the same one of many in every row. */
export const deadColumn = z.object({ column: z.string(), how: z.enum(['gone', 'empty', 'stuck']) });

/** Record kind `drift`. */
export const driftRecord = z.object({
	mode: z.enum(['default', 'evidently']),
	reference: z.object({ description: z.string(), rows: z.number().int(), id: z.string().optional() }),
	current: z.object({ description: z.string(), rows: z.number().int(), id: z.string().optional() }),
	columns: z.array(columnDrift),
	driftedColumns: z.array(z.string()),
	/** Dead columns make the dataset drift by themselves, however few they are. */
	dead: z.array(deadColumn).optional(),
	/** Columns of the reference that were not compared, and why. */
	notCompared: z.array(z.object({ column: z.string(), why: z.string() })).optional(),
	/** Columns with cells that could not be read, are unknown to the model or lie far outside. */
	reading: z.array(columnReading).optional(),
	/** Requests in the prediction log that got an error instead of an answer; they are not among the rows. */
	failedRequests: z.number().int().optional(),
	/** Share of columns that drifted, and the share that makes the dataset drift. */
	share: z.number(),
	shareThreshold: z.number(),
	drifted: z.boolean(),
	/** One sentence for a business user. */
	summary: z.string(),
	modelName: z.string().optional(),
	seconds: z.number(),
	notes: z.array(z.object({ code: z.string(), text: z.string() })),
});
export type DriftRecord = z.infer<typeof driftRecord>;
