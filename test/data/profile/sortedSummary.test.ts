import fc from 'fast-check';
import { QUANTILES } from '../../../lib/domain/profile.js';
import { SortedSummary } from '../../../lib/data/profile/sortedSummary.js';

/** The formulas over a whole sorted column, as they stood before columns came in stretches. */
function ofWhole(sorted: number[]) {
	const n = sorted.length;
	const distinct = new Set(sorted).size;
	const mean = sorted.reduce((sum, x) => sum + x, 0) / n;
	const std = Math.sqrt(sorted.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1));
	const [min, max] = [sorted[0], sorted[n - 1]];
	const width = (max - min) / 20;
	const edges = Array.from({ length: 21 }, (_, i) => (i === 20 ? max : min + i * width));
	const below = edges.map((edge, b) => (b === 0 ? 0 : b === 20 ? n : sorted.filter((x) => x < edge).length));
	const counts = new Map<number, number>();
	for (const x of sorted) counts.set(x, (counts.get(x) ?? 0) + 1);
	return {
		distinct,
		mean: Number.isFinite(mean) ? mean : sorted[n >> 1],
		std: n > 1 && Number.isFinite(mean) && Number.isFinite(std) ? std : undefined,
		min,
		max,
		quantiles: QUANTILES.map((q) => {
			const at = q * (n - 1);
			const low = Math.floor(at);
			return sorted[low] + (sorted[Math.min(low + 1, n - 1)] - sorted[low]) * (at - low);
		}),
		histogram:
			min === max
				? { edges: [min, max], counts: [n] }
				: Number.isFinite(width) && width > 0
					? { edges, counts: below.slice(1).map((at, b) => at - below[b]) }
					: undefined,
		top:
			distinct > 50
				? undefined
				: [...counts]
						.map(([value, count]) => ({ value, count }))
						.sort((a, b) => b.count - a.count || a.value - b.value)
						.slice(0, 10),
	};
}

const numbers = fc.array(
	fc.oneof(
		fc.double({ noNaN: true, noDefaultInfinity: true }),
		fc.integer({ min: -3, max: 3 }),
		fc.constantFrom(0.1, 0.2, 0.3, Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE),
	),
	{ minLength: 1, maxLength: 200 },
);

test('however sorted numbers are cut, and counted or not, the figures are to the bit those of the whole column', () => {
	fc.assert(
		fc.property(numbers, fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 8 }), (drawn, cuts) => {
			const sorted = [...Float64Array.from(drawn, (x) => x + 0).sort()];
			const facts = { missing: 3, finite: sorted.length, infinities: 0, min: sorted[0], max: sorted[sorted.length - 1] };
			const ends = [0, ...cuts.sort((a, b) => a - b), sorted.length];
			const cut = new SortedSummary(facts);
			const stretches = ends.slice(1).map((end, i) => Float64Array.from(sorted.slice(ends[i], end)));
			for (const stretch of stretches) cut.add(stretch);
			for (const stretch of stretches) cut.addSquares(stretch);
			const values = Float64Array.from(new Set(sorted));
			const counts = Array.from(values, (value) => sorted.filter((x) => x === value).length);
			const counted = new SortedSummary(facts);
			counted.add(values, counts);
			counted.addSquares(values, counts);
			const expected = { missing: 3, ...ofWhole(sorted) };
			expect(cut.finish()).toEqual(expected);
			expect(counted.finish()).toEqual(expected);
		}),
		{ numRuns: 500, seed: 11 },
	);
});
