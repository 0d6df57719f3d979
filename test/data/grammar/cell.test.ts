import fc from 'fast-check';
import { formatText, type ColumnFormat } from '../../../lib/data/format.js';
import { cellReader, valueReader } from '../../../lib/data/grammar/cell.js';
import { readNumberCell } from '../../../lib/data/grammar/number.js';
import type { ColumnType } from '../../../lib/domain/column.js';
import { basicSpellings, isoSpellings, numberSpellings, otherSpellings } from './spellings.js';

const RUNS = { numRuns: 10_000 };
const reader = (type: ColumnType, format: ColumnFormat = {}) =>
	cellReader({ name: 'x', type, role: 'feature', format: formatText(format) });

test('a number is read as it was meant, in whatever notation it was written', () => {
	fc.assert(
		fc.property(
			numberSpellings.filter(({ value }) => value !== undefined),
			({ text, value, mark }) => {
				const cell = readNumberCell(text, mark!);
				expect({ text, value: cell?.value }).toEqual({ text, value });
			},
		),
		RUNS,
	);
});

test('times and durations are hours, in whatever form programs write them', () => {
	const read = (text: string) => readNumberCell(text, '.')?.value;
	// As pandas.Timedelta(text).total_seconds() / 3600 has them (pandas 3.1.1).
	expect(['08:15:30', '8:15:30', '0 days 08:15:30', '31:00:45', '1 day, 2:03:04', '-1 days +22:00:00', '00:00:00.25'].map(read)).toEqual([
		8.258333333333333,
		8.258333333333333,
		8.258333333333333,
		31.0125,
		26.051111111111112,
		-2,
		0.25 / 3600,
	]);
	expect(['8:15', '8:60:00', '08:15:99', '1:2:3', '00:1a:2b', '8:15:30 Uhr', 'ab:cd:ef:01:02:03'].map(read)).toEqual(
		Array(7).fill(undefined),
	);
});

test('an ISO date is the moment that it was meant to be', () => {
	const read = valueReader('datetime', { date: 'iso' });
	fc.assert(
		fc.property(isoSpellings, ({ text, value }) => {
			expect({ text, value: read(text) }).toEqual({ text, value });
		}),
		RUNS,
	);
});

test('other dates too', () => {
	fc.assert(
		fc.property(fc.oneof(otherSpellings, basicSpellings), ({ text, value, names }) => {
			expect({ text, value: valueReader('datetime', { dates: names })(text) }).toEqual({ text, value });
		}),
		RUNS,
	);
});

test.each([
	['2024-02-28T24:00', 'iso', '2024-02-29T00:00:00.000Z'],
	['2024-12-31 24:00:00', 'iso', '2025-01-01T00:00:00.000Z'],
	['31.12.2024 24:00', '%d.%m.%Y', '2025-01-01T00:00:00.000Z'],
	['2024-12-31T24:00+01:00', 'iso', '2024-12-31T23:00:00.000Z'],
	['20241231T2400Z', '%Y%m%dT%H%M%S', '2025-01-01T00:00:00.000Z'],
])('the end of a day is the beginning of the next: %s', (text, date, moment) => {
	const [read] = [text].map(valueReader('datetime', { date }));
	expect(new Date(read!).toISOString()).toBe(moment);
});

test.each([
	'2024-12-31 24:01',
	'2024-12-31 24:00:01',
	'2024-12-31 24:00:00.5',
	'2024-02-30 24:00',
	'2024-12-31 25:00',
	'12/31/2024 24:00 AM',
])('%s is no moment', (text) => {
	expect(valueReader('datetime', { dates: ['iso', '%m/%d/%Y'] })(text)).toBeUndefined();
});

