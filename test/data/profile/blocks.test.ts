import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { collectInBlocks } from '../../../lib/data/profile/blocks.js';
import { collectInMemory } from '../../../lib/data/profile/inMemory.js';
import { profileStored } from '../../../lib/data/profile.js';
import { openDuck, quoteText, type Duck } from '../../../lib/data/duck.js';
import { writeFrame } from '../../../lib/data/writeFrame.js';
import { cancelledError } from '../../../lib/domain/cancel.js';
import { sha256 } from '../../../lib/domain/json.js';
import type { ColumnSchema, ColumnType } from '../../../lib/domain/column.js';
import { isNumberVector, type Vector } from '../../../lib/data/frame.js';
import { frameOf } from '../frames.js';
import { workshop, type Workshop } from '../helpers.js';

let shop: Workshop;
let duck: Duck;
beforeAll(async () => {
	shop = workshop();
	duck = await openDuck({ threads: 2, memoryBytes: 512 << 20, temporaryDirectory: shop.folder });
});
afterAll(() => {
	duck.close();
	shop.close();
});

const quiet = { check: () => {}, progress: () => {} };
/** Values in their order, as one short text. */
const told = (vector: Vector): string =>
	sha256(
		isNumberVector(vector) ? vector.data.join() : Array.from(vector.codes, (c) => (c ? `=${vector.dictionary[c - 1]}` : '-')).join('\0'),
	);

/** All that is known of a table, read in blocks with much memory and with little, by one thread and by two, and as a whole. */
async function bothWays(path: string, schema: ColumnSchema[], rows: number) {
	const read = async (collect: typeof collectInBlocks, memoryBytes: number, threads: number) => {
		const found = await collect(duck, path, { schema, rows, memoryBytes, threads }, quiet);
		const samples: string[] = [];
		for (const i of schema.keys()) samples.push(told(await found.sample(i)));
		return { ...found, sample: samples };
	};
	const whole = await read(collectInMemory, 1 << 30, 1);
	return { whole, ways: [await read(collectInBlocks, 1 << 30, 2), await read(collectInBlocks, 0, 1), await read(collectInBlocks, 0, 2)] };
}

const TYPES: ColumnType[] = ['number', 'integer', 'boolean', 'datetime', 'category', 'text'];
const number = fc.oneof(
	fc.double({ noNaN: true }),
	fc.constantFrom(0, -0, 1, 1, 1, Infinity, -Infinity, Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 53, 0.1),
	fc.constant(null),
);
const text = fc.oneof(
	fc.string({ unit: 'binary', maxLength: 12 }).map((t) => t.toWellFormed()),
	fc.constantFrom(
		'a',
		'a',
		'A',
		' a ',
		'',
		'-',
		'1:a',
		'😀',
		'ä',
		'\ufeffx',
		'x\ufeff',
		'\u00a0n/a\u00a0',
		'N/A',
		'a\0b',
		"it's",
		'e\u0301',
	),
	fc.constant('long '.repeat(300)),
	fc.constant(null),
);
const cell = (type: ColumnType): fc.Arbitrary<unknown> => {
	switch (type) {
		case 'number':
			return number;
		case 'integer':
			return fc.option(fc.integer(), { nil: null });
		case 'boolean':
			return fc.constantFrom(0, 1, null);
		case 'datetime':
			return fc.option(fc.integer({ min: -1e12, max: 4e12 }), { nil: null });
		default:
			return text;
	}
};
const table = fc
	.tuple(fc.array(fc.constantFrom(...TYPES), { maxLength: 6 }), fc.integer({ min: 1, max: 40 }), fc.boolean())
	.chain(([types, rows, gap]) =>
		fc.record({
			rows: fc.constant(rows),
			types: fc.constant(types),
			cells: fc.tuple(
				...types.map((type, i) =>
					fc.array(gap && i === 0 ? fc.constant(null) : cell(type), { minLength: rows, maxLength: rows, size: 'max' }),
				),
			),
			// Rows that come again.
			again: fc.array(fc.integer({ min: 0, max: rows - 1 }), { maxLength: 5 }),
		}),
	);

