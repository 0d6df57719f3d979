import { mkdirSync, writeFileSync } from 'node:fs';
import type { IngestInput, IngestResult } from '../../../lib/data/ingest.js';
import { preview } from '../../../lib/data/preview.js';
import { workshop, type Workshop } from '../helpers.js';

let shop: Workshop;
beforeAll(() => {
	shop = workshop();
});
afterAll(() => shop.close());

let n = 0;
/** A CSV of these columns; values with the delimiter are quoted. */
const table = (
	columns: Record<string, readonly string[]>,
	delimiter = ',',
	more: Partial<IngestInput> = {},
	params: object = {},
): Promise<IngestResult> => {
	const names = Object.keys(columns);
	const quote = (v: string) => (v.includes(delimiter) || v.includes('"') ? `"${v.replaceAll('"', '""')}"` : v);
	const rows = columns[names[0]].map((_, i) => names.map((name) => quote(columns[name][i])).join(delimiter));
	mkdirSync(shop.path('grammar'), { recursive: true });
	const path = shop.path(`grammar/t${++n}.csv`);
	writeFileSync(path, `${names.join(delimiter)}\n${rows.join('\n')}\n`);
	return shop.ingest({ source: 'file', params: { path, ...params }, ...more });
};
const types = (r: IngestResult) => r.columns.map((c) => c.type);
const values = async (r: IngestResult, name: string) => (await preview(r.dataPath, r.columns, 1000)).map((row) => row[name]);
const notes = (r: IngestResult, code: string) => r.notes.filter((x) => x.code === code).map((x) => x.text);
const many = (count: number, make: (i: number) => string) => Array.from({ length: count }, (_, i) => make(i));
const cycle = (list: readonly string[], count = 40) => many(count, (i) => list[i % list.length]);

