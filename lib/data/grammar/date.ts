import type { ColumnFormat } from '../format.js';
import { isoText } from '../isoText.js';

type Order = 'ymd' | 'mdy' | 'dmy' | 'bdy' | 'dby' | 'ym' | 'my' | 'by';

/** Time of day behind a date: `T` or blanks, seconds and a fraction or none, AM/PM, a zone with or without a blank before it. */
const ZONE = String.raw`(?: *((?:[Zz]|UTC|GMT|utc|gmt)?(?:[+-]\d{2}:?(?:\d{2})?)?)(?: \([^()]{1,40}\))?)?`;
const TIME =
	String.raw`(?:(?: *[Tt] *|,? +)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?` + String.raw`(?: *([AaPp])\.?[Mm]\.?)?${ZONE})?`;
/** A group of `TIME` that a spelling does not have. */
const NONE = '((?!))?';
const WEEKDAY = String.raw`(?:(?:[Mm]on|[Tt]ue|[Ww]ed|[Tt]hu|[Ff]ri|[Ss]at|[Ss]un)[a-z]*\.?,? +)?`;
const WORD = String.raw`([A-Za-zÀ-ÿ]{3,10})\.?`;
const DAY = String.raw`(\d{1,2})(?:st|nd|rd|th|\.)?`;

interface Pattern {
	order: Order;
	regex: RegExp;
}
const pattern = (order: Order, source: string): Pattern => ({ order, regex: new RegExp(`^${source}${TIME}$`) });

/** Spellings of dates by name: those of the first grammar, and more. Year, month and day; what stands behind is the same for all. */
const PATTERNS: ReadonlyMap<string, Pattern> = new Map([
	['iso', pattern('ymd', String.raw`(\d{4})-(\d{1,2})-(\d{1,2})`)],
	['%Y/%m/%d', pattern('ymd', String.raw`(\d{4})/(\d{1,2})/(\d{1,2})`)],
	['%Y.%m.%d', pattern('ymd', String.raw`(\d{4})\.(\d{1,2})\.(\d{1,2})`)],
	['%m/%d/%Y', pattern('mdy', String.raw`${WEEKDAY}(\d{1,2})/(\d{1,2})/(\d{4})`)],
	['%d/%m/%Y', pattern('dmy', String.raw`${WEEKDAY}(\d{1,2})/(\d{1,2})/(\d{4})`)],
	['%d.%m.%Y', pattern('dmy', String.raw`${WEEKDAY}(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})`)],
	['%d-%m-%Y', pattern('dmy', String.raw`(\d{1,2})-(\d{1,2})-(\d{4})`)],
	['%m-%d-%Y', pattern('mdy', String.raw`(\d{1,2})-(\d{1,2})-(\d{4})`)],
	['%b %d %Y', pattern('bdy', String.raw`${WEEKDAY}${WORD} +${DAY},? +(\d{4})`)],
	['%d %b %Y', pattern('dby', String.raw`${WEEKDAY}${DAY}[ -]+(?:of )?${WORD}[ -]+(\d{4})`)],
	// Two digits for the year; where versions and parts look alike (1.2.10), day and month must have two as well.
	['%m/%d/%y', pattern('mdy', String.raw`(\d{1,2})/(\d{1,2})/(\d{2})`)],
	['%d/%m/%y', pattern('dmy', String.raw`(\d{1,2})/(\d{1,2})/(\d{2})`)],
	['%d.%m.%y', pattern('dmy', String.raw`(\d{2})\.(\d{2})\.(\d{2})`)],
	['%d-%m-%y', pattern('dmy', String.raw`(\d{2})-(\d{2})-(\d{2})`)],
	['%m-%d-%y', pattern('mdy', String.raw`(\d{2})-(\d{2})-(\d{2})`)],
	['%y-%m-%d', pattern('ymd', String.raw`(\d{2})-(\d{2})-(\d{2})`)],
	['%b %d %y', pattern('bdy', String.raw`${WEEKDAY}${WORD} +${DAY},? +'?(\d{2})`)],
	['%d %b %y', pattern('dby', String.raw`${WEEKDAY}${DAY}[ -]+${WORD}[ -]+'?(\d{2})`)],
	['%Y%m%d', { order: 'ymd', regex: /^((?:19|20)\d{2})(\d{2})(\d{2})$/ }],
	// ISO's basic form, and its hour alone. Without the T the first would be a number like any other.
	[
		'%Y%m%dT%H%M%S',
		{
			order: 'ymd',
			regex: new RegExp(String.raw`^((?:19|20)\d{2})(\d{2})(\d{2})[Tt](\d{2})(?:(\d{2})(?:(\d{2})(?:[.,](\d{1,9}))?)?)?${NONE}${ZONE}$`),
		},
	],
	// A month alone is its first day.
	['%Y-%m', { order: 'ym', regex: /^(\d{4})-(0[1-9]|1[0-2])$/ }],
	['%Y/%m', { order: 'ym', regex: /^(\d{4})\/(0[1-9]|1[0-2])$/ }],
	['%m/%Y', { order: 'my', regex: /^(0?[1-9]|1[0-2])\/(\d{4})$/ }],
	['%b %Y', { order: 'by', regex: new RegExp(`^${WORD}[ -](\\d{4})$`) }],
	['%Y-%m-%dT%H', { order: 'ymd', regex: new RegExp(String.raw`^(\d{4})-(\d{1,2})-(\d{1,2})[Tt](\d{2})${NONE.repeat(4)}${ZONE}$`) }],
]);

