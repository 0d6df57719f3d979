import { gradientBoosting } from '../../../lib/learn/learners/gradientBoosting.js';
import type { Matrix } from '../../../lib/learn/contract.js';
import { boost } from '../../../lib/learn/trees/boost.js';
import { drawByGradient } from '../../../lib/learn/trees/goss.js';
import { lossOf } from '../../../lib/learn/trees/losses/index.js';
import { toState } from '../../../lib/learn/trees/ensemble.js';
import { treeDefaults } from '../../../lib/learn/trees/treeParams.js';
import { treePredictor } from '../../../lib/learn/trees/treePredictor.js';
import { murmurPairs } from '../../../lib/domain/random.js';
import expected from './expected/goss.json';
import { context, labelsOf, makeData } from './helpers/data.js';
import { nodesOf } from './helpers/firstForm.js';

interface Case {
	objective: string;
	y: number[];
	goss: number[];
	all: number;
}

const names = expected.x.map((_, j) => `x${j}`);
const part = (from: number, to: number): Matrix => ({
	rows: to - from,
	columns: expected.x.map((c, j) => ({ name: names[j], kind: 'number', data: Float64Array.from(c.slice(from, to)) })),
});
const train = part(0, expected.train);
const test = part(expected.train, expected.x[0].length);

it.each((expected.cases as Case[]).map((c) => [c.objective, c] as const))(
	'rows drawn by gradient score as well as in LightGBM (%s)',
	async (objective, c) => {
		const scoreWith = async (seed: number, sampling: 'goss' | 'bagging') => {
			const { model } = await boost({
				train,
				labels: { y: Float64Array.from(c.y.slice(0, expected.train)), classes: objective === 'binary' ? 2 : 0 },
				loss: lossOf(objective)!,
				params: { ...treeDefaults, numIterations: 60, numLeaves: 15, sampling, seed },
				context: context(),
			});
			const p = new Float64Array(test.rows);
			await treePredictor(model, names).batch(test, p, 1);
			const sum =
				p.reduce((s, v, i) => {
					const y = c.y[expected.train + i];
					return s + (objective === 'binary' ? -Math.log(y === 1 ? v : 1 - v) : (v - y) ** 2);
				}, 0) / p.length;
			return objective === 'binary' ? sum : Math.sqrt(sum);
		};
		const mean = (v: number[]) => v.reduce((a, b) => a + b, 0) / v.length;
		const ours: number[] = [];
		for (let seed = 0; seed < 5; seed++) ours.push(await scoreWith(seed, 'goss'));
		// What seeds alone do in LightGBM is the yardstick for the difference of the means.
		const spread = Math.max(...c.goss) - Math.min(...c.goss);
		expect(Math.abs(mean(ours) - mean(c.goss))).toBeLessThan(spread);
		expect(new Set(ours).size).toBe(5);
		expect(await scoreWith(0, 'bagging')).toBeLessThan(1.01 * c.all);
	},
);

it.each(['binary', 'multiclass', 'regression', 'quantile'])('plain, 1, 2 and 4 threads draw the same rows (%s)', async (objective) => {
	const task = objective === 'quantile' ? 'regression' : (objective as 'binary');
	const rows = 40_001;
	const made = makeData(rows, task, 6);
	const random = murmurPairs(2);
	const weight = Float64Array.from({ length: rows }, () => random() * 2);
	const run = async (threads: number, plain: boolean, seed = 3) =>
		toState(
			(
				await boost({
					train: made.x,
					labels: labelsOf(made, task, weight),
					loss: lossOf(objective)!,
					params: { ...treeDefaults, numIterations: 5, learningRate: 0.4, sampling: 'goss', seed },
					plain,
					cellsPerThread: 1,
					context: context({ threads }),
				})
			).model,
		);
	const plain = await run(1, true);
	for (const threads of [1, 2, 4]) expect(await run(threads, false)).toEqual(plain);
	expect(nodesOf(await run(1, false, 4)).value).not.toEqual(nodesOf(plain).value);
});

it('keeps the largest, draws its share of the others, and keeps the sum of gradients as it was', () => {
	const rows = 100_000;
	const random = murmurPairs(5);
	const g = Float32Array.from({ length: rows }, () => random() - 0.3);
	const h = new Float32Array(rows).fill(1);
	const before = Float32Array.from(g);
	const drawn = new Uint8Array(rows);
	drawByGradient([g], [h], 0.2, 0.1, 9, drawn);
	const order = [...before.keys()].sort((a, b) => Math.abs(before[b]) - Math.abs(before[a]));
	for (const i of order.slice(0, 20_000)) expect([drawn[i], g[i]]).toEqual([1, before[i]]);
	const others = order.slice(20_001);
	const taken = others.filter((i) => drawn[i]);
	expect(taken.length).toBeGreaterThan(9600);
	expect(taken.length).toBeLessThan(10_400);
	for (const i of taken) expect(g[i]).toBeCloseTo(before[i] * 8, 5);
	const sum = (of: Float32Array) => of.reduce((a, b) => a + b, 0);
	expect(Math.abs(sum(g) - sum(before)) / sum(before)).toBeLessThan(0.05);
	expect(Math.abs(sum(h) - rows) / rows).toBeLessThan(0.05);
});

it.each([{ top_rate: 0.7, other_rate: 0.4 }, { top_rate: 0 }, { other_rate: 0 }, { subsample: 0.5 }])(
	'shares that make no sense are refused: %p',
	async (over) => {
		const made = makeData(100, 'regression');
		await expect(
			gradientBoosting.fit(
				{ task: 'regression', train: made.x, labels: labelsOf(made, 'regression') },
				gradientBoosting.params.parse({ data_sample_strategy: 'goss', ...over }),
				context(),
			),
		).rejects.toMatchObject({ code: 'learn.parameter_invalid' });
	},
);
