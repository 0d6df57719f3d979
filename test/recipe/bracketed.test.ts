import { bracketedOrder } from '../../lib/recipe/bracketed';
import { plannedNumbers } from '../../lib/data/derived';
import { medianOf, quantiles } from '../../lib/recipe/stats';

const ROWS = 150_000;
const random = (i: number): number => (Math.imul(i ^ (i >>> 15), 0x2c1b3c6d) >>> 0) / 4294967296;
const SHAPES: Record<string, (i: number) => number> = {
	'numbers in no order': (i) => random(i) * 10 ** ((i % 12) - 6),
	'numbers that rise': (i) => i / 7,
	'numbers that fall, with gaps': (i) => (i % 3 ? -i : NaN),
	'a wave that repeats itself': (i) => Math.sin((i / ROWS) * 4096 * 2 * Math.PI),
	'a few whole numbers': (i) => Math.round(random(i) * 6),
	'one value but for one row': (i) => (i === 77_777 ? 1 : -7),
	'zeros of both signs': (i) => (i % 2 ? 0 : -0),
	'infinite ones at both ends': (i) => (i % 5 === 0 ? Infinity : i % 5 === 1 ? -Infinity : random(i)),
	'hardly any values': (i) => (i % 40_000 === 1 ? i : NaN),
	'no values': () => NaN,
};

const sortedOf = (data: Float64Array): Float64Array => data.filter((x) => !Number.isNaN(x)).sort();
const at = (sorted: Float64Array, rank: number): number => sorted[rank] + 0;

test.each(Object.keys(SHAPES))('of many rows, values at ranks are those of the sorted values: %s', (shape) => {
	const data = Float64Array.from({ length: ROWS }, (_, i) => SHAPES[shape](i));
	const before = data.slice();
	const sorted = sortedOf(data);
	for (const share of [0, 0.001, 0.25, 0.5, 0.9, 1]) {
		const rank = Math.floor(share * (sorted.length - 1));
		const found = bracketedOrder({ data }, (present) => [Math.floor(share * (present - 1))]);
		if (!found) continue;
		expect(found.present).toBe(sorted.length);
		expect(found.at(rank)).toBe(at(sorted, rank));
	}
	const low = Math.floor((sorted.length - 1) / 2);
	const median = sorted.length % 2 ? at(sorted, low) : at(sorted, low) + (at(sorted, low + 1) - at(sorted, low)) * 0.5;
	expect(medianOf({ data })).toEqual({ median: sorted.length ? median : NaN, present: sorted.length });
	expect(quantiles({ data }, [0, 1])).toEqual(sorted.length ? [at(sorted, 0), at(sorted, sorted.length - 1)] : [NaN, NaN]);
	expect(Buffer.from(data.buffer).equals(Buffer.from(before.buffer))).toBe(true);
});

test('the quartiles of many rows are found by one look at all of them, also of a column that is worked out', () => {
	const data = Float64Array.from({ length: ROWS }, (_, i) => random(i));
	let passes = 0;
	const half = plannedNumbers({
		rows: ROWS,
		from: {
			data,
			changes: [
				{
					change: (values) => {
						passes += values.length;
						for (let i = 0; i < values.length; i++) values[i] /= 2;
					},
				},
			],
		},
	});
	const ranks = (n: number): number[] => [0.25, 0.75].map((share) => Math.floor(share * (n - 1)));
	const found = bracketedOrder(half, ranks)!;
	const sorted = sortedOf(data);
	expect(ranks(ROWS).map((rank) => found.at(rank))).toEqual(ranks(ROWS).map((rank) => sorted[rank] / 2));
	expect(passes).toBeLessThan(1.1 * ROWS);
});

test('a sample that misleads leads to no wrong value', () => {
	const data = Float64Array.from({ length: ROWS }, (_, i) => random(i));
	// Asked of the sample it is the smallest value, asked of all rows the largest: it is found beyond where it was looked for.
	expect(bracketedOrder({ data }, (present) => [present < ROWS ? 0 : ROWS - 1])).toBeUndefined();
});
