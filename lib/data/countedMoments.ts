import type { ColumnFacts } from './roles.js';

const TIME_WORD = /^(?:date|dates|time|times|timestamp|ts|datum|zeit|when|created|updated|modified|observed|epoch|unix|utc|at|day|fecha)$/;

/** What whole numbers may count, from 2000 to 2040 each. */
const COUNTS: ReadonlyArray<{ what: string; from: number; to: number; millis: (x: number) => number }> = [
	{ what: 'seconds since 1970', from: 946_684_800, to: 2_208_988_800, millis: (x) => x * 1000 },
	{ what: 'milliseconds since 1970', from: 946_684_800_000, to: 2_208_988_800_000, millis: (x) => x },
	{ what: 'microseconds since 1970', from: 946_684_800e6, to: 2_208_988_800e6, millis: (x) => x / 1e3 },
	{ what: 'nanoseconds since 1970', from: 946_684_800e9, to: 2_208_988_800e9, millis: (x) => x / 1e6 },
	{ what: 'days as Excel counts them', from: 36_526, to: 51_136, millis: (x) => Date.UTC(1899, 11, 30) + x * 86_400_000 },
	{
		what: 'year, month and day without a mark',
		from: 20_000_101,
		to: 20_401_231,
		millis: (x) => Date.UTC(Math.floor(x / 10_000), (Math.floor(x / 100) % 100) - 1, x % 100),
	},
];

/**
 * What a column of whole numbers that is called after a time may count, and what to do then; undefined for any other. Nothing is read so by
 * itself: ids and amounts lie in these ranges, too.
 */
export function countedMoments({ name, type, min, max, distinct }: ColumnFacts): string | undefined {
	if (type !== 'integer' || min === undefined || max === undefined || distinct < 2) return undefined;
	const words = name
		.replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
		.toLowerCase()
		.split(/[^\p{L}]+/u);
	if (!words.some((word) => TIME_WORD.test(word))) return undefined;
	const found = COUNTS.find(({ from, to }) => min >= from && max < to);
	if (!found) return undefined;
	const remedy =
		found.to < 3e7 && found.from > 1e7
			? 'give it the type "datetime" under "Column Settings" of Ingest'
			: 'let Clean make a date of it (Convert type)';
	const day = new Date(found.millis(min)).toISOString().slice(0, 10);
	return `may hold ${found.what} (${min} is ${day}) and is read as a number. If it does, ${remedy}`;
}

/** What numbers that a person wants as dates were taken for, which are milliseconds since 1970, and what they rather count. */
const MISTAKEN: ReadonlyArray<{ what: string; from: number; to: number; millis: (x: number) => number }> = COUNTS.filter(({ what }) =>
	/^(?:seconds|microseconds) /.test(what),
);

/**
 * Says of a column of dates whose values, as milliseconds, lie within days of 1970 or thousands of years ahead that its numbers rather
 * count something else; undefined for any other.
 */
export function mistakenMoments({ type, min, max, distinct }: ColumnFacts): string | undefined {
	if (type !== 'datetime' || min === undefined || max === undefined || distinct < 2) return undefined;
	const found = MISTAKEN.find(({ from, to }) => min >= from && max < to);
	if (!found) return undefined;
	const day = (millis: number): string => new Date(millis).toISOString().slice(0, 10);
	return (
		`was read as milliseconds since 1970, from ${day(min)} on. Its numbers look like ${found.what}, from ${day(found.millis(min))} on: ` +
		'leave its type to Ingest, and let Clean make a date of it (Convert type, "Numbers as dates")'
	);
}
