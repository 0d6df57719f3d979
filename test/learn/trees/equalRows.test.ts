import fc from 'fast-check';
import type { Column, Labels, Matrix } from '../../../lib/learn/contract.js';
import { boost } from '../../../lib/learn/trees/boost.js';
import { compile, childOf } from '../../../lib/learn/trees/compileTrees.js';
import { joinEqualRows } from '../../../lib/learn/trees/equalRows.js';
import { lossOf } from '../../../lib/learn/trees/losses/index.js';
import { toState, type Ensemble } from '../../../lib/learn/trees/ensemble.js';
import { treeDefaults, type TreeParams } from '../../../lib/learn/trees/treeParams.js';
import { rawBatch } from '../../../lib/learn/trees/rawScore.js';
import { murmurPairs } from '../../../lib/domain/random.js';
import { context } from './helpers/data.js';

/**
 * Columns of few values each, as of trips: an hour, a weekday with gaps, a distance in single precision, two places. Most rows have others
 * like them.
 */
function trips(rows: number, task: string, weighted: boolean, seed: number): { train: Matrix; labels: Labels } {
	const random = murmurPairs(seed);
	const draw = (levels: number, power = 1) => Math.floor(random() ** power * levels);
	const columns: Column[] = [
		{ name: 'hour', kind: 'number', data: Float64Array.from({ length: rows }, () => draw(12)) },
		{ name: 'weekday', kind: 'number', data: Float64Array.from({ length: rows }, () => (random() < 0.1 ? NaN : draw(3))) },
		{ name: 'distance', kind: 'number', data: Float32Array.from({ length: rows }, () => draw(5) / 7) },
		{ name: 'from', kind: 'category', data: Uint8Array.from({ length: rows }, () => 2 + draw(8, 2)), levels: 10 },
		{ name: 'to', kind: 'category', data: Uint16Array.from({ length: rows }, () => 2 + draw(400, 30)), levels: 402 },
	];
	const [hour, weekday, distance, from] = columns.map((c) => c.data);
	const z = (i: number) => hour[i] / 6 + (weekday[i] > 0 ? distance[i] : -0.3) + (from[i] % 3) / 2 - 1.5;
	const y = Float64Array.from({ length: rows }, (_, i) => {
		const v = z(i) + random() - 0.5;
		return task === 'binary'
			? +(v > 0)
			: task === 'multiclass'
				? v < -0.5
					? 0
					: v < 0.5
						? 1
						: 2
				: task === 'poisson'
					? Math.max(0, Math.round(v))
					: v;
	});
	return {
		train: { rows, columns },
		labels: {
			y,
			classes: { binary: 2, multiclass: 3 }[task] ?? 0,
			weight: weighted ? Float64Array.from({ length: rows }, () => draw(4)) : undefined,
		},
	};
}

const join = ({ train, labels }: ReturnType<typeof trips>, task: string, seed = 1) => joinEqualRows(train, labels, lossOf(task)!, seed);

it.each([
	['binary', false],
	['regression', true],
	['multiclass', false],
	['poisson', true],
] as const)('%s: equal rows become one with their number, weight and mean target', (task, weighted) => {
	fc.assert(
		fc.property(fc.integer({ min: 3000, max: 20_000 }), fc.integer(), (rows, seed) => {
			const data = trips(rows, task, weighted, seed);
			const joined = join(data, task);
			if (!joined) {
				// Classes must agree too, so of few rows too many differ.
				expect(rows).toBeLessThan(12_000);
				return;
			}
			const { train, labels, counts } = joined;
			const keyOf = (m: Matrix, y: Float64Array, i: number) =>
				[...m.columns.map((c) => c.data[i]), ...(task === 'multiclass' ? [y[i]] : [])].join();
			const sums = (m: Matrix, l: Labels, number: (i: number) => number) => {
				const found = new Map<string, { rows: number; weight: number; target: number }>();
				for (let i = 0; i < m.rows; i++) {
					const key = keyOf(m, l.y, i);
					const sum = found.get(key) ?? { rows: 0, weight: 0, target: 0 };
					const w = l.weight ? l.weight[i] : 1;
					found.set(key, { rows: sum.rows + number(i), weight: sum.weight + w, target: sum.target + w * l.y[i] });
				}
				return found;
			};
			const expected = sums(data.train, data.labels, () => 1);
			const actual = sums(train, labels, (i) => counts[i]);
			expect([...actual.keys()]).toEqual([...expected.keys()]);
			for (const [key, sum] of actual) {
				const own = expected.get(key)!;
				expect(sum.rows).toBe(own.rows);
				expect(sum.weight).toBe(own.weight);
				expect(sum.target).toBeCloseTo(own.target, 9);
			}
		}),
		{ numRuns: 5, seed: 3 },
	);
});

