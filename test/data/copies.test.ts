import { findCopies } from '../../lib/data/copies';
import type { Frame } from '../../lib/data/frame';
import { takeRows } from '../../lib/data/takeRows';
import { folds, makeSplit } from '../../lib/data/split';
import type { ColumnSchema } from '../../lib/domain/column';
import { PART, splitParams } from '../../lib/domain/split';
import { murmurTwice } from '../../lib/domain/random';
import { shuffled } from '../../lib/task/statistics/sampling';
import { frameOf } from './frames';

type Column = [
	name: string,
	type: ColumnSchema['type'],
	of: (random: () => number, row: number, earlier: Record<string, unknown>) => unknown,
	role?: ColumnSchema['role'],
];
const pick =
	(...values: unknown[]) =>
	(random: () => number): unknown =>
		values[Math.floor(random() * values.length)];
const named = (n: number, word: string) => pick(...Array.from({ length: n }, (_, i) => `${word} ${i}`));

/** `rows` rows, each of which then occurs `times` times in mixed order, with a `row_id` of its own. */
function table(columns: Column[], rows: number, times = 1, { seed = 1, idRole = 'feature' as ColumnSchema['role'] } = {}): Frame {
	const random = murmurTwice(seed);
	const made = Array.from({ length: rows }, (_, row) => {
		const out: Record<string, unknown> = {};
		for (const [name, , of] of columns) out[name] = of(random, row, out);
		return out;
	});
	const order = Array.from(shuffled(rows * times, murmurTwice(seed + 1)), (i) => made[i % rows]);
	const schema: ColumnSchema[] = [
		{ name: 'row_id', type: 'integer', role: idRole },
		...columns.map(([name, type, , role = 'feature']) => ({ name, type, role })),
	];
	return frameOf(schema, {
		row_id: order.map((_, i) => i + 1),
		...Object.fromEntries(columns.map(([name]) => [name, order.map((r) => r[name])])),
	});
}

const measured: Column[] = [
	['height', 'number', (r) => 150 + 50 * r()],
	['weight', 'number', (r) => Math.round(10 * (50 + 50 * r())) / 10],
	['city', 'category', named(6, 'city')],
	['sick', 'boolean', pick(0, 1), 'target'],
];
const census: Column[] = [
	['age', 'integer', (r) => 18 + Math.floor(60 * r())],
	['hours', 'integer', (r) => 10 + Math.floor(50 * r())],
	['school', 'integer', pick(8, 9, 10, 12, 13, 16)],
	['job', 'category', named(14, 'job')],
	['marital', 'category', named(5, 'm')],
	['sex', 'category', pick('f', 'm')],
	['rich', 'boolean', pick(0, 1), 'target'],
];
const survey: Column[] = Array.from({ length: 8 }, (_, q): Column => [`q${q}`, 'category', named(6, 'answer')]);

describe('copies are found where chance would not make them', () => {
	test.each<[string, Frame]>([
		['measures, every row five times', table(measured, 200, 5)],
		['measures, every row twice, the id marked as one', table(measured, 300, 2, { idRole: 'id' })],
		['whole numbers and categories, every row five times', table(census, 300, 5)],
		['categories alone, every row four times', table(survey, 250, 4)],
		[
			'numbers with one decimal in a narrow range, every row five times',
			table(
				[
					['temperature', 'number', (r) => Math.round(10 * (20 + 6 * (r() + r() + r() - 1.5))) / 10],
					['humidity', 'integer', (r) => 30 + Math.floor(45 * r())],
					['room', 'category', named(5, 'room')],
				],
				200,
				5,
			),
		],
		[
			'three categories of eight values, every row three times',
			table(
				[
					['a', 'category', named(8, 'a')],
					['b', 'category', named(8, 'b')],
					['c', 'category', named(8, 'c')],
				],
				100,
				3,
			),
		],
		[
			'with gaps, every row five times',
			table(
				[
					['paid', 'number', (r) => (r() < 0.5 ? null : Math.round(1e4 * r()) / 100)],
					['kind', 'category', (r) => (r() < 0.3 ? null : `k${Math.floor(9 * r())}`)],
					['points', 'integer', (r) => Math.floor(500 * r())],
				],
				200,
				5,
			),
		],
		[
			'one row in five once more',
			takeRows(
				table(measured, 500, 2),
				Uint32Array.from({ length: 600 }, (_, i) => i),
			),
		],
	])('%s', (_what, frame) => {
		const copies = findCopies(frame);
		expect(copies?.beyondChance).toBe(true);
		expect(copies!.pairs).toBeGreaterThan(1.3 * copies!.expected);
	});
});