describe('one stray cell', () => {
	const amounts = many(400, (i) => String(i * 3 + 0.5));
	const at = (list: readonly string[], row: number, value: string) => list.map((v, i) => (i === row ? value : v));

	test.each(['unknown', '?', '<5', 'n.a.', '-', 'none', '(null)', '#DIV/0!', 'missing', 'TBD', '12,5x', 'see note'])(
		'among 400 amounts: %j is a gap and listed',
		async (word) => {
			const r = await table({ amount: at(amounts, 122, word), b: cycle(['x', 'y'], 400) });
			expect(types(r)).toEqual(['number', 'category']);
			expect([r.rows, r.quarantined, r.profile.columns[0].missing]).toEqual([400, 0, 1]);
			expect(r.profile.columns[0].strays).toEqual({ count: 1, cells: [{ value: word, count: 1, row: 123 }] });
			expect(notes(r, 'data.stray_cells')).toEqual([`"amount" holds numbers; one cell that is none is a gap: "${word}" (row 123).`]);
		},
	);
	test('in a target: the rows without one are gaps, the task is that of numbers', async () => {
		const r = await table({ a: cycle(['x', 'y'], 400), price: at(amounts, 5, 'unknown') }, ',', { target: 'price' });
		expect([r.task, r.columns[1].type, r.profile.columns[1].missing]).toEqual(['regression', 'number', 1]);
	});
	test('whole numbers, dates and yes/no', async () => {
		const r = await table({
			count: at(
				many(400, (i) => String(i * 7)),
				9,
				'lots',
			),
			day: at(
				many(400, (i) => `2024-0${1 + (i % 9)}-1${i % 10}`),
				10,
				'soon',
			),
			flag: at(cycle(['yes', 'no'], 400), 11, 'maybe'),
			de: at(
				many(400, (i) => `1${i % 10}.0${1 + (i % 9)}.2024`),
				12,
				'unbekannt',
			),
		});
		expect(types(r)).toEqual(['integer', 'datetime', 'boolean', 'datetime']);
		expect(r.profile.columns.map((c) => [c.missing, c.strays!.cells[0].value])).toEqual([
			[1, 'lots'],
			[1, 'soon'],
			[1, 'maybe'],
			[1, 'unbekannt'],
		]);
	});
	test('words for "missing" up to half of the column, other words up to 5 %', async () => {
		const r = await table({
			words: many(60, (i) => (i % 5 > 2 ? '?' : `${i}.5`)),
			three: many(60, (i) => (i % 20 === 7 ? 'oops' : `${i}.5`)),
			four: many(60, (i) => (i % 15 === 7 ? 'oops' : `${i}.5`)),
		});
		expect(types(r)).toEqual(['number', 'number', 'text']);
		expect(r.profile.columns[0].missing).toBe(24);
	});
	test('the share can be set', async () => {
		const columns = { a: many(60, (i) => (i % 10 === 0 ? `bad ${i}` : `${i}.5`)) };
		expect(types(await table(columns))).toEqual(['text']);
		expect(types(await table(columns, ',', { strayShare: 0.1 }))).toEqual(['number']);
		expect(types(await table({ a: at(amounts, 1, 'oops') }, ',', { strayShare: 0 }))[0]).not.toBe('number');
	});
	test('above the share a column stays text, and says why and what to do', async () => {
		const r = await table({ a: many(60, (i) => (i % 10 === 0 ? `bad ${i}` : `${i}.5`)) });
		expect(notes(r, 'data.mixed_values')).toEqual([
			'"a" is kept as text: 6 of 60 values are no number ("bad 0", "bad 10", "bad 20", "bad 30", "bad 40" and others). ' +
				'Clean can convert it. Or choose its type under "Column Settings" of Ingest, which keeps rows that do not fit apart, or allow ' +
				'more unreadable cells under "Reading Options", which makes gaps of them.',
		]);
	});
	test('of few rows too, whatever is different among those that fit', async () => {
		const r = await table({
			same: [...many(10, () => '2024-01-01'), 'soon', 'never'],
			two: many(12, (i) => (i > 9 ? `in ${i}` : String(5 + (i % 2)))),
			days: many(12, (i) => (i > 9 ? '2024-02-30' : `2024-01-${i + 10}`)),
			codes: many(12, (i) => (i % 3 === 2 ? `A${i}` : String(i % 3))),
		});
		expect(notes(r, 'data.mixed_values').map((text) => text.split('. ')[0])).toEqual([
			'"same" is kept as text: 2 of 12 values are no date ("soon", "never")',
			'"two" is kept as text: 2 of 12 values are no whole number ("in 10", "in 11")',
			'"days" is kept as text: 2 of 12 values are no date ("2024-02-30")',
		]);
		const few = await table({ day: ['2024-01-01', '2024-01-02', 'soon'], other: ['a', 'b', 'c'] });
		expect(notes(few, 'data.mixed_values')).toEqual([
			'"day" is kept as text: 1 of 3 values is no date ("soon"). Clean can convert it. Or choose its type under "Column Settings" of ' +
				'Ingest, which keeps rows that do not fit apart.',
		]);
	});
	test('a type that a person wants keeps unreadable rows apart, as before', async () => {
		const r = await table({ a: at(amounts, 3, 'unknown') }, ',', { types: { a: 'number' } });
		expect([r.rows, r.quarantined]).toEqual([399, 1]);
	});
	test('another class is no stray cell', async () => {
		const r = await table({
			grade: many(400, (i) => (i % 25 === 0 ? 'A' : String(1 + (i % 4)))),
			answer: many(400, (i) => (i % 25 === 0 ? 'maybe' : i % 2 ? 'yes' : 'no')),
			code: many(400, (i) => (i % 30 === 0 ? `A${i + 10_000}` : String(10_000 + i * 17))),
		});
		expect(types(r)).toEqual(['category', 'category', 'text']);
	});
	test('of yes and no: slips up to the share are gaps, a word that comes back is a class and said', async () => {
		const r = await table({
			few: many(60, (i) => (i % 20 === 7 ? 'unclear' : i % 3 ? 'Yes' : 'No')),
			often: many(60, (i) => (i % 5 === 2 ? 'maybe' : i % 2 ? 'yes' : 'no')),
		});
		expect(types(r)).toEqual(['boolean', 'category']);
		expect(r.profile.columns[0].strays).toEqual({ count: 3, cells: [{ value: 'unclear', count: 3, row: 8 }] });
		expect(notes(r, 'data.mixed_values')[0]).toContain('"often" is kept as text: 12 of 60 values are no yes or no ("maybe")');
	});
	test('many spellings of yes and no are said where they stay text', async () => {
		const r = await table({ f: cycle(['yes', 'Yes', 'Y', 'no', 'N '], 100) });
		expect(types(r)).toEqual(['category']);
		expect(notes(r, 'data.type')[0]).toContain('"f" holds yes and no in 5 spellings ("yes", "Yes", "Y", "no", "N") and is kept as text');
	});
	test('beyond the sample too, and nothing is lost uncounted', async () => {
		const r = await table({
			a: many(50_000, (i) => (i === 30_001 ? 'unknown' : i === 40_001 ? '7,5' : `${i}.25`)),
			b: many(50_000, (i) => (i === 30_001 ? '01067' : String(i + 1))),
		});
		expect([r.columns[0].type, r.profile.columns[0].missing, r.profile.columns[0].strays]).toEqual([
			'number',
			1,
			{ count: 1, cells: [{ value: 'unknown', count: 1, row: 30_002 }] },
		]);
		expect(r.columns[1].type).toBe('text');
	});
});

