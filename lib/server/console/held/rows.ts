import { setImmediate as breathe } from 'node:timers/promises';
import type { PlacedRecord, RecordKind, Store } from '../../../store/contract.js';
import { cursorAt, placeIn, refusedCursor, type Order, type Page, type PageQuery } from '../paging.js';

/** Records read in one go; what is between two may be done meanwhile. */
const PIECE = 250;
/** Orders that are kept. */
const MOST_ORDERS = 12;

/** What a list shows of a record, and its place among all records. */
export interface Row {
	seq: number;
	id: string;
}

/** What lists show of all records of a kind, in memory: records never change, so each is read once, and what was added since is read on. */
export interface HeldRows<R extends Row> {
	/** All, the oldest first, as the store holds them now. */
	read(): Promise<readonly R[]>;
	/** One that was read. */
	get(id: string): R | undefined;
	/** All that were read in a rising order; `key` names the order, whose values never change. Rows without a value are not in it. */
	ordered(key: string, value: (row: R) => number | string | undefined): readonly R[];
}

export function holdRows<K extends RecordKind, R extends Row>(store: Store, kind: K, rowOf: (record: PlacedRecord<K>) => R): HeldRows<R> {
	const rows: R[] = [];
	const byId = new Map<string, R>();
	const orders = new Map<string, { upTo: number; rows: R[] }>();
	let reading: Promise<void> = Promise.resolve();

	async function readOn(): Promise<void> {
		for (;;) {
			const found = await store.page(kind, { after: rows.at(-1)?.seq ?? 0, limit: PIECE });
			for (const record of found) {
				const row = rowOf(record);
				rows.push(row);
				byId.set(row.id, row);
			}
			if (found.length < PIECE) return;
			await breathe();
		}
	}

	return {
		async read() {
			// One after the other: who asks now sees what was added until now.
			const next = reading.then(readOn);
			reading = next.catch(() => {});
			await next;
			return rows;
		},
		get: (id) => byId.get(id),
		ordered(key, value) {
			const known = orders.get(key);
			orders.delete(key);
			const order = known ?? { upTo: 0, rows: [] };
			const news = rows.slice(order.upTo).flatMap((row) => {
				const at = value(row);
				return at === undefined || Number.isNaN(at) ? [] : [{ at, row }];
			});
			news.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.row.seq - b.row.seq));
			const merged = order.rows.length === 0 ? news.map(({ row }) => row) : merge(order.rows, news, value);
			orders.set(key, { upTo: rows.length, rows: merged });
			for (const [oldest] of orders) {
				if (orders.size <= MOST_ORDERS) break;
				orders.delete(oldest);
			}
			return merged;
		},
	};
}

/** Two rising lists as one; rows of the first are older, so they come first where values are alike. */
function merge<R extends Row>(
	old: R[],
	news: ReadonlyArray<{ at: number | string; row: R }>,
	value: (row: R) => number | string | undefined,
): R[] {
	if (news.length === 0) return old;
	const merged: R[] = [];
	let next = 0;
	for (const row of old) {
		while (next < news.length && news[next].at < value(row)!) merged.push(news[next++].row);
		merged.push(row);
	}
	return [...merged, ...news.slice(next).map(({ row }) => row)];
}

/** How a list of held rows is asked for. */
export interface Asked<R> {
	list: string;
	asked: PageQuery & Record<string, unknown>;
	order: Order;
	/** The order's name and value; absent: as they were written. */
	sort?: { key: string; value(row: R): number | string | undefined };
	keep(row: R): boolean;
}

/**
 * A page of held rows. A cursor holds the last row that was shown and the newest one when the first page was: rows that came later are not
 * on the pages behind it, so none is skipped or shown twice, and the total stays what it was. Rows without the value that is sorted by
 * come last, whatever the order.
 */
export async function heldPage<R extends Row>(held: HeldRows<R>, { list, asked, order, sort, keep }: Asked<R>): Promise<Page<R>> {
	const rows = await held.read();
	const place = placeIn(list, asked);
	const [top, last] = place ?? [rows.at(-1)?.seq ?? 0, null];
	if (typeof top !== 'number' || (last !== null && typeof last !== 'number')) throw refusedCursor();
	const sorted = sort ? held.ordered(sort.key, sort.value) : rows;
	const without =
		sort && sorted.length < rows.length ? rows.filter((row) => sort.value(row) === undefined || Number.isNaN(sort.value(row))) : [];
	const entries: R[] = [];
	let total = 0;
	let passed = last === null;
	let more = false;
	const look = (row: R): void => {
		if (row.seq > top) return;
		const here = passed;
		if (row.seq === last) passed = true;
		if (!keep(row)) return;
		total++;
		if (!here) return;
		if (entries.length < asked.limit) entries.push(row);
		else more = true;
	};
	for (const part of [sorted, without]) {
		if (order === 'asc') for (const row of part) look(row);
		else for (let i = part.length - 1; i >= 0; i--) look(part[i]);
	}
	if (!passed) throw refusedCursor();
	return { entries, ...(more ? { next: cursorAt(list, asked, [top, entries.at(-1)!.seq]) } : {}), total };
}
