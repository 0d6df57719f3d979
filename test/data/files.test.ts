import { gzipSync } from 'node:zlib';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { MlopsError } from '../../lib/domain/errors.js';
import { loadFrame } from '../../lib/data/loadFrame.js';
import { frameRows, preview } from '../../lib/data/preview.js';
import { workshop, type Workshop } from './helpers.js';

let shop: Workshop;
beforeAll(() => {
	shop = workshop();
});
afterAll(() => shop.close());

let n = 0;
const file = (content: string | Buffer, name = 'data.csv', params: object = {}) => {
	mkdirSync(shop.path(`${++n}d`));
	const path = shop.path(`${n}d/${name}`);
	writeFileSync(path, content);
	return shop.ingest({ source: 'file', params: { path, ...params } });
};
const rows = async (r: Awaited<ReturnType<typeof file>>) => preview(r.dataPath, r.columns, 100);

test('types are found: numbers, whole numbers, money, dates, yes/no, codes with leading zeros', async () => {
	const r = await file(
		[
			'n,i,usd,eur,iso,us,german,flag,zip,big',
			'1.5,1,"$1,234.50","1.234,50 €",2024-01-31,1/31/2024,31.01.2024,yes,01234,12345678901234567890',
			'2,2,$7,"2,00 €",2024-02-01T10:30:00Z,2/1/2024,01.02.2024,no,99999,12345678901234567891',
			'NA,,-$3.25,"-1,5 €",2024-02-01 12:00:00+02:00,12/31/2024,31.12.2024,Yes,00001,3',
		].join('\n'),
	);
	expect(r.columns.map((c) => [c.name, c.type])).toEqual([
		['n', 'number'],
		['i', 'integer'],
		['usd', 'number'],
		['eur', 'number'],
		['iso', 'datetime'],
		['us', 'datetime'],
		['german', 'datetime'],
		['flag', 'boolean'],
		['zip', 'category'],
		['big', 'category'],
	]);
	expect(await rows(r)).toEqual([
		{
			n: 1.5,
			i: 1,
			usd: 1234.5,
			eur: 1234.5,
			iso: '2024-01-31',
			us: '2024-01-31',
			german: '2024-01-31',
			flag: true,
			zip: '01234',
			big: '12345678901234567890',
		},
		{
			n: 2,
			i: 2,
			usd: 7,
			eur: 2,
			iso: '2024-02-01T10:30:00Z',
			us: '2024-02-01',
			german: '2024-02-01',
			flag: false,
			zip: '99999',
			big: '12345678901234567891',
		},
		{
			n: null,
			i: null,
			usd: -3.25,
			eur: -1.5,
			iso: '2024-02-01T10:00:00Z',
			us: '2024-12-31',
			german: '2024-12-31',
			flag: true,
			zip: '00001',
			big: '3',
		},
	]);
});

test('a column of whole numbers becomes one of numbers when a later row says so', async () => {
	const r = await file(`x\n${Array.from({ length: 50_000 }, (_, i) => (i === 40_001 ? '0.5' : i)).join('\n')}\n`);
	expect([r.columns[0].type, r.rows, r.quarantined]).toEqual(['number', 50_000, 0]);
});

test('quotes, line ends inside values and blanks survive', async () => {
	const r = await file('a,b\r\n"x, ""y""\r\nz", lead\r\n"",ü\r\n');
	expect(await rows(r)).toEqual([
		{ a: 'x, "y"\r\nz', b: ' lead' },
		{ a: null, b: 'ü' },
	]);
});

test('encodings: UTF-8 with a mark, Windows-1252, UTF-16', async () => {
	const text = 'city,n\nZürich,1\nKöln,2\n';
	for (const content of [Buffer.from(`\ufeff${text}`), Buffer.from(text, 'latin1'), Buffer.from(`\ufeff${text}`, 'utf16le')]) {
		expect((await rows(await file(content))).map((r) => r.city)).toEqual(['Zürich', 'Köln']);
	}
	expect((await file(Buffer.from(text, 'latin1'))).notes.map((x) => x.code)).toContain('data.encoding');
});

test('no header', async () => {
	const r = await file('1,x\n2,y\n3,z\n');
	expect(r.columns.map((c) => c.name)).toEqual(['column_1', 'column_2']);
	expect(r.rows).toBe(3);
	const years = await file('country,2019,2020\nfr,1,2\nde,3,4\n');
	expect(years.columns.map((c) => c.name)).toEqual(['country', '2019', '2020']);
});