test('of any table the blocks say to the bit what the whole columns say: figures, digests, forms, samples, rows that repeat', async () => {
	await fc.assert(
		fc.asyncProperty(table, async ({ rows, types, cells, again }) => {
			const schema = types.map((type, i): ColumnSchema => ({ name: i % 2 ? `c${i}` : `C "${i}`, type, role: 'feature' }));
			const frame = frameOf(schema, Object.fromEntries(cells.map((c, i) => [schema[i].name, [...c, ...again.map((r) => c[r])]])));
			const all = rows + again.length;
			const path = shop.path('fuzzed.parquet');
			await writeFrame({ ...frame, rows: all, rowId: Float64Array.from({ length: all }, (_, i) => i) }, path);
			const { whole, ways } = await bothWays(path, schema, all);
			// A mark of byte order in front is no part of a text once it is read: such texts, and they alone, may be two of one look.
			const marked = cells.some((c) => c.some((v) => typeof v === 'string' && v.startsWith('\ufeff')));
			for (const way of ways) {
				expect(way.digests).toEqual(whole.digests);
				if (marked) continue;
				expect(way).toEqual(whole);
				if (types.length) expect(way.duplicates).toBeGreaterThanOrEqual(again.length);
			}
		}),
		{ numRuns: 60, seed: 7 },
	);
}, 120_000);

test('a table without columns, and a file whose numbers are NaN where they are missing', async () => {
	const path = shop.path('nan.parquet');
	await duck.run(
		`COPY (SELECT i AS __row, CASE i % 3 WHEN 0 THEN 'nan'::DOUBLE WHEN 1 THEN NULL ELSE 1.5 END AS x FROM range(9) t(i)) ` +
			`TO ${quoteText(path)} (FORMAT parquet)`,
	);
	const none = await bothWays(path, [], 9);
	for (const way of none.ways) expect(way).toEqual(none.whole);
	expect(none.whole.duplicates).toBe(8);
	const { whole, ways } = await bothWays(path, [{ name: 'x', type: 'number', role: 'feature' }], 9);
	for (const way of ways) expect(way).toEqual(whole);
	expect(whole.profiles[0]).toMatchObject({ missing: 6, distinct: 1, mean: 1.5 });
	expect(whole.duplicates).toBe(7);
});

