import type { Learner } from '../../../lib/learn/contract.js';
import { linearRegression } from '../../../lib/learn/learners/linearRegression.js';
import { logisticRegression } from '../../../lib/learn/learners/logisticRegression.js';
import { matrixOf, quietContext } from '../fitting.js';
import expected from './linear.sklearn.json';

const x = matrixOf(expected.X, [{ codes: expected.category.map((c) => c + 2), levels: 7 }]);
const names = x.columns.map((c) => c.name);

describe('linear learners', () => {
	for (const c of expected.cases) {
		test(`${c.learner}, ${c.task}, ${JSON.stringify(c.params)}${c.weighted ? ', weighted' : ''}: scikit-learn's coefficients and predictions`, async () => {
			const learner = (c.learner === 'logisticRegression' ? logisticRegression : linearRegression) as Learner;
			const task = c.task as 'binary' | 'multiclass' | 'regression';
			const params = learner.params.parse({ max_iter: 5000, tol: 1e-9, ...c.params });
			const labels = {
				y: Float64Array.from(expected[task]),
				classes: task === 'regression' ? 0 : task === 'binary' ? 2 : 3,
				weight: c.weighted ? Float64Array.from(expected.weight) : undefined,
			};
			const { state } = await learner.fit({ task, train: x, labels }, params, quietContext());
			const width = 10; // three numbers, seven codes of which 0 (missing) and 1 (unseen) never occur
			c.coef.forEach((row, k) => {
				const ours = Array.from(state.arrays.coef.subarray(k * width, (k + 1) * width));
				const all = [...row.slice(0, 3), 0, 0, ...row.slice(3)];
				all.forEach((want, j) => expect(Math.abs(ours[j] - want)).toBeLessThan(1e-4 * Math.max(1, Math.abs(want))));
			});
			const predictor = await learner.predictor(learner.validate(state), names);
			const out = new Float64Array(c.predictions.length);
			await predictor.batch(x, out, 1);
			c.predictions.forEach((want, i) => expect(Math.abs(out[i] - want)).toBeLessThan(1e-4 * Math.max(1, Math.abs(want))));
		});
	}

	test('contributions and the expected value add up to the raw score', async () => {
		const labels = { y: Float64Array.from(expected.multiclass), classes: 3 };
		const { state } = await logisticRegression.fit(
			{ task: 'multiclass', train: x, labels },
			logisticRegression.params.parse({}),
			quietContext(),
		);
		const predictor = await logisticRegression.predictor(state, names);
		const values = Float64Array.of(0.3, -2, 1, 4);
		const out = new Float64Array(3);
		predictor.row(values, out);
		const raw = [0, 1, 2].map((k) => predictor.contributions!(values, k).reduce((a, b) => a + b, 0));
		const sum = raw.reduce((a, s) => a + Math.exp(s), 0);
		raw.forEach((s, k) => expect(Math.exp(s) / sum).toBeCloseTo(out[k], 12));
	});

	test('many levels and L1 with several classes take the other solvers and end at the same optimum conditions', async () => {
		const n = 3000;
		const codes = Array.from({ length: n }, (_, i) => 2 + ((i * 7919) % 2000));
		const wide = matrixOf(
			codes.map((c, i) => [Math.sin(i), c % 2]),
			[{ codes, levels: 2002 }],
		);
		const y = Float64Array.from(codes, (c, i) => (Math.sin(i) + (c % 2) + Math.sin(i * i) > 0.5 ? 1 : 0));
		for (const l1_ratio of [0, 1]) {
			const context = quietContext();
			const { state } = await logisticRegression.fit(
				{ task: 'binary', train: wide, labels: { y, classes: 2 } },
				logisticRegression.params.parse({ l1_ratio, C: 0.5 }),
				context,
			);
			expect(context.notes).toEqual([]);
			expect(state.arrays.coef[0]).toBeGreaterThan(1);
			expect(Math.abs(state.arrays.coef[2])).toBe(0);
		}
	});

	test('refuses infinite values, missing values and all-zero weights by name', async () => {
		const y = Float64Array.of(0, 1);
		const p = logisticRegression.params.parse({});
		const fit = (v: number, weight?: Float64Array) =>
			logisticRegression.fit({ task: 'binary', train: matrixOf([[1], [v]]), labels: { y, classes: 2, weight } }, p, quietContext());
		await expect(fit(Infinity)).rejects.toMatchObject({ code: 'learn.value_infinite', details: { column: 'x0', row: 2 } });
		await expect(fit(NaN)).rejects.toMatchObject({ code: 'learn.value_infinite' });
		await expect(fit(2, new Float64Array(2))).rejects.toMatchObject({ code: 'learn.weights_invalid' });
	});

	test('a cancelled training ends, and "keep the best" keeps it', async () => {
		const labels = { y: Float64Array.from(expected.multiclass), classes: 3 };
		const p = logisticRegression.params.parse({});
		const context = quietContext();
		context.cancelled[0] = 1;
		await expect(logisticRegression.fit({ task: 'multiclass', train: x, labels }, p, context)).rejects.toMatchObject({
			code: 'compute.cancelled',
		});
		context.cancelled[0] = 2;
		expect((await logisticRegression.fit({ task: 'multiclass', train: x, labels }, p, context)).stopped).toBe('cancelled');
	});
});
