import type { ColumnType } from '../domain/column.js';
import { dateParser } from './dates.js';
import { NULL_WORDS, type ColumnFormat } from './format.js';

/** A number as programs write it; DuckDB's own cast would also take `1_000`, `inf` and blanks. */
export const NUMBER_REGEX = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`;
const NUMBER = new RegExp(`^(?:${NUMBER_REGEX})$`);

const isBlank = (code: number): boolean => code === 32 || code === 9 || code === 10 || code === 13;

/** Without blanks, tabs and line ends around it. A regular expression would try each of a million blanks that are not at the end. */
export function trimBlank(text: string): string {
	let from = 0;
	let to = text.length;
	while (from < to && isBlank(text.charCodeAt(from))) from++;
	while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
	return to - from === text.length ? text : text.slice(from, to);
}

/** A test for text that means "missing". */
export function missingTest(nulls: readonly string[] = NULL_WORDS): (text: string) => boolean {
	const words = new Set([...nulls, '']);
	return (text) => words.has(trimBlank(text));
}

/** Characters inside a regular expression's brackets, for JavaScript and RE2 alike. */
export const escapeClass = (characters: string): string => characters.replace(/[\\\]^-]/g, '\\$&');

/** Blanks that may stand between a number and its sign. */
export const BLANK = '[ \u00a0\u202f]?';

const PERCENT = new RegExp(`${BLANK}%$`);

/** A reader of numbers in one notation: NaN where the text is none, infinite or malformed. */
export function numberParser(format: ColumnFormat): (text: string) => number {
	const { currency, percent, group, decimal } = format;
	const mark = decimal === ',' ? ',' : '\\.';
	const sign = currency ? new RegExp(`^([+-]?)[${escapeClass(currency)}]${BLANK}|${BLANK}[${escapeClass(currency)}]$`, 'g') : undefined;
	const grouped = group ? new RegExp(`^[+-]?(?:\\d{1,3}(?:[${escapeClass(group)}]\\d{3})+|\\d+)(?:${mark}\\d*)?$`) : undefined;
	const separator = group ? new RegExp(`[${escapeClass(group)}]`, 'g') : undefined;
	return (raw) => {
		let text = raw;
		if (sign) text = text.replace(sign, (_, minus: string | undefined) => minus ?? '');
		if (percent) text = text.replace(PERCENT, '');
		if (grouped && separator) {
			if (!grouped.test(text)) return NaN;
			text = text.replace(separator, '');
		}
		if (decimal === ',') text = text.replaceAll(',', '.');
		if (!NUMBER.test(text)) return NaN;
		const value = percent ? Number(text) / 100 : Number(text);
		return Number.isFinite(value) ? value + 0 : NaN;
	};
}

/**
 * A reader of present (not missing) text for one column: the number (boolean 0/1, datetime UTC milliseconds) or the text itself;
 * undefined where the text is no such value.
 */
export function textParser(type: ColumnType, format: ColumnFormat): (text: string) => number | string | undefined {
	if (type === 'category' || type === 'text') return (text) => text;
	if (type === 'boolean') {
		const { yes = 'true', no = 'false' } = format;
		return (text) => {
			const word = trimBlank(text).toLowerCase();
			return word === yes ? 1 : word === no ? 0 : undefined;
		};
	}
	const parse = type === 'datetime' ? dateParser(format.date ?? 'iso') : numberParser(format);
	return (text) => {
		const value = parse(trimBlank(text));
		if (Number.isNaN(value) || (type === 'integer' && !Number.isSafeInteger(value))) return undefined;
		return value;
	};
}
