import { z } from 'zod/v4';

/** What an item says of the rows of a dataset. */
export const itemProfile = z.object({
	rows: z.number(),
	columns: z.number(),
	missingCells: z.number(),
	duplicates: z.number().optional(),
	quarantined: z.number(),
	warnings: z.array(z.object({ code: z.string(), column: z.string().optional(), text: z.string() })),
});

export type ItemProfile = z.infer<typeof itemProfile>;
