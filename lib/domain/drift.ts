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
	histogram: histogramPair.optional(),
	reason: z.string(),
});
export type ColumnDrift = z.infer<typeof columnDrift>;

/** Record kind `drift`. */
export const driftRecord = z.object({
	mode: z.enum(['default', 'evidently']),
	reference: z.object({ description: z.string(), rows: z.number().int(), id: z.string().optional() }),
	current: z.object({ description: z.string(), rows: z.number().int(), id: z.string().optional() }),
	columns: z.array(columnDrift),
	driftedColumns: z.array(z.string()),
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
