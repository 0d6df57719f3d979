import fc from 'fast-check';
import { moments, quantiles } from '../../lib/recipe/stats';

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

test('mean and deviation hold where sums or squares are more than a number is, and keep their bits where they are not', () => {
	const plain = [1, 2.5, NaN, -7, 1e9];
	for (const size of [2 ** 600, 2 ** 990, 2 ** -400]) {
		const { count, mean, deviation } = moments({ data: Float64Array.from(plain, (v) => v * size) });
		const small = moments({ data: Float64Array.from(plain) });
		expect([count, mean / size, deviation / size]).toEqual([4, small.mean, small.deviation]);
	}
	const largest = moments({ data: new Float64Array(9).fill(Number.MAX_VALUE) });
	expect(largest.mean / Number.MAX_VALUE).toBeCloseTo(1, 12);
	expect(largest.deviation / Number.MAX_VALUE).toBeCloseTo(0, 12);
	expect(moments({ data: Float64Array.of(1, Infinity) }).deviation).toBeNaN();
});
