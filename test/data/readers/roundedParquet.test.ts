import { quoteText, withDuck } from '../../../lib/data/duck.js';
import { preview } from '../../../lib/data/preview.js';
import { workshop } from '../helpers.js';

const shop = workshop();
afterAll(() => shop.close());

/** A Parquet file of thirty rows, `i` from 1 on. */
async function parquet(name: string, columns: string): Promise<string> {
	const path = shop.path(name);
	await withDuck({}, async (duck) => {
		await duck.run(`COPY (SELECT ${columns} FROM range(1, 31) t(i)) TO ${quoteText(path)} (FORMAT parquet)`);
	});
	return path;
}
const DIGITS = '12345678901234567890.123456';
const moment = (fraction: string): string => `('2024-01-01 00:00:00'::TIMESTAMP + INTERVAL (${fraction}) MICROSECOND)`;

test('what a Parquet file has and numbers and dates cannot keep is counted and said, column by column', async () => {
	const path = await parquet(
		'rounded.parquet',
		`(i + 0.25)::DECIMAL(18,2) AS plain, CASE WHEN i = 2 THEN '${DIGITS}'::DECIMAL(38,6) ELSE i::DECIMAL(38,6) END AS amount, ` +
			`CASE WHEN i < 4 THEN 9007199254740993 + i ELSE i END AS key, ${moment('i * 7')} AS fine, ${moment('i * 1000')} AS coarse, ` +
			`('2024-01-01 00:00:00.00000' || CASE WHEN i = 9 THEN '1' ELSE '0' END)::TIMESTAMP_NS AS nano, ${moment('500 * i')}::TIMESTAMPTZ AS zoned`,
	);
	const { notes } = await shop.ingest({ source: 'file', params: { path } });
	const said = notes.filter(({ code }) => code === 'data.rounded').map(({ text }) => text.split('. ')[0]);
	expect(said).toEqual([
		'Of "amount" 1 of the values have more digits than a number keeps and are rounded to it',
		'Of "key" 3 of the values are whole numbers too long for exact arithmetic: close ones run together where they are computed with',
		'Of "fine" 30 of the values have a fraction of a millisecond, which is cut off',
		'Of "nano" 1 of the values have a fraction of a millisecond, which is cut off',
		'Of "zoned" 15 of the values have a fraction of a millisecond, which is cut off',
	]);
});

test('decimals and long whole numbers keep all digits where a person wants them as text', async () => {
	const path = await parquet(
		'texts.parquet',
		`'${DIGITS}'::DECIMAL(38,6) + i AS amount, 9007199254740993 + 2 * i AS key, i::DECIMAL(9,2) AS price`,
	);
	const kept = await shop.ingest({ source: 'file', params: { path }, types: { amount: 'category', key: 'category', price: 'category' } });
	expect((await preview(kept.dataPath, kept.columns, 1))[0]).toEqual({
		amount: '12345678901234567891.123456',
		key: '9007199254740995',
		// As ever: fewer digits are those of the number.
		price: '1.0',
	});
});

test.each([
	['seconds', '1700000000 + i * 86400', 'seconds since 1970, from 2023-11-15 on'],
	['microseconds', '(1700000000 + i * 86400) * 1000000', 'microseconds since 1970, from 2023-11-15 on'],
	['milliseconds', '(1700000000 + i * 86400) * 1000', undefined],
])('whole numbers that a person wants as dates are milliseconds, and where they look like %s it is said', async (name, sql, said) => {
	const path = await parquet(`${name}.parquet`, `i AS n, ${sql} AS seen`);
	const { notes, columns } = await shop.ingest({ source: 'file', params: { path }, types: { seen: 'datetime' } });
	expect(columns[1].type).toBe('datetime');
	const about = notes.filter(({ code }) => code === 'data.counted_moments').map(({ text }) => text);
	expect(about).toEqual(said ? [expect.stringContaining(said)] : []);
	if (said) expect(about[0]).toContain('Clean');
});

test('moments that have no name here are gaps, counted and said: infinite ones and those of years beyond all calendars', async () => {
	const path = await parquet(
		'beyond.parquet',
		`i AS n, CASE i WHEN 3 THEN 'infinity'::TIMESTAMP WHEN 4 THEN '-infinity'::TIMESTAMP WHEN 5 THEN TIMESTAMP '280000-01-01' ` +
			`ELSE TIMESTAMP '2024-01-01' + to_days(i::INTEGER) END AS seen, CASE WHEN i = 7 THEN DATE '5874897-01-01' ` +
			`WHEN i = 8 THEN 'infinity'::DATE ELSE DATE '9999-12-31' - i::INTEGER END AS until`,
	);
	const { columns, notes, dataPath, rows } = await shop.ingest({ source: 'file', params: { path } });
	expect(columns.map((c) => [c.name, c.type])).toEqual([
		['n', 'integer'],
		['seen', 'datetime'],
		['until', 'datetime'],
	]);
	const shown = await preview(dataPath, columns, rows);
	expect(shown.flatMap(({ n, seen }) => (seen === null ? [n] : []))).toEqual([3, 4, 5]);
	expect(shown.flatMap(({ n, until }) => (until === null ? [n] : []))).toEqual([7, 8]);
	expect([shown[0].seen, shown[0].until]).toEqual(['2024-01-02', '9999-12-30']);
	expect(notes.filter(({ code }) => code === 'data.no_date').map(({ text }) => text.split(' infinite')[0])).toEqual([
		'Of "seen" 3 of the values are',
		'Of "until" 2 of the values are',
	]);
});

test('whole numbers too large for dates, which a person wants as dates, are no fault of ours', async () => {
	const path = await parquet('nanoseconds.parquet', `i AS n, 1700000000000000000 + i * 86400000000000 AS seen`);
	await expect(shop.ingest({ source: 'file', params: { path }, types: { seen: 'datetime' } })).rejects.toMatchObject({
		code: 'data.value_invalid',
		details: { column: 'seen' },
	});
});

test('infinite numbers are counted and said, since no learner takes them', async () => {
	const path = await parquet(
		'infinite.parquet',
		`CASE i WHEN 3 THEN 'inf'::DOUBLE WHEN 4 THEN '-inf'::DOUBLE WHEN 5 THEN 'nan'::DOUBLE ELSE i / 4 END AS x, (i / 4)::FLOAT AS y`,
	);
	const { notes } = await shop.ingest({ source: 'file', params: { path } });
	expect(notes.filter(({ code }) => code === 'data.infinite').map(({ text }) => text)).toEqual([
		expect.stringContaining('Of "x" 2 of the values are infinite'),
	]);
});
