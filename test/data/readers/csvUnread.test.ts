import { writeFileSync } from 'node:fs';
import { withDuck } from '../../../lib/data/duck.js';
import { readFiles } from '../../../lib/data/readers/readFile.js';
import type { SourceContext } from '../../../lib/data/sources/contract.js';
import { typeTable } from '../../../lib/data/typeTable.js';
import { workshop, type Workshop } from '../helpers.js';

let shop: Workshop;
beforeAll(() => {
	shop = workshop();
});
afterAll(() => shop.close());

/** So many that every second one is looked at first. */
const ROWS = 41_000;
/** A row that is not among them. */
const UNSEEN = 20_002;
const HEAD = 'name,n,price,day,flag';
const plain = Array.from({ length: ROWS }, (_, i) =>
	[
		i % 7 ? `word ${i % 50}` : '',
		i % 11 ? String((i * 37) % 1000) : 'NA',
		`${((i * 7919) % 100_000) / 100}`,
		`20${10 + (i % 15)}-0${1 + (i % 9)}-1${i % 10}`,
		i % 3 ? 'yes' : 'no',
	].join(','),
);
const with_ = (at: number, line: string): string[] => [...plain.slice(0, at), line, ...plain.slice(at + 1)];

/** How a file is read: in the pass that types it, or with all its texts in a table, at once or after that pass. */
async function wayOf(path: string): Promise<'in one pass' | 'at once carefully' | 'carefully after all'> {
	return await withDuck({ threads: 2, temporaryDirectory: shop.folder }, async (duck) => {
		let files = 0;
		const context: SourceContext = {
			duck,
			temporary: async (extension) => shop.path(`way-${process.hrtime.bigint()}-${++files}.${extension}`),
			progress: () => {},
			note: () => {},
			check: () => {},
			finally: () => {},
		};
		const read = await readFiles([path], {}, context);
		if (!read.unread) return 'at once carefully';
		const { raw } = await typeTable(read, {}, context);
		return raw.unread ? 'in one pass' : 'carefully after all';
	});
}

const CASES: ReadonlyArray<{
	what: string;
	lines: readonly string[];
	end?: string;
	mark?: string;
	way: Awaited<ReturnType<typeof wayOf>>;
}> = [
	{ what: 'lines that end in CRLF, but the last', lines: plain, mark: '\r\n', end: '', way: 'in one pass' },
	{
		what: 'a last row that says total and blank lines below',
		lines: with_(ROWS - 1, 'Total,5,1.5,2020-01-11,no'),
		end: '\n\n\n',
		way: 'in one pass',
	},
	{
		what: 'numbers that turn out to be none, and few cells that are none',
		lines: with_(UNSEEN, 'word 1,lots,1e400,2020-02-30,perhaps').map((line, i) =>
			i % 2 && i > 30_000 ? line.replace(/,\d+,/, ',many,') : line,
		),
		way: 'in one pass',
	},
	{ what: 'a line end within a value', lines: with_(UNSEEN, '"two\nlines",5,1.5,2020-01-11,no'), way: 'carefully after all' },
	{ what: 'a row with a value too many', lines: with_(UNSEEN, 'word 1,5,1.5,2020-01-11,no,9'), way: 'carefully after all' },
	{ what: 'a row that repeats the names', lines: with_(UNSEEN, HEAD), way: 'carefully after all' },
	{ what: 'a row that repeats the names, with blanks', lines: with_(UNSEEN, ' name ,n, price,day,flag '), way: 'carefully after all' },
	{ what: 'a row of separators and blanks', lines: with_(UNSEEN, ', ,,  ,'), way: 'carefully after all' },
	{ what: 'a row that has its last value alone', lines: with_(UNSEEN, ', ,,,no'), way: 'in one pass' },
	{
		what: 'texts that stand nowhere in the rows looked at first, in several columns of one row and in one of another',
		lines: with_(UNSEEN, 'word 1,007,1.50,02/01/2020,True').map((line, i) =>
			i === UNSEEN + 2 ? line.replace(/,\d+\.?\d*,20/, ', 2.5 ,20') : line,
		),
		way: 'in one pass',
	},
];

test.each(CASES)('$what: read $way, and the same comes out as from two files of texts', async ({ lines, end, mark = '\n', way }) => {
	const write = (name: string, rows: readonly string[], last = mark): string => {
		const path = shop.path(name);
		writeFileSync(path, [HEAD, ...rows].join(mark) + last);
		return path;
	};
	const one = write('one.csv', lines, end);
	expect(await wayOf(one)).toBe(way);
	const cut = 10_000;
	write('part-1.csv', lines.slice(0, cut));
	write('part-2.csv', lines.slice(cut), end);
	const read = async (path: string) => {
		const { content, rows, columns, texts, fromText, quarantined, profile, notes } = await shop.ingest({
			source: 'file',
			params: { path },
		});
		return {
			content,
			rows,
			columns,
			texts,
			fromText,
			quarantined,
			profile,
			notes: notes.map(({ code, text }) => [code, text.replaceAll(/ of "[^"]*"/g, '')]),
		};
	};
	const [found, wanted] = [await read(one), await read(shop.path('part-*.csv'))];
	// Lines are counted from the beginning of their file.
	const places = /\b(?:row|line) \d+/g;
	expect(JSON.stringify(found).replaceAll(places, '')).toBe(JSON.stringify(wanted).replaceAll(places, ''));
	expect(found.rows).toBeGreaterThan(ROWS - 10);
});

test('columns of text alone are read and confirmed like others', async () => {
	const path = shop.path('words.csv');
	writeFileSync(path, ['a,b', ...plain.map((_, i) => `x ${i % 9},y${i % 5}`)].join('\n'));
	expect(await wayOf(path)).toBe('in one pass');
	const found = await shop.ingest({ source: 'file', params: { path } });
	expect(found).toMatchObject({ rows: ROWS, quarantined: 0 });
	expect(found.profile.columns.map(({ distinct }) => distinct)).toEqual([9, 5]);
});

test('a type that a person wants keeps rows apart, whose texts are told', async () => {
	const path = shop.path('wanted.csv');
	writeFileSync(path, [HEAD, ...with_(UNSEEN, 'word 1,lots,1.5,2020-01-11,no')].join('\n'));
	const found = await shop.ingest({ source: 'file', params: { path }, types: { n: 'integer' } });
	expect(found).toMatchObject({ rows: ROWS - 1, quarantined: 1 });
});
