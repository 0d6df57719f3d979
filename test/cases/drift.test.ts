import type { ColumnDrift } from '../../lib/domain/drift';
import type { ColumnSchema } from '../../lib/domain/column';
import { driftRecord } from '../../lib/domain/drift';
import { silentContext } from '../../lib/domain/progress';
import { murmurTwice } from '../../lib/domain/random';
import type { Frame, Vector } from '../../lib/data/frame';
import { buildReference, driftParams, driftReport } from '../../lib/monitor';

// The cases of drift/cases.json in this order; the first two stand in test/monitor/threads.test.ts as well.

const random = murmurTwice(31);
const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const numbers = (n: number, one: (i: number) => number): Vector => ({ data: Float64Array.from({ length: n }, (_, i) => one(i)) });
const texts = (n: number, levels: number, code: (i: number) => number): Vector => ({
	codes: Uint32Array.from({ length: n }, (_, i) => 1 + code(i)),
	dictionary: Array.from({ length: levels }, (_, k) => `v${String(k).padStart(7, '0')}`),
});

function frame(columns: Record<string, Vector>, types: Record<string, ColumnSchema['type']> = {}): Frame {
	const vectors = Object.values(columns);
	const rows = 'data' in vectors[0] ? vectors[0].data.length : vectors[0].codes.length;
	const schema = Object.entries(columns).map(
		([name, v]): ColumnSchema => ({ name, type: types[name] ?? ('data' in v ? 'number' : 'category'), role: 'feature' }),
	);
	return { rows, schema, vectors, rowId: Float64Array.from({ length: rows }, (_, i) => i) };
}

async function report(reference: Parameters<typeof driftReport>[0], current: Frame, given: object = {}) {
	const record = await driftReport(reference, current, driftParams.parse(given), { ...silentContext(), threads: 2 });
	// JSON has neither NaN nor infinities: what comes back is what was said.
	return driftRecord.parse(JSON.parse(JSON.stringify(record)));
}
const of = (columns: ColumnDrift[], name: string): ColumnDrift => columns.find((c) => c.column === name)!;
const BOTH = [{ mode: 'default' }, { mode: 'evidently' }];

test('a sketch says what the rows say, and is small', async () => {
	const reference = frame({ a: numbers(60_000, normal), b: texts(60_000, 30, () => Math.floor(30 * random() ** 2)) });
	const sketch = buildReference(reference);
	expect(JSON.stringify(sketch).length).toBeLessThan(100_000);
	for (const shift of [0, 0.3]) {
		const current = frame({
			a: numbers(20_000, () => normal() + shift),
			b: texts(20_000, 30, () => Math.floor(30 * random() ** (2 + shift))),
		});
		expect((await report(sketch, current)).driftedColumns).toEqual((await report(reference, current)).driftedColumns);
	}
});

test.each(BOTH)('a column without any value now: %j', async (given) => {
	const a = frame({ x: numbers(5000, normal), y: numbers(5000, normal) });
	const b = frame({ x: numbers(3000, () => NaN), y: numbers(3000, normal) });
	const said = await report(a, b, given);
	expect(said.dead).toEqual([{ column: 'x', how: 'empty' }]);
	expect([said.drifted, of(said.columns, 'y').drifted]).toEqual([true, false]);
});

test('infinities count as missing', async () => {
	const some = (share: number) => numbers(4000, () => (random() < share ? Infinity : random() < share ? -Infinity : normal()));
	const said = await report(frame({ x: some(0.02), y: some(0.02) }), frame({ x: some(0.02), y: some(0.2) }));
	expect(said.driftedColumns).toEqual(['y']);
	const y = of(said.columns, 'y');
	expect(y.missing.current).toBeGreaterThan(0.3);
	expect([y.score, y.pValue!, ...y.histogram!.edges!].every(Number.isFinite)).toBe(true);
});

test.each(BOTH)('large samples of one distribution, twice: %j', async (given) => {
	const a = frame({ x: numbers(50_000, normal) });
	const b = frame({ x: numbers(200_000, normal) });
	const first = await report(a, b, given);
	expect(first.driftedColumns).toEqual([]);
	expect((await report(a, b, given)).columns).toEqual(first.columns);
});

test.each(BOTH)('a table against itself: %j', async (given) => {
	const a = frame({
		x: numbers(2000, normal),
		n: numbers(2000, () => Math.floor(8 * random())),
		c: texts(2000, 9, () => Math.floor(9 * random())),
	});
	const said = await report(a, a, given);
	expect(said.columns.map(({ score, drifted }) => [score, drifted])).toEqual(new Array(3).fill([0, false]));
});

test('text of 100,000 values', async () => {
	const many = () => Math.floor(1e5 * random());
	const a = frame({ c: texts(300_000, 1e5, many) });
	expect((await report(a, frame({ c: texts(250_000, 1e5, many) }))).driftedColumns).toEqual([]);
	expect((await report(a, frame({ c: texts(250_000, 1e5, () => (random() < 0.1 ? 7 : many())) }))).driftedColumns).toEqual(['c']);
});