describe('equal rows that chance makes are no copies', () => {
	test.each<[string, Frame]>([
		[
			'two categories',
			table(
				[
					['colour', 'category', named(5, 'c')],
					['size', 'category', pick('s', 'm', 'l')],
					['bought', 'boolean', pick(0, 1), 'target'],
				],
				1000,
			),
		],
		[
			'two categories of many values',
			table(
				[
					['zip', 'category', named(40, 'zip')],
					['product', 'category', named(30, 'p')],
				],
				4000,
			),
		],
		[
			'a country and its code',
			table(
				[
					['country', 'category', named(60, 'country')],
					['code', 'category', (_r, _i, e) => `code of ${String(e.country)}`],
				],
				2000,
			),
		],
		[
			'zip, city and state, one in the other',
			table(
				[
					['zip', 'integer', (r) => 1000 + Math.floor(400 * r())],
					['city', 'category', (_r, _i, e) => `city ${Math.floor(Number(e.zip) / 10)}`],
					['state', 'category', (_r, _i, e) => `state ${Math.floor(Number(e.zip) / 50)}`],
				],
				3000,
			),
		],
		[
			'an age and a sex',
			table(
				[
					['age', 'integer', (r) => 18 + Math.floor(73 * r())],
					['sex', 'category', pick('f', 'm')],
				],
				5000,
			),
		],
		[
			'a number and its double',
			table(
				[
					['x', 'integer', (r) => Math.floor(80 * r())],
					['twice', 'integer', (_r, _i, e) => 2 * Number(e.x)],
				],
				2000,
			),
		],
		[
			'twelve answers that go together',
			table(
				Array.from(
					{ length: 12 },
					(_, q): Column => [
						`q${q}`,
						'category',
						(r, _i, e) => {
							if (q === 0) e.mood = r() + r() + r() - 1.5;
							return `a${Math.max(0, Math.min(4, Math.round(2 + 2 * Number(e.mood) + r() - 0.5)))}`;
						},
					],
				),
				4000,
			),
		],
		[
			'a price that hangs on the product',
			table(
				[
					['product', 'category', named(80, 'p')],
					['price', 'number', (_r, _i, e) => Math.round(137 * Number(String(e.product).slice(2)) + 99) / 100],
					['quantity', 'integer', (r) => 1 + Math.floor(-2 * Math.log(1 - r()))],
					['store', 'category', named(12, 's')],
				],
				3000,
			),
		],
		[
			'a plan in which each combination occurs equally often',
			table(
				[
					['a', 'category', (_r, row) => `a${row % 10}`],
					['b', 'category', (_r, row) => `b${row % 7}`],
					['c', 'category', (_r, row) => `c${row % 3}`],
				],
				4200,
			),
		],
		[
			'ten yes/no answers',
			table(
				Array.from({ length: 10 }, (_, q): Column => [`q${q}`, 'boolean', pick(0, 1)]),
				2000,
			),
		],
		['whole numbers and categories, each row once', table(census, 3000)],
		[
			'counts that are mostly 0',
			table(
				Array.from({ length: 5 }, (_, q): Column => [`n${q}`, 'integer', (r) => Math.floor(-Math.log(1 - r()) * 0.7)]),
				2000,
			),
		],
	])('%s', (_what, frame) => {
		expect(findCopies(frame)?.beyondChance ?? false).toBe(false);
	});

	test('no features, one row, no copies at all', () => {
		expect(findCopies(table([], 100))).toBeUndefined();
		expect(findCopies(table(measured, 1))).toBeUndefined();
		expect(findCopies(table(measured, 100))).toBeUndefined();
	});
});

const contents = (frame: Frame): string[] =>
	Array.from({ length: frame.rows }, (_, i) =>
		frame.vectors
			.slice(1, -1)
			.map((v) => ('data' in v ? v.data[i] : v.codes[i]))
			.join('|'),
	);

