import type { Change } from '../data/derived.js';

const DAY = 86_400_000;

/** Days since 1970 of a moment in UTC milliseconds. */
const dayOf = (ms: number): number => Math.floor(ms / DAY);
const within = (ms: number): number => ms - dayOf(ms) * DAY;

/**
 * Civil date of a day number, by counting eras of 400 years that start in March, so that the leap day comes last: year * 512 + month * 32 +
 * day. Plain arithmetic: many times as fast as a Date object, which matters for millions of rows.
 */
function civil(days: number): number {
	const z = days + 719_468;
	const era = Math.floor(z / 146_097);
	const inEra = z - era * 146_097;
	const yearOfEra = Math.floor((inEra - Math.floor(inEra / 1460) + Math.floor(inEra / 36_524) - Math.floor(inEra / 146_096)) / 365);
	const fromMarch = inEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
	const m = Math.floor((5 * fromMarch + 2) / 153);
	const month = m < 10 ? m + 3 : m - 9;
	return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0)) * 512 + month * 32 + fromMarch - Math.floor((153 * m + 2) / 5) + 1;
}

const yearOf = (date: number): number => Math.floor(date / 512);
const monthOf = (date: number): number => Math.floor(date / 32) - yearOf(date) * 16;
const dayOfMonth = (date: number): number => date - Math.floor(date / 32) * 32;

/** The days from 1900 to 2099, where nearly all dates of columns lie. */
const FIRST_DAY = -25_567;
const LAST_DAY = 47_481;
/** Their dates, made once, when a column is asked for its parts. */
let dates: Int32Array | undefined;

/** What many moments have by their day: looked up, since a function called for each of them takes several times as long. */
function eachDate(part: (date: number, days: number) => number): Change {
	let table: Int16Array | undefined;
	const partOf = (days: number): number => part(civil(days), days);
	return (values) => {
		dates ??= Int32Array.from({ length: LAST_DAY - FIRST_DAY + 1 }, (_, i) => civil(FIRST_DAY + i));
		table ??= Int16Array.from(dates, (date, i) => part(date, FIRST_DAY + i));
		lookUpDays(values, table, partOf);
	};
}

function lookUpDays(values: Float64Array, table: Int16Array, beyond: (days: number) => number): void {
	for (let i = 0, n = values.length; i < n; i++) {
		const days = dayOf(values[i]);
		values[i] = days >= FIRST_DAY && days <= LAST_DAY ? table[days - FIRST_DAY] : beyond(days);
	}
}

function weekdayOf(days: number): number {
	const d = (days + 3) % 7;
	// No -0, as in the table of many.
	return d < 0 ? d + 7 : d + 0;
}
const weekday = (ms: number): number => weekdayOf(dayOf(ms));
const isWeekend = (days: number): number => (Number.isNaN(days) ? NaN : weekdayOf(days) >= 5 ? 1 : 0);

const hour = (ms: number): number => Math.floor(within(ms) / 3_600_000);
const dayOfYear = (date: number, days: number): number => days - firstOfYear(yearOf(date)) + 1;

/** Day number of the first of January. */
function firstOfYear(year: number): number {
	const before = year - 1;
	return before * 365 + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) - 719_162;
}

/** Parts of a moment (UTC milliseconds); NaN gives NaN. Monday is weekday 0; months, days and quarters count from 1. */
export const CALENDAR = {
	hour,
	minute: (ms: number): number => Math.floor((within(ms) % 3_600_000) / 60_000),
	weekday,
	day: (ms: number): number => dayOfMonth(civil(dayOf(ms))),
	month: (ms: number): number => monthOf(civil(dayOf(ms))),
	quarter: (ms: number): number => Math.ceil(monthOf(civil(dayOf(ms))) / 3),
	year: (ms: number): number => yearOf(civil(dayOf(ms))),
	day_of_year: (ms: number): number => dayOfYear(civil(dayOf(ms)), dayOf(ms)),
	is_weekend: (ms: number): number => isWeekend(dayOf(ms)),
} as const;

/** The same for many moments where they are, for the parts where it is much faster. */
export const CALENDAR_OF_MANY: Partial<Record<keyof typeof CALENDAR, Change>> = {
	hour(values) {
		for (let i = 0, n = values.length; i < n; i++) values[i] = hour(values[i]);
	},
	weekday: eachDate((_, days) => weekdayOf(days)),
	day: eachDate(dayOfMonth),
	month: eachDate(monthOf),
	quarter: eachDate((date) => Math.ceil(monthOf(date) / 3)),
	year: eachDate(yearOf),
	day_of_year: eachDate(dayOfYear),
	is_weekend: eachDate((_, days) => isWeekend(days)),
};