test('a sample sees all kinds of rows, also where every second or tenth row is another kind', async () => {
	const r = await table({
		half: many(50_000, (i) => (i % 2 ? `${i}.5` : '')),
		tenth: many(50_000, (i) => (i % 10 === 9 ? `${i}.5` : '')),
		days: many(50_000, (i) => (i % 4 === 3 ? `2024-01-0${1 + (i % 9)}` : '')),
		flag: many(50_000, (i) => (i % 2 ? 'ja' : 'nein')),
		codes: many(50_000, (i) => (i % 2 ? `A${i}` : `${i}`)),
	});
	expect(types(r)).toEqual(['number', 'number', 'datetime', 'boolean', 'text']);
	expect(r.profile.columns.map((c) => c.missing)).toEqual([25_000, 45_000, 37_500, 0, 0]);
});

test('what a sample does not show of a column is read as if it did: other spellings, money, units', async () => {
	const far = (usual: (i: number) => string, odd: string) => many(50_000, (i) => (i === 30_001 ? odd : usual(i)));
	const dotted = (i: number) => `${String(1 + (i % 28)).padStart(2, '0')}.0${1 + (i % 9)}.2024`;
	const r = await table(
		{
			iso: far(dotted, '2023-12-31'),
			moment: far(dotted, '2023-12-31T12:30:00Z'),
			word: far(dotted, '31 Dec 2023'),
			slash: far((i) => `2024-0${1 + (i % 9)}-1${i % 10}`, '12/31/2023'),
			none: far(dotted, '31.02.2024'),
			money: far((i) => `${i},25`, '7,50 €'),
			unit: far((i) => `${i},5 kg`, '7,5kg'),
			flag: far((i) => (i % 2 ? 'ja' : 'nein'), 'yes'),
		},
		';',
	);
	expect(types(r)).toEqual(['datetime', 'datetime', 'datetime', 'datetime', 'datetime', 'number', 'number', 'boolean']);
	expect(r.profile.columns.map((c) => [c.name, c.missing, c.strays?.cells[0].value])).toEqual(
		['iso', 'moment', 'word', 'slash', 'none', 'money', 'unit', 'flag'].map((name) =>
			name === 'none' ? [name, 1, '31.02.2024'] : [name, 0, undefined],
		),
	);
	const at = (await preview(r.dataPath, r.columns, 30_002)).at(-1)!;
	expect([at.iso, at.moment, at.word, at.slash, at.money, at.unit, at.flag]).toEqual([
		'2023-12-31',
		'2023-12-31T12:30:00Z',
		'2023-12-31',
		'2023-12-31',
		7.5,
		7.5,
		true,
	]);
});

