import { readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { frameRows } from '../../lib/data/preview.js';
import { loadFrame } from '../../lib/data/loadFrame.js';
import { loadKept } from '../../lib/data/texts.js';
import { writeFrame } from '../../lib/data/writeFrame.js';
import { quoteName, quoteText, withDuck } from '../../lib/data/duck.js';
import type { IngestInput } from '../../lib/data/ingest.js';
import { own } from '../../lib/domain/dictionary.js';
import { EVIL_NAMES } from '../evilNames.js';
import { workshop, type Workshop } from './helpers.js';
import { frameOf } from './frames.js';
import { textsOf } from './textsOf.js';

let shop: Workshop;
beforeAll(() => {
	shop = workshop();
});
afterAll(() => shop.close());

/** Names that stay as they are: blanks around a name are taken off. */
const fine = [...new Set(EVIL_NAMES.map((n) => n.trim()).filter(Boolean))];
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
	// SQL would rename the second of two names that differ by case: other writers do not.
	const names = [...new Map(fine.map((name) => [name.toLowerCase(), name])).values()];
	await writeParquet(path, names, [0, 1, 2]);
	await reads({ source: 'file', params: { path } }, names);
});

/** Writes rows with the same length of name for those that SQL takes for one, and then puts those in. */
async function writeParquet(path: string, names: readonly string[], rows: readonly number[], later: Record<string, string> = {}) {
	const value = (name: string, i: number) => valueOf(own(later, name) ?? name, i);
	const select = (i: number) => `SELECT ${names.map((name) => `${quoteText(value(name, i))} AS ${quoteName(name)}`).join(', ')}`;
	await withDuck(
		{},
		async (duck) => await duck.run(`COPY (${rows.map(select).join(' UNION ALL ')}) TO ${quoteText(path)} (FORMAT parquet)`),
	);
	let bytes = readFileSync(path).toString('latin1');
	for (const [from, to] of Object.entries(later)) bytes = bytes.replaceAll(from, to);
	writeFileSync(path, bytes, 'latin1');
}