/** Names of the spellings, `iso` first. */
export const DATE_SPELLINGS: readonly string[] = [...PATTERNS.keys()];

const EXAMPLE = new Map([
	['%Y', '2024'],
	['%y', '24'],
	['%m', '12'],
	['%d', '31'],
	['%b', 'Dec'],
	['%H', '18'],
	['%M', '30'],
	['%S', '00'],
]);

/** The last day of 2024 in a spelling, for people: it shows what stands where. */
export const spellingExample = (name: string): string =>
	name === 'iso' ? '2024-12-31' : name.replace(/%./g, (part) => EXAMPLE.get(part) ?? part);

/** Spellings that say a day with all digits of its year. */
export const WHOLE_DAYS: readonly string[] = [...PATTERNS].flatMap(([name, { order }]) =>
	name.includes('%y') || order.length < 3 ? [] : [name],
);

/** Spellings that differ only in the order of day and month. */
export const SWAPPED: ReadonlyMap<string, string> = new Map([
	['%m/%d/%Y', '%d/%m/%Y'],
	['%m-%d-%Y', '%d-%m-%Y'],
	['%m/%d/%y', '%d/%m/%y'],
	['%m-%d-%y', '%d-%m-%y'],
]);

const MONTHS = [
	'jan january januar jän jänner janvier janv ene enero gennaio gen',
	'feb february februar février févr fév febrero febbraio',
	'mar march märz mär mrz mars marzo',
	'apr april avril avr abr abril aprile',
	'may mai mayo maggio mag',
	'jun june juni juin junio giugno giu',
	'jul july juli juillet juil julio luglio lug',
	'aug august août aoû ago agosto',
	'sep sept september septembre septiembre settembre set',
	'oct october okt oktober octobre octubre ottobre ott',
	'nov november novembre noviembre',
	'dec december dez dezember décembre déc dic diciembre dicembre',
];
const MONTH_OF: ReadonlyMap<string, number> = new Map(
	MONTHS.flatMap((words, i) => words.split(' ').map((word): [string, number] => [word, i + 1])),
);
const SHORT = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Two digits of a year as POSIX reads them: 69 to 99 are of the 20th century. */
const year = (digits: string): number => (digits.length === 4 ? +digits : +digits + (+digits < 69 ? 2000 : 1900));

const named = (word: string): number => MONTH_OF.get(word.toLowerCase()) ?? 0;

/** Year, month and day of what stands in a text one after the other. */
function partsOf(order: Order, a: string, b: string, c: string): [year: number, month: number, day: number] {
	switch (order) {
		case 'ymd':
			return [year(a), +b, +c];
		case 'mdy':
			return [year(c), +a, +b];
		case 'dmy':
			return [year(c), +b, +a];
		case 'bdy':
			return [year(c), named(a), +b];
		case 'dby':
			return [year(c), named(b), +a];
		case 'ym':
			return [+a, +b, 1];
		case 'my':
			return [+b, +a, 1];
		case 'by':
			return [+b, named(a), 1];
	}
}

