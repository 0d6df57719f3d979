import fc from 'fast-check';
import type { Frame } from '../../lib/data/frame.js';
import { takeRows } from '../../lib/data/takeRows.js';
import { folds, makeSplit } from '../../lib/data/split.js';
import { PART, splitParams } from '../../lib/domain/split.js';
import type { ColumnSchema } from '../../lib/domain/column.js';
import { frameOf } from './frames.js';

const DAY = 86_400_000;
const schema: ColumnSchema[] = [
	{ name: 't', type: 'datetime', role: 'time' },
	{ name: 'g', type: 'category', role: 'group' },
	{ name: 'x', type: 'number', role: 'feature' },
];
const frame = (rows: number): Frame =>
	frameOf(schema, {
		t: Array.from({ length: rows }, (_, i) => Math.floor(i / 10) * DAY),
		g: Array.from({ length: rows }, (_, i) => `g${(i * 7) % 40}`),
		x: Array.from({ length: rows }, (_, i) => i),
	});
const params = (more: object = {}) => splitParams.parse(more);
const share = (parts: Uint8Array, part: number) => parts.filter((p) => p === part).length / parts.length;

test('at random: shares come out, and rows keep their part when data are added or dropped', () => {
	const small = makeSplit(frame(20_000), params({ method: 'random' }));
	expect(share(small.parts, PART.test)).toBeCloseTo(0.2, 1);
	expect(share(small.parts, PART.validation)).toBeCloseTo(0.08, 1);
	const large = makeSplit(frame(30_000), params({ method: 'random' }));
	expect(large.parts.subarray(0, 20_000)).toEqual(small.parts);
	const kept = Uint32Array.from({ length: 10_000 }, (_, i) => 2 * i);
	expect(makeSplit(takeRows(frame(20_000), kept), params({ method: 'random' })).parts).toEqual(small.parts.filter((_, i) => i % 2 === 0));
	expect(makeSplit(frame(20_000), params({ method: 'random', seed: 1 })).parts).not.toEqual(small.parts);
});

test('a column of ids decides where there is one, whatever the order of the rows', () => {
	const ids = Array.from({ length: 1000 }, (_, i) => `customer ${i}`);
	const of = (values: string[]) => makeSplit(frameOf([{ name: 'id', type: 'category', role: 'id' }], { id: values }), params());
	const [forth, back] = [of(ids), of([...ids].reverse())];
	expect(forth.by).toBe('id');
	expect([...back.parts].reverse()).toEqual([...forth.parts]);
});

test('a rare class has a row in every part', () => {
	fc.assert(
		fc.property(fc.integer({ min: 0, max: 1000 }), (seed) => {
			const target = Float64Array.from({ length: 200 }, (_, i) => (i % 50 === 0 ? 1 : 0));
			const { parts } = makeSplit(frame(200), params({ method: 'random', seed }), { strata: target });
			expect(new Set([...parts].filter((_, i) => target[i] === 1))).toEqual(new Set([0, 1, 2]));
		}),
		{ numRuns: 50 },
	);
});

test('of few groups one is for the test and one for training, whatever the seed; one alone is refused with what to do', () => {
	const grouped = (groups: number): Frame =>
		frameOf([{ name: 'g', type: 'category', role: 'group' }], { g: Array.from({ length: 60 }, (_, i) => `shop ${i % groups}`) });
	for (const groups of [2, 3, 6])
		for (let seed = 0; seed < 40; seed++) {
			const { parts, rows } = makeSplit(grouped(groups), params({ seed }));
			expect(rows.test).toBeGreaterThan(0);
			expect(rows.train).toBeGreaterThan(0);
			for (let g = 0; g < groups; g++) expect(new Set(parts.filter((_, i) => i % groups === g)).size).toBe(1);
			expect(makeSplit(grouped(groups), params({ seed, testShare: 0 })).rows).toMatchObject({ test: 0, none: 0 });
		}
	for (let seed = 0; seed < 10; seed++)
		expect(() => makeSplit(grouped(1), params({ seed }))).toThrow(
			expect.objectContaining({
				code: 'learn.too_few_rows',
				message: expect.stringContaining('all rows have the same value in "g", by which they are divided') as string,
				details: expect.objectContaining({ column: 'g', remedy: expect.stringContaining('divide the rows at random') as string }) as object,
			}) as Error,
		);
});