describe('names that differ by case alone', () => {
	const three = ['id', 'ID', 'Id'];
	const object = (i: number) => Object.fromEntries(three.map((name) => [name, valueOf(name, i)]));
	const lines = [0, 1, 2].map((i) => three.map((name) => valueOf(name, i)).join(','));

	test.each<[string, () => IngestInput | Promise<IngestInput>]>([
		['CSV', () => file([three.join(','), ...lines].join('\n'), 'csv')],
		['JSON', () => file(JSON.stringify([0, 1, 2].map(object)), 'json')],
		['JSON lines', () => file([0, 1, 2].map((i) => JSON.stringify(object(i))).join('\n'), 'ndjson')],
		['items', () => ({ source: 'items', params: { items: [0, 1, 2].map(object) } })],
		[
			'Excel',
			async () => {
				const { default: ExcelJs } = await import('exceljs');
				const book = new ExcelJs.Workbook();
				book.addWorksheet('one').addRows([three, ...lines.map((line) => line.split(','))]);
				const path = shop.path('case.xlsx');
				await book.xlsx.writeFile(path);
				return { source: 'file', params: { path } };
			},
		],
		[
			'SQLite',
			() => {
				const path = shop.path('case.db');
				new DatabaseSync(path).close();
				const select = (i: number) => `SELECT ${three.map((name) => `'${valueOf(name, i)}' AS "${name}"`).join(', ')}`;
				return { source: 'sql', params: { database: 'sqlite', file: path, query: [0, 1, 2].map(select).join(' UNION ALL ') } };
			},
		],
		[
			'Parquet',
			async () => {
				const path = shop.path('case.parquet');
				await writeParquet(path, ['id', 'QD', 'Zd'], [0, 1, 2], { QD: 'ID', Zd: 'Id' });
				return { source: 'file', params: { path } };
			},
		],
		[
			'several Parquet files that have them in another order',
			async () => {
				const [one, two] = [shop.path('case1.parquet'), shop.path('case2.parquet')];
				await writeParquet(one, ['id', 'QD', 'Zd'], [0], { QD: 'ID', Zd: 'Id' });
				await writeParquet(two, ['Zd', 'QD', 'id'], [1, 2], { QD: 'ID', Zd: 'Id' });
				return { source: 'file', params: { path: shop.path('case?.parquet'), files: [one, two].map((path) => ({ path, name: path })) } };
			},
		],
	])('%s keeps all of them', async (_, input) => {
		expect(await reads(await input(), three)).not.toContain('data.names_changed');
	});

	test('texts that lie beside values belong to their own column, whatever it is called', async () => {
		const names = ['__text_1', '__TEXT_1', '__text_0', '__row', '__ROW', 'Amount', 'amount'];
		const cells = (i: number) => [
			`0${i}`,
			`x${i}`,
			i === 7 ? '?' : i,
			`r${i}`,
			`R${i}`,
			i === 9 ? 'none known' : i * 3,
			i === 11 ? '<5' : i / 4,
		];
		const r = await shop.ingest(
			file([names, ...Array.from({ length: 60 }, (_, i) => cells(i))].map((line) => line.join(',')).join('\n'), 'csv'),
		);
		expect(r.columns.map((c) => c.name)).toEqual(names);
		const [, , third, , , large, small] = await textsOf(r.dataPath, { columns: r.columns, texts: r.texts });
		expect([third[7], large[9], small[11], small[12]]).toEqual(['?', 'none known', '<5', '3']);
		const kept = await loadKept(r.dataPath, { columns: r.columns, texts: r.texts });
		expect([kept('Amount')?.(9), kept('amount')?.(9), kept('amount')?.(11)]).toEqual(['none known', undefined, '<5']);
		const rows = frameRows(await loadFrame(r.dataPath, { schema: r.columns, columns: ['amount', 'Amount', '__ROW'] }));
		expect(rows[8]).toEqual({ amount: 2, Amount: 24, __ROW: 'R8' });
	});

	test('as the first version of Ingest, for workflows that were made with it', async () => {
		const path = shop.path('old.parquet');
		await writeParquet(path, ['id', 'QD', 'Zd'], [0, 1, 2], { QD: 'ID', Zd: 'Id' });
		for (const [input, names] of [
			[file([three.join(','), ...lines].join('\n'), 'csv'), ['id', 'ID_2', 'Id_3']],
			[{ source: 'file', params: { path } }, ['id', 'ID_1', 'Id_2']],
		] as const)
			expect((await shop.ingest({ ...input, caselessNames: true })).columns.map((c) => c.name)).toEqual(names);
	});

	test('columns of a frame that is written', async () => {
		const path = shop.path('frame.parquet');
		const schema = ['score a', 'score A', '__row'].map((name) => ({ name, type: 'number' as const, role: 'feature' as const }));
		await writeFrame(frameOf(schema, { 'score a': [1, 2], 'score A': [3, 4], __row: [5, 6] }), path);
		expect(frameRows(await loadFrame(path, { schema }))).toEqual([
			{ 'score a': 1, 'score A': 3, __row: 5 },
			{ 'score a': 2, 'score A': 4, __row: 6 },
		]);
	});
});

test('blanks around names are left out, and it is said once', async () => {
	const r = await shop.ingest(file(' a ,b, c\n1,2,3\n4,5,6', 'csv'));
	expect(r.columns.map((c) => c.name)).toEqual(['a', 'b', 'c']);
	expect(r.notes.filter((x) => x.code === 'data.names_trimmed').map((x) => x.text)).toEqual([
		'Blanks around 2 column names are left out: "a", "c".',
	]);
});

test('SQL', async () => {
	const path = shop.path('names.db');
	const short = [...new Map(fine.filter((name) => name !== 'rowid').map((name) => [name.toLowerCase(), name])).values()];
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
		expect(r.columns.map((c) => c.name)).toEqual(['column_1', 'a\ufffdb', 'half\ufffd', 'column_4', 'x', 'X', 'x_2', '__row', '__ROW']);
		expect(r.notes.map((x) => x.code)).toEqual(expect.arrayContaining(['data.names_changed', 'data.names_repaired']));
		const [, row] = frameRows(await loadFrame(r.dataPath, { schema: r.columns }));
		expect(Object.values(row)).toEqual(odd.map((_, k) => `${k}_1`));
	}
});
