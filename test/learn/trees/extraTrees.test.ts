import type { Matrix } from '../../../lib/learn/contract.js';
import { gradientBoosting } from '../../../lib/learn/learners/gradientBoosting.js';
import { boost } from '../../../lib/learn/trees/boost.js';
import { toState } from '../../../lib/learn/trees/ensemble.js';
import { lossOf } from '../../../lib/learn/trees/losses/index.js';
import { treeDefaults } from '../../../lib/learn/trees/treeParams.js';
import { treePredictor } from '../../../lib/learn/trees/treePredictor.js';
import { murmurPairs } from '../../../lib/domain/random.js';
import data from './expected/goss.json';
import expected from './expected/extraTrees.json';
import { context } from './helpers/data.js';
import { made } from './helpers/mixed.js';
import { nodesOf } from './helpers/firstForm.js';

const part = (from: number, to: number): Matrix => ({
	rows: to - from,
	columns: data.x.map((c, j) => ({ name: `x${j}`, kind: 'number', data: Float64Array.from(c.slice(from, to)) })),
});
const mean = (v: readonly number[]): number => v.reduce((a, b) => a + b, 0) / v.length;

it.each(expected.cases.map((c) => [c.objective, c] as const))(
	'borders at random save four fifths of what they save in LightGBM, where all borders learn by heart (%s)',
	async (objective, c) => {
		const { y } = data.cases.find((of) => of.objective === objective)!;
		const test = part(data.train, y.length);
		const scoreWith = async (seed: number, extraTrees: boolean) => {
			const { model } = await boost({
				train: part(0, expected.rows),
				labels: { y: Float64Array.from(y.slice(0, expected.rows)), classes: objective === 'binary' ? 2 : 0 },
				loss: lossOf(objective)!,
				params: { ...treeDefaults, minDataInLeaf: 5, extraTrees, seed },
				context: context(),
			});
			const p = new Float64Array(test.rows);
			await treePredictor(
				model,
				test.columns.map((column) => column.name),
			).batch(test, p, 1);
			const errors = Array.from(p, (v, i) => {
				const truth = y[data.train + i];
				return objective === 'binary' ? -Math.log(truth === 1 ? v : 1 - v) : (v - truth) ** 2;
			});
			return objective === 'binary' ? mean(errors) : Math.sqrt(mean(errors));
		};
		const ours = await Promise.all(Array.from({ length: 10 }, (_, seed) => scoreWith(seed, true)));
		// LightGBM draws among all borders, of which a small leaf has few, so that its trees stay smaller.
		expect(c.all - mean(ours)).toBeGreaterThan(0.8 * (c.all - mean(c.extra)));
		expect(new Set(ours).size).toBe(10);
		expect(mean(ours)).toBeLessThan(await scoreWith(0, false));
	},
);

it.each([
	['binary', {}],
	['regression', { baggingFraction: 0.7, baggingFreq: 1, lambdaL1: 0.5 }],
	['multiclass', { featureFraction: 0.6 }],
] as const)('plain, 1, 2 and 4 threads draw the same borders, byte for byte (%s)', async (task, over) => {
	const input = {
		...made(40_001, task, false, 3),
		loss: lossOf(task)!,
		params: { ...treeDefaults, numIterations: 4, extraTrees: true, ...over },
	};
	const stateOf = async (threads: number, plain = false, seed = 0) =>
		toState((await boost({ ...input, params: { ...input.params, seed }, plain, cellsPerThread: 1, context: context({ threads }) })).model);
	const plain = await stateOf(1, true);
	expect(nodesOf(plain).feature.length).toBeGreaterThan(60);
	for (const threads of [1, 2, 4]) expect(await stateOf(threads)).toEqual(plain);
	expect(nodesOf(await stateOf(1, false, 1)).threshold).not.toEqual(nodesOf(plain).threshold);
});

it('rising constraints and the smallest leaf hold with borders at random, and gaps find a side', async () => {
	const rows = 2000;
	const random = murmurPairs(4);
	const x = Float64Array.from({ length: rows }, () => (random() < 0.2 ? NaN : random()));
	const z = Float64Array.from({ length: rows }, () => random());
	const y = Float64Array.from(x, (v, i) => (v === v ? v + 0.5 * Math.sin(20 * v) : 3) + z[i] + 0.3 * random());
	const train: Matrix = {
		rows,
		columns: [
			{ name: 'x', kind: 'number', data: x },
			{ name: 'z', kind: 'number', data: z },
		],
	};
	const params = gradientBoosting.params.parse({ extra_trees: true, monotone_increasing: ['x'], min_child_samples: 30 });
	const { state } = await gradientBoosting.fit({ task: 'regression', train, labels: { y, classes: 0 } }, params, context());
	const { feature, count } = nodesOf(state);
	for (let n = 0; n < feature.length; n++) if (feature[n] < 0) expect(count[n]).toBeGreaterThanOrEqual(30);
	const predictor = await gradientBoosting.predictor(state, ['x', 'z']);
	const answer = (at: number): number => {
		const out = new Float64Array(1);
		predictor.row(Float64Array.of(at, 0.5), out);
		return out[0];
	};
	for (let v = 0; v < 1; v += 0.01) expect(answer(v + 0.01)).toBeGreaterThanOrEqual(answer(v));
	expect(answer(NaN)).toBeGreaterThan(3);
});
