import { writeFileSync } from 'node:fs';
import { loadFrame } from '../../lib/data/loadFrame.js';
import { workshop } from './helpers.js';

const shop = workshop();
afterAll(() => shop.close());

const ROWS = 60;
/** More than one query reads of a stored table. */
const COLUMNS = 2_040;

/** One cell of a table like those of genetics and of sensors: codes with NA, numbers in several spellings, dates, and cells that are none. */
function cell(row: number, column: number): string {
	const turn = row * 7 + column * 13;
	switch (column % 5) {
		case 0:
			return ['AA', 'AG', 'GG', 'NA'][turn % 4];
		case 1:
			return row === 9 ? 'broken' : `${turn % 100}.${turn % 3}0`;
		case 2:
			return row % 11 === 4 ? '' : String(turn);
		case 3:
			return `2024-0${1 + (turn % 9)}-1${turn % 10}`;
		default:
			return turn % 2 ? 'yes' : 'no';
	}
}

/** The columns of the table from one place to another as a file, with a line of nothing at its end. */
function fileOf(name: string, from: number, to: number): string {
	const columns = Array.from({ length: to - from }, (_, k) => from + k);
	const lines = [columns.map((c) => `c${c}`), ...Array.from({ length: ROWS }, (_, row) => columns.map((c) => cell(row, c)))];
	const path = shop.path(name);
	writeFileSync(path, `${lines.map((line) => line.join(',')).join('\n')}\n\n`);
	return path;
}

test('a column is the same in a wide table and in a narrow one: type, values, profile, and what is said of its cells', async () => {
	const whole = await shop.ingest({ source: 'file', params: { path: fileOf('wide.csv', 0, COLUMNS) } });
	expect(whole).toMatchObject({ rows: ROWS, quarantined: 0 });
	expect(whole.columns).toHaveLength(COLUMNS);
	const all = await loadFrame(whole.dataPath, { schema: whole.columns });
	for (const from of [0, 1_000, COLUMNS - 100]) {
		const part = await shop.ingest({ source: 'file', params: { path: fileOf(`${from}.csv`, from, from + 100) } });
		expect(whole.columns.slice(from, from + 100)).toEqual(part.columns);
		expect(whole.profile.columns.slice(from, from + 100)).toEqual(part.profile.columns);
		expect(all.vectors.slice(from, from + 100)).toEqual((await loadFrame(part.dataPath, { schema: part.columns })).vectors);
		expect(whole.texts?.filter((name) => part.columns.some((c) => c.name === name))).toEqual(part.texts);
	}
	expect(whole.profile.columns[1].strays).toEqual({ count: 1, cells: [{ value: 'broken', count: 1, row: 10 }] });
}, 600_000);

test('of notes that each column of a wide table has, fifty are told and the others are counted', async () => {
	const { notes } = await shop.ingest({ source: 'file', params: { path: fileOf('noted.csv', 0, 400) } });
	const of = (code: string): string[] => notes.filter((n) => n.code === code).map((n) => n.text);
	expect(of('data.missing_code')).toHaveLength(51);
	expect(of('data.missing_code')[0]).toContain('"NA" (15 rows) was read as missing');
	expect(of('data.missing_code')[50]).toBe('Of 80 notes of this kind the first 50 are told; 30 are left out.');
	expect(of('data.stray_cells')[0]).toContain('"c1" holds numbers; one cell that is none is a gap: "broken" (row 10).');
}, 600_000);

test('lines of separators alone and repeated names are left out of a wide table as of a narrow one, and said', async () => {
	for (const columns of [15, 60, 700]) {
		const names = Array.from({ length: columns }, (_, c) => `c${c}`).join(',');
		const row = (n: number): string => Array.from({ length: columns }, (_, c) => String(n * 3 + c)).join(',');
		const many = Array.from({ length: 30 }, (_, n) => row(n + 4));
		// One that begins like such a row, and has a value in its last column.
		const nearly = `${','.repeat(columns - 1)}7`;
		const path = shop.path(`hollow-${columns}.csv`);
		const blank = ` ${','.repeat(columns - 1)}`;
		writeFileSync(path, `${[names, ...many, blank, row(1), names, nearly, names, row(2), row(3)].join('\n')}\n`);
		const read = await shop.ingest({ source: 'file', params: { path } });
		expect({ columns, rows: read.rows, quarantined: read.quarantined }).toEqual({ columns, rows: 34, quarantined: 0 });
		expect(new Set(read.columns.map((c) => c.type))).toEqual(new Set(['integer']));
		expect(read.profile.columns[0].missing).toBe(1);
		expect(read.profile.columns[columns - 1].missing).toBe(0);
		const said = read.notes.map((n) => n.text);
		expect(said).toContain('1 row without any value was left out.');
		expect(said).toContain(
			'2 rows repeat the names of the columns (the first is row 33), as in files that were put together, and were left out.',
		);
	}
}, 600_000);

