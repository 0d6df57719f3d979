import fc from 'fast-check';
import { discoveryLimit } from '../../lib/monitor/defaultMode';
import { kolmogorovSf } from '../../lib/monitor/kolmogorov';
import { weightedOf, type CategoricalPair, type NumericPair, type Pair } from '../../lib/monitor/table';
import { DRIFT_TESTS, driftTest } from '../../lib/monitor/tests';
// Values of scipy and statsmodels, made by makeStatistics.py; versions inside.
import { fdr, numeric, tables, tails } from '../task/fixtures/statistics.json';

const run = (id: string, pair: Pair) => (driftTest(id).run as (p: Pair) => { score: number; statistic?: number; pValue?: number })(pair);
const numbers = (a: readonly number[], b: readonly number[]): NumericPair => ({
	kind: 'numeric',
	reference: weightedOf(Float64Array.from(a)),
	current: weightedOf(Float64Array.from(b)),
	integers: false,
});
const counts = (a: readonly number[], b: readonly number[]): CategoricalPair => ({
	kind: 'categorical',
	keys: a.map((_, i) => `level ${i}`),
	reference: Float64Array.from(a),
	current: Float64Array.from(b),
});

describe.each(numeric.map((sample, i) => ({ sample, name: `numeric sample ${i + 1}` })))('$name agrees with scipy', ({ sample }) => {
	const pair = numbers(sample.reference, sample.current);
	test.each(['ks', 't_test', 'cramer_von_mises'] as const)('%s: statistic and p-value', (id) => {
		const { statistic, pValue } = run(id, pair);
		expect(statistic).toBeCloseTo(sample[id][0], 9);
		expect(pValue).toBeCloseTo(sample[id][1], 9);
	});
	test('Mann-Whitney: U of the reference and p-value', () => {
		const { statistic, pValue } = run('mannw', pair);
		expect(statistic).toBeCloseTo(sample.mannw[0], 9);
		expect(pValue).toBeCloseTo(sample.mannw[1], 10);
	});
	test.each(['wasserstein', 'ed'] as const)('%s', (id) => expect(run(id, pair).score).toBeCloseTo(sample[id], 11));
});

describe.each(tables.map((table, i) => ({ table, name: `table ${i + 1}` })))('$name agrees with scipy', ({ table }) => {
	const pair = counts(table.reference, table.current);
	test.each(['contingency', 'g_test', 'chisquare'] as const)('%s: statistic and p-value', (id) => {
		const { statistic, pValue } = run(id, pair);
		expect(statistic).toBeCloseTo(table[id][0], 9);
		expect(pValue).toBeCloseTo(table[id][1], 11);
	});
	test.each(['jensenshannon', 'kl_div', 'hellinger', 'tvd', 'psi'] as const)('%s', (id) =>
		expect(run(id, pair).score).toBeCloseTo(table[id], 12),
	);
	if (table.z) test('z agrees with statsmodels', () => expect(run('z', pair).pValue).toBeCloseTo(table.z?.[1] ?? NaN, 12));
});

test.each(tails.kstwo)("Kolmogorov: P(D >= %d) of %d rows is scipy's", (d, n, want) =>
	expect(Math.abs(kolmogorovSf(d, n) - want)).toBeLessThan(1e-7),
);

test.each([
	// scipy.stats.kstwo.sf of scipy 1.17.1.
	[0.004, 9090, 0.9985377003773579],
	[0.008, 9090, 0.6028662509207461],
	[0.014, 9090, 0.056159646738519475],
	[0.02, 3000, 0.17889813623188966],
	[0.05, 1001, 0.012947140720250147],
])('Kolmogorov, where a day is compared with a great reference: P(D >= %d) of %d rows', (d, n, want) =>
	expect(Math.abs(kolmogorovSf(d, n) - want)).toBeLessThan(1e-8),
);

test('false discovery rate as in statsmodels', () => {
	const rejected = (alpha: number) => {
		const limit = discoveryLimit(fdr.p, alpha);
		return fdr.p.map((p) => p <= limit);
	};
	expect(rejected(0.05)).toEqual(fdr.rejected);
	expect(rejected(0.25)).toEqual(fdr.rejected25);
	expect(discoveryLimit([0.9], 0.05)).toBe(-1);
});

test('two samples that are the same show no drift, whatever the test', () => {
	fc.assert(
		fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 3, maxLength: 60 }), (values) => {
			const same = numbers(values, values);
			for (const t of DRIFT_TESTS) {
				const pair: Pair =
					t.kind === 'categorical'
						? counts(
								values.map((v) => v + 60),
								values.map((v) => v + 60),
							)
						: same;
				const { score } = run(t.id, t.id === 'z' ? counts([values.length, 3], [values.length, 3]) : pair);
				if (t.decides === 'pValue') expect(score).toBeGreaterThan(0.9);
				else expect(score).toBeCloseTo(0, 6);
			}
		}),
	);
});

test('an unknown test is refused with the names there are', () => {
	expect(() => driftTest('gut feeling')).toThrow(expect.objectContaining({ code: 'input.invalid' }));
});
