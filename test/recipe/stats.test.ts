import fc from 'fast-check';
import { quantiles } from '../../lib/recipe/stats';

test('quantiles are those of the sorted values, and the data stay as they are', () => {
	const cell = fc.oneof(
		fc.integer({ min: -3, max: 3 }),
		fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }),
		fc.constant(NaN),
	);
	fc.assert(
		fc.property(
			fc.array(cell, { maxLength: 60 }),
			fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 }),
			(cells, shares) => {
				const data = Float64Array.from(cells);
				const sorted = data.filter((x) => !Number.isNaN(x)).sort();
				const expected = shares.map((q) => {
					const at = q * (sorted.length - 1);
					const low = Math.floor(at);
					if (!sorted.length) return NaN;
					return at === low ? sorted[low] : sorted[low] + (sorted[low + 1] - sorted[low]) * (at - low);
				});
				expect(quantiles(data, shares).map((x) => x + 0)).toEqual(expected.map((x) => x + 0));
				expect(data).toEqual(Float64Array.from(cells));
			},
		),
		{ numRuns: 500, seed: 2 },
	);
});
