import { setImmediate as breathe } from 'node:timers/promises';
import type { PlacedRecord, RecordKind, Store } from '../../../store/contract.js';
import { cursorAt, placeIn, refusedCursor, type Order, type Page, type PageQuery } from '../paging.js';

/** Records read in one go; what is between two may be done meanwhile. */
const PIECE = 250;
/** Views that are kept, of questions that are asked again and again, or page by page. */
const MOST_VIEWS = 48;

/** What a list shows of a record, and its place among all records. */
export interface Row {
	seq: number;
	id: string;
}

/** What is asked of each row: whether it is meant (all are, where nothing is said), and what they are sorted by (else as written). */
export interface Question<R> {
	keep?(row: R): boolean;
	value?(row: R): number | string | undefined;
}

/** Rows that are meant: as they were written, in a rising order, and those without a value to be sorted by. */
export interface View<R> {
	written: readonly R[];
	sorted: readonly R[];
	without: readonly R[];
}

/** What lists show of all records of a kind, in memory: records never change, so each is read once, and what was added since is read on. */
export interface HeldRows<R extends Row> {
	/** All, the oldest first, as the store holds them now. */
	read(): Promise<readonly R[]>;
	/** The same before anybody asks: after each piece it waits for `rest`, unless somebody asks meanwhile. */
	readAhead(rest: () => Promise<void>): Promise<void>;
	/** One that was read. */
	get(id: string): R | undefined;
	/** One by itself, whether all were read or not. */
	find(id: string): Promise<R | undefined>;
	/** All were read once, and stay here. Until then pages that want the newest alone do without. */
	complete(): boolean;
	/** The newest ones before a place, the newest first, and how many there are up to one, without the others. */
	newest(limit: number, before?: number): Promise<R[]>;
	count(until?: number): Promise<number>;
	/** Those that a question keeps, in its order; `key` names the question, whose answer about a row never changes. */
	view(key: string, question: Question<R>): View<R>;
}

export function holdRows<K extends RecordKind, R extends Row>(store: Store, kind: K, rowOf: (record: PlacedRecord<K>) => R): HeldRows<R> {
	const rows: R[] = [];
	const byId = new Map<string, R>();
	const views = new Map<string, View<R> & { upTo: number }>();
	let reading: Promise<void> = Promise.resolve();
	let complete = false;
	let asked = 0;
	let hurry = Promise.withResolvers<void>();

	async function readOn(rest: () => Promise<void>): Promise<void> {
		for (;;) {
			const found = await store.page(kind, { after: rows.at(-1)?.seq ?? 0, limit: PIECE });
			for (const record of found) {
				const row = rowOf(record);
				rows.push(row);
				byId.set(row.id, row);
			}
			if (found.length < PIECE) {
				complete = true;
				return;
			}
			await (asked > 0 ? breathe() : Promise.race([rest(), hurry.promise]));
		}
	}

	/** One after the other: who asks now sees what was added until now. */
	async function next(rest: () => Promise<void>): Promise<void> {
		const own = reading.then(async () => await readOn(rest));
		reading = own.catch(() => {});
		await own;
	}

	return {
		async read() {
			asked++;
			hurry.resolve();
			try {
				await next(breathe);
			} finally {
				if (--asked === 0) hurry = Promise.withResolvers();
			}
			return rows;
		},
		readAhead: next,
		get: (id) => byId.get(id),
		async find(id) {
			const known = byId.get(id);
			if (known) return known;
			const record = await store.get(kind, id).catch(() => undefined);
			return record && rowOf({ ...record, seq: 0 });
		},
		complete: () => complete,
		newest: async (limit, before) => (await store.page(kind, { limit, ...(before === undefined ? {} : { before }) })).map(rowOf),
		count: async (until) => await store.count(kind, until === undefined ? {} : { until }),
		view(key, { keep, value }) {
			const known = views.get(key) ?? { upTo: 0, written: [], sorted: [], without: [] };
			views.delete(key);
			const news = keep ? rows.slice(known.upTo).filter(keep) : rows.slice(known.upTo);
			const written = keep ? (news.length ? [...known.written, ...news] : known.written) : rows;
			const view = { upTo: rows.length, written, ...(value ? inOrder(known, news, value) : { sorted: written, without: [] }) };
			views.set(key, view);
			for (const [oldest] of views) {
				if (views.size <= MOST_VIEWS) break;
				views.delete(oldest);
			}
			return view;
		},
	};
}

