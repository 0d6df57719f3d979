import { z } from 'zod/v4';

/** Most columns that may be named. */
export const MOST_CHANGEABLE = 20;

/** What would change an answer: which columns may change, and to what end. */
export const changesAsked = z.strictObject({
	/** Columns that a person may change. */
	columns: z.array(z.string()).min(1).max(MOST_CHANGEABLE),
	/** The answer that is wished: a class, or a limit such as `>= 250` or `<= 12.5` for numbers. Of classes by default any other one. */
	wish: z.union([z.string(), z.number(), z.boolean()]).optional(),
});
export type ChangesAsked = z.infer<typeof changesAsked>;

/** One way to another answer, or the sentence that there is none. */
export const changedAnswer = z.object({
	text: z.string(),
	/** The values that are other ones, by column; absent where no way was found. */
	set: z.record(z.string(), z.unknown()).optional(),
	prediction: z.union([z.string(), z.number(), z.boolean()]).optional(),
	probability: z.number().optional(),
});
export type ChangedAnswer = z.infer<typeof changedAnswer>;
