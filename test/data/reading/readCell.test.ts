import fc from 'fast-check';
import type { ColumnSchema, ColumnType } from '../../../lib/domain/column.js';
import { formatText, type ColumnFormat } from '../../../lib/data/format.js';
import { cellReader, seenIn } from '../../../lib/data/reading/index.js';
import { levelMatcher } from '../../../lib/data/reading/spelling.js';
import { frameOf } from '../frames.js';

const column = (type: ColumnType, format: ColumnFormat = {}): ColumnSchema => ({
	name: 'x',
	type,
	role: 'feature',
	format: formatText(format),
});
/** A reader that has seen these values in training. */
const seenReader = (type: ColumnType, values: readonly unknown[], format: ColumnFormat = {}) => {
	const frame = frameOf([column(type, format)], { x: values });
	return cellReader(
		column(type, format),
		seenIn(
			frame,
			Uint32Array.from({ length: frame.rows }, (_, i) => i),
			['x'],
		)[0],
	);
};
const answer = (reader: ReturnType<typeof seenReader>, value: unknown) => {
	const read = reader.read(value);
	return read === undefined ? 'unreadable' : [read, read === null ? undefined : reader.check(value, read)];
};

describe('text is found among the known values', () => {
	const finds = (levels: string[], text: string) => levelMatcher(levels)(text)?.level;

	test.each([
		[['True', 'False', 'maybe'], 'true', 'True'],
		[['True', 'False', 'maybe'], 'TRUE', 'True'],
		[['True', 'False', 'maybe'], 'yes', 'True'],
		[['True', 'False', 'maybe'], '1', 'True'],
		[['True', 'False', 'maybe'], '0', 'False'],
		[['ja', 'nein', 'egal'], 'True', 'ja'],
		[['ja', 'nein', 'egal'], 'No', 'nein'],
		[['01067', '80331'], '1067', '01067'],
		[['01067', '80331'], '1067.0', '01067'],
		[['1', '2'], '01', '1'],
		[['1', '2'], ' 2.00 ', '2'],
		[['Silver', 'Gold'], 'Silver ', 'Silver'],
		[['Silver', 'Gold'], '\u00a0Gold\t', 'Gold'],
		[['Caf\u00e9'], 'Cafe\u0301', 'Caf\u00e9'],
		[['New York'], 'New  York', 'New York'],
		[['Silver', 'Gold'], 'silver', 'Silver'],
	])('%j: %j is %j', (levels, text, level) => {
		expect(finds(levels, text)).toBe(level);
	});

	test.each([
		[['01067', '1067'], '001067'],
		[['Silver', 'Silver '], ' Silver'],
		[['Silver', 'silver'], 'SILVER'],
		[['yes', 'true', 'no', 'false'], 'ja'],
		[['f', 'm'], 'false'],
		[['1', '2', '3'], 'true'],
		[['0', '1', '2'], 'yes'],
		[['1.1', '1.2'], '1.10'],
		[['Silver', 'Gold'], 'Bronze'],
		[['a'], ''],
	])('%j: %j fits none, or more than one', (levels, text) => {
		expect(finds(levels, text)).toBeUndefined();
	});

	test('values that the training kept apart are never put together: each is itself, and whatever is found is one of them', () => {
		const value = fc.oneof(
			fc.string({ maxLength: 6 }),
			fc.constantFrom('1', '01', '1.0', 'true', 'True', 'yes', 'no', 'No', 'Silver', 'silver', ' Silver', 'ja', '0', 'é', 'e\u0301'),
		);
		fc.assert(
			fc.property(fc.uniqueArray(value, { minLength: 1, maxLength: 8 }), value, (levels, text) => {
				const match = levelMatcher(levels);
				for (const level of levels) expect(match(level)).toEqual({ level, how: 'exact' });
				const found = match(text);
				if (found) expect(levels).toContain(found.level);
			}),
			{ numRuns: 2_000 },
		);
	});

	test('a number has no spelling of its own, so it may end in zeros', () => {
		const reader = seenReader('category', ['12.50', '7']);
		expect(answer(reader, 12.5)).toEqual(['12.50', undefined]);
		expect(answer(reader, '12.5')).toEqual(['12.5', 'unknown']);
	});
});