describe('months and short years', () => {
	const month = (i: number) => `${2015 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, '0')}`;
	test.each([
		['2015-03', month],
		['2015/03', (i: number) => month(i).replace('-', '/')],
		['3/2015', (i: number) => `${(i % 12) + 1}/${2015 + Math.floor(i / 12)}`],
		['03/2015', (i: number) => month(i).split('-').reverse().join('/')],
		['Mar 2015', (i: number) => `${['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun'][i % 6]} ${2015 + Math.floor(i / 6)}`],
		['March-2015', (i: number) => `${['January', 'February', 'March'][i % 3]}-${2015 + Math.floor(i / 3)}`],
	])('a month alone is its first day: %s', async (_like, make) => {
		const r = await table({ month: many(60, make), x: many(60, (i) => `${i}.5`) });
		expect(r.columns.map((c) => [c.type, c.role])[0]).toEqual(['datetime', 'time']);
		expect((await values(r, 'month')).slice(0, 3)).toEqual(
			(await values(r, 'month')).slice(0, 3).map((d) => `${String(d).slice(0, 7)}-01`),
		);
		expect((await values(r, 'month'))[2]).toMatch(/^20(15-03|17-01|15-03)-01$/);
		expect([r.profile.columns[0].missing, notes(r, 'data.type')]).toEqual([0, []]);
	});
	test.each([
		['seasons', (i: number) => `${2000 + (i % 11)}-${String(((2000 + (i % 11)) % 100) + 1).padStart(2, '0')}`],
		['numbers with a part', (i: number) => `${1001 + i}-${String((i % 12) + 1).padStart(2, '0')}`],
		['more parts than months', (i: number) => `2015-${String((i % 40) + 1).padStart(2, '0')}`],
	])('%s are none', async (_what, make) => {
		expect(types(await table({ x: many(60, make) }))[0]).not.toBe('datetime');
	});
	test('24-01-17: the year is first where it takes far fewer values than the day, or some text says so', async () => {
		const r = await table({
			years: many(60, (i) => `${23 + (i % 2)}-${String((i % 12) + 1).padStart(2, '0')}-${String((i % 28) + 1).padStart(2, '0')}`),
			days: many(60, (i) => `${String((i % 28) + 1).padStart(2, '0')}-${String((i % 12) + 1).padStart(2, '0')}-${23 + (i % 2)}`),
			old: many(60, (i) => `${i % 9 ? '04' : '99'}-${String((i % 12) + 1).padStart(2, '0')}-0${(i % 4) + 1}`),
		});
		expect(types(r)).toEqual(['datetime', 'datetime', 'datetime']);
		expect((await values(r, 'years'))[1]).toBe('2024-02-02');
		expect((await values(r, 'days'))[1]).toBe('2024-02-02');
		expect((await values(r, 'old')).slice(0, 2)).toEqual(['1999-01-01', '2004-02-02']);
		expect(notes(r, 'data.type').filter((t) => t.includes('"years"'))[0]).toContain('could have day or year first ("23-01-01")');
	});
});

