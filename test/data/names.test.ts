import { writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { frameRows } from '../../lib/data/preview.js';
import { loadFrame } from '../../lib/data/loadFrame.js';
import { quoteName, quoteText, withDuck } from '../../lib/data/duck.js';
import type { IngestInput } from '../../lib/data/ingest.js';
import { own } from '../../lib/domain/dictionary.js';
import { EVIL_NAMES } from '../evilNames.js';
import { workshop, type Workshop } from './helpers.js';

let shop: Workshop;
beforeAll(() => {
	shop = workshop();
});
afterAll(() => shop.close());

/** Names that stay as they are: blanks around a name are taken off, and names without regard to case are told apart. */
const fine = [
	...new Map(
		EVIL_NAMES.map((n) => n.trim())
			.filter(Boolean)
			.map((n) => [n.toLowerCase(), n]),
	).values(),
].filter((n) => n !== '__row');
const valueOf = (name: string, row: number) => `v${fine.indexOf(name)}_${row}`;
const json = (row: number) => `{${fine.map((n) => `${JSON.stringify(n)}:${JSON.stringify(valueOf(n, row))}`).join(',')}}`;

async function reads(input: IngestInput, names: readonly string[] = fine): Promise<string[]> {
	const r = await shop.ingest(input);
	expect(r.columns.map((c) => c.name)).toEqual(names);
	const rows = frameRows(await loadFrame(r.dataPath, { schema: r.columns }));
	expect(rows).toHaveLength(3);
	rows.forEach((row, i) => {
		for (const n of names) expect([n, own(row, n)]).toEqual([n, valueOf(n, i)]);
	});
	expect(r.profile.columns.map((c) => c.name)).toEqual(names);
	return r.notes.map((x) => x.code);
}
let n = 0;
const file = (content: string, name: string) => {
	const path = shop.path(`n${++n}.${name}`);
	writeFileSync(path, content);
	return { source: 'file', params: { path } };
};

test('JSON and JSON lines', async () => {
	await reads(file(`[${[0, 1, 2].map(json).join(',\n')}]`, 'json'));
	await reads(file([0, 1, 2].map(json).join('\n'), 'ndjson'));
});

test('items', async () => {
	await reads(
		{ source: 'items', params: { items: [0, 1, 2].map((i) => JSON.parse(json(i)) as Record<string, unknown>) } },
		Object.keys(JSON.parse(json(0)) as object),
	);
});

test('CSV', async () => {
	const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
	await reads(
		file([fine.map(cell).join(','), ...[0, 1, 2].map((i) => fine.map((name) => cell(valueOf(name, i))).join(','))].join('\n'), 'csv'),
	);
});

test('Parquet', async () => {
	const path = shop.path('names.parquet');
	await withDuck(
		{},
		async (duck) =>
			await duck.run(
				`COPY (${[0, 1, 2].map((i) => `SELECT ${fine.map((name) => `${quoteText(valueOf(name, i))} AS ${quoteName(name)}`).join(', ')}`).join(' UNION ALL ')}) TO ${quoteText(path)} (FORMAT parquet)`,
			),
	);
	await reads({ source: 'file', params: { path } });
});

test('SQL', async () => {
	const path = shop.path('names.db');
	const short = fine.filter((name) => name !== 'rowid');
	const database = new DatabaseSync(path);
	database.exec(`CREATE TABLE t (${short.map((name) => `${quoteName(name)} TEXT`).join(', ')})`);
	for (const i of [0, 1, 2])
		database.prepare(`INSERT INTO t VALUES (${short.map(() => '?').join(', ')})`).run(...short.map((name) => valueOf(name, i)));
	database.close();
	await reads({ source: 'sql', params: { database: 'sqlite', file: path, query: 'SELECT * FROM t ORDER BY 1' } }, short);
});

test('what a person says of a column by its name, whatever it is', async () => {
	const names = ['constructor', '__proto__', 'toString', 'x'];
	const rows = Array.from(
		{ length: 30 },
		(_, i) => `{${names.map((name) => `${JSON.stringify(name)}:"${name === 'toString' ? i % 7 : i}"`).join(',')}}`,
	);
	const r = await shop.ingest({
		...file(rows.join('\n'), 'ndjson'),
		roles: JSON.parse('{"__proto__":"id","constructor":"group"}') as Record<string, 'id'>,
		types: JSON.parse('{"__proto__":"text","toString":"category"}') as Record<string, 'text'>,
		target: 'x',
	});
	expect(r.columns.map((c) => [c.name, c.type, c.role])).toEqual([
		['constructor', 'integer', 'group'],
		['__proto__', 'text', 'id'],
		['toString', 'category', 'feature'],
		['x', 'integer', 'target'],
	]);
});

test('names that no column can have are repaired, and it is said', async () => {
	const odd = ['', 'a\0b', 'half\ud83d', '  ', 'x', 'X', 'x ', '__row', '__ROW'];
	const line = (i: number) => JSON.stringify(Object.fromEntries(odd.map((name, k) => [name, `${k}_${i}`])));
	for (const input of [
		file([0, 1, 2].map(line).join('\n'), 'ndjson'),
		file(`[${[0, 1, 2].map(line).join(',')}]`, 'json'),
		{ source: 'items', params: { items: [0, 1, 2].map((i) => JSON.parse(line(i)) as Record<string, unknown>) } },
	]) {
		const r = await shop.ingest(input);
		expect(r.columns.map((c) => c.name)).toEqual([
			'column_1',
			'a\ufffdb',
			'half\ufffd',
			'column_4',
			'x',
			'X_2',
			'x_3',
			'__row_2',
			'__ROW_3',
		]);
		expect(r.notes.map((x) => x.code)).toEqual(expect.arrayContaining(['data.names_changed', 'data.names_repaired']));
		const [, row] = frameRows(await loadFrame(r.dataPath, { schema: r.columns }));
		expect(Object.values(row)).toEqual(odd.map((_, k) => `${k}_1`));
	}
});