describe('a cell is read as in training', () => {
	test('what no training row had is said, what differs in case alone is said, other spellings are not', () => {
		const reader = seenReader('category', ['Silver', 'Gold', 'Gold', null]);
		expect(answer(reader, 'Gold')).toEqual(['Gold', undefined]);
		expect(answer(reader, 'Gold ')).toEqual(['Gold', undefined]);
		expect(answer(reader, 'GOLD')).toEqual(['Gold', 'case']);
		expect(answer(reader, 'Bronze')).toEqual(['Bronze', 'unknown']);
		expect(answer(reader, ' NA ')).toEqual([null, undefined]);
		expect(answer(reader, true)).toEqual(['true', 'unknown']);
		expect(answer(seenReader('category', ['True', 'False', 'perhaps']), true)).toEqual(['True', undefined]);
		const circle: unknown[] = [];
		circle.push(circle);
		expect(answer(reader, circle)).toBe('unreadable');
	});

	test('free text and columns with too many values have no unknown ones', () => {
		expect(
			answer(
				seenReader(
					'category',
					Array.from({ length: 100 }, (_, i) => `name ${i}`),
				),
				'another',
			),
		).toEqual(['another', undefined]);
		const many = Array.from({ length: 20_000 }, (_, i) => `v${i % 6_000}`);
		expect(answer(seenReader('category', many), 'V5999')).toEqual(['V5999', undefined]);
	});

	test('numbers: fractions in a column of whole ones, other notations, and what lies far outside', () => {
		const reader = seenReader('integer', [10, 20, 30]);
		for (const [value, read] of [
			[20.5, 20.5],
			['20.5', 20.5],
			[' 25 ', 25],
			['', null],
			[null, null],
			[true, 'outside'],
		] as const) {
			expect(answer(reader, value)).toEqual(read === 'outside' ? [1, undefined] : [read, undefined]);
		}
		expect(answer(reader, 41)).toEqual([41, 'outside']);
		expect(answer(reader, 40)).toEqual([40, undefined]);
		expect(answer(reader, -1)).toEqual([-1, 'outside']);
		expect(answer(reader, 'many')).toBe('unreadable');
		expect(answer(reader, Infinity)).toBe('unreadable');
		const german = cellReader(column('number', { decimal: ',', group: '.' }));
		expect(german.read('1.234,5')).toBe(1234.5);
		expect(german.read('12.5')).toBe(12.5);
		expect(german.read('1.971')).toBe(1971);
	});

	test("yes and no in any words, dates in the column's notation or ISO", () => {
		const flag = cellReader(column('boolean', { yes: 'ja', no: 'nein' }));
		for (const yes of ['ja', 'JA ', 'True', 'yes', 'y', '1', 1, true]) expect([yes, flag.read(yes)]).toEqual([yes, 1]);
		for (const no of ['nein', 'false', 'NO', 'off', '0', 0, false]) expect([no, flag.read(no)]).toEqual([no, 0]);
		for (const none of ['vielleicht', 2, '2']) expect([none, flag.read(none)]).toEqual([none, undefined]);
		const since = seenReader('datetime', [Date.UTC(2024, 0, 1), Date.UTC(2024, 5, 1)], { date: '%d.%m.%Y' });
		expect(answer(since, '31.12.2024')).toEqual([Date.UTC(2024, 11, 31), undefined]);
		expect(answer(since, '2024-12-31')).toEqual([Date.UTC(2024, 11, 31), undefined]);
		expect(answer(since, '1970-01-01')).toEqual([0, 'outside']);
		expect(answer(since, 'soon')).toBe('unreadable');
		// In another spelling, where it can be one day alone.
		const iso = seenReader('datetime', [Date.UTC(2024, 0, 1)]);
		for (const day of ['13/02/2024', '02/13/2024', '13.02.2024', 'February 13, 2024', '13 Feb 2024', '20240213', '2024/02/13'])
			expect([day, iso.read(day)]).toEqual([day, Date.UTC(2024, 1, 13)]);
		expect(iso.read('03/02/2024')).toBeUndefined();
	});
});
