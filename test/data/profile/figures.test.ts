import { collectInBlocks } from '../../../lib/data/profile/blocks.js';
import { collectInMemory } from '../../../lib/data/profile/inMemory.js';
import { openDuck, quoteText, type Duck } from '../../../lib/data/duck.js';
import type { ColumnSchema, ColumnType } from '../../../lib/domain/column.js';
import { workshop, type Workshop } from '../helpers.js';

let shop: Workshop;
let duck: Duck;
beforeAll(async () => {
	shop = workshop();
	duck = await openDuck({ threads: 2, temporaryDirectory: shop.folder });
});
afterAll(() => {
	duck.close();
	shop.close();
});

const quiet = { check: () => {}, progress: () => {} };

/** Figures of a table from its SQL, the same from blocks and from whole columns. */
async function figures(select: string, types: Record<string, ColumnType>) {
	const path = shop.path('table.parquet');
	await duck.run(`COPY (SELECT (row_number() OVER () - 1)::BIGINT AS __row, * FROM (${select})) TO ${quoteText(path)} (FORMAT parquet)`);
	const [{ rows }] = await duck.rows<{ rows: number }>(`SELECT count(*) AS rows FROM read_parquet(${quoteText(path)})`);
	const schema = Object.entries(types).map(([name, type]): ColumnSchema => ({ name, type, role: 'feature' }));
	const whole = await collectInMemory(duck, path, { schema, rows, memoryBytes: 1 << 30 }, quiet);
	for (const memoryBytes of [0, 1 << 30]) {
		const blocks = await collectInBlocks(duck, path, { schema, rows, memoryBytes, threads: 2 }, quiet);
		expect({ ...blocks, sample: undefined }).toEqual({ ...whole, sample: undefined });
	}
	const [x, y] = whole.profiles;
	return { duplicates: whole.duplicates, x, y };
}

test('minus zero is zero: one value, and rows that differ by it repeat each other', async () => {
	expect(await figures(`SELECT * FROM (VALUES (0.0::DOUBLE), (-0.0::DOUBLE), (1.0::DOUBLE)) t(x)`, { x: 'number' })).toMatchObject({
		duplicates: 1,
		x: {
			distinct: 2,
			min: 0,
			top: [
				{ value: 0, count: 2 },
				{ value: 1, count: 1 },
			],
		},
	});
});

test('NaN and NULL are gaps, no values, and rows with gaps in the same places repeat each other', async () => {
	const { duplicates, x } = await figures(`SELECT * FROM (VALUES ('nan'::DOUBLE, 1), (NULL, 1), (NULL, 1), (2.0, 3)) t(x, y)`, {
		x: 'number',
		y: 'integer',
	});
	expect(duplicates).toBe(2);
	expect(x).toMatchObject({ missing: 3, distinct: 1, mean: 2, quantiles: Array(9).fill(2) });
});

test('infinities are values, but no figure is one: range, mean and histogram are those of the finite numbers', async () => {
	const { x } = await figures(`SELECT * FROM (VALUES ('inf'::DOUBLE), ('-inf'::DOUBLE), ('inf'::DOUBLE), (1.0), (3.0)) t(x)`, {
		x: 'number',
	});
	expect(x).toMatchObject({ missing: 0, distinct: 4, min: 1, max: 3, mean: 2 });
	expect(JSON.stringify(x)).not.toMatch(/null|Infinity/);
});

test('one value has a histogram of one bar, a deviation of exactly 0, and a single row has none', async () => {
	const { x } = await figures('SELECT 22642751.0::DOUBLE AS x FROM range(20)', { x: 'number' });
	expect(x).toMatchObject({ std: 0, histogram: { edges: [22642751, 22642751], counts: [20] } });
	expect((await figures('SELECT 5.0::DOUBLE AS x', { x: 'number' })).x).not.toHaveProperty('std');
});

test('a far outlier makes twenty bars as anything else does', async () => {
	const { x } = await figures('SELECT CASE WHEN i = 7 THEN 1e300 ELSE i * 1e-9 END AS x FROM range(100) t(i)', { x: 'number' });
	const { edges, counts } = x.histogram!;
	expect([edges.length, counts[0], counts[19]]).toEqual([21, 99, 1]);
});

test('numbers whose sum is too large for a number have a middle instead of an infinite mean', async () => {
	const { x } = await figures('SELECT 1.7e308::DOUBLE + i * 1e300 AS x FROM range(5) t(i)', { x: 'number' });
	expect(x).toMatchObject({ distinct: 5, mean: 1.7e308 + 2e300 });
	expect(JSON.stringify(x)).not.toContain('null');
});

test('whole numbers at the end of their range are read', async () => {
	const { x } = await figures('SELECT * FROM (VALUES (9223372036854775807), (-9223372036854775808), (0)) t(x)', { x: 'integer' });
	expect(x).toMatchObject({ distinct: 3, min: -(2 ** 63), max: 2 ** 63 });
});

test('different values are counted, never estimated, and quantiles are those of numpy', async () => {
	const { x, y } = await figures(`SELECT (i * 7919 % 60013)::DOUBLE AS x, 'commit ' || md5(i::VARCHAR) AS t FROM range(60013) s(i)`, {
		x: 'number',
		t: 'text',
	});
	expect([x, y]).toMatchObject([{ distinct: 60_013 }, { distinct: 60_013 }]);
	// numpy.quantile(numpy.arange(60013), [.01, .05, .1, .25, .5, .75, .9, .95, .99]), numpy 2.3
	expect(x).toMatchObject({
		quantiles: [600.12, 3000.6, 6001.2, 15003, 30006, 45009, 54010.8, 57011.4, 59411.88].map((q) => expect.closeTo(q, 8)),
	});
});

test('of equally frequent texts the first in the order of their letters are listed, cut to what is read', async () => {
	const { x } = await figures(`SELECT repeat(chr(97 + (i % 26)::INT), 300) AS t FROM range(52) s(i)`, { t: 'text' });
	expect(x.top!.map(({ value, count }) => [String(value)[0], String(value).length, count])).toEqual(
		[...'abcdefghij'].map((letter) => [letter, 200, 2]),
	);
});
