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
				expect(quantiles({ data }, shares).map((x) => x + 0)).toEqual(expected.map((x) => x + 0));
				expect(data).toEqual(Float64Array.from(cells));
			},
		),
		{ numRuns: 500, seed: 2 },
	);
});

test('quantiles of many rows, of both signs, with gaps and ties, are those of the sorted values', () => {
	const shares = [0, 0.001, 0.25, 0.5, 0.75, 0.999, 1];
	const random = (i: number): number => ((i * 2654435761) % 4294967296) / 4294967296 - 0.5;
	const columns = {
		plain: (i: number) => random(i) * 10 ** ((i % 12) - 6),
		ties: (i: number) => Math.round(random(i) * 6),
		gaps: (i: number) => (i % 3 ? random(i) * 1e300 : NaN),
		same: () => -7,
		zeros: (i: number) => (i % 2 ? 0 : -0),
		infinite: (i: number) => (i < 3 ? Infinity : i < 6 ? -Infinity : random(i)),
		empty: () => NaN,
	};
	for (const at of Object.values(columns)) {
		const data = Float64Array.from({ length: 30_000 }, (_, i) => at(i));
		const sorted = data.filter((x) => !Number.isNaN(x)).sort();
		const expected = shares.map((q) => {
			const rank = q * (sorted.length - 1);
			const low = Math.floor(rank);
			if (!sorted.length) return NaN;
			return (rank === low ? sorted[low] : sorted[low] + (sorted[low + 1] - sorted[low]) * (rank - low)) + 0;
		});
		expect(quantiles({ data }, shares)).toEqual(expected);
	}
});