describe('a split keeps copies on one side', () => {
	test.each([['feature'], ['id'], ['ignore']] as const)('every row five times with a row_id that is %s', (idRole) => {
		const frame = table(measured, 200, 5, { idRole });
		const split = makeSplit(frame, splitParams.parse({}), { strata: (frame.vectors[4] as { data: Float64Array }).data });
		const sides = new Map<string, Set<number>>();
		contents(frame).forEach((c, i) => sides.set(c, (sides.get(c) ?? new Set()).add(split.parts[i])));
		expect([...sides.values()].every((s) => s.size === 1)).toBe(true);
		expect(split).toMatchObject({ used: 'random', rule: 2, copies: { rows: 1000, distinct: 200, across: 0 } });
		expect(split.rows.test).toBeGreaterThan(130);
		expect(split.rows.test).toBeLessThan(270);
		for (const { train, validation } of folds(frame, 5, { seed: 1, units: split.units })) {
			const of = contents(frame);
			const learned = new Set(Array.from(train, (i) => of[i]));
			expect(Array.from(validation).some((i) => learned.has(of[i]))).toBe(false);
			expect(validation.length).toBe(200);
		}
	});

	test('a row stays where it is when copies of it, or other rows, are added behind', () => {
		const whole = table(measured, 400, 3);
		const all = makeSplit(whole, splitParams.parse({})).parts;
		const some = makeSplit(
			takeRows(
				whole,
				Uint32Array.from({ length: 900 }, (_, i) => i),
			),
			splitParams.parse({}),
		).parts;
		expect([...all.subarray(0, 900)]).toEqual([...some]);
	});

	test('by time they are counted, not moved', () => {
		const frame = table([...measured, ['day', 'datetime', () => 0, 'time']], 100, 5);
		const day = frame.vectors[5] as { data: Float64Array };
		day.data.forEach((_, i) => {
			day.data[i] = i * 86_400_000;
		});
		const split = makeSplit(frame, splitParams.parse({}));
		expect(split.used).toBe('time');
		expect(split.units).toBeUndefined();
		expect(split.copies!.across).toBeGreaterThan(90);
		expect([...split.parts]).toEqual([...split.parts].sort((a, b) => [0, 1, 2].indexOf(a) - [0, 1, 2].indexOf(b)));
	});
});

describe('a rare class gets its share', () => {
	const of = (rows: number, positives: number, seed: number) => {
		const frame = table([['x', 'number', (r) => r()]], rows, 1, { seed });
		const target = new Float64Array(rows);
		for (const i of shuffled(rows, murmurTwice(seed + 7)).subarray(0, positives)) target[i] = 1;
		const { parts } = makeSplit(frame, splitParams.parse({ seed }), { strata: target });
		const count = (part: number): number => target.reduce((n, y, i) => n + (y === 1 && parts[i] === part ? 1 : 0), 0);
		return { frame, target, parts, counts: { train: count(PART.train), validation: count(PART.validation), test: count(PART.test) } };
	};
	test.each([
		[1500, 6, 2],
		[400, 25, 5],
		[2000, 60, 12],
		[300, 3, 1],
	])('of %d rows %d are positive: at least %d of them in the test, one in each other part', (rows, positives, least) => {
		for (let seed = 0; seed < 40; seed++) {
			const { counts } = of(rows, positives, seed);
			expect(counts.test).toBeGreaterThanOrEqual(least);
			expect(counts.validation).toBeGreaterThanOrEqual(1);
			expect(counts.train).toBeGreaterThanOrEqual(1);
		}
	});

	test('adding rows moves hardly any: none of the common class', () => {
		const { frame, target, parts } = of(2000, 40, 3);
		const some = Uint32Array.from({ length: 1900 }, (_, i) => i);
		const before = makeSplit(takeRows(frame, some), splitParams.parse({ seed: 3 }), {
			strata: target.subarray(0, 1900),
		}).parts;
		const moved = Array.from(some).filter((i) => before[i] !== parts[i]);
		expect(moved.every((i) => target[i] === 1)).toBe(true);
		expect(moved.length).toBeLessThanOrEqual(3);
	});
});