describe('money and units', () => {
	test('money in four spellings is a number', async () => {
		const r = await table({ price: cycle(['€ 12,50', '12.50 EUR', '1.234,56 €', 'EUR 3', '-7,25 €', '€1,234.50'], 42) }, ';');
		expect(r.columns[0].type).toBe('number');
		expect((await values(r, 'price')).slice(0, 6)).toEqual([12.5, 12.5, 1234.56, 3, -7.25, 1234.5]);
		expect(notes(r, 'data.type')).toEqual([]);
	});
	test('different currencies are said', async () => {
		const r = await table({ price: cycle(['€ 12,50', '$12', 'USD 3', '9.99 GBP']) }, ';');
		expect(r.columns[0].type).toBe('number');
		expect(notes(r, 'data.type')[0]).toBe(
			'"price" holds money of different currencies, USD (20), EUR (10), GBP (10): the numbers are not comparable with one ' +
				'another until they are converted.',
		);
	});
	test('one unit is a number, different units are text and said', async () => {
		const r = await table({
			one: cycle(['12 kg', '12kg', '0.5 kg', '7 kg']),
			two: cycle(['12 kg', '500 g', '7 kg', '3 kg']),
			bare: cycle(['12 km/h', '30', '45.5 km/h', '7 km/h']),
			temp: cycle(['21.5 °C', '-3 °C', '0 °C']),
		});
		expect(types(r)).toEqual(['number', 'category', 'number', 'number']);
		expect((await values(r, 'one')).slice(0, 4)).toEqual([12, 12, 0.5, 7]);
		expect(notes(r, 'data.type')).toEqual([
			'"two" is kept as text: its numbers have different units, kg (30), g (10). Bring them to one unit, or give each unit a ' +
				'column of its own.',
			'"bare" has 10 numbers without a unit, taken as km/h like the others.',
		]);
	});
	test('units of which none is behind most numbers', async () => {
		const r = await table({ w: many(100, (i) => (i % 2 ? `${i + 1} kg` : `${i * 100 + 1} g`)) });
		expect(notes(r, 'data.type')).toEqual([
			'"w" is kept as text: its numbers have different units, g (50), kg (50). Bring them to one unit, or give each unit a column of its own.',
		]);
	});
	test('codes stay text', async () => {
		const r = await table({
			zip: cycle(['01067', '80331', '10115']),
			version: cycle(['1.2.3', '1.2.4', '1.10.0']),
			seat: cycle(['12A', '13A', '14A']),
			phone: cycle(['170 123 456', '171 987 654', '160 555 444']),
			intl: cycle(['+49 170 123 456', '+49 171 123 456']),
			ip: cycle(['10.0.0.1', '10.0.0.2']),
			ratio: cycle(['12:30', '1:20']),
			range: cycle(['1-5', '6-10']),
			part: cycle(['1.2.10', '1.3.11', '2.4.12']),
			long: many(40, (i) => `1234567890123456${i}`),
		});
		expect(new Set(types(r))).toEqual(new Set(['category']));
	});
});