test('gzip, TSV, JSON and JSON lines by content or name', async () => {
	const same = [
		{ a: 1, b: 'x' },
		{ a: 2, b: 'y' },
	];
	const results = await Promise.all([
		file(gzipSync('a,b\n1,x\n2,y\n'), 'data.csv.gz'),
		file('a\tb\n1\tx\n2\ty\n', 'data.tsv'),
		file(JSON.stringify(same, null, 2), 'data.json'),
		file(same.map((r) => JSON.stringify(r)).join('\n'), 'data.txt'),
		file('a;b\n1;x\n2;y', 'data.txt'),
	]);
	for (const r of results) {
		expect(await rows(r)).toEqual(same);
		expect(r.content).toBe(results[0].content);
	}
});

test('several files by a pattern, in the order of their names', async () => {
	mkdirSync(shop.path('many'));
	for (const i of [3, 1, 2]) writeFileSync(shop.path(`many/part${i}.csv`), `a\n${i}\n${i * 10}\n`);
	const r = await shop.ingest({ source: 'file', params: { path: shop.path('many/part*.csv') } });
	expect((await rows(r)).map((x) => x.a)).toEqual([1, 10, 2, 20, 3, 30]);
});

describe('several files whose columns stand in another order, or are others', () => {
	const folder = (name: string, files: Record<string, string | Buffer>) => {
		mkdirSync(shop.path(name));
		for (const [file, content] of Object.entries(files)) writeFileSync(shop.path(`${name}/${file}`), content);
		return (pattern: string, params: object = {}) =>
			shop.ingest({ source: 'file', params: { path: shop.path(`${name}/${pattern}`), ...params } });
	};
	test('are put together by name, whatever separates their values', async () => {
		const r = await folder('mixed', {
			'a.csv': 'id,city,n\n1,Rome,10\n2,Oslo,20\n',
			'b.csv': 'n,id,city\n30,3,Köln\n',
			'c.csv': '\ufeffcity;n;id\nBonn;40;4\n',
		})('*.csv');
		expect(await rows(r)).toEqual([
			{ id: 1, city: 'Rome', n: 10 },
			{ id: 2, city: 'Oslo', n: 20 },
			{ id: 3, city: 'Köln', n: 30 },
			{ id: 4, city: 'Bonn', n: 40 },
		]);
	});
	test('are refused with the name of the file where a column is missing or new', async () => {
		const read = folder('other', { 'a.csv': 'id,n\n1,10\n', 'b.csv': 'id,amount\n2,20\n' });
		const e = (await read('*.csv').then(
			() => undefined,
			(thrown: unknown) => thrown,
		)) as MlopsError;
		expect(e).toMatchObject({ code: 'data.schema_mismatch', details: { expected: 'id, n', found: 'id, amount' } });
		expect(e.message).toContain('"b.csv"');
		await expect(folder('narrow', { 'a.csv': 'id,n\n1,10\n', 'b.csv': 'id\n2\n' })('*.csv')).rejects.toThrow('"b.csv"');
	});
	test('without a header they need as many columns, and nothing more', async () => {
		const read = folder('bare', { 'a.csv': '1,x\n2,y\n', 'b.csv': '3,z\n' });
		expect(await rows(await read('*.csv'))).toEqual([
			{ column_1: 1, column_2: 'x' },
			{ column_1: 2, column_2: 'y' },
			{ column_1: 3, column_2: 'z' },
		]);
		await expect(folder('bare wide', { 'a.csv': '1,x\n2,y\n', 'b.csv': '3,z,7\n' })('*.csv')).rejects.toThrow('"b.csv"');
	});
	test('one without rows, and an empty one, are left out and said', async () => {
		const r = await folder('hollow', { 'a.csv': 'id,n\n1,10\n', 'b.csv': 'id,n\n', 'c.csv': '' })('*.csv');
		expect(await rows(r)).toEqual([{ id: 1, n: 10 }]);
		expect(r.notes).toContainEqual({ code: 'data.file_empty', text: '2 of the 3 files hold no rows and were left out: "b.csv", "c.csv".' });
		await expect(folder('all hollow', { 'a.csv': 'id,n\n', 'b.csv': '' })('*.csv')).rejects.toMatchObject({ code: 'data.empty' });
	});
	test('bad rows are told with their file', async () => {
		const r = await folder('ragged', { 'a.csv': 'id,n\n1,10\n', 'b.csv': 'n,id\n20,2\n30,3,4\n' })('*.csv');
		expect(await rows(r)).toEqual([
			{ id: 1, n: 10 },
			{ id: 2, n: 20 },
		]);
		expect(JSON.parse(readFileSync(r.quarantinePath!, 'utf8'))).toEqual({
			row: 3,
			reason: 'of "b.csv" has more than 2 values',
			text: '30,3,4',
		});
	});
	test('Excel workbooks: every one of them, columns by name', async () => {
		const { default: ExcelJs } = await import('exceljs');
		mkdirSync(shop.path('books'));
		for (const [file, table] of [
			[
				'a',
				[
					['id', 'n'],
					[1, 10],
					[2, 20],
				],
			],
			[
				'b',
				[
					['n', 'id'],
					[30, 3],
				],
			],
		] as const) {
			const book = new ExcelJs.Workbook();
			book.addWorksheet('Data').addRows(table as unknown as unknown[][]);
			await book.xlsx.writeFile(shop.path(`books/${file}.xlsx`));
		}
		const r = await shop.ingest({ source: 'file', params: { path: shop.path('books/*.xlsx') } });
		expect(await rows(r)).toEqual([
			{ id: 1, n: 10 },
			{ id: 2, n: 20 },
			{ id: 3, n: 30 },
		]);
	});
});

