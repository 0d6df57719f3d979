import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import ExcelJs from 'exceljs';
import fc from 'fast-check';
import { withDuck } from '../../lib/data/duck.js';
import { MlopsError } from '../../lib/domain/errors.js';
import { askedSeed } from '../seededFastCheck.js';
import { workshop, type Workshop } from './helpers.js';
import { textsOf } from './textsOf.js';

/** More of them by `MLOPS_FILES=5000`, which is 10,000 files in all, and others by `MLOPS_SEED=1`. */
const FILES = Number(process.env['MLOPS_FILES'] ?? 40);
const SEED = askedSeed ?? 0;
const WIDTH = 4;

let shop: Workshop;
beforeAll(() => {
	shop = workshop();
});
afterAll(() => shop.close());

const cell = fc.oneof(
	{ weight: 6, arbitrary: fc.nat(99_999).map(String) },
	{
		weight: 2,
		arbitrary: fc.constantFrom(
			'',
			'NA',
			'x',
			'two words',
			'2024-02-30',
			'1e400',
			'-',
			'0x1F',
			'\u00e9t\u00e9',
			'"',
			'a"b',
			'1,5',
			'two\nlines',
		),
	},
);
const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
/** Rows whose first value is never empty; some have a value too few or too many. */
const rows = fc.array(fc.tuple(fc.nat(9999), fc.array(cell, { minLength: WIDTH - 1, maxLength: WIDTH - 1 }), fc.nat(40)), {
	minLength: 12,
	maxLength: 60,
});
/** Bytes that are changed, put in or cut off. */
const damage = fc.array(
	fc.record({
		at: fc.double({ min: 0, max: 0.999, noNaN: true }),
		how: fc.nat(3),
		byte: fc.constantFrom(0, 10, 13, 34, 44, 59, 0xff, 0xe2, 65),
	}),
	{
		maxLength: 6,
	},
);

const textOf = (table: ReadonlyArray<readonly [number, string[], number]>): string =>
	[
		'id,a,b,c',
		...table.map(([id, cells, odd]) => {
			const all = [String(id), ...cells.map(quoted)];
			if (odd === 0) all.push('9');
			if (odd === 1) all.pop();
			return all.join(',');
		}),
	].join('\n');

function damaged(text: string, changes: ReadonlyArray<{ at: number; how: number; byte: number }>): Buffer {
	let bytes = Buffer.from(`${text}\n`);
	for (const { at, how, byte } of changes) {
		const place = Math.floor(at * bytes.length);
		if (how === 0) bytes[place] = byte;
		else if (how === 1) bytes = Buffer.concat([bytes.subarray(0, place), Buffer.from([byte]), bytes.subarray(place)]);
		else if (how === 2) bytes = Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + 1)]);
		else bytes = bytes.subarray(0, Math.max(1, place));
	}
	return bytes;
}

/** What came of a file: rows loaded, rows kept apart. @throws what is no answer to a person */
async function outcome(
	bytes: Buffer | string,
	types: Record<string, 'integer'> = {},
): Promise<{ rows: number; apart: number; above: boolean } | string> {
	const path = shop.path('fuzzed.csv');
	writeFileSync(path, bytes);
	try {
		const result = await shop.ingest({ source: 'file', params: { path, header: 'yes', maxBadPercent: 100 }, types });
		const apart = result.quarantinePath ? readFileSync(result.quarantinePath, 'utf8').trimEnd().split('\n').length : 0;
		expect(apart).toBe(result.quarantined);
		expect(result.profile.rows).toBe(result.rows);
		for (const file of [result.dataPath, result.quarantinePath]) if (file) rmSync(file, { force: true });
		return { rows: result.rows, apart, above: result.notes.some(({ code }) => code === 'data.preamble') };
	} catch (thrown) {
		if (!(thrown instanceof MlopsError)) throw thrown;
		expect(thrown.details.remedy ?? thrown.message).toMatch(/\w/);
		return thrown.code;
	}
}

test(`${FILES} files with odd cells and rows of other lengths: loaded and kept apart are all that were read`, async () => {
	const seen = { loaded: 0, apart: 0 };
	for (const [table, wanted] of fc.sample(fc.tuple(rows, fc.boolean()), { numRuns: FILES, seed: 11 + 2 * SEED })) {
		const found = await outcome(textOf(table), wanted ? { a: 'integer' } : {});
		if (typeof found === 'string') {
			expect(found).toMatch(/^data\./);
			continue;
		}
		// Among odd cells a line below may look more like names than the first one; the lines above it are said with their number.
		if (found.above) continue;
		expect({ ...found, all: found.rows + found.apart, text: textOf(table) }).toEqual({ ...found, all: table.length, text: textOf(table) });
		seen.loaded += found.rows;
		seen.apart += found.apart;
	}
	expect(seen.loaded).toBeGreaterThan(0);
	expect(seen.apart).toBeGreaterThan(0);
}, 14_400_000);

test(`${FILES} damaged files give a result or a failure that says what to do`, async () => {
	const codes = new Set<string>();
	for (const [table, changes] of fc.sample(fc.tuple(rows, damage), { numRuns: FILES, seed: 12 + 2 * SEED })) {
		const found = await outcome(damaged(textOf(table), changes));
		codes.add(typeof found === 'string' ? found : 'loaded');
	}
	expect(codes).toContain('loaded');
	for (const code of codes) expect(code).toMatch(/^(?:data\.|input\.invalid|loaded)/);
}, 14_400_000);