test('by group: a group is never on two sides', () => {
	const f = frame(4000);
	const { parts, used } = makeSplit(f, params({ method: 'group' }));
	const sides = new Map<number, Set<number>>();
	parts.forEach((p, i) => {
		const g = (i * 7) % 40;
		sides.set(g, (sides.get(g) ?? new Set()).add(p));
	});
	expect(used).toBe('group');
	expect([...sides.values()].every((s) => s.size === 1)).toBe(true);
	expect(new Set(parts).size).toBe(3);
});

test('by time: train before validation before test, one moment on one side', () => {
	const s = makeSplit(frame(1000), params());
	expect([s.used, s.by, s.rows]).toEqual(['time', 't', { train: 720, validation: 80, test: 200, none: 0 }]);
	expect([s.testStart, s.testEnd]).toEqual([new Date(80 * DAY).toISOString(), new Date(99 * DAY).toISOString()]);
	expect([...s.parts]).toEqual([...Array(720).fill(0), ...Array(80).fill(1), ...Array(200).fill(2)]);
});

test('by time with a period: later rows and rows without a time are left out', () => {
	const f = frame(1000);
	(f.vectors[0] as { data: Float64Array }).data[5] = NaN;
	const s = makeSplit(f, params({ testFrom: '1970-03-01', testUntil: '1970-04-01', validationShare: 0 }));
	expect(s.rows).toEqual({ train: 589, validation: 0, test: 310, none: 101 });
	expect(s.parts[5]).toBe(PART.none);
});

test('says so when a part would be empty or a role is missing', () => {
	expect(() => makeSplit(frame(100), params({ testFrom: '1999-01-01' }))).toThrow(expect.objectContaining({ code: 'learn.too_few_rows' }));
	expect(() => makeSplit(frame(100), params({ testFrom: '1960-01-01' }))).toThrow(expect.objectContaining({ code: 'learn.too_few_rows' }));
	expect(() => makeSplit(frame(100), params({ testFrom: 'spring' }))).toThrow(expect.objectContaining({ code: 'learn.parameter_invalid' }));
	expect(() => makeSplit(frameOf([{ name: 'x', type: 'number', role: 'feature' }], { x: [1] }), params({ method: 'time' }))).toThrow(
		expect.objectContaining({ code: 'learn.parameter_invalid' }),
	);
});

describe('folds', () => {
	test('at random: every row validates once and classes are even', () => {
		const target = Float64Array.from({ length: 100 }, (_, i) => (i % 10 === 0 ? 1 : 0));
		const f = folds(frame(100), 5, { method: 'random', seed: 3, strata: target });
		expect(f.flatMap((x) => [...x.validation]).sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
		for (const { train, validation } of f) {
			expect([train.length, validation.length, [...validation].filter((i) => target[i] === 1).length]).toEqual([80, 20, 2]);
			expect(train.some((i) => validation.includes(i))).toBe(false);
		}
	});
	test('by time: forward only', () => {
		for (const { train, validation } of folds(frame(600), 5, { seed: 0 })) {
			expect(Math.floor(Math.max(...train) / 10)).toBeLessThan(Math.floor(Math.min(...validation) / 10));
			expect(validation).toHaveLength(100);
		}
	});
	test('by group, on some rows only', () => {
		const rows = Uint32Array.from({ length: 1000 }, (_, i) => i * 2);
		for (const { train, validation } of folds(frame(2000), 4, { method: 'group', seed: 0, rows })) {
			const groups = new Set([...train].map((i) => (i * 7) % 40));
			expect([...validation].some((i) => groups.has((i * 7) % 40))).toBe(false);
			expect([...train, ...validation].every((i) => i % 2 === 0)).toBe(true);
			expect(validation.length).toBe(250);
		}
	});
	test('too few moments', () =>
		expect(() => folds(frame(20), 5, { seed: 0 })).toThrow(expect.objectContaining({ code: 'learn.too_few_rows' })));
});