describe('the columns of a file vote on its notation', () => {
	test('a leading zero in the column itself, or other columns, make a comma the decimal one', async () => {
		const r = await table(
			{
				a: cycle(['0,903', '1,971', '2,004']),
				b: cycle(['1,971', '2,345', '4,120']),
				c: cycle(['12,83', '7,1']),
				d: cycle(['84.340', '91.125', '7.500']),
			},
			';',
		);
		expect(types(r)).toEqual(['number', 'number', 'number', 'integer']);
		expect((await preview(r.dataPath, r.columns, 1))[0]).toEqual({ a: 0.903, b: 1.971, c: 12.83, d: 84340 });
		expect(notes(r, 'data.type')).toEqual([
			'"d" has thousands in groups ("84.340" is 84340), since other columns of the file have a decimal comma.',
		]);
	});
	test('in a file with decimal points a comma groups thousands', async () => {
		const r = await table({ a: cycle(['1,234', '5,678']), b: cycle(['12.5', '7.25']), c: cycle(['84.340', '91.125']) });
		expect((await preview(r.dataPath, r.columns, 1))[0]).toEqual({ a: 1234, b: 12.5, c: 84.34 });
	});
	test('what nothing decides is said with both readings', async () => {
		const r = await table({ a: cycle(['1,971', '2,345']), n: cycle(['1', '2']) }, ';');
		expect(await values(r, 'a')).toContain(1.971);
		expect(notes(r, 'data.type')).toEqual([
			'"a" could be read in two ways: "1,971" is taken as 1.971 since values separated by semicolons usually have a decimal ' +
				'comma, and not as 1971. If that is wrong, set the decimal mark under "Options" of Ingest.',
		]);
		const lone = await table({ a: cycle(['1,971', '2,345']), n: cycle(['1', '2']) });
		expect([(await values(lone, 'a'))[0], notes(lone, 'data.type').length]).toEqual([1971, 1]);
	});
	test('dates with dots are a hint', async () => {
		const r = await table({ a: cycle(['1,971', '2,345']), d: cycle(['31.12.2024', '01.02.2024']) }, '\t');
		expect((await values(r, 'a'))[0]).toBe(1.971);
		expect(notes(r, 'data.type')).toHaveLength(1);
	});
	test('a mark that a person named decides', async () => {
		const columns = { a: cycle(['1,971', '2,345']), c: cycle(['12,83', '7,1']) };
		expect((await values(await table(columns, ';', {}, { decimal: '.' }), 'a'))[0]).toBe(1971);
		expect((await values(await table(columns, ';', {}, { decimal: ',' }), 'a'))[0]).toBe(1.971);
	});
	test('numbers that a program wrote are not touched by text beside them', async () => {
		const r = await shop.ingest({ source: 'items', params: { items: many(40, (i) => `${i},5`).map((b, i) => ({ a: 1.971 + i, b })) } });
		expect((await preview(r.dataPath, r.columns, 1))[0]).toEqual({ a: 1.971, b: 0.5 });
	});
	test('what the sample left open is decided by a row that was not in it, for the other columns too', async () => {
		const day = (i: number, year: number) => `0${1 + (i % 9)}/0${1 + (i % 5)}/${year}`;
		const point = (i: number) => `${1 + (i % 9)}.${100 + (i % 900)}`;
		const r = await table(
			{
				d: many(50_000, (i) => (i === 49_001 ? '25/03/2024' : day(i, 2024))),
				e: many(50_000, (i) => day(i, 2023)),
				n: many(50_000, (i) => (i === 49_001 ? '12,83' : point(i))),
				m: many(50_000, point),
			},
			'\t',
		);
		const rows = await preview(r.dataPath, r.columns, 50_000);
		expect(rows[5]).toEqual({ d: '2024-01-06', e: '2023-01-06', n: 6105, m: 6105 });
		expect(rows[49_001]).toMatchObject({ d: '2024-03-25', n: 12.83 });
	});
	test('strings of JSON go by the file, numbers of JSON do not', async () => {
		const path = shop.path('strings.json');
		const row = (i: number) => ({ a: `${10 + i},2${i % 10}`, b: `${1 + (i % 9)}.${100 + i}`, c: Number(`${1 + (i % 9)}.${101 + 2 * i}`) });
		writeFileSync(path, JSON.stringify(Array.from({ length: 60 }, (_, i) => row(i))));
		const r = await shop.ingest({ source: 'file', params: { path } });
		expect((await preview(r.dataPath, r.columns, 1))[0]).toEqual({ a: 10.2, b: 1100, c: 1.101 });
		writeFileSync(path, JSON.stringify(Array.from({ length: 60 }, (_, i) => ({ b: row(i).b }))));
		const alone = await shop.ingest({ source: 'file', params: { path } });
		expect(notes(alone, 'data.type')[0]).toContain('"b" could be read in two ways');
	});
	test('a sign is no unit or currency', async () => {
		const r = await table({
			a: many(60, (i) => `\u2212${i + 1}.5`),
			b: many(60, (i) => `${i + 1}.5-`),
			c: many(60, (i) => `(${i + 1}.5)`),
			d: many(60, (i) => `($${i + 1}.5)`),
		});
		for (const name of ['a', 'b', 'c', 'd']) expect((await values(r, name))[1]).toBe(-2.5);
	});
	test('the sample was wrong: a later row decides for the column', async () => {
		const r = await table({ a: many(60_000, (i) => (i === 50_001 ? '0,5' : `${1 + (i % 9)},${100 + (i % 800)}`)) }, '\t');
		expect((await values(r, 'a'))[0]).toBe(1.1);
		const late = await preview(r.dataPath, r.columns, 60_000);
		expect(late[50_001].a).toBe(0.5);
	});
});

