import { linearRegression } from '../../../lib/learn/learners/linearRegression.js';
import { logisticRegression } from '../../../lib/learn/learners/logisticRegression.js';
import type { Learner, Matrix } from '../../../lib/learn/contract.js';
import { quietContext } from '../fitting.js';
import expected from './wide.json';

const { rows, levels } = expected;
const all = <T>(make: (i: number) => T): T[] => Array.from({ length: rows }, (_, i) => make(i));
const code = (i: number): number => (i * i + 7919 * i) % levels;
const few = (i: number): number => (i * 31) % 5;
const x: Matrix = {
	rows,
	columns: [
		{ name: 'a', kind: 'number', data: Float64Array.from(all(Math.sin)) },
		{ name: 'b', kind: 'number', data: Float64Array.from(all((i) => Math.cos(3 * i) + 0.5 * Math.sin(i))) },
		{ name: 'c', kind: 'category', levels: levels + 2, data: Uint16Array.from(all((i) => code(i) + 2)) },
		{ name: 'd', kind: 'category', levels: 7, data: Uint8Array.from(all((i) => few(i) + 2)) },
	],
};
const score = (i: number): number => Math.sin(i) + Math.sin(code(i)) + 0.4 * few(i) - 0.8 + 1.5 * Math.sin(i * i);
const labels = {
	binary: { classes: 2, of: (s: number) => +(s > 0) },
	multiclass: { classes: 4, of: (s: number) => +(s >= -1) + +(s >= 0) + +(s >= 1.2) },
	regression: { classes: 0, of: (s: number) => s },
};
const weight = Float64Array.from(all((i) => 0.5 + (i % 4)));

describe(`thousands of levels, each case against ${expected.made_with}`, () => {
	test.each(expected.cases)('$task, $params, weighted: $weighted', async (c) => {
		const task = c.task as keyof typeof labels;
		const learner = (task === 'regression' ? linearRegression : logisticRegression) as Learner;
		const { classes, of } = labels[task];
		const context = quietContext();
		const { state } = await learner.fit(
			{ task, train: x, labels: { y: Float64Array.from(all((i) => of(score(i)))), classes, weight: c.weighted ? weight : undefined } },
			learner.params.parse({ max_iter: 20_000, tol: 1e-9, ...c.params }),
			context,
		);
		expect(context.notes).toEqual([]);
		const predictor = await learner.predictor(
			learner.validate(state),
			x.columns.map(({ name }) => name),
		);
		const out = new Float64Array(rows * predictor.outputs);
		await predictor.batch(x, out, 1);
		c.predictions.flat().forEach((want, i) => expect(Math.abs(out[i] - want)).toBeLessThan(1e-5));
	});
});
