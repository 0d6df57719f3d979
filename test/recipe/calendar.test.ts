import { CALENDAR, CALENDAR_OF_MANY } from '../../lib/recipe/calendar';

const DAY = 86_400_000;
const moments = (): Float64Array => {
	const out = [NaN, Infinity, -Infinity, -1, 0, -0, 1, -8.64e15, 8.64e15];
	// Where the table of days begins and ends, leap days, weeks before 1970 and the years around centuries.
	for (const year of [1, 1582, 1899, 1900, 1969, 1970, 2000, 2024, 2099, 2100, 9999])
		for (const day of [0, 1, 58, 59, 60, 364, 365]) out.push(Date.UTC(2000, 0, 1) + (year - 2000) * 365.2425 * DAY + day * DAY + 12_345);
	for (let day = -25_600; day < -25_530; day++) out.push(day * DAY, (day + 1) * DAY - 1);
	for (let day = 47_460; day < 47_500; day++) out.push(day * DAY, (day + 1) * DAY - 1);
	return Float64Array.from(out);
};

test.each(Object.keys(CALENDAR_OF_MANY) as Array<keyof typeof CALENDAR>)('%s of many moments is that of each, to the bit', (part) => {
	const values = moments();
	const each = Array.from(values, (ms) => CALENDAR[part](ms));
	CALENDAR_OF_MANY[part]!(values);
	for (const [i, value] of values.entries()) expect(value).toBe(each[i]);
});

test('no day of the week is a negative zero', () => {
	for (let day = -30; day < 30; day++) expect(Object.is(CALENDAR.weekday(day * DAY), -0)).toBe(false);
});