describe('dates', () => {
	test('in five spellings are dates', async () => {
		const spellings = ['2024-01-31', '31.01.2024', '01/31/2024', 'Jan 31, 2024', '31 January 2024'];
		const r = await table({ d: cycle(spellings) });
		expect([r.columns[0].type, new Set(await values(r, 'd'))]).toEqual(['datetime', new Set(['2024-01-31'])]);
		expect(notes(r, 'data.type')[0]).toBe(
			'"d" has dates in 5 spellings (such as 2024-12-31, 31.12.2024, 12/31/2024, Dec 31 2024, 31 Dec 2024), all read as dates.',
		);
	});
	test.each([
		'2024-01-01 12:00:00 +0100',
		'2024-01-01T12:00:00+01',
		'2024-01-01T12:00+01:00',
		'2024-01-01T11:00Z',
		'2024-01-01 11:00:00 Z',
		'2024-01-01t11:00:00z',
		'2024-01-01T12:00:00,000+01:00',
	])('%j is the moment that it says, and its text comes back', async (text) => {
		const r = await table({ d: cycle([text, text.replace('-01-01', '-02-03')]) });
		expect([r.columns[0].type, (await values(r, 'd'))[0], r.profile.columns[0].missing]).toEqual(['datetime', '2024-01-01T11:00:00Z', 0]);
	});
	test('the order of day and month is that of the other cells, or of the other dates of the file', async () => {
		const r = await table({
			a: cycle(['03/04/2024', '05/06/2024']),
			b: cycle(['31/01/2024', '04/03/2024']),
			c: cycle(['25-12-2023', '04/03/2024']),
		});
		expect(await preview(r.dataPath, r.columns, 2)).toEqual([
			{ a: '2024-04-03', b: '2024-01-31', c: '2023-12-25' },
			{ a: '2024-06-05', b: '2024-03-04', c: '2024-03-04' },
		]);
		expect(notes(r, 'data.type')[0]).toBe(
			'"a" could have day and month in either order and is read with the day first, as other columns of the file are.',
		);
		const alone = await table({ a: cycle(['03/04/2024', '05/06/2024']) });
		expect([(await values(alone, 'a'))[0], notes(alone, 'data.type')]).toEqual([
			'2024-03-04',
			['"a" could have day and month in either order and is read with the month first, as in 12/31/2024.'],
		]);
		const mixed = await table({ a: cycle(['31/01/2024', '01/31/2024']) });
		expect([mixed.columns[0].type, notes(mixed, 'data.type')[0]]).toEqual([
			'category',
			'"a" is kept as text: its dates have day and month in both orders (20 with the day first, 20 with the month first).',
		]);
	});
	test('years of two digits, and days as Excel counts them among dates', async () => {
		const r = await table({
			two: cycle(['31.12.24', '01.02.99']),
			us: cycle(['1/31/24', '2/1/99']),
			serial: cycle(['2024-01-31', '2024-02-01', '45292', '31.01.2024']),
			number: cycle(['45292', '45293']),
		});
		expect(types(r)).toEqual(['datetime', 'datetime', 'datetime', 'integer']);
		expect((await values(r, 'two')).slice(0, 2)).toEqual(['2024-12-31', '1999-02-01']);
		expect((await values(r, 'serial'))[2]).toBe('2024-01-01');
	});
});
