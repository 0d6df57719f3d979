import type { ColumnSchema } from '../../lib/domain/column';
import { driftRecord } from '../../lib/domain/drift';
import { silentContext } from '../../lib/domain/progress';
import type { Frame } from '../../lib/data/frame';
import { takeRows } from '../../lib/data/takeRows';
import { murmurTwice } from '../../lib/domain/random';
import { sample } from '../../lib/task/statistics/sampling';
import { buildReference, driftParams, driftReport, referenceSketch } from '../../lib/monitor';
import { flights } from './flights';
import { frameOf } from '../data/frames';

const params = (given: object = {}) => driftParams.parse(given);
const report = async (a: Parameters<typeof driftReport>[0], b: Frame, given: object = {}) =>
	driftReport(a, b, params(given), silentContext());
const column = (name: string, type: ColumnSchema['type']): ColumnSchema => ({ name, type, role: 'feature' });

function normal(random: () => number): number {
	return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/**
 * Rows from one distribution: a number, a skewed one, a count, yes/no with gaps, and categories of so many levels, the first the most
 * frequent.
 */
function rowsOf(n: number, levels: number, seed: number, { shift = 0, gaps = 0.1, prefix = 'v' } = {}): Frame {
	const random = murmurTwice(seed);
	const make = <T>(one: () => T): T[] => Array.from({ length: n }, one);
	return frameOf(
		[
			column('number', 'number'),
			column('skewed', 'number'),
			column('count', 'integer'),
			column('flag', 'boolean'),
			column('category', 'category'),
		],
		{
			number: make(() => normal(random) + shift),
			skewed: make(() => Math.exp(1.5 * normal(random))),
			count: make(() => Math.floor(8 * random() * random())),
			flag: make(() => (random() < gaps ? null : random() < 0.3 ? 1 : 0)),
			category: make(() => `${prefix}${Math.floor(levels * random() ** 2)}`),
		},
	);
}

/** Independent draws of rows from one pool, so that whatever differs is chance. */
function drawer(levels: number): (n: number) => Frame {
	const pool = rowsOf(4000, levels, levels);
	const random = murmurTwice(levels + 1);
	return (n) =>
		takeRows(
			pool,
			Uint32Array.from({ length: n }, () => (random() * pool.rows) | 0),
		);
}

describe('without drift', () => {
	test('at most 7 % of 1,000 draws raise any alarm, up to 1,000 levels, even when no change is too small to count', async () => {
		let alarms = 0;
		let draws = 0;
		for (const [rows, levels] of [
			[150, 3],
			[600, 10],
			[1000, 50],
			[900, 1000],
			[250, 1000],
		]) {
			const draw = drawer(levels);
			for (let d = 0; d < 200; d++) {
				const result = await report(draw(rows), draw(d % 2 ? rows : rows / 2), { minDistance: 0, minMissing: 0, minNew: 0 });
				draws++;
				if (result.driftedColumns.length) alarms++;
			}
		}
		expect(draws).toBe(1000);
		expect(alarms / draws).toBeLessThanOrEqual(0.07);
	}, 120_000);

	test('with the default limits hardly any', async () => {
		const draw = drawer(200);
		let alarms = 0;
		for (let d = 0; d < 200; d++) if ((await report(draw(500), draw(500))).driftedColumns.length) alarms++;
		expect(alarms).toBeLessThanOrEqual(6);
	}, 60_000);
});

describe('real drift is seen', () => {
	const reference = rowsOf(1000, 50, 1);

	test('a shifted number, and only that', async () => {
		const result = await report(reference, rowsOf(1000, 50, 2, { shift: 0.4 }));
		expect(result.driftedColumns).toEqual(['number']);
		expect(result.columns[0].reason).toMatch(/mean went from/);
		expect(result.drifted).toBe(false); // one of five columns
		expect(result.summary).toContain('1 of 5 columns drifted (number)');
	});

	test('missing values that grow, which Evidently passes over', async () => {
		const current = rowsOf(1000, 50, 2, { gaps: 0.3 });
		expect((await report(reference, current)).driftedColumns).toEqual(['flag']);
		expect((await report(reference, current)).columns.find((c) => c.column === 'flag')?.reason).toMatch(
			/Missing values went from .* to 3\d/,
		);
		// Yes/no with gaps is what Evidently leaves out altogether.
		const theirs = await report(reference, current, { mode: 'evidently' });
		expect(theirs.columns.map((c) => c.column)).not.toContain('flag');
		expect(theirs.notes).toContainEqual(expect.objectContaining({ code: 'column_left_out' }));
	});

	test('values never seen before are named', async () => {
		const result = await report(reference, rowsOf(1000, 50, 2, { prefix: 'w' }));
		expect(result.driftedColumns).toEqual(['category']);
		expect(result.columns[4].reason).toContain('New: "w0"');
	});

	test('new spellings of many rare values, though each is rare', async () => {
		const random = murmurTwice(5);
		const codes = (suffix: string) =>
			frameOf([column('code', 'category')], {
				code: Array.from({ length: 1000 }, () => {
					const k = Math.floor(500 * random());
					return k % 2 ? `c${k}` : `c${k}${suffix}`;
				}),
			});
		expect((await report(codes(''), codes(''))).driftedColumns).toEqual([]);
		const result = await report(codes(''), codes('x'));
		expect(result.driftedColumns).toEqual(['code']);
	});

	test('a column that is gone, and one that changed its type', async () => {
		const current = rowsOf(500, 50, 2);
		const without: Frame = { ...current, schema: current.schema.slice(1), vectors: current.vectors.slice(1) };
		expect((await report(reference, without)).columns[0]).toMatchObject({
			column: 'number',
			drifted: true,
			test: 'schema',
			reason: 'The column is gone from the current rows.',
		});
		const text = frameOf([column('number', 'category')], { number: Array.from({ length: 12 }, (_, i) => 'abc'[i % 3]) });
		expect((await report(reference, text, { columns: ['number'] })).columns[0].reason).toMatch(
			/held number values and holds category values/,
		);
	});

	test('all values missing', async () => {
		const current = frameOf([column('number', 'number')], { number: new Array(300).fill(null) });
		const result = await report(reference, current, { columns: ['number'] });
		expect(result.columns[0]).toMatchObject({ drifted: true, reason: expect.stringMatching(/All values are missing/) });
	});
});

describe('flights of 2001', () => {
	test("January against June and January's halves are stable, the broken feed drifts in distance and origin", async () => {
		const verdicts: Record<string, string[]> = {};
		for (const name of ['January against June', "January's halves", 'January against broken June']) {
			const [a, b] = await flights(name);
			const result = await report(a, b);
			expect(driftRecord.parse(result)).toBeTruthy();
			verdicts[name] = result.driftedColumns;
			// The reference kept with a model says the same.
			const sketch = referenceSketch.parse(JSON.parse(JSON.stringify(buildReference(a))));
			const again = await report(sketch, b);
			expect(again.columns.map((c) => [c.column, c.score])).toEqual(result.columns.map((c) => [c.column, c.score]));
		}
		expect(verdicts).toEqual({ 'January against June': [], "January's halves": [], 'January against broken June': ['distance', 'origin'] });
	}, 120_000);
});

describe('the reference as a sketch', () => {
	const random = murmurTwice(9);
	const wide = (n: number, shift: number) =>
		frameOf([column('x', 'number')], { x: Array.from({ length: n }, () => normal(random) + shift) });
	const reference = wide(50_000, 0);
	const sketch = buildReference(reference);

	test('is small, and its distances are within the bound that it states', async () => {
		expect(JSON.stringify(sketch).length).toBeLessThan(100_000);
		const { error, std = NaN } = sketch.columns[0];
		expect(error.distance).toBeGreaterThan(0);
		for (const shift of [0, 0.05, 0.3]) {
			const current = wide(20_000, shift);
			const exact = (await report(reference, current)).columns[0];
			const sketched = (await report(sketch, current)).columns[0];
			// Scores take off the floor by squares: compare the distances themselves.
			const distance = (c: typeof exact) => Math.hypot(c.score, c.score > 0 ? (c.floor ?? 0) : 0);
			if (exact.score > 0 && sketched.score > 0)
				expect(Math.abs(distance(exact) - distance(sketched))).toBeLessThanOrEqual((2 * error.distance) / std);
			expect(sketched.drifted).toBe(exact.drifted);
		}
	});

	test('mode evidently refuses a sketch that lost something', async () => {
		await expect(report(sketch, wide(100, 0), { mode: 'evidently' })).rejects.toMatchObject({ code: 'monitor.no_reference' });
	});

	test('says so near the limit', async () => {
		const current = wide(20_000, 0.2);
		const { score } = (await report(sketch, current)).columns[0];
		const result = await report(sketch, current, { thresholds: { x: score + 1e-6 } });
		expect(result.notes).toContainEqual(expect.objectContaining({ code: 'near_threshold' }));
	});
});

describe('choices', () => {
	test('another test and limit for one column', async () => {
		const result = await report(rowsOf(500, 5, 1), rowsOf(500, 5, 2, { shift: 0.3 }), {
			columns: ['number'],
			tests: { number: 'psi' },
			thresholds: { number: '0.02' },
		});
		expect(result.columns[0]).toMatchObject({ test: 'psi', threshold: 0.02, drifted: true });
	});

	test('ids, dates and ignored columns are not compared unless named', async () => {
		const schema: ColumnSchema[] = [
			{ ...column('id', 'integer'), role: 'id' },
			column('when', 'datetime'),
			{ ...column('junk', 'number'), role: 'ignore' },
			column('x', 'number'),
		];
		const counted = Array.from({ length: 12 }, (_, i) => i);
		const values = { id: counted, when: counted, junk: counted, x: counted };
		expect((await report(frameOf(schema, values), frameOf(schema, values))).columns.map((c) => c.column)).toEqual(['x']);
		expect((await report(frameOf(schema, values), frameOf(schema, values), { columns: ['junk'] })).columns.map((c) => c.column)).toEqual([
			'junk',
		]);
	});

	test('unknown columns, no rows and a stop are said plainly', async () => {
		const frame = rowsOf(50, 3, 1);
		await expect(report(frame, frame, { columns: ['nope'] })).rejects.toMatchObject({ code: 'data.column_unknown' });
		await expect(report(frame, rowsOf(0, 3, 1))).rejects.toMatchObject({ code: 'monitor.too_few_rows' });
		const stop = new AbortController();
		stop.abort();
		for (const carrier of [{ signal: stop.signal }, { cancelled: Int32Array.of(1) }])
			await expect(driftReport(frame, frame, params(), { ...silentContext(), ...carrier })).rejects.toMatchObject({
				code: 'compute.cancelled',
			});
	});
});

test('seeded samples repeat', () => {
	expect([...sample(100, 5, murmurTwice(3))]).toEqual([...sample(100, 5, murmurTwice(3))]);
});