describe('a table of more rows than are looked at for leaks', () => {
	const ROWS = 230_000;
	const schema = (
		[
			['amount', 'number'],
			['day', 'datetime'],
			['kind', 'category'],
			['name', 'category'],
			['closed', 'integer'],
			['left', 'category'],
		] as const
	).map(([name, type]): ColumnSchema => ({ name, type, role: name === 'left' ? 'target' : 'feature' }));
	let path: string;
	beforeAll(async () => {
		path = shop.path('many.parquet');
		// `name` has more different texts than are sorted, some of them beyond the first Unicode plane; `closed` is known of those who left.
		await duck.run(
			`COPY (SELECT i AS __row, CASE WHEN i % 11 = 0 THEN NULL ELSE (i * 7919 % 1000003) / 7 END AS amount, ` +
				`TIMESTAMP '2024-01-01' + to_days((i * 31 % 900)::INT) AS day, 'kind ' || (i * 17 % 23) AS kind, ` +
				`CASE WHEN i % 1000 = 3 THEN '😀' ELSE '' END || 'user' || (i * 7 % 229000) || '@mail.example' AS name, ` +
				`CASE WHEN i % 10 = 0 THEN i * 13 % 50 END AS closed, CASE WHEN i % 10 = 0 THEN 'yes' ELSE 'no' END AS "left" ` +
				`FROM range(${ROWS}) t(i)) TO ${quoteText(path)} (FORMAT parquet, ROW_GROUP_SIZE 122880)`,
		);
	});

	test('is read as its whole columns are, and says how many rows correlations and leaks were looked for in', async () => {
		const { whole, ways } = await bothWays(path, schema, ROWS);
		for (const way of ways) expect({ ...way, signs: [], sample: [] }).toEqual({ ...whole, signs: [], sample: [] });
		// Of so many different texts others are looked at: shares of 2,000 texts differ by chance.
		for (const way of ways) {
			expect(way.signs.filter((_, i) => i !== 3)).toEqual(whole.signs.filter((_, i) => i !== 3));
			const { national, ...shares } = whole.signs[3];
			for (const [sign, share] of Object.entries(shares)) expect(way.signs[3]).toHaveProperty(sign, expect.closeTo(share, 1));
			expect(way.signs[3].national).toEqual(national);
		}
		// Of many texts the sample tells only which rows have the same one.
		for (const way of ways) expect(way.sample.filter((_, i) => i !== 3)).toEqual(whole.sample.filter((_, i) => i !== 3));
		const profiles = [];
		for (const [threads, memoryBytes] of [
			[1, 1 << 20],
			[2, 1 << 30],
		]) {
			const stored = await profileStored(duck, path, schema, { threads, memoryBytes });
			profiles.push({ content: stored.content, ...(await stored.finish(schema, { target: 'left', task: 'binary' })) });
		}
		expect(profiles[0]).toEqual(profiles[1]);
		expect(profiles[0]).toMatchObject({ rows: ROWS, sampled: 200_000, correlations: { rows: 200_000 } });
		const [leak] = profiles[0].warnings.filter((w) => w.code === 'leakage');
		expect(leak).toMatchObject({ column: 'closed', certain: true });
		expect(leak.text).toMatch(/^Of 200,000 evenly spaced rows: "closed" has a value in 20,\d{3} rows/);
	});

	test('shares of what was done rise to 1, and a stop is heard in the middle, after which the session goes on', async () => {
		const shares: number[] = [];
		await collectInBlocks(
			duck,
			path,
			{ schema, rows: ROWS, memoryBytes: 0, threads: 2 },
			{ ...quiet, progress: (share) => shares.push(share) },
		);
		expect(shares).toEqual([...shares].sort((a, b) => a - b));
		expect(shares.at(-1)).toBe(1);
		let looks = 0;
		const check = () => {
			if (++looks > 20) throw cancelledError('Reading');
		};
		await expect(
			collectInBlocks(duck, path, { schema, rows: ROWS, memoryBytes: 0, threads: 2 }, { ...quiet, check }),
		).rejects.toMatchObject({
			code: 'compute.cancelled',
		});
		expect(looks).toBeLessThan(40);
		expect(await duck.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
	});

	test('a file that is cut off is an error with a sentence, and so is a column that is not in it', async () => {
		await expect(
			collectInBlocks(
				duck,
				path,
				{ schema: [{ name: 'gone', type: 'number', role: 'feature' }, ...schema], rows: ROWS, memoryBytes: 0, threads: 2 },
				quiet,
			),
		).rejects.toMatchObject({ code: 'data.unreadable', message: expect.stringContaining('gone') });
		const torn = shop.path('torn.parquet');
		writeFileSync(torn, 'PAR1 and nothing more');
		await expect(profileStored(duck, torn, schema, {})).rejects.toMatchObject({ code: 'data.unreadable' });
	});
});

test('columns that need more than the memory of the session spill, and say the same', async () => {
	const path = shop.path('spill.parquet');
	await duck.run(
		`COPY (SELECT i AS __row, hash(i)::DOUBLE AS x, 'text number ' || hash(i + 1) AS t FROM range(1000000) s(i)) ` +
			`TO ${quoteText(path)} (FORMAT parquet, ROW_GROUP_SIZE 122880)`,
	);
	const schema: ColumnSchema[] = [
		{ name: 'x', type: 'number', role: 'feature' },
		{ name: 't', type: 'text', role: 'feature' },
	];
	const known = await collectInBlocks(duck, path, { schema, rows: 1_000_000, memoryBytes: 1 << 30, threads: 2 }, quiet);
	const small = await openDuck({ threads: 2, memoryBytes: 120 << 20, temporaryDirectory: shop.folder });
	try {
		const found = await collectInBlocks(small, path, { schema, rows: 1_000_000, memoryBytes: 0, threads: 2 }, quiet);
		expect({ ...found, sample: undefined }).toEqual({ ...known, sample: undefined });
		expect(found.profiles.map((p) => p.distinct)).toEqual([1_000_000, 1_000_000]);
	} finally {
		small.close();
	}
}, 60_000);
