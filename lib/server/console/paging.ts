import { z } from 'zod/v4';

/** Most entries that a page may have. */
const LARGEST = 200;

/** What each list is asked with; lists add their filters. */
export const pageQuery = z.object({
	limit: z.coerce.number().int().min(1).max(LARGEST).default(50).meta({ description: 'Entries of a page' }),
	cursor: z.string().max(500).optional().meta({ description: '`next` of the page before' }),
});

/** A page of a list: the newest first unless it says otherwise. */
export const pageOf = <T extends z.ZodType>(entry: T) =>
	z.object({
		entries: z.array(entry),
		/** Hand it back as `cursor` for the next page; absent at the end. */
		next: z.string().optional(),
		/** Of all pages, where it is known without looking at each. */
		total: z.number().int().optional(),
	});
