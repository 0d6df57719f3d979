import { chiSquaredSf, fisherExact, normalQuantile, normalSf, studentP } from '../../../lib/task/statistics/distributions';
// Values of scipy, made by makeStatistics.py; versions inside.
import { tails } from '../fixtures/statistics.json';

const close = (got: number, want: number): void => expect(Math.abs(got - want)).toBeLessThanOrEqual(1e-11 * Math.abs(want) + 1e-300);

test.each(tails.normal)('normal tail beyond %d', (x, want) => close(normalSf(x), want));
test.each(tails.chi2)('chi-squared tail beyond %d with %d degrees of freedom', (x, df, want) => close(chiSquaredSf(x, df), want));
test.each(tails.t)('two-sided p of t = %d with %d degrees of freedom', (t, df, want) => close(studentP(t, df), want));
test.each(tails.quantile)('normal quantile at %d', (p, want) => expect(normalQuantile(p)).toBeCloseTo(want, 11));
test.each(tails.fisher)("Fisher's exact test of [[%d, %d], [%d, %d]]", (a, b, c, d, want) =>
	expect(fisherExact(a, b, c, d)).toBeCloseTo(want, 10),
);

test('limits: a point mass, infinite statistics, impossible shares', () => {
	expect(chiSquaredSf(0, 0)).toBe(1);
	expect(chiSquaredSf(Infinity, 3)).toBe(0);
	expect(normalQuantile(0)).toBe(-Infinity);
	expect(normalQuantile(2)).toBeNaN();
});
