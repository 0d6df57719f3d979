import { own } from '../domain/dictionary.js';
/**
 * Dates as text. One vocabulary of patterns, each with a regular expression that both JavaScript and DuckDB (RE2) read the same,
 * so that a stored column and a raw row at prediction come out equal.
 */

/** ISO 8601 in the forms people write: date, date and time with `T` or a blank, fraction, `Z` or an offset. */
const ISO =
	String.raw`(\d{4})-(\d{1,2})-(\d{1,2})` +
	String.raw`(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?(Z|z|[+-]\d{2}:?(?:\d{2})?))?)?`;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH = '(?:[Jj]an|[Ff]eb|[Mm]ar|[Aa]pr|[Mm]ay|[Jj]un|[Jj]ul|[Aa]ug|[Ss]ep|[Oo]ct|[Nn]ov|[Dd]ec)[a-z]*';

const TIME = String.raw`(?: (\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([AaPp][Mm]))?)?`;

/** Patterns besides `iso`, in the order they are tried; day and month orders are told apart by the data. */
const PATTERNS: Record<string, { regex: string; order: 'ymd' | 'mdy' | 'dmy' | 'bdy' | 'dby' }> = {
	'%Y/%m/%d': { regex: String.raw`(\d{4})/(\d{1,2})/(\d{1,2})${TIME}`, order: 'ymd' },
	'%m/%d/%Y': { regex: String.raw`(\d{1,2})/(\d{1,2})/(\d{4})${TIME}`, order: 'mdy' },
	'%d/%m/%Y': { regex: String.raw`(\d{1,2})/(\d{1,2})/(\d{4})${TIME}`, order: 'dmy' },
	'%d.%m.%Y': { regex: String.raw`(\d{1,2})\.(\d{1,2})\.(\d{4})${TIME}`, order: 'dmy' },
	'%d-%m-%Y': { regex: String.raw`(\d{1,2})-(\d{1,2})-(\d{4})${TIME}`, order: 'dmy' },
	'%m-%d-%Y': { regex: String.raw`(\d{1,2})-(\d{1,2})-(\d{4})${TIME}`, order: 'mdy' },
	'%b %d %Y': { regex: String.raw`(${MONTH})\.? (\d{1,2}),? (\d{4})${TIME}`, order: 'bdy' },
	'%d %b %Y': { regex: String.raw`(\d{1,2})[ -](${MONTH})\.?[ -](\d{4})${TIME}`, order: 'dby' },
};

/** Names of the patterns, `iso` first. */
export const DATE_PATTERNS: readonly string[] = ['iso', ...Object.keys(PATTERNS)];

/** The expression a whole text must match; the same source serves DuckDB. */
export const dateRegex = (pattern: string): string => (pattern === 'iso' ? ISO : own(PATTERNS, pattern)!.regex);

/** A reader for one pattern: UTC milliseconds, or NaN if the text is no such date. Times without a zone count as UTC. */
export function dateParser(pattern: string): (text: string) => number {
	const regex = new RegExp(`^(?:${dateRegex(pattern)})$`);
	if (pattern === 'iso') return (text) => isoMillis(regex.exec(text));
	const { order } = own(PATTERNS, pattern)!;
	return (text) => {
		const m = regex.exec(text);
		if (!m) return NaN;
		const [, a, b, c, hour, minute, second, half] = m;
		const month = (word: string) => MONTHS.indexOf(word.slice(0, 3).toLowerCase()) + 1;
		const [y, mo, d] =
			order === 'ymd'
				? [+a, +b, +c]
				: order === 'mdy'
					? [+c, +a, +b]
					: order === 'dmy'
						? [+c, +b, +a]
						: order === 'bdy'
							? [+c, month(a), +b]
							: [+c, month(b), +a];
		let h = hour ? +hour : 0;
		if (half) {
			if (h < 1 || h > 12) return NaN;
			h = (h % 12) + (half.toLowerCase() === 'pm' ? 12 : 0);
		}
		return utc(y, mo, d, h, minute ? +minute : 0, second ? +second : 0, 0);
	};
}

function isoMillis(m: RegExpExecArray | null): number {
	if (!m) return NaN;
	const [, y, mo, d, h, mi, s, fraction, zone] = m;
	const milliseconds = fraction ? Number(fraction.slice(0, 3).padEnd(3, '0')) : 0;
	const time = utc(+y, +mo, +d, h ? +h : 0, mi ? +mi : 0, s ? +s : 0, milliseconds);
	if (!zone || zone === 'Z' || zone === 'z') return time;
	const digits = zone.slice(1).replace(':', '');
	const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || 0);
	return time - (zone[0] === '-' ? -1 : 1) * minutes * 60_000;
}

/** Like Date.UTC, but NaN for a day or time that does not exist. */
function utc(y: number, mo: number, d: number, h: number, mi: number, s: number, ms: number): number {
	if (y < 1 || mo < 1 || mo > 12 || d < 1 || h > 23 || mi > 59 || s > 59) return NaN;
	const date = new Date(Date.UTC(2000, mo - 1, d, h, mi, s, ms));
	date.setUTCFullYear(y, mo - 1, d);
	return date.getUTCDate() === d && date.getUTCMonth() === mo - 1 ? date.getTime() : NaN;
}
