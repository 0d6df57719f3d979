import fc from 'fast-check';
import { murmurTwice } from '../../lib/domain/random';
import { countSteps, sortFinite } from '../../lib/data/sortFinite';
import { weightedOf } from '../../lib/monitor/table';

const sorted = (values: Float64Array): Float64Array => sortFinite(values.slice(), new Float64Array(values.length));
const random = murmurTwice(17);
const draw = (n: number, one: (i: number) => number): Float64Array => Float64Array.from({ length: n }, (_, i) => one(i));
const ROWS = 20_000;

test.each<[string, (i: number) => number]>([
	['of both signs', () => (random() - 0.5) * 10 ** (40 * (random() - 0.5))],
	['that are the same', () => 4],
	['in falling order', (i) => -i],
	['in order', (i) => i / 3],
	['of few values', () => Math.floor(random() * 5) / 7],
	['that differ in their last bits alone', () => 1 + Math.floor(random() * 1000) * Number.EPSILON],
	['that are moments of one day, of which many have their upper half in common', () => 1.7e12 + Math.floor(random() * 86_400_000)],
	['beyond what whole numbers can hold exactly', () => 2 ** 53 + 2 * Math.floor(random() * 1e6)],
	['too small to be normal', () => Math.floor((random() - 0.5) * 1e6) * Number.MIN_VALUE],
	['as large as there are', () => (random() < 0.5 ? -1 : 1) * Number.MAX_VALUE * random()],
])('numbers %s are sorted as by comparing', (_, one) => {
	const values = draw(ROWS, one).map((x) => x + 0);
	expect(sorted(values)).toEqual(values.slice().sort());
});

test('any numbers, many or few', () => {
	const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
	fc.assert(
		fc.property(fc.array(finite, { maxLength: 50 }), fc.integer({ min: 0, max: 200 }), (few, times) => {
			const values = Float64Array.from({ length: few.length * times }, (_, i) => few[(i * 7) % few.length] + 0);
			expect(sorted(values)).toEqual(values.slice().sort());
		}),
		{ numRuns: 60 },
	);
});

const DAY = 86_400_000;
test.each<[string, (i: number) => number, boolean]>([
	['whole ones', () => Math.floor(random() * 90) - 40, true],
	['as many different ones as there may be', (i) => ((i * 7919) % ROWS) - 5, true],
	['days', () => DAY * (Math.floor(random() * 3000) - 900), true],
	['days that begin at another hour', () => DAY * Math.floor(random() * 3000) + 3_600_000, true],
	['whole ones and a half', (i) => (i === ROWS >> 1 ? 7.5 : i % 50), true],
	['whole ones and one that nearly is', (i) => (i === ROWS - 1 ? 1e-15 : (i % 50) - 25), false],
	['tenths', (i) => ((i % 900) - 350) / 10, true],
	['hundredths, of both signs', () => (Math.floor(random() * 19_000) - 9_000) / 100, true],
	['ten thousandths', () => Math.floor(random() * 10_000) / 1e4, true],
	['more hundredths than there are numbers', (i) => (i * 7) / 100, false],
	['hundredths, and one that was summed up', (i) => (i === ROWS - 1 ? 0.1 + 0.2 : (i % 90) / 100), false],
	['thirds', (i) => (i % 90) / 3, false],
	['tenths beyond what whole numbers can hold exactly', (i) => 2 ** 50 + (i % 4) / 4, false],
	['moments', () => DAY * Math.floor(random() * 3000) + Math.floor(random() * DAY), false],
	['those beyond what whole numbers can hold exactly', (i) => 2 ** 53 + 2 * (i % 50), false],
])('numbers are counted in the place of sorting: %s', (_, one, can) => {
	const values = draw(ROWS, one).map((x) => x + 0);
	const expected = values.slice().sort();
	const steps = countSteps(values, expected[0], expected[ROWS - 1]);
	expect(steps !== undefined).toBe(can);
	if (steps) expect(Float64Array.from([...steps.values].flatMap((v, k) => Array<number>(steps.counts[k]).fill(v)))).toEqual(expected);
});

test('nothing is counted where there is nothing', () => {
	expect(countSteps(new Float64Array(0), Infinity, -Infinity)).toBeUndefined();
});

test('a column is counted without its gaps and infinities, -0 as 0', () => {
	const { values, counts, n } = weightedOf(Float64Array.of(2, NaN, -0, Infinity, 0, -3, 2, -Infinity, 2));
	expect([[...values], [...counts], n]).toEqual([[-3, 0, 2], [1, 2, 3], 6]);
	expect(Object.is(values[1], 0)).toBe(true);
});
