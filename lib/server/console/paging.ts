import { z } from 'zod/v4';
import { MlopsError } from '../../domain/errors.js';
import { digestOf } from '../../domain/json.js';

/** Most entries that a page may have. */
const LARGEST = 200;

/** What each list is asked with; lists add their filters. */
export const pageQuery = z.object({
	limit: z.coerce.number().int().min(1).max(LARGEST).default(50).meta({ description: 'Entries of a page' }),
	cursor: z.string().max(500).optional().meta({ description: '`next` of the page before' }),
});
export type PageQuery = z.infer<typeof pageQuery>;

export const ORDERS = ['asc', 'desc'] as const;
export type Order = (typeof ORDERS)[number];

/** A page of a list: the newest first unless it says otherwise. */
export const pageOf = <T extends z.ZodType>(entry: T) =>
	z.object({
		entries: z.array(entry),
		/** Hand it back as `cursor` for the next page; absent at the end. */
		next: z.string().optional(),
		/** Of all pages, where it is known without looking at each. */
		total: z.number().int().optional(),
	});

export interface Page<T> {
	entries: T[];
	next?: string;
	total?: number;
}

const cursorSchema = z.tuple([z.string(), z.array(z.union([z.number(), z.string(), z.null()])).max(4)]);

/** What a cursor is about: the list and all that it was asked with but for the page itself. */
const questionOf = (list: string, asked: Record<string, unknown>): string => {
	const { limit: _limit, cursor: _cursor, ...question } = asked;
	return digestOf({ list, ...question }).slice(0, 12);
};

/** A cursor of a list that was asked this. It holds places of what never changes, so that it stays right while records are added. */
export const cursorAt = (list: string, asked: Record<string, unknown>, place: Array<number | string | null>): string =>
	Buffer.from(JSON.stringify([questionOf(list, asked), place])).toString('base64url');

/** The place that a cursor holds, if there is one. @throws `input.invalid` where it is none of ours, or of another question */
export function placeIn(list: string, asked: PageQuery & Record<string, unknown>): Array<number | string | null> | undefined {
	if (asked.cursor === undefined) return undefined;
	let read: unknown;
	try {
		read = JSON.parse(Buffer.from(asked.cursor, 'base64url').toString('utf8'));
	} catch {
		throw refusedCursor();
	}
	const { success, data } = cursorSchema.safeParse(read);
	if (!success || data[0] !== questionOf(list, asked)) throw refusedCursor();
	return data[1];
}

export const refusedCursor = (): MlopsError =>
	new MlopsError('input.invalid', 'The cursor does not belong to this list as it is asked now.', {
		remedy: 'Begin with the first page: leave "cursor" out.',
	});

/** A page of entries that are told apart by their names, sorted as they were when the first page was asked for (`top`). */
export function pageOfNames<E>(
	list: string,
	asked: PageQuery & Record<string, unknown>,
	{ top, last }: { top: number; last?: number | string | null },
	sorted: readonly E[],
	nameOf: (entry: E) => string,
): Page<E> {
	const from = last === undefined ? 0 : sorted.findIndex((entry) => nameOf(entry) === last) + 1;
	if (last !== undefined && from === 0) throw refusedCursor();
	const entries = sorted.slice(from, from + asked.limit);
	const more = from + asked.limit < sorted.length;
	return { entries, total: sorted.length, ...(more ? { next: cursorAt(list, asked, [top, nameOf(entries.at(-1)!)]) } : {}) };
}

/** The next entries of a list that the store pages by places (the newest first). `read` gives at most so many before a place. */
export async function storedPage<T extends { seq: number }, E>(
	list: string,
	asked: PageQuery & Record<string, unknown>,
	read: (before: number | undefined, limit: number) => Promise<T[]>,
	entryOf: (found: T) => E,
): Promise<Page<E>> {
	const place = placeIn(list, asked);
	if (place && typeof place[0] !== 'number') throw refusedCursor();
	// One more than is shown says whether there is a next page.
	const found = await read(place?.[0] as number | undefined, asked.limit + 1);
	const shown = found.slice(0, asked.limit);
	return {
		entries: shown.map(entryOf),
		...(found.length > asked.limit ? { next: cursorAt(list, asked, [shown.at(-1)!.seq]) } : {}),
	};
}