function inOrder<R extends Row>(known: View<R>, news: readonly R[], value: (row: R) => number | string | undefined) {
	if (news.length === 0) return { sorted: known.sorted, without: known.without };
	const without: R[] = [];
	const placed: Array<{ at: number | string; row: R }> = [];
	for (const row of news) {
		const at = value(row);
		if (at === undefined || Number.isNaN(at)) without.push(row);
		else placed.push({ at, row });
	}
	placed.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.row.seq - b.row.seq));
	const sorted = known.sorted.length === 0 ? placed.map(({ row }) => row) : merge(known.sorted, placed, value);
	return { sorted, without: [...known.without, ...without] };
}

/** Two rising lists as one; rows of the first are older, so they come first where values are alike. */
function merge<R extends Row>(
	old: readonly R[],
	news: ReadonlyArray<{ at: number | string; row: R }>,
	value: (row: R) => number | string | undefined,
): R[] {
	const merged: R[] = [];
	let next = 0;
	for (const row of old) {
		while (next < news.length && news[next].at < value(row)!) merged.push(news[next++].row);
		merged.push(row);
	}
	return [...merged, ...news.slice(next).map(({ row }) => row)];
}

/** How a list of held rows is asked for. */
export interface Asked<R> extends Question<R> {
	list: string;
	asked: PageQuery & Record<string, unknown>;
	/** Besides what was asked: what else decides which rows are meant, such as who asks. */
	also?: string;
	order: Order;
}

/**
 * A page of held rows. A cursor holds the last row that was shown and the newest one when the first page was: rows that came later are not
 * on the pages behind it, so none is skipped or shown twice, and the total stays what it was. Rows without the value that is sorted by
 * come last, whatever the order.
 */
export async function heldPage<R extends Row>(
	held: HeldRows<R>,
	{ list, asked, also = '', order, ...question }: Asked<R>,
): Promise<Page<R>> {
	const place = placeIn(list, asked);
	if (!held.complete() && !question.keep && !question.value && order === 'desc') return await newestPage(held, list, asked, place);
	const rows = await held.read();
	const [top, last] = place ?? [rows.at(-1)?.seq ?? 0, null];
	if (typeof top !== 'number' || (last !== null && typeof last !== 'number')) throw refusedCursor();
	const { limit: _limit, cursor: _cursor, order: _order, ...meant } = asked;
	const { written, sorted, without } = held.view(JSON.stringify([list, meant, also]), question);
	const entries: R[] = [];
	let passed = last === null;
	let more = false;
	for (const part of [sorted, without]) {
		const { length } = part;
		for (let i = 0; i < length && !more; i++) {
			const row = part[order === 'asc' ? i : length - 1 - i];
			if (!passed) passed = row.seq === last;
			else if (row.seq > top) continue;
			else if (entries.length < asked.limit) entries.push(row);
			else more = true;
		}
	}
	if (!passed) throw refusedCursor();
	let later = 0;
	while (later < written.length && written[written.length - 1 - later].seq > top) later++;
	const next = more ? { next: cursorAt(list, asked, [top, entries.at(-1)!.seq]) } : {};
	return { entries, ...next, total: written.length - later };
}

/** The same of all rows, the newest first, while not all of them are in memory: somebody who comes first does not wait for that. */
async function newestPage<R extends Row>(
	held: HeldRows<R>,
	list: string,
	asked: Asked<R>['asked'],
	place: ReturnType<typeof placeIn>,
): Promise<Page<R>> {
	const last = place?.[1] ?? undefined;
	if (last !== undefined && typeof last !== 'number') throw refusedCursor();
	const found = await held.newest(asked.limit + 1, last);
	const entries = found.slice(0, asked.limit);
	const top = typeof place?.[0] === 'number' ? place[0] : (entries[0]?.seq ?? 0);
	const more = found.length > asked.limit;
	return { entries, total: await held.count(top), ...(more ? { next: cursorAt(list, asked, [top, entries.at(-1)!.seq]) } : {}) };
}
