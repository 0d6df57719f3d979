import fc from 'fast-check';
import { correlate } from '../../../lib/data/profile/correlate.js';

/** As it is defined, in two passes over the rows where both are there. */
function byDefinition(x: readonly number[], y: readonly number[]): number | null {
	const rows = x.map((_, i) => i).filter((i) => Number.isFinite(x[i] + y[i]));
	if (rows.length < 3) return null;
	const mean = (of: readonly number[]) => rows.reduce((sum, i) => sum + of[i], 0) / rows.length;
	const [mx, my] = [mean(x), mean(y)];
	const sum = (one: (i: number) => number) => rows.reduce((all, i) => all + one(i), 0);
	const r = sum((i) => (x[i] - mx) * (y[i] - my)) / Math.sqrt(sum((i) => (x[i] - mx) ** 2) * sum((i) => (y[i] - my) ** 2));
	return Number.isFinite(r) ? Math.max(-1, Math.min(1, r)) : null;
}

test('each pair is correlated on the rows where both have a number, to the bit, whether a column has gaps or none', () => {
	const number = fc.oneof(
		{ weight: 8, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
		{ weight: 1, arbitrary: fc.constantFrom(0, -0, 1.5e308, -1.5e308, Number.MAX_VALUE, Number.MIN_VALUE) },
	);
	const column = (rows: number) =>
		fc.oneof(
			fc.array(number, { minLength: rows, maxLength: rows }),
			fc.array(fc.oneof({ weight: 4, arbitrary: number }, fc.constantFrom(NaN, Infinity, -Infinity)), { minLength: rows, maxLength: rows }),
			number.map((same) => Array<number>(rows).fill(same)),
		);
	fc.assert(
		fc.property(
			fc.integer({ min: 0, max: 30 }).chain((rows) => fc.array(column(rows), { minLength: 2, maxLength: 4 })),
			(columns) => {
				const { matrix } = correlate(columns.map((data, i) => ({ name: `c${i}`, data: Float64Array.from(data) })));
				for (const [i, x] of columns.entries())
					for (const [j, y] of columns.entries()) expect(matrix[i][j]).toBe(i === j ? 1 : byDefinition(x, y));
			},
		),
		{ numRuns: 500 },
	);
});
