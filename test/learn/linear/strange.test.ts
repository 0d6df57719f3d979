import { linearRegression } from '../../../lib/learn/learners/linearRegression.js';
import { logisticRegression } from '../../../lib/learn/learners/logisticRegression.js';
import type { Learner, Predictor } from '../../../lib/learn/contract.js';
import { matrixOf, quietContext } from '../fitting.js';
import expected from './strange.json';

// The cases of test/cases/linear/cases.json.

const { rows, answers } = expected;
const all = (make: (i: number) => number): number[] => Array.from({ length: rows }, (_, i) => make(i));
const a = all((i) => Math.sin(i * 1.3));
const b = all((i) => Math.cos(i * 2.1));
const c = all((i) => Math.sin(i * i * 0.7));
const score = all((i) => a[i] - 0.7 * b[i] + 0.6 * Math.sin(i * 11.1));
const two = score.map((s) => +(s > 0));
const three = score.map((s) => +(s >= -0.6) + +(s >= 0.6));
const value = all((i) => 3 + 2 * a[i] - b[i] + 0.1 * c[i]);

interface Asked {
	columns: number[][];
	y: number[];
	classes?: number;
	params?: object;
	weight?: number[];
	/** What is said of it, by default nothing. */
	notes?: string[] | 'any';
}

async function fitted({
	columns,
	y,
	classes = 2,
	params,
	weight,
	notes = [],
}: Asked): Promise<{ out: Float64Array; predictor: Predictor }> {
	const x = matrixOf(y.map((_, i) => columns.map((column) => column[i])));
	const learner = (classes ? logisticRegression : linearRegression) as Learner;
	const task = classes === 0 ? 'regression' : classes === 2 ? 'binary' : 'multiclass';
	const context = quietContext();
	const { state } = await learner.fit(
		{ task, train: x, labels: { y: Float64Array.from(y), classes, weight: weight && Float64Array.from(weight) } },
		learner.params.parse({ tol: 1e-10, max_iter: 20_000, ...params }),
		context,
	);
	if (notes !== 'any') expect(context.notes).toEqual(notes);
	const predictor = await learner.predictor(
		learner.validate(state),
		x.columns.map(({ name }) => name),
	);
	const out = new Float64Array(y.length * predictor.outputs);
	await predictor.batch(x, out, 1);
	return { out, predictor };
}
const near = (out: ArrayLike<number>, want: ReadonlyArray<number | number[]>, by = 1e-6): void =>
	want.flat().forEach((w, i) => expect(Math.abs(out[i] - w)).toBeLessThan(by));

const CASES: Record<keyof typeof answers, Asked> = {
	scales: { columns: [a.map((v) => v * 1e4), b.map((v) => v * 1e-3), c], y: two },
	// Numbers so large leave no room for a penalty beside them, nor in doubles: see below.
	huge: { columns: [a, b], y: two },
	constant: { columns: [a, all(() => 1e6), b, all(() => 0)], y: two },
	separated: { columns: [two.map((v) => v * 2 - 1), b], y: two },
	copies: { columns: [a, a, a, b], y: two },
	'copies without a penalty': { columns: [a, a, b], y: value, classes: 0, params: { alpha: 0 } },
	'more columns than rows': { columns: Array.from({ length: 200 }, (_, k) => all((i) => Math.sin(i * (1 + k / 7)))), y: two },
	'zero weights': { columns: [a, b], y: two.map((v, i) => (i % 3 ? v : 1 - v)), weight: all((i) => +(i % 3 > 0)) },
	'a lone class': { columns: [a, b], y: two.map((v, i) => (i === 17 ? 2 : v)), classes: 3 },
	'one of many': { columns: [a, b], y: all((i) => +(i === 40)) },
	'all zero': { columns: [a, b], y: two, params: { C: 0.001, l1_ratio: 1 } },
	'lasso of copies': { columns: [a, a, b], y: value, classes: 0, params: { alpha: 0.05, l1_ratio: 1 } },
	'ridge by elastic net': { columns: [a, b, c], y: value, classes: 0, params: { alpha: 0.5 } },
	'far from zero': { columns: [a.map((v) => v + 1e6), b.map((v) => v - 1e6)], y: value, classes: 0, params: { alpha: 0.01 } },
	balanced: { columns: [a, b], y: score.map((s) => +(s > 1.2)), params: { class_weight: 'balanced' } },
	'l1 with classes': { columns: [a, b, c], y: three, classes: 3, params: { l1_ratio: 0.5 } },
};

describe(`tables that solvers stumble over, against ${expected.made_with}`, () => {
	test.each(Object.keys(CASES) as Array<keyof typeof answers>)('%s', async (name) => {
		const { out } = await fitted(CASES[name]);
		if (name === 'zero weights') {
			// The rows of weight 0 are not in scikit-learn's table.
			near(
				out.filter((_, i) => i % 3 > 0),
				answers[name],
			);
		} else near(out, answers[name]);
	});

	test('nothing overflows where numbers are huge: answers are probabilities, and right for nearly all rows', async () => {
		for (const by of [1e12, 1e100, 1e150]) {
			const { out } = await fitted({
				columns: [a.map((v) => v * by), b.map((v) => v * by)],
				y: two,
				params: { tol: 1e-5, max_iter: 50 },
				notes: 'any',
			});
			expect(out.every((p) => p >= 0 && p <= 1)).toBe(true);
			expect(two.filter((v, i) => v === +(out[i] > 0.5)).length).toBeGreaterThan(0.75 * rows);
		}
	});

	test('separated classes without a penalty to speak of: an end, and finite numbers', async () => {
		const { out } = await fitted({ columns: [two.map((v) => v * 2 - 1), b], y: two, params: { C: 1e12, tol: 1e-5 } });
		near(out, two, 1e-3);
	});

	test('a class whose rows all weigh nothing is as good as not there', async () => {
		const weight = three.map((k) => +(k !== 1));
		const { out } = await fitted({ columns: [a, b], y: three, classes: 3, weight, params: { tol: 1e-6 } });
		const kept = three.map((_, i) => i).filter((i) => weight[i]);
		const without = await fitted({
			columns: [kept.map((i) => a[i]), kept.map((i) => b[i])],
			y: kept.map((i) => three[i] / 2),
			params: { C: 2 },
		});
		kept.forEach((i, k) => {
			expect(out[i * 3 + 1]).toBeLessThan(1e-4);
			// Of two classes that have a coefficient each, one is the other's negative: both together cost half as much as their difference.
			expect(Math.abs(out[i * 3 + 2] - without.out[k])).toBeLessThan(1e-3);
		});
	});
});

it.each([
	[0, {}],
	[2, {}],
	[2, { penalty: 'l1' }],
])('a column whose squares no number holds ends with what to do about it: %d classes, %j', async (classes, params) => {
	const asked = { columns: [a.map((v) => v * 1e200), b], y: classes ? two : value, classes, params, notes: 'any' as const };
	await expect(fitted(asked)).rejects.toMatchObject({
		code: 'learn.diverged',
		details: { remedy: expect.stringContaining('Clip values that are far too large') as string },
	});
});
