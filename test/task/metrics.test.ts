import fc from 'fast-check';
import { TASKS } from '../../lib/task/index.js';
import { metricsFor, metricsOf } from '../../lib/task/measure.js';
import { orderByScore, rocArea } from '../../lib/task/metrics/ranks.js';
import expected from './metrics.sklearn.json';

describe('metrics', () => {
	for (const kind of ['plain', 'weighted'] as const) {
		const weight = kind === 'weighted' ? expected.weight : undefined;
		test(`give scikit-learn's values, ${kind}`, () => {
			const { binary, multiclass, regression } = expected;
			const got = {
				binary: metricsFor('binary', binary.y, binary.p, 2, { threshold: 0.45, weight }),
				multiclass: metricsFor('multiclass', multiclass.y, multiclass.p, multiclass.classes, { weight }),
				regression: metricsFor('regression', regression.y, regression.p, 0, { weight }),
			};
			for (const task of ['binary', 'multiclass', 'regression'] as const) {
				const want: Record<string, number> = expected[task][kind];
				expect(Object.keys(got[task]).sort()).toEqual(Object.keys(want).sort());
				for (const [name, value] of Object.entries(want)) expect(got[task][name]).toBeCloseTo(value, 12);
			}
		});
	}

	test('of one class leave out what has no value', () => {
		const m = metricsFor('binary', [0, 0, 0], [0.1, 0.2, 0.3], 2);
		expect(m).not.toHaveProperty('auc');
		expect(m.accuracy).toBe(1);
		expect(metricsFor('regression', [3, 3], [3, 3], 0).r2).toBe(1);
		expect(metricsFor('regression', [], [], 0)).toEqual({});
	});

	test('every task has a primary metric that is known', () => {
		for (const { id, primary, plain } of TASKS) expect(metricsOf(id).map((m) => m.id)).toEqual(expect.arrayContaining([primary, ...plain]));
	});

	test('the linear sort agrees with a comparison sort', () => {
		fc.assert(
			fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 40 }), (values) => {
				const scores = Float64Array.from({ length: 5000 }, (_, i) => values[(i * 7919) % values.length] * (i % 3 === 0 ? -1 : 1));
				const want = Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a] || a - b);
				expect(Array.from(orderByScore(scores))).toEqual(want);
			}),
			{ numRuns: 30 },
		);
	});

	test('auc of reversed scores is one minus auc', () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(fc.constantFrom(0, 1), fc.integer({ min: -5, max: 5 })), { minLength: 2 }), (rows) => {
				const y = rows.map((r) => r[0]);
				const a = rocArea(
					y,
					rows.map((r) => r[1]),
				);
				const b = rocArea(
					y,
					rows.map((r) => -r[1]),
				);
				if (new Set(y).size < 2) expect(a).toBeNaN();
				else expect(a + b).toBeCloseTo(1, 12);
			}),
		);
	});
});
