const DAY = 86_400_000;

/** Days since 1970 of a moment in UTC milliseconds. */
const dayOf = (ms: number): number => Math.floor(ms / DAY);
const within = (ms: number): number => ms - dayOf(ms) * DAY;

/**
 * Civil date of a day number by counting eras of 400 years that start in March, so that the leap day comes last.
 * Plain arithmetic: about ten times as fast as a Date object, which matters for millions of rows.
 */
function civil(ms: number): { year: number; month: number; day: number; dayOfYear: number } {
	const z = dayOf(ms) + 719_468;
	const era = Math.floor(z / 146_097);
	const inEra = z - era * 146_097;
	const yearOfEra = Math.floor((inEra - Math.floor(inEra / 1460) + Math.floor(inEra / 36_524) - Math.floor(inEra / 146_096)) / 365);
	const fromMarch = inEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
	const m = Math.floor((5 * fromMarch + 2) / 153);
	const month = m < 10 ? m + 3 : m - 9;
	const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
	const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 1 : 0;
	return {
		year,
		month,
		day: fromMarch - Math.floor((153 * m + 2) / 5) + 1,
		dayOfYear: month <= 2 ? fromMarch - 305 : fromMarch + 60 + leap,
	};
}

const weekday = (ms: number): number => {
	const d = (dayOf(ms) + 3) % 7;
	return d < 0 ? d + 7 : d;
};

/** Parts of a moment (UTC milliseconds); NaN gives NaN. Monday is weekday 0; months, days and quarters count from 1. */
export const CALENDAR = {
	hour: (ms: number): number => Math.floor(within(ms) / 3_600_000),
	minute: (ms: number): number => Math.floor((within(ms) % 3_600_000) / 60_000),
	weekday,
	day: (ms: number): number => civil(ms).day,
	month: (ms: number): number => civil(ms).month,
	quarter: (ms: number): number => Math.ceil(civil(ms).month / 3),
	year: (ms: number): number => civil(ms).year,
	day_of_year: (ms: number): number => civil(ms).dayOfYear,
	is_weekend: (ms: number): number => (Number.isNaN(ms) ? NaN : weekday(ms) >= 5 ? 1 : 0),
} as const;
