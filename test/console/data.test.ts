import { layOut } from '../../lib/console/components/lineage/layOut.js';
import { bytes, count, duration, fromNow, many, number, percent, UNKNOWN } from '../../lib/console/data/inWords.js';
import { pauseAfter } from '../../lib/console/data/pause.js';
import { localInput, momentOf } from '../../lib/console/data/moments.js';
import { compared, type Sortable } from '../../lib/console/data/sort.js';

describe('figures of the console', () => {
	it.each([
		[number(0.123456), '0.1235'],
		[number(1234.5678), '1,235'],
		[number(-7.4612), '-7.461'],
		[number(0), '0'],
		[number(3), '3'],
		[number(0.00001234), '1.234e-5'],
		[number(12_345_678_901), '1.235e10'],
		[number(Number.NaN), UNKNOWN],
		[number(undefined), UNKNOWN],
		[number(Number.POSITIVE_INFINITY), '∞'],
		[count(1_234_567), '1,234,567'],
		[percent(0.1234), '12.3 %'],
		[percent(0.00004, 2), '0 %'],
		[percent(undefined), UNKNOWN],
		[bytes(0), '0 B'],
		[bytes(1_536), '1.5 kB'],
		[bytes(236_400_000), '236.4 MB'],
		[duration(3.25), '3.3 ms'],
		[duration(340), '340 ms'],
		[duration(12_340), '12.3 s'],
		[duration(125_000), '2 min 5 s'],
		[duration(11_520_000), '3 h 12 min'],
		[duration(187_200_000), '2 d 4 h'],
		[many(1, 'row'), '1 row'],
		[many(2, 'entry', 'entries'), '2 entries'],
		[fromNow(1_000, 4_000), 'now'],
		[fromNow(0, 180_000), '3 minutes ago'],
		[fromNow(7_200_000, 0), 'in 2 hours'],
		[fromNow(0, 86_400_000 * 3), '3 days ago'],
	])('%s', (shown, expected) => expect(shown).toBe(expected));
});

describe('the order of a column', () => {
	const sorted = (values: Sortable[], descending = false): Sortable[] => values.sort((a, b) => compared(a, b, descending));
	it('is by size for numbers, with what is unknown at the end both ways', () => {
		expect(sorted([1e-5, 11, undefined, 2, Number.NaN, -3])).toEqual([-3, 1e-5, 2, 11, undefined, Number.NaN].sort(() => 0));
		expect(sorted([1e-5, 11, null, 2], true)).toEqual([11, 2, 1e-5, null]);
	});
	it('is as a reader has it for words: v9 before v10, whatever the case', () => {
		expect(sorted(['v10', 'V9', 'v1', 'Ärger', 'zoo', 'apple'])).toEqual(['apple', 'Ärger', 'v1', 'V9', 'v10', 'zoo']);
	});
});

it('waits longer after each failure, a minute at most, and never shorter than it was told', () => {
	expect([0, 1, 2, 5, 20].map((failures) => pauseAfter(5_000, failures))).toEqual([5_000, 10_000, 20_000, 60_000, 60_000]);
	expect(pauseAfter(120_000, 3)).toBe(120_000);
});

it('reads a moment of a form in the reader’s zone, and of an address with its own', () => {
	const iso = momentOf('2026-11-24T14:03')!;
	expect(localInput(iso)).toBe('2026-11-24T14:03');
	expect(momentOf('2026-11-24T14:03:00+09:00')).toBe('2026-11-24T05:03:00.000Z');
	expect([momentOf(''), momentOf('last Tuesday')]).toEqual([undefined, undefined]);
});

describe('a lineage that is laid out', () => {
	it('stands from left to right, each behind all that it was made of', () => {
		const placed = layOut([
			{ id: 'model', from: ['run'] },
			{ id: 'evaluation', from: ['run', 'data'] },
			{ id: 'run', from: ['data'] },
			{ id: 'data', from: ['source'] },
			{ id: 'source', from: [] },
		]);
		expect(new Map(placed.map(({ node, column }) => [node.id, column]))).toEqual(
			new Map([
				['source', 0],
				['data', 1],
				['run', 2],
				['model', 3],
				['evaluation', 3],
			]),
		);
		expect(new Set(placed.map(({ column, row }) => `${column} ${row}`)).size).toBe(placed.length);
	});

	it('leaves out lines to what is not shown, and ends where records would go in a circle', () => {
		expect(layOut([{ id: 'a', from: ['gone'] }])).toEqual([{ node: { id: 'a', from: ['gone'] }, column: 0, row: 0 }]);
		expect(
			layOut([
				{ id: 'a', from: ['b'] },
				{ id: 'b', from: ['a'] },
			]),
		).toHaveLength(2);
	});

	it('lays out a thousand without ado', () => {
		const chain = Array.from({ length: 1_000 }, (_, i) => ({ id: `${i}`, from: i ? [`${i - 1}`] : [] }));
		expect(layOut(chain).at(-1)).toMatchObject({ column: 999 });
	});
});
