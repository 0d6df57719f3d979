import { linearRegression } from '../../../lib/learn/learners/linearRegression.js';
import { logisticRegression } from '../../../lib/learn/learners/logisticRegression.js';
import type { Column, Learner } from '../../../lib/learn/contract.js';
import { murmurTwice } from '../../../lib/domain/random.js';
import { quietContext } from '../fitting.js';

// Just so many cells that two threads are worth their start.
const rows = 140_000;
const random = murmurTwice(5);
const numbers = Array.from(
	{ length: 13 },
	(_, j): Column => ({ name: `x${j}`, kind: 'number', data: Float64Array.from({ length: rows }, () => random() - 0.5) }),
);
const category = (name: string, levels: number): Column => ({
	name,
	kind: 'category',
	levels,
	data: Uint16Array.from({ length: rows }, () => 2 + Math.floor((levels - 2) * random() ** 2)),
});
const few = [...numbers, category('few', 12), category('some', 40)];
const many = [...numbers, category('few', 12), category('many', 3000)];
const y = Float64Array.from({ length: rows }, (_, i) => numbers.reduce((sum, c, j) => sum + c.data[i] * ((j % 3) - 1), 0) + random() - 0.5);
const binary = y.map((v) => +(v > 0));

describe('several threads', () => {
	test.each([
		{ what: 'the whole Hessian', columns: few, learner: logisticRegression as Learner, params: {}, y: binary, classes: 2 },
		{ what: 'numbers', columns: few, learner: linearRegression as Learner, params: {}, y, classes: 0 },
		{ what: 'many levels', columns: many, learner: logisticRegression as Learner, params: {}, y: binary, classes: 2 },
		{ what: 'many levels and L1', columns: many, learner: logisticRegression as Learner, params: { l1_ratio: 0.5 }, y: binary, classes: 2 },
		{
			what: 'classes',
			columns: few,
			learner: logisticRegression as Learner,
			params: {},
			y: y.map((v) => +(v > -0.5) + +(v > 0.5)),
			classes: 3,
		},
	])('$what: the same bits as one', async ({ columns, learner, params, classes, y: target }) => {
		const task = ['regression', '', 'binary', 'multiclass'][classes] as 'binary';
		const fits = [];
		for (const threads of [1, 2]) {
			fits.push(
				await learner.fit(
					{ task, train: { rows, columns }, labels: { y: target, classes } },
					learner.params.parse({ ...params, max_iter: 3 }),
					quietContext({ threads }),
				),
			);
		}
		expect(fits.map((f) => f.backend)).toEqual(['js', 'js, 2 threads']);
		expect(fits[1].state).toEqual(fits[0].state);
	});

	test('small tables are left to one', async () => {
		const small = few.map((c) => ({ ...c, data: c.data.subarray(0, 20_000) }) as Column);
		const fit = await logisticRegression.fit(
			{ task: 'binary', train: { rows: 20_000, columns: small }, labels: { y: binary.subarray(0, 20_000), classes: 2 } },
			logisticRegression.params.parse({}),
			quietContext({ threads: 8 }),
		);
		expect(fit.backend).toBe('js');
	});

	test('a training that is stopped at once ends at once, its threads with it', async () => {
		const context = quietContext({ threads: 2 });
		context.progress = () => {
			context.cancelled[0] = 1;
		};
		await expect(
			logisticRegression.fit(
				{ task: 'binary', train: { rows, columns: many }, labels: { y: binary, classes: 2 } },
				logisticRegression.params.parse({}),
				context,
			),
		).rejects.toMatchObject({ code: 'compute.cancelled' });
	});
});
