import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { MlopsError } from '../domain/errors.js';
import type { ItemPages } from '../domain/item.js';
import type { PageLot, Store } from '../store/contract.js';
import type { Session } from './session.js';

/** Names that a sentence holds. */
const NAMED = 5;

export interface PageRequest {
	/** Name of the dataset that the pages are to become, and what they belong to. */
	name: string;
	id: string;
	/** Tells the page from the others: the same key takes the place of the page before. */
	key: string;
	/** Name of a file that was handed over through the store, one JSON object a line; it is gone afterwards. */
	handedOver: string;
	rows: number;
	/** Fields that some row has. */
	columns: readonly string[];
}

/** Keeps a page until a dataset is made of all of its lot. @throws `store.full`, `store.unwritable` */
export async function keepPage(
	{ store }: Pick<Session, 'store'>,
	{ handedOver, ...page }: PageRequest,
): Promise<{ pages: ItemPages; notes: string[] }> {
	try {
		const others = (await store.pages.lots()).filter(({ name, id }) => name === page.name && id !== page.id);
		const { number, lot } = await store.pages.add({ ...page, path: await store.artifacts.handedOver(handedOver) });
		return {
			pages: { storeId: store.id, name: page.name, id: page.id, page: number, rows: page.rows, rowsSoFar: lot.rows },
			notes: [...(number === 1 ? others.map(unfinished) : []), ...differences(page, lot)],
		};
	} finally {
		await store.artifacts.discard(handedOver).catch(() => {});
	}
}

const named = (names: readonly string[]): string =>
	names
		.slice(0, NAMED)
		.map((name) => `"${name}"`)
		.join(', ') + (names.length > NAMED ? ` and ${names.length - NAMED} more` : '');

const unfinished = ({ name, id, rows, lastAt }: PageLot): string =>
	`Pages for "${name}" that belong to "${id}" (${rows.toLocaleString('en')} rows, the last at ${lastAt}) have not become a dataset. They ` +
	'are no part of these pages, and are thrown away a week after the last of them came.';

/** What a page has that those before it lack, and the other way round. */
function differences({ columns, rows }: Pick<PageRequest, 'columns' | 'rows'>, { columns: known, filled }: PageLot): string[] {
	if (rows === 0 || filled === 1) return [];
	const here = new Set(columns);
	const fresh = known.filter(([name, pages]) => pages === 1 && here.has(name)).map(([name]) => name);
	const absent = known.filter(([name]) => !here.has(name)).map(([name]) => name);
	return [
		...(fresh.length ? [`This page is the first one with ${named(fresh)}; in the rows before it that is missing.`] : []),
		...(absent.length ? [`This page lacks ${named(absent)}; in its rows that is missing.`] : []),
	];
}

/** The pages of a lot as one file, and what they do not have in common. @throws `data.empty` */
export async function pagesTogether(
	{ pages }: Pick<Store, 'pages'>,
	name: string,
	id: string,
	temporary: (extension: string) => Promise<string>,
): Promise<{ path: string; keys: string[]; notes: Array<{ code: string; text: string }> }> {
	const { paths, keys, rows } = await pages.read(name, id);
	const lots = await pages.lots();
	if (rows === 0) throw noRows(name, id, keys.length, lots);
	const path = await temporary('ndjson');
	for (const page of paths) await pipeline(createReadStream(page), createWriteStream(path, { flags: 'a' }));
	const lot = lots.find((l) => l.name === name && l.id === id);
	const some = lot?.columns.filter(([, count]) => count < lot.filled) ?? [];
	const lacking = some.slice(0, NAMED).map(([column, count]) => `"${column}" stands in ${count} of them`);
	const more = some.length > NAMED ? ` and ${some.length - NAMED} more in some` : '';
	const text =
		`The ${lot?.filled} pages do not have the same columns: ${lacking.join(', ')}${more}; ` + 'in the rows of the others it is missing.';
	return { path, keys, notes: some.length ? [{ code: 'data.pages_differ', text }] : [] };
}

function noRows(name: string, id: string, count: number, lots: readonly PageLot[]): MlopsError {
	const others = lots.filter((l) => l.rows > 0 && (l.name !== name || l.id !== id));
	return new MlopsError(
		'data.empty',
		count > 0 ? `None of the ${count} pages for "${name}" has a row.` : `No page was kept for "${name}" that belongs to "${id}".`,
		{
			expected: 'pages that MLOps Ingest kept before, under the same dataset name',
			...(others.length
				? {
						found: `pages for ${others
							.slice(0, NAMED)
							.map((l) => `"${l.name}" of "${l.id}"`)
							.join(', ')}`,
					}
				: {}),
			remedy: 'Let MLOps Ingest keep each page in the loop first, with the same dataset name, in the same execution.',
		},
	);
}
