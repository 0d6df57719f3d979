import fc from 'fast-check';
import {
	allNumbers,
	changedNumbers,
	codeCounts,
	eachBlock,
	eachCodes,
	lengthOf,
	lookedUp,
	numbersOfCodes,
	recoded,
} from '../../lib/data/derived';
import type { Frame, NumberVector, StringVector } from '../../lib/data/frame';
import { takeRows } from '../../lib/data/takeRows';

/** More rows than a block has. */
const ROWS = 20_000;
const frame = (): Frame => ({
	rows: ROWS,
	rowId: Float64Array.from({ length: ROWS }, (_, i) => i),
	schema: [
		{ name: 'x', type: 'number', role: 'feature' },
		{ name: 'c', type: 'category', role: 'feature' },
	],
	vectors: [
		{ data: Float64Array.from({ length: ROWS }, (_, i) => (i % 7 ? Math.sin(i) : NaN)) },
		{ codes: Uint32Array.from({ length: ROWS }, (_, i) => (i * i) % 5), dictionary: ['a', 'b', 'c', 'd'] },
	],
});
const double = (values: Float64Array): void => {
	for (let i = 0; i < values.length; i++) values[i] *= 2;
};
const blockwise = (v: NumberVector): number[] => {
	const out: number[] = [];
	eachBlock(v, (values) => out.push(...values));
	return out;
};

test('a column read block by block is the one read as a whole, whatever rows were picked and changed before', () => {
	fc.assert(
		fc.property(
			fc.array(fc.constantFrom('take', 'change', 'recode', 'look'), { maxLength: 5 }),
			fc.integer({ min: 1, max: 9 }),
			(moves, step) => {
				let current = frame();
				// The same, worked out at once.
				let numbers = [...(current.vectors[0] as NumberVector).data];
				let texts = [...(current.vectors[1] as StringVector).codes].map((c) => (c ? 'abcd'[c - 1] : null));
				for (const move of moves) {
					const [x, c] = current.vectors as [NumberVector, StringVector];
					if (move === 'take') {
						const rows = Uint32Array.from({ length: Math.ceil(current.rows / step) }, (_, i) => i * step);
						current = takeRows(current, rows);
						numbers = Array.from(rows, (i) => numbers[i]);
						texts = Array.from(rows, (i) => texts[i]);
					} else if (move === 'change') {
						current = { ...current, vectors: [changedNumbers(x, double), c] };
						numbers = numbers.map((n) => n * 2);
					} else if (move === 'recode') {
						// The first value becomes missing, the others one.
						const table = Uint32Array.from({ length: c.dictionary.length + 1 }, (_, k) => (k > 1 ? 1 : 0));
						const first = c.dictionary[0];
						current = { ...current, vectors: [x, recoded(c, table, ['z'])] };
						texts = texts.map((t) => (t === null || t === first ? null : 'z'));
					} else {
						const table = Float64Array.from({ length: c.dictionary.length + 1 }, (_, k) => (k ? k * 10 : NaN));
						const { dictionary } = c;
						current = { ...current, vectors: [numbersOfCodes(c, table), c] };
						numbers = texts.map((t) => (t === null ? NaN : (dictionary.indexOf(t) + 1) * 10));
					}
				}
				const [x, c] = current.vectors as [NumberVector, StringVector];
				expect(lengthOf(x)).toBe(numbers.length);
				expect(blockwise(x)).toEqual(numbers);
				expect([...allNumbers(x)]).toEqual(numbers);
				expect([...codeCounts(c)]).toEqual([null, ...c.dictionary].map((t) => texts.filter((own) => own === t).length));
				const codes: number[] = [];
				eachCodes(c, (part) => codes.push(...part));
				expect(codes.map((k) => (k ? c.dictionary[k - 1] : null))).toEqual(texts);
				expect([...c.codes]).toEqual(codes);
				expect([...x.data]).toEqual(numbers);
				// Once it was read as a whole it is an array like any other.
				expect(lookedUp(x)).toBeUndefined();
				expect(blockwise(x)).toEqual(numbers);
			},
		),
		{ numRuns: 40 },
	);
});

test('what a column is made of stays as it is', () => {
	const { vectors } = frame();
	const before = [...(vectors[0] as NumberVector).data];
	blockwise(changedNumbers(vectors[0] as NumberVector, double));
	expect([...(vectors[0] as NumberVector).data]).toEqual(before);
});

test('a column of codes with a number each knows how often each occurs', () => {
	const { vectors } = frame();
	const v = numbersOfCodes(vectors[1] as StringVector, Float64Array.of(NaN, 1, 1, 0, 5));
	const seen = lookedUp(v)!;
	expect([...seen.table]).toEqual([NaN, 1, 1, 0, 5]);
	expect([...seen.counts]).toEqual([...codeCounts(vectors[1] as StringVector)]);
	expect(seen.counts.reduce((a, b) => a + b)).toBe(ROWS);
});