/** Rows in the notation of one program or another, of which one byte is changed, put in or taken out. */
const hurt = fc.record({
	count: fc.integer({ min: 15, max: 60 }),
	delimiter: fc.constantFrom(',', ';', '\t', '|'),
	end: fc.constantFrom('\n', '\r\n', '\r'),
	quoteAll: fc.boolean(),
	wide: fc.constantFrom('utf8', 'utf8', 'utf16le'),
	few: fc.boolean(),
	at: fc.double({ min: 0, max: 0.999, noNaN: true }),
	how: fc.constantFrom('insert', 'insert', 'remove', 'change'),
	byte: fc.constantFrom('"', '"', '\n', '\r', 'separator', 'x'),
});
const TOKEN = /(?<!\d)70\d{4}(?!\d)/g;

test(`${FILES} files in which one byte is wrong lose no more than the rows beside it`, async () => {
	const lost: string[] = [];
	for (const { count, delimiter, end, quoteAll, wide, few, at, how, byte } of fc.sample(hurt, { numRuns: FILES, seed: 13 + 2 * SEED })) {
		const write = (cells: string[]): string => cells.map((cell) => (quoteAll ? `"${cell}"` : cell)).join(delimiter);
		const lines = Array.from({ length: count }, (_, i) =>
			write([String(700_000 + i), few && i % 9 ? '' : 'note', `${i % 13}.5`, 'C:\\a b\\']),
		);
		const text = [write(['id', 'remark', 'level', 'folder']), ...lines, ''].join(end);
		const bytes = Buffer.from(text, wide === 'utf8' ? 'utf8' : 'utf16le');
		// Names are another matter: with one of them too many, or joined with a row, no row is what they promise.
		const names = (text.indexOf(end) + end.length) * (wide === 'utf8' ? 1 : 2);
		const place = names + Math.floor(at * (bytes.length - names));
		const put = how === 'remove' ? Buffer.alloc(0) : Buffer.from(byte === 'separator' ? delimiter : byte);
		const damagedBytes = Buffer.concat([bytes.subarray(0, place), put, bytes.subarray(place + (how === 'insert' ? 0 : 1))]);
		const path = shop.path('hurt.csv');
		writeFileSync(path, damagedBytes);
		const result = await shop.ingest({ source: 'file', params: { path, header: 'yes', maxBadPercent: 100 } });
		const apart = result.quarantinePath ? readFileSync(result.quarantinePath, 'utf8') : '';
		const cells = (await textsOf(result.dataPath, result)).flat().join('\n');
		const kept = new Set(`${cells}\n${apart}`.match(TOKEN));
		// The byte lies in one line, and may join it with the next one.
		if (kept.size < count - 2 || result.rows + result.quarantined < count - 2 || result.rows < count - 3)
			lost.push(
				`${JSON.stringify({ count, delimiter, end, quoteAll, wide, few, place, how, byte })}: ${result.rows} and ${result.quarantined}`,
			);
		for (const made of [result.dataPath, result.quarantinePath]) if (made) rmSync(made, { force: true });
	}
	expect(lost).toEqual([]);
}, 14_400_000);

test(`${FILES} Parquet files and workbooks with a wrong byte are read as they were, or refused`, async () => {
	const whole = { parquet: shop.path('whole.parquet'), xlsx: shop.path('whole.xlsx') };
	await withDuck({}, async (duck) =>
		duck.run(
			`COPY (SELECT 700000 + i AS id, 'text ' || i % 7 AS t, sin(i) AS x FROM range(300) r(i)) TO '${whole.parquet}' (FORMAT parquet)`,
		),
	);
	const book = new ExcelJs.Workbook();
	const sheet = book.addWorksheet('x');
	sheet.addRow(['id', 't']);
	for (let i = 0; i < 300; i++) sheet.addRow([700_000 + i, `text ${i % 7}`]);
	await book.xlsx.writeFile(whole.xlsx);
	const wrong = fc.record({
		kind: fc.constantFrom('parquet' as const, 'xlsx' as const),
		at: fc.double({ min: 0, max: 0.999, noNaN: true }),
	});
	const codes = new Set<string>();
	for (const { kind, at } of fc.sample(wrong, { numRuns: FILES, seed: 14 + 2 * SEED })) {
		const bytes = readFileSync(whole[kind]);
		bytes[Math.floor(at * bytes.length)] ^= 0x15;
		const path = shop.path(`wrong.${kind}`);
		writeFileSync(path, bytes);
		const result = await shop.ingest({ source: 'file', params: { path } }).catch((thrown: unknown) => thrown);
		if (result instanceof MlopsError) codes.add(result.code);
		else if (result instanceof Error) throw result;
		else {
			codes.add('read');
			expect((result as { rows: number }).rows).toBe(300);
		}
	}
	for (const code of codes) expect(code).toMatch(/^(?:data\.|read)/);
	expect(codes).toContain('data.unreadable');
}, 14_400_000);