/** The same rows as JSON, in all forms that people write a table in. */
function formsOf(rows: ReadonlyArray<Record<string, unknown>>): Record<string, string> {
	const names = Object.keys(rows[0]);
	const byColumn = (of: (name: string) => unknown) => JSON.stringify(Object.fromEntries(names.map((name) => [name, of(name)])));
	const values = (name: string) => rows.map((row) => row[name]);
	const numbered = (list: readonly unknown[]) => Object.fromEntries(list.map((value, i) => [String(i), value]));
	return {
		'lines.ndjson': rows.map((row) => JSON.stringify(row)).join('\n'),
		'index.json': JSON.stringify(numbered(rows)),
		'lists.json': byColumn(values),
		'columns.json': byColumn((name) => numbered(values(name))),
		'split.json': JSON.stringify({ columns: names, index: rows.map((_, i) => i), data: rows.map((row) => names.map((name) => row[name])) }),
	};
}

/** A cell as programs write it into JSON: a number, yes or no, a text, a number with groups of thousands in a text, or a list. */
const jsonCell = (row: number, column: number): unknown =>
	column === 3
		? [row, column]
		: [row * 1.5 + column, row % 3 === 0, `level ${(row + column) % 4}`, `${1 + (row % 90)}.${100 + row}`][column % 4];

test('JSON of thousands of fields is the same table in all forms, within the memory that a job of this size has', async () => {
	const fields = 1_500;
	const rows = Array.from({ length: ROWS }, (_, row) =>
		Object.fromEntries(Array.from({ length: fields }, (_, column) => [`f${column}`, jsonCell(row, column)])),
	);
	const found = new Map<string, string>();
	for (const [name, text] of Object.entries(formsOf(rows))) {
		const path = shop.path(name);
		writeFileSync(path, text);
		const read = await shop.ingest({ source: 'file', params: { path } });
		expect(read).toMatchObject({ rows: ROWS, quarantined: 0 });
		expect(read.columns).toHaveLength(fields);
		expect(
			read.columns
				.slice(0, 8)
				.map(({ type }) => type)
				.join(),
		).toBe('number,boolean,category,text,number,boolean,category,number');
		expect(read.notes.filter(({ code }) => code === 'data.nested').map(({ text: said }) => said)).toEqual([
			'"f3" holds lists or objects, which are kept as text.',
		]);
		found.set(name, read.content);
	}
	expect(new Set(found.values()).size).toBe(1);
}, 600_000);

test('names that fill more than the head of a file are names, and a table that is too wide is refused as such', async () => {
	const long = shop.path('long.csv');
	const names = Array.from({ length: 400 }, (_, i) => `${i}_${'probe'.repeat(700)}`.slice(0, 3_000));
	writeFileSync(long, `${[names, ...Array.from({ length: 5 }, (_, row) => names.map((_n, i) => row * i + 0.5))].map(String).join('\n')}\n`);
	const r = await shop.ingest({ source: 'file', params: { path: long } });
	expect([r.rows, r.columns.length, r.columns[399].type]).toEqual([5, 400, 'number']);

	const wide = shop.path('wide.csv');
	const numbers = Array.from({ length: 100_000 }, (_, i) => i);
	writeFileSync(wide, `${numbers.map((i) => `gene_${i}_of_all`).join()}\n${numbers.join()}\n${numbers.join()}\n`);
	await expect(shop.ingest({ source: 'file', params: { path: wide } })).rejects.toMatchObject({
		code: 'data.unreadable',
		message: '"wide.csv" has 100,000 columns, which is more than can be read.',
		details: { expected: 'at most 50,000 columns' },
	});
});
