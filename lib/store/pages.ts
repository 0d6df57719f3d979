import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MlopsError } from '../domain/errors.js';
import { digestOf } from '../domain/json.js';
import type { Pages, PageLot, Store } from './contract.js';
import { diskError, freshName, type Files } from './files.js';

/** A lot to which nothing was added for so long is thrown away. */
const KEPT_MS = 7 * 24 * 3600 * 1000;
/** What `freshName` makes; files of others are left alone. */
const OURS = /^[0-9a-f]{24}\.ndjson$/;
/** Others that add to a lot at the same moment, again and again, at most. */
const TRIES = 1_000;

/** What is told of a lot, in the table of progress; `next` is the number of its next page. */
interface Head {
	name: string;
	id: string;
	startedAt: string;
	next: number;
	rows: number;
	/** Columns in the order in which they came, with the number of pages that have them. */
	columns: Array<[name: string, pages: number]>;
	/** Pages with rows. */
	filled: number;
}

interface Entry {
	number: number;
	rows: number;
	/** Name of its file; a page without rows has none. */
	file?: string;
	/** Columns that were counted to the lot; absent in entries of before. */
	columns?: string[];
}

const HEADS = 'pages:';
const ENTRIES = 'page:';
const keyOf = (name: string, id: string): string => digestOf({ name, id }).slice(0, 24);
const lotOf = ({ name, id, startedAt, rows, columns, filled }: Head, lastAt: string): PageLot => ({
	name,
	id,
	startedAt,
	lastAt,
	rows,
	columns,
	filled,
});

type Progress = Pick<Store, 'progress' | 'setProgress' | 'swapProgress' | 'clearProgress' | 'progressUnder'>;

/** The lots that there are, and how they go. */
function createLots(folder: string, files: Files, { progress, swapProgress, clearProgress, progressUnder }: Progress) {
	const entries = async (lot: string) =>
		(await progressUnder(`${ENTRIES}${lot}:`))
			.map(({ key, progress: entry }) => ({ key, ...(entry as Entry) }))
			.sort((a, b) => a.number - b.number);
	const all = async (): Promise<PageLot[]> => (await progressUnder(HEADS)).map(({ progress: head, at }) => lotOf(head as Head, at));

	async function discard(name: string, id: string, pages?: ReadonlySet<string>): Promise<void> {
		const lot = keyOf(name, id);
		let left = 0;
		for (const { key, file } of await entries(lot)) {
			if (pages && !pages.has(key)) {
				left++;
				continue;
			}
			await clearProgress(key);
			if (file !== undefined) await files.remove(join(folder, file));
		}
		if (left === 0) await clearProgress(HEADS + lot);
	}

	/** Throws away what nobody goes on with: old lots, and files that are no page. */
	async function sweep(): Promise<void> {
		const before = Date.now() - KEPT_MS;
		for (const { name, id, lastAt } of await all()) if (Date.parse(lastAt) < before) await discard(name, id);
		const named = new Set((await progressUnder(ENTRIES)).map(({ progress: entry }) => (entry as Entry).file));
		for (const file of await readdir(folder).catch(() => [] as string[])) {
			if (!OURS.test(file) || named.has(file)) continue;
			const found = await stat(join(folder, file)).catch(() => undefined);
			if (found && found.mtimeMs < before) await files.remove(join(folder, file));
		}
	}

	/** Counts a page to its lot, which begins with the first one; a page that was there already keeps its number. */
	async function count({ name, id, rows, columns }: Parameters<Pages['add']>[0], there?: Entry): Promise<[Head, Entry]> {
		const lot = keyOf(name, id);
		for (let tries = 0; tries < TRIES; tries++) {
			const head = (await progress(HEADS + lot)) as Head | undefined;
			if (head === undefined) await sweep();
			const from = head ?? { name, id, startedAt: new Date().toISOString(), next: 1, rows: 0, columns: [], filled: 0 };
			// A page that comes again is counted as it is now, and no more as it was.
			const before = there && (there.columns ?? columns);
			const known = new Map(from.columns);
			for (const column of before ?? []) known.set(column, (known.get(column) ?? 0) - 1);
			for (const column of columns) known.set(column, (known.get(column) ?? 0) + 1);
			const filled = (entry: { rows: number } | undefined): number => Number((entry?.rows ?? 0) > 0);
			const to: Head = {
				...from,
				next: there ? from.next : from.next + 1,
				rows: from.rows + rows - (there?.rows ?? 0),
				columns: [...known].filter(([, pages]) => pages > 0),
				filled: from.filled + filled({ rows }) - filled(there),
			};
			if (await swapProgress(HEADS + lot, head, to)) return [to, { number: there?.number ?? from.next, rows, columns: [...columns] }];
		}
		throw new MlopsError('store.conflict', `Too many add pages to "${name}" at the same time.`, { remedy: 'Run again.' });
	}

	return { entries, all, discard, count };
}

/**
 * Pages of rows that wait to become a dataset: a file each in the folder `pages` of the store, and a line each in its table of progress,
 * written after the file has reached the disk. A line decides: a file without one is no page, and is swept.
 */
export function createPages(home: string, files: Files, table: Progress): Pages {
	const { progress, setProgress, swapProgress } = table;
	const folder = join(home, 'pages');
	const lots = createLots(folder, files, table);
	return {
		lots: lots.all,
		discard: lots.discard,
		async add(page) {
			const lot = keyOf(page.name, page.id);
			const key = `${ENTRIES}${lot}:${page.key}`;
			const there = (await progress(key)) as Entry | undefined;
			const file = page.rows > 0 ? `${freshName()}.ndjson` : undefined;
			try {
				if (file !== undefined) {
					await files.makeFolder(folder);
					await files.syncFile(page.path);
					await files.rename(page.path, join(folder, file));
					await files.syncFolder(folder);
					await files.syncFolder(home);
				}
			} catch (error) {
				throw diskError(error);
			}
			const [head, entry] = await lots.count(page, there);
			await setProgress(key, file === undefined ? entry : { ...entry, file });
			// Somebody made a dataset of the others at this very moment: the page is the first of what comes next.
			if ((await progress(HEADS + lot)) === undefined) await swapProgress(HEADS + lot, undefined, head);
			if (there?.file !== undefined) await files.remove(join(folder, there.file));
			return { number: entry.number, lot: lotOf(head, new Date().toISOString()) };
		},
		async read(name, id) {
			const entries = await lots.entries(keyOf(name, id));
			const paths: string[] = [];
			for (const { file, number } of entries) {
				if (file === undefined) continue;
				const path = join(folder, file);
				if (!(await stat(path).catch(() => undefined)))
					throw new MlopsError('store.not_found', `Page ${number} of "${name}" is not in the store any more.`, {
						found: file,
						remedy: 'Read the pages again from the first one on.',
					});
				paths.push(path);
			}
			return { paths, keys: entries.map(({ key }) => key), rows: entries.reduce((sum, { rows }) => sum + rows, 0) };
		},
	};
}