test('an old Excel workbook (.xls) says that it is one', async () => {
	await expect(file(Buffer.from('d0cf11e0a1b11ae1000000000000', 'hex'), 'old.xls')).rejects.toMatchObject({
		code: 'data.unreadable',
		message: '"old.xls" is a workbook of an old Excel (.xls), or one with a password, which cannot be read here.',
	});
});

test('Excel: a chosen sheet, dates, formulas, gaps', async () => {
	const { default: ExcelJs } = await import('exceljs');
	const book = new ExcelJs.Workbook();
	book.addWorksheet('Notes').addRow(['nothing here']);
	const sheet = book.addWorksheet('Data');
	sheet.addRow(['when', 'amount', 'text', 'sum']);
	sheet.addRow([new Date(Date.UTC(2024, 0, 31)), 1.5, 'x', { formula: 'B2*2', result: 3 }]);
	sheet.addRow([new Date(Date.UTC(2024, 1, 1, 12)), null, 'y', { formula: 'B2*3', result: 4.5 }]);
	const path = shop.path('book.xlsx');
	await book.xlsx.writeFile(path);
	const r = await shop.ingest({ source: 'file', params: { path, sheet: 'Data' } });
	expect(await rows(r)).toEqual([
		{ when: '2024-01-31', amount: 1.5, text: 'x', sum: 3 },
		{ when: '2024-02-01T12:00:00Z', amount: null, text: 'y', sum: 4.5 },
	]);
	await expect(shop.ingest({ source: 'file', params: { path, sheet: 'Nope' } })).rejects.toMatchObject({
		code: 'data.unreadable',
		details: { expected: 'one of: Notes, Data' },
	});
});

test('items: gaps, nested values and mixed kinds', async () => {
	const r = await shop.ingest({
		source: 'items',
		params: {
			items: [
				{ a: 1, tags: ['x'], ok: true },
				{ a: null, b: 'new', ok: false },
				{ a: 2.5, tags: { k: 1 } },
			],
		},
	});
	expect(r.columns.map((c) => [c.name, c.type])).toEqual([
		['a', 'number'],
		['tags', 'category'],
		['ok', 'boolean'],
		['b', 'category'],
	]);
	const frame = await loadFrame(r.dataPath, { schema: r.columns });
	expect(frameRows(frame)[0]).toEqual({ a: 1, tags: '["x"]', ok: true, b: null });
});

test('words for "missing" and a decimal comma that a person named', async () => {
	const r = await file('a;b\n1,234;-\n2,345;x\n?;y\n', 'data.csv', { nulls: ['?', '-'], decimal: ',' });
	expect(await rows(r)).toEqual([
		{ a: 1.234, b: null },
		{ a: 2.345, b: 'x' },
		{ a: null, b: 'y' },
	]);
});
