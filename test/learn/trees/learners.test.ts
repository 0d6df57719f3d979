import { decisionTree } from '../../../lib/learn/learners/decisionTree.js';
import { gradientBoosting } from '../../../lib/learn/learners/gradientBoosting.js';
import { randomForest } from '../../../lib/learn/learners/randomForest.js';
import type { Learner } from '../../../lib/learn/contract.js';
import { metricsFor } from '../../../lib/task/measure.js';
import { rocArea } from '../../../lib/task/metrics/ranks.js';
import { context, labelsOf, makeData, rowOf } from './helpers/data.js';
import { nodesOf } from './helpers/firstForm.js';

const rmse = (y: Float64Array, p: Float64Array): number => metricsFor('regression', y, p, 0).rmse;

const LEARNERS = [gradientBoosting, randomForest, decisionTree] as ReadonlyArray<Learner<unknown>>;
const TASKS = ['binary', 'multiclass', 'regression'] as const;

describe.each(LEARNERS)('$label', (learner) => {
	describe.each(TASKS)('%s', (task) => {
		const train = makeData(3000, task, 1);
		const test = makeData(1000, task, 2);
		const names = train.x.columns.map((c) => c.name);
		const fit = (seed = 7) =>
			learner.fit(
				{ task, train: train.x, labels: labelsOf(train, task) },
				learner.params.parse(learner.id === 'decisionTree' ? { min_samples_leaf: 10 } : { n_estimators: 40 }),
				context({ seed }),
			);

		it('learns what new rows will be', async () => {
			const fitted = await fit();
			const p = await learner.predictor(fitted.state, names);
			const out = new Float64Array(test.x.rows * p.outputs);
			await p.batch(test.x, out, 1);
			if (task === 'binary') expect(rocArea(test.y, out)).toBeGreaterThan(0.95);
			if (task === 'multiclass') expect(metricsFor('multiclass', test.y, out, 3).accuracy).toBeGreaterThan(0.8);
			if (task === 'regression') expect(rmse(test.y, out)).toBeLessThan(0.7);
			if (task === 'multiclass') for (let i = 0; i < 50; i++) expect(out[3 * i] + out[3 * i + 1] + out[3 * i + 2]).toBeCloseTo(1, 12);
		});

		it('answers one row as it answers many, and explains it exactly', async () => {
			const fitted = await fit();
			const p = await learner.predictor(learner.validate(structuredClone(fitted.state)), names);
			const out = new Float64Array(test.x.rows * p.outputs);
			await p.batch(test.x, out, 1);
			const one = new Float64Array(p.outputs);
			for (let i = 0; i < 40; i++) {
				const row = rowOf(test.x, i);
				p.row(row, one);
				expect([...one]).toEqual([...out.subarray(i * p.outputs, (i + 1) * p.outputs)]);
				const raw = (k: number) => p.contributions?.(row, k).reduce((a, b) => a + b, 0) ?? NaN;
				if (learner.id === 'gradientBoosting' && task === 'binary') expect(1 / (1 + Math.exp(-raw(0)))).toBeCloseTo(one[0], 9);
				else if (task === 'regression' || learner.id !== 'gradientBoosting') expect(raw(0)).toBeCloseTo(one[0], 9);
				else {
					const z = [0, 1, 2].map(raw);
					const sum = z.reduce((a, b) => a + Math.exp(b), 0);
					z.forEach((v, k) => expect(Math.exp(v) / sum).toBeCloseTo(one[k], 9));
				}
			}
		});

		it('gives the same model for the same seed', async () => {
			expect((await fit()).state).toEqual((await fit()).state);
		});
	});
});

it('stops when validation rows stop improving, and keeps the best iteration', async () => {
	const train = makeData(600, 'binary', 1);
	for (let i = 0; i < 600; i += 4) train.y[i] = 1 - train.y[i];
	const valid = makeData(600, 'binary', 2);
	const fitted = await gradientBoosting.fit(
		{ task: 'binary', train: train.x, labels: labelsOf(train, 'binary'), valid: { x: valid.x, labels: labelsOf(valid, 'binary') } },
		gradientBoosting.params.parse({ n_estimators: 500, early_stopping_rounds: 10, learning_rate: 0.3 }),
		context(),
	);
	expect(fitted.stopped).toBe('early');
	expect(nodesOf(fitted.state).starts.length - 1).toBe(fitted.bestIteration);
	expect(fitted.bestIteration).toBeLessThan(490);
});

it('reads its columns by name, whatever their order', async () => {
	const train = makeData(500, 'regression', 3);
	const fitted = await gradientBoosting.fit(
		{ task: 'regression', train: train.x, labels: labelsOf(train, 'regression') },
		gradientBoosting.params.parse({}),
		context(),
	);
	const names = train.x.columns.map((c) => c.name);
	const straight = await gradientBoosting.predictor(fitted.state, names);
	const turned = await gradientBoosting.predictor(fitted.state, [...names].reverse());
	const a = new Float64Array(1);
	const b = new Float64Array(1);
	const row = rowOf(train.x, 5);
	straight.row(row, a);
	turned.row(row.slice().reverse(), b);
	expect(a[0]).toBe(b[0]);
	expect(turned.contributions?.(row.slice().reverse(), 0).slice(0, 4).reverse()).toEqual(straight.contributions?.(row, 0).slice(0, 4));
});

it('is stopped by the shared flag', async () => {
	const train = makeData(500, 'regression', 3);
	const cancelled = new Int32Array(new SharedArrayBuffer(4));
	cancelled[0] = 1;
	await expect(
		gradientBoosting.fit(
			{ task: 'regression', train: train.x, labels: labelsOf(train, 'regression') },
			gradientBoosting.params.parse({}),
			context({ cancelled }),
		),
	).rejects.toMatchObject({ code: 'compute.cancelled' });
});

it('a forest learns numbers far from zero as well as those near it', async () => {
	const train = makeData(800, 'regression', 3);
	const far = { ...train, y: train.y.map((v) => v + 1e9) };
	const [a, b] = await Promise.all(
		[train, far].map((d) =>
			randomForest.fit(
				{ task: 'regression', train: d.x, labels: labelsOf(d, 'regression') },
				randomForest.params.parse({ n_estimators: 10 }),
				context(),
			),
		),
	);
	const out = [a, b].map(async (fitted) => {
		const o = new Float64Array(800);
		await (
			await randomForest.predictor(
				fitted.state,
				train.x.columns.map((c) => c.name),
			)
		).batch(train.x, o, 1);
		return o;
	});
	expect(Math.abs(rmse(train.y, await out[0]) - rmse(far.y, await out[1]))).toBeLessThan(0.02);
});