test('PSI where a side lacks values', async () => {
	const a = frame({ c: texts(2000, 4, () => Math.floor(3 * random())) });
	const b = frame({ c: texts(2000, 4, () => 1 + Math.floor(3 * random())) });
	const { score, drifted } = (await report(a, b, { tests: { c: 'psi' } })).columns[0];
	expect([Number.isFinite(score), drifted]).toEqual([true, true]);
});

test.each(BOTH)('whole numbers above 2^53: %j', async (given) => {
	const ids = numbers(5000, () => 2 ** 53 + 2 * Math.floor(1e9 * random()));
	const a = frame({ id: ids }, { id: 'integer' });
	expect((await report(a, a, given)).columns[0]).toMatchObject({ score: 0, drifted: false });
	const moved = 'data' in ids ? numbers(5000, (i) => ids.data[i] * (1 + 1e-6)) : ids;
	expect((await report(a, frame({ id: moved }, { id: 'integer' }), given)).drifted).toBe(true);
});

test.each(BOTH)('constant columns: %j', async (given) => {
	const a = frame({ still: numbers(2000, () => 4), moves: numbers(2000, () => 4), other: numbers(2000, normal) });
	const b = frame({ still: numbers(2000, () => 4), moves: numbers(2000, () => 4 + normal()), other: numbers(2000, normal) });
	const said = await report(a, b, given);
	expect(said.driftedColumns).toEqual(['moves']);
	expect(said.columns.every(({ score }) => Number.isFinite(score))).toBe(true);
});

test('numbers before, words now', async () => {
	const a = frame({ x: numbers(1000, normal), y: numbers(1000, normal) });
	const b = frame({ x: texts(1000, 3, () => Math.floor(3 * random())), y: numbers(1000, normal) });
	const said = await report(a, b);
	expect(said.driftedColumns).toEqual(['x']);
	expect(of(said.columns, 'x').reason).toBe('The column held number values and holds category values now.');
	await expect(report(a, b, { mode: 'evidently' })).rejects.toMatchObject({ code: 'data.schema_mismatch', details: { column: 'x' } });
});

test('a day of twelve rows', async () => {
	const a = frame({ x: numbers(100_000, normal) });
	const twelve = await report(a, frame({ x: numbers(12, normal) }));
	expect(twelve.driftedColumns).toEqual([]);
	expect(twelve.notes).toContainEqual(expect.objectContaining({ code: 'few_rows' }));
	expect((await report(a, frame({ x: numbers(12, () => normal() + 4) }))).driftedColumns).toEqual(['x']);
	await expect(report(a, frame({ x: numbers(9, normal) }))).rejects.toMatchObject({ code: 'monitor.too_few_rows' });
});

test.each(BOTH)('a category whose values are words and numbers: %j', async (given) => {
	const mixed = (dictionary: string[], share: number): Vector => ({
		codes: Uint32Array.from({ length: 2000 }, () => (random() < share ? 2 : 1 + Math.floor(4 * random()))),
		dictionary,
	});
	const a = frame({ c: mixed(['a', '123', '9', 'b'], 0), other: numbers(2000, normal) });
	const b = frame({ c: mixed(['b', '123', 'a', '9'], 0.4), other: numbers(2000, normal) });
	const said = await report(a, b, given);
	expect(said.driftedColumns).toEqual(['c']);
	expect(of(said.columns, 'c').reason).toContain('"123" went from');
});

test.each(BOTH)('texts of digits, of which there are many, are categories: %j', async (given) => {
	const codes = (from: number) => texts(4000, 500, () => Math.floor(from + (500 - from) * random()));
	const digits = (v: Vector): Vector => ('codes' in v ? { ...v, dictionary: v.dictionary.map((_, k) => String(10_000 + k)) } : v);
	const said = await report(frame({ zip: digits(codes(0)) }), frame({ zip: digits(codes(200)) }), given);
	expect(said.columns).toMatchObject([{ column: 'zip', type: 'categorical', drifted: true }]);
	expect(Number.isFinite(said.columns[0].score)).toBe(true);
});

test.each(BOTH)('answers of 0 and 1 are shares, not measurements: %j', async (given) => {
	const yes = (share: number) => numbers(3000, () => Number(random() < share));
	const said = await report(
		frame({ y: yes(0.3), z: yes(0.3) }, { y: 'integer', z: 'integer' }),
		frame({ y: yes(0.3), z: yes(0.6) }),
		given,
	);
	expect(said.driftedColumns).toEqual(['z']);
	if (given.mode === 'default') expect(of(said.columns, 'z').type).toBe('categorical');
});

test.each(BOTH)('gaps of one column take no rows from another: %j', async (given) => {
	const whole = (from: number) => numbers(1000, (i) => (i < from ? -5 : 5) + normal());
	const gaps = (from: number) => numbers(1000, (i) => (i < from ? NaN : normal()));
	// Without the rows in which "gaps" has none, "whole" would be another column.
	const said = await report(frame({ whole: whole(500), gaps: gaps(500) }), frame({ whole: whole(500), gaps: gaps(0) }), given);
	expect(of(said.columns, 'whole')).toMatchObject({ drifted: false });
	if (given.mode === 'default') expect(of(said.columns, 'gaps')).toMatchObject({ missing: { reference: 0.5, current: 0, drifted: true } });
});