/** A reader of one spelling: UTC milliseconds, or NaN if the text is no such date. Times without a zone count as UTC. */
export function dateSpelling(name: string): (text: string) => number {
	const { regex, order } = PATTERNS.get(name) ?? PATTERNS.get('iso')!;
	return (text) => {
		const m = regex.exec(text.includes('\u2212') ? text.replaceAll('\u2212', '-') : text);
		if (!m) return NaN;
		const [, a, b, c, hour, minute, second, fraction, half, zone] = m;
		const [y, mo, d] = partsOf(order, a, b, c);
		let h = hour ? +hour : 0;
		if (half) {
			if (h < 1 || h > 12) return NaN;
			h = (h % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
		}
		const time = utc(y, mo, d, h, minute ? +minute : 0, second ? +second : 0, fraction ? Number(fraction.slice(0, 3).padEnd(3, '0')) : 0);
		return time - (zone ? offset(zone) : 0);
	};
}

/** Milliseconds that a zone is ahead of UTC; NaN for one that is nowhere. */
function offset(zone: string): number {
	const m = /([+-])(\d{2}):?(\d{2})?$/.exec(zone);
	if (!m) return 0;
	const [, sign, hours, minutes = '0'] = m;
	if (+hours > 18 || +minutes > 59) return NaN;
	return (sign === '-' ? -1 : 1) * (+hours * 60 + +minutes) * 60_000;
}

const DAY_MS = 86_400_000;

/** Like Date.UTC, but NaN for a day or time that does not exist. 24:00 is the end of the day. */
function utc(y: number, mo: number, d: number, h: number, mi: number, s: number, ms: number): number {
	if (h === 24) return mi || s || ms ? NaN : utc(y, mo, d, 0, 0, 0, 0) + DAY_MS;
	if (y < 1 || mo < 1 || mo > 12 || d < 1 || h > 23 || mi > 59 || s > 59) return NaN;
	const date = new Date(Date.UTC(2000, mo - 1, d, h, mi, s, ms));
	date.setUTCFullYear(y, mo - 1, d);
	return date.getUTCDate() === d && date.getUTCMonth() === mo - 1 ? date.getTime() : NaN;
}

const EXCEL_EPOCH = Date.UTC(1899, 11, 30);
const SERIAL = /^[2-6]\d{4}(?:\.\d+)?$/;

/** The spellings that a format names. */
export const spellingsOf = (format: ColumnFormat): readonly string[] => format.dates ?? [format.date ?? 'iso'];

/**
 * A reader of one column's dates by its format: UTC milliseconds, or undefined. A day or a moment in ISO's spelling is one in every column:
 * it can mean nothing else.
 */
export function dateReader(format: ColumnFormat): (text: string) => number | undefined {
	const readers = [...new Set([...spellingsOf(format), 'iso'])].map(dateSpelling);
	return (text) => {
		for (const read of readers) {
			const time = read(text);
			if (!Number.isNaN(time)) return time;
		}
		return format.serial && SERIAL.test(text) ? serialDate(text) : undefined;
	};
}

/** A day number of Excel (1 is 1 January 1900) as UTC milliseconds; NaN if the text is none of the years 1954 to 2091. */
export const serialDate = (text: string): number => (SERIAL.test(text) ? Math.round(EXCEL_EPOCH + Number(text) * DAY_MS) : NaN);

/** Tokens of a date's usual text (`ColumnFormat.show`), a subset of strptime's with the same meaning. */
const TOKEN = /%-?[YmdHMSgby]/g;
const pad = (n: number, width = 2) => String(n).padStart(width, '0');

/** The usual text of a date in a column. */
export function dateText(format: ColumnFormat): (value: number) => string {
	const { show } = format;
	if (!show) return isoText;
	return (value) => {
		const date = new Date(value);
		if (Number.isNaN(date.getTime())) return String(value);
		return show.replace(TOKEN, (token) => {
			switch (token) {
				case '%Y':
					return pad(date.getUTCFullYear(), 4);
				case '%y':
					return pad(date.getUTCFullYear() % 100);
				case '%m':
					return pad(date.getUTCMonth() + 1);
				case '%-m':
					return String(date.getUTCMonth() + 1);
				case '%b':
					return SHORT[date.getUTCMonth()];
				case '%d':
					return pad(date.getUTCDate());
				case '%-d':
					return String(date.getUTCDate());
				case '%H':
					return pad(date.getUTCHours());
				case '%-H':
					return String(date.getUTCHours());
				case '%M':
					return pad(date.getUTCMinutes());
				case '%S':
					return pad(date.getUTCSeconds());
				case '%g':
					return pad(date.getUTCMilliseconds(), 3);
				default:
					return token;
			}
		});
	};
}

/** The two ways, with and without leading zeros, in which texts like this one are usually written; they need not give this text back. */
export function showsLike(text: string, name: string): string[] {
	const m = PATTERNS.get(name)!.regex.exec(text);
	if (!m) return [];
	const [, a, b, c, hour, minute, second, fraction] = m;
	const order = PATTERNS.get(name)!.order;
	const y = order.length < 3 || (order === 'ymd' ? a : c).length === 4 ? '%Y' : '%y';
	return [false, true].map((bare) => {
		const [d, mo] = bare ? ['%-d', '%-m'] : ['%d', '%m'];
		const token = { y, m: mo, d, b: '%b' };
		const parts = Array.from(order, (part) => token[part as keyof typeof token]);
		let at = 0;
		let out = '';
		const values = hour === undefined ? [a, b, c].slice(0, parts.length) : [a, b, c, hour, minute, second, fraction];
		const tokens = [...parts, bare && hour?.length === 1 ? '%-H' : '%H', '%M', '%S', '%g'];
		values.forEach((value, i) => {
			if (value === undefined) return;
			const found = text.indexOf(value, at);
			out += text.slice(at, found) + tokens[i];
			at = found + value.length;
		});
		return (out + text.slice(at)).replace(/%(?!-?[YmdHMSgby])/g, '');
	});
}