it('a huge group becomes several, so that the others keep their digits', () => {
	const rows = 10_000;
	const train: Matrix = {
		rows,
		columns: [{ name: 'x', kind: 'number', data: Float64Array.from({ length: rows }, (_, i) => (i < 7000 ? 1 : i % 30)) }],
	};
	const { counts } = joinEqualRows(train, { y: new Float64Array(rows).fill(1).fill(0, 5000), classes: 2 }, lossOf('binary')!, 1)!;
	expect(Math.max(...counts)).toBe(256);
	expect(counts.reduce((a, b) => a + b, 0)).toBe(rows);
	// 7,000 and a thirtieth of the others, in groups of 256, and 29 groups of a hundred.
	expect(counts.length).toBe(Math.ceil(7100 / 256) + 29);
});

it('leaves rows apart where most differ, where a loss looks at each residual, and where each has a start of its own', () => {
	const random = murmurPairs(2);
	const rows = 5000;
	const data = trips(rows, 'binary', false, 1);
	const different: Matrix = {
		rows,
		columns: [...data.train.columns, { name: 'price', kind: 'number', data: Float64Array.from({ length: rows }, random) }],
	};
	expect(joinEqualRows(different, data.labels, lossOf('binary')!, 1)).toBeUndefined();
	const few = { rows, columns: data.train.columns.slice(0, 2) };
	expect(joinEqualRows(few, data.labels, lossOf('binary')!, 1)?.train.rows).toBe(12 * 4);
	expect(joinEqualRows(few, { ...data.labels, offset: new Float64Array(rows) }, lossOf('binary')!, 1)).toBeUndefined();
	for (const loss of ['quantile', 'regression_l1', 'huber']) expect(joinEqualRows(few, data.labels, lossOf(loss)!, 1)).toBeUndefined();
});

it.each<[string, string, boolean, Partial<TreeParams>]>([
	['two classes', 'binary', false, {}],
	['weights', 'regression', true, {}],
	['classes, by level', 'multiclass', false, { growth: 'depth', maxDepth: 4 }],
])('plain, 1, 2 and 4 threads grow the same trees on joined rows: %s', async (_name, task, weighted, over) => {
	const data = trips(90_001, task, weighted, 5);
	expect(join(data, task)!.train.rows).toBeGreaterThan(1000);
	const valid = trips(700, task, weighted, 6);
	const run = async (threads: number, plain: boolean) =>
		toState(
			(
				await boost({
					...data,
					valid: { x: valid.train, labels: valid.labels },
					loss: lossOf(task)!,
					params: { ...treeDefaults, numIterations: 4, ...over },
					plain,
					cellsPerThread: 1,
					context: context({ threads }),
				})
			).model,
		);
	const expected = await run(1, true);
	for (const threads of [1, 2, 4]) expect(await run(threads, false)).toEqual(expected);
});

/** Rows of a matrix that reach each node of a tree. */
function reached(model: Ensemble, tree: number, x: Matrix): number[] {
	const c = compile({ ...model, trees: [model.trees[tree]], outputs: 1, initial: [0] });
	const counts = new Array<number>(c.feature.length).fill(0);
	for (let i = 0; i < x.rows; i++) {
		let n = 0;
		counts[n]++;
		while (c.feature[n] >= 0) counts[(n = childOf(c, n, x.columns[c.feature[n]].data[i]))]++;
	}
	return counts;
}

it.each(['binary', 'regression', 'multiclass'])(
	'%s: joined rows give the model that all rows give, and nodes count all of them',
	async (task) => {
		const data = trips(60_000, task, false, 8);
		const test = trips(5000, task, false, 9).train;
		const run = async (apart: boolean) =>
			(await boost({ ...data, loss: lossOf(task)!, params: { ...treeDefaults, numIterations: 10 }, apart, context: context() })).model;
		const joined = await run(false);
		const all = await run(true);
		for (const t of [0, joined.trees.length - 1]) expect(Array.from(joined.trees[t].count)).toEqual(reached(joined, t, data.train));
		// The first tree is not yet a matter of rounding.
		expect(joined.trees[0].feature).toEqual(all.trees[0].feature);
		expect(joined.trees[0].threshold).toEqual(all.trees[0].threshold);
		expect(joined.trees[0].count).toEqual(all.trees[0].count);
		const a = rawBatch(compile(joined), test);
		const b = rawBatch(compile(all), test);
		const spread = Math.sqrt(b.reduce((s, v) => s + v * v, 0) / b.length);
		expect(Math.sqrt(a.reduce((s, v, i) => s + (v - b[i]) ** 2, 0) / a.length)).toBeLessThan(0.05 * spread);
	},
);

it('draws are of rows, so nothing is joined where rows are drawn', async () => {
	const data = trips(20_000, 'binary', false, 8);
	for (const over of [
		{ baggingFraction: 0.5, baggingFreq: 1 },
		{ sampling: 'goss' as const, learningRate: 1 },
	]) {
		const run = (apart: boolean) =>
			boost({ ...data, loss: lossOf('binary')!, params: { ...treeDefaults, numIterations: 3, ...over }, apart, context: context() });
		expect(toState((await run(false)).model)).toEqual(toState((await run(true)).model));
	}
});