test.each([
	'1.2.3',
	'1,23,4',
	'12-3',
	'--5',
	'1e',
	',',
	'1_000',
	'0x10',
	'inf',
	'١٢',
	'12:30',
	'1 2',
	'5 €$',
	'€ 5 $',
	'(5',
	'(-5)',
	'+-5',
	'1,234.5,6',
	'1.234.56',
	'+49 170 123 456',
	'12kg',
	'12%',
	'12A',
	'0,123,456',
	'USD',
	'€',
])('%j is no plain number', (text) => {
	expect(reader('number')(text)).toBeUndefined();
});

test.each([
	['€ 12,50', 12.5],
	['12.50 EUR', 12.5],
	['$12', 12],
	['USD 3', 3],
	['1.234,56 €', 1234.56],
	['$1,234.5', 1234.5],
	['-$3', -3],
	['€-3', -3],
	['(4.20)', -4.2],
	['12.50-', -12.5],
	['\u22125', -5],
	["1'234.5", 1234.5],
	['12,34,567', 1234567],
	['CHF 5', 5],
])('%j is %d', (text, value) => {
	expect(reader('number')(text)).toBe(value);
});

test.each(['%d.%m.%Y', '%m/%d/%Y', '%d %b %Y', '%Y%m%d', '%d.%m.%y'])('an ISO day or moment is one in a column of %s too', (date) => {
	const read = reader('datetime', { date });
	expect(['2024-02-13', ' 2024-02-13 ', '2024-02-13T12:30:00+01:00', '2024-02-30'].map(read)).toEqual([
		Date.UTC(2024, 1, 13),
		Date.UTC(2024, 1, 13),
		Date.UTC(2024, 1, 13, 11, 30),
		undefined,
	]);
});

test('a cell is missing, unreadable or a value', () => {
	const read = reader('integer');
	expect(['', ' NA ', 'unknown', '?', '#DIV/0!', '<5', 'many', '7', '7.5', '9007199254740993'].map(read)).toEqual([
		null,
		null,
		null,
		null,
		null,
		undefined,
		undefined,
		7,
		7.5,
		undefined,
	]);
	expect(reader('category')('unknown')).toBe('unknown');
	expect(['12 kg', '12kg', '12', '12 g', '0.5 KG'].map(reader('number', { unit: 'kg', v: 2 }))).toEqual([12, 12, 12, undefined, 0.5]);
	expect(['12%', '12.5 %', '12'].map(reader('number', { percent: true, v: 2 }))).toEqual([0.12, 0.125, undefined]);
	expect(['84.340', '84.3', '1.234.567', '0.903'].map(reader('number', { decimal: ',' }))).toEqual([84340, 84.3, 1234567, 0.903]);
	expect(['Ja', 'NEIN', 'yes', '0', 'vielleicht', 'unbekannt'].map(reader('boolean', { yes: 'ja', no: 'nein' }))).toEqual([
		1,
		0,
		1,
		0,
		undefined,
		null,
	]);
	expect(['31.12.24', '01.02.69', '31.02.2024', '24:00'].map(reader('datetime', { dates: ['%d.%m.%y'], v: 2 }))).toEqual([
		Date.UTC(2024, 11, 31),
		Date.UTC(1969, 1, 1),
		undefined,
		undefined,
	]);
});

test('a dash in the place of the cents is no minus, but for columns that were read before there was such a dash', () => {
	const dashed = ['12,-', '€ 12,-', '12,- €', '12,--', '1.250,–', '12,—', '-12,-', '(12,-)', '12-', '12,5-'];
	const now = reader('number', { v: 2, decimal: ',', dash: true, money: ['EUR'] });
	expect(dashed.map((text) => now(text))).toEqual([12, 12, 12, 12, 1250, 12, -12, -12, -12, -12.5]);
	// A stored format without a word of it reads as it did, so that a model sees what it learned from.
	const before = reader('number', { v: 2, decimal: ',', money: ['EUR'] });
	expect(reader('number', { v: 2, percent: true })('12,-')).toBeUndefined();
	expect(dashed.map((text) => before(text))).toEqual([-12, -12, undefined, undefined, -1250, ...Array(3).fill(undefined), -12, -12.5]);
});
