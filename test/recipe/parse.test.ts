import { readNumber, type Decimal } from '../../lib/recipe/parse/readNumber';
import { dateReader, readBoolean } from '../../lib/recipe/parse/values';
import { CALENDAR } from '../../lib/recipe/calendar';

test.each<[string, number, Decimal?]>([
	['12', 12],
	[' 1,234.5 ', 1234.5],
	['1.234,5', 1234.5],
	['1,234', 1234],
	['1,5', 1.5],
	['1,234', 1.234, ','],
	['0,123', 0.123],
	['1.234.567', 1234567],
	['1 234 567', 1234567],
	["1'234.50", 1234.5],
	['1\u00a0234', 1234],
	['€ 12.50', 12.5],
	['12,50 €', 12.5],
	['$1,000', 1000],
	['-$5', -5],
	['$-5', -5],
	['(1,200)', -1200],
	['USD 3', 3],
	['7 dollars', 7],
	['£3', 3],
	['−4', -4],
	['+4', 4],
	['12 %', 0.12],
	['12%', 0.12],
	['-3.5 %', -0.035],
	['1.5k', 1500],
	['2 million', 2e6],
	['1e3', 1000],
	['-2.5E-3', -0.0025],
	['.5', 0.5],
	['5.', 5],
	['twelve', 12],
	['Twenty-five', 25],
	['one hundred and five', 105],
	['two thousand three hundred', 2300],
	['three million two hundred thousand and one', 3200001],
	['minus three', -3],
	['zero', 0],
	['twelve point five', 12.5],
	['a hundred', 100],
	['nineteen hundred', 1900],
])('reads "%s" as %d', (text, expected, decimal = 'auto') => {
	expect(readNumber(text, decimal)).toBeCloseTo(expected, 12);
});

test.each([
	'',
	' ',
	'abc',
	'1,23,4',
	'1.2.3',
	'12,34,567',
	'two three',
	'five twenty',
	'hundred',
	'point five',
	'--3',
	'1 2',
	'$',
	'%',
	'NaN',
	'Infinity',
	'1-2',
	'3 apples',
	'12:30',
	'one one',
])('"%s" is no number', (text) => {
	expect(readNumber(text)).toBeNaN();
});

test('reads yes and no', () => {
	expect(['yes', ' Y ', 'TRUE', '1', 'on'].map(readBoolean)).toEqual([1, 1, 1, 1, 1]);
	expect(['no', 'N', 'false', '0', 'off'].map(readBoolean)).toEqual([0, 0, 0, 0, 0]);
	expect(readBoolean('perhaps')).toBeNaN();
});

test('reads dates in mixed notations', () => {
	const day = Date.UTC(2001, 4, 31);
	for (const text of [
		'2001-05-31',
		'2001/05/31',
		'31.05.2001',
		'31/05/2001',
		'05/31/2001',
		'20010531',
		'May 31, 2001',
		'31 May 2001',
		'Thu, 31 May 2001',
		'Thursday 31 May 2001',
	])
		expect([text, dateReader(false)(text)]).toEqual([text, day]);
	expect(dateReader(false)('03/04/2001')).toBe(Date.UTC(2001, 2, 4));
	expect(dateReader(true)('03/04/2001')).toBe(Date.UTC(2001, 3, 3));
	expect(dateReader(false)('2001-05-31T14:30:00+02:00')).toBe(Date.UTC(2001, 4, 31, 12, 30));
	for (const text of ['2001-02-29', 'soon', '', '31.13.2001', '99999999']) expect([text, dateReader(false)(text)]).toEqual([text, NaN]);
});

test('the calendar is that of Date, from long before 1970 to far ahead', () => {
	for (let i = 0; i < 20_000; i++) {
		const ms = (i - 10_000) * 864_013_337 + i * i;
		const d = new Date(ms);
		const start = new Date(ms);
		start.setUTCMonth(0, 1);
		start.setUTCHours(0, 0, 0, 0);
		expect(
			[
				CALENDAR.year(ms),
				CALENDAR.month(ms),
				CALENDAR.day(ms),
				CALENDAR.hour(ms),
				CALENDAR.minute(ms),
				CALENDAR.weekday(ms),
				CALENDAR.quarter(ms),
				CALENDAR.day_of_year(ms),
			].join(),
		).toBe(
			[
				d.getUTCFullYear(),
				d.getUTCMonth() + 1,
				d.getUTCDate(),
				d.getUTCHours(),
				d.getUTCMinutes(),
				(d.getUTCDay() + 6) % 7,
				Math.floor(d.getUTCMonth() / 3) + 1,
				Math.floor((ms - start.getTime()) / 86_400_000) + 1,
			].join(),
		);
	}
	for (const part of Object.values(CALENDAR)) expect(part(NaN)).toBeNaN();
});
