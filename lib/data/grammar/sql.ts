import type { ColumnType } from '../../domain/column.js';
import { quoteText } from '../duck.js';
import { NULL_WORDS, type ColumnFormat } from '../format.js';
import { dateReader } from './date.js';
import { Form } from './forms.js';

/**
 * The SQL form of the grammar. SQL reads only the usual texts of a column: those that `valueText` gives back character by character from
 * the value it reads. All others are read by the JavaScript form (cell.ts) from a table of the different ones (leftovers.ts), so the two
 * forms cannot disagree.
 */

/** Blanks around a value that do not count; the same set as `trimBlank`. */
export const trimSql = (sql: string): string =>
	// `trim` takes several times as long as looking whether there is anything to trim: blanks sort before every visible sign.
	`CASE WHEN ${sql} < '!'${[' ', '\\t', '\\r', '\\n'].map((blank) => ` OR suffix(${sql}, E'${blank}')`).join('')} THEN ` +
	`trim(${sql}, E' \\t\\r\\n') ELSE ${sql} END`;

/** SQL for "this trimmed text is a value", the twin of `missingTest`. */
export function presentSql(trimmed: string, format: ColumnFormat): string {
	const words = (format.nulls ?? NULL_WORDS).filter((w) => w !== '').map(quoteText);
	return `(${trimmed} <> ''${words.length ? ` AND NOT list_contains([${words.join(', ')}], ${trimmed})` : ''})`;
}

/** SQL for the value of a trimmed text that is a usual one, NULL for every other text. `long`: numbers of more than 15 digits are many. */
export function usualSql(trimmed: string, type: ColumnType, format: ColumnFormat, long = false): string {
	switch (type) {
		case 'number':
		case 'integer':
			return numberSql(trimmed, type, format, long);
		case 'boolean': {
			const [yes, no] = format.shown ?? [format.yes ?? 'true', format.no ?? 'false'];
			return `CASE ${trimmed} WHEN ${quoteText(yes)} THEN true WHEN ${quoteText(no)} THEN false END`;
		}
		case 'datetime':
			return dateSql(trimmed, format);
		case 'category':
		case 'text':
			return trimmed;
	}
}

const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
/** No value of this column can be read in SQL. */
const NOTHING = (type: string) => `CAST(NULL AS ${type})`;
/** More digits than come back from any double, and more than `length` lets pass. DuckDB writes what is smaller with an exponent. */
const LONG = '-?(?:[1-9]\\d{0,14}\\.\\d*[1-9]|0\\.0{0,3}[1-9](?:\\d*[1-9])?)';

interface NumberShape {
	shape: string;
	length: number;
	zero?: string;
	plain: boolean;
	/** Digits, and a minus perhaps. */
	whole: boolean;
}

/** The usual texts of numbers: an expression for the whole text, the longest text, and one that is none of them. */
function numberShape(type: 'number' | 'integer', format: ColumnFormat): NumberShape | undefined {
	const { decimal = '.', group, places, point, percent, before = '', after = '' } = format;
	if (percent) return undefined;
	const mark = escape(decimal);
	const whole = group ? `[1-9]\\d{0,2}(?:${escape(group)}\\d{3}){0,4}` : '[1-9]\\d{0,14}';
	// A minus stands before the currency sign in `valueText`, which would split the digits: left to the other form.
	const minus = before ? '' : '-?';
	const shapes = places
		? [`${minus}(?:0|${whole})${mark}\\d{${places}}`]
		: point
			? [`0${mark}0`, `${minus}${whole}${mark}(?:\\d*[1-9]|0)`, `${minus}0${mark}0{0,5}[1-9](?:\\d*[1-9])?`]
			: type === 'integer'
				? ['0', `${minus}${whole}`]
				: // The last digit is none that a number leaves out, and below a millionth it would be written with an exponent.
					['0', `${minus}${whole}(?:${mark}\\d*[1-9])?`, `${minus}0${mark}0{0,5}[1-9](?:\\d*[1-9])?`];
	return {
		shape: `${escape(before)}(?:${shapes.join('|')})${escape(after)}`,
		// Fifteen digits come back from a double whatever they are.
		length: 16 + before.length + after.length,
		...(places ? { zero: `${before}-0${decimal}${'0'.repeat(places)}${after}` } : {}),
		plain: type === 'number' && decimal === '.' && !group && !places && !before && !after,
		whole: type === 'integer' && !group && !places && !point && !before && !after,
	};
}

function numberSql(text: string, type: 'number' | 'integer', format: ColumnFormat, long: boolean): string {
	const usual = numberShape(type, format);
	if (!usual) return NOTHING(type === 'integer' ? 'BIGINT' : 'DOUBLE');
	const { decimal, group, places, before = '', after = '' } = format;
	let core = before || after ? `substr(${text}, ${before.length + 1}, length(${text}) - ${before.length + after.length})` : text;
	if (group) core = `replace(${core}, ${quoteText(group)}, '')`;
	if (decimal === ',') core = `replace(${core}, ',', '.')`;
	const value =
		type === 'integer' && places ? `TRY_CAST(${core} AS DOUBLE)` : `TRY_CAST(${core} AS ${type === 'integer' ? 'BIGINT' : 'DOUBLE'})`;
	// Whole numbers that come back as they were: no other form of them does.
	if (type === 'integer' && usual.whole) {
		const number = `TRY_CAST(${text} AS BIGINT)`;
		return `CASE WHEN CAST(${number} AS VARCHAR) = ${text} AND abs(${number}) < 1000000000000000 THEN ${number} END`;
	}
	const zero = usual.zero === undefined ? '' : ` AND ${text} <> ${quoteText(usual.zero)}`;
	// Bytes are sooner counted than signs, of which only those between the digits may be several.
	const bytes = usual.length + Buffer.byteLength(before + after) - before.length - after.length;
	const fits = Buffer.byteLength(group ?? '') > 1 ? `length(${text}) <= ${usual.length}` : `strlen(${text}) <= ${bytes}`;
	const short = `CASE WHEN ${fits} AND regexp_full_match(${text}, ${quoteText(usual.shape)})${zero} THEN ` + `${value} `;
	// With places a whole number ends in zeros; what has other digits there is read by the other form.
	if (type === 'integer' && places) return `CASE WHEN trunc(${short}END) = ${short}END THEN CAST(${short}END AS BIGINT) END`;
	if (!long || !usual.plain) return `${short}END`;
	// DuckDB and JavaScript both write the shortest digits that give the number back.
	return (
		`${short}WHEN regexp_full_match(${text}, '${LONG}') AND CAST(TRY_CAST(${text} AS DOUBLE) AS VARCHAR) = ${text} THEN ` +
		`TRY_CAST(${text} AS DOUBLE) END`
	);
}

/** Shapes of the tokens that DuckDB reads as `dateText` writes them. */
const TOKENS: ReadonlyMap<string, string> = new Map([
	['%Y', '[1-9]\\d{3}'],
	['%m', '(?:0[1-9]|1[0-2])'],
	['%d', '(?:0[1-9]|[12]\\d|3[01])'],
	['%H', '(?:[01]\\d|2[0-3])'],
	['%M', '[0-5]\\d'],
	['%S', '[0-5]\\d'],
	['%g', '\\d{3}'],
]);
const ISO_SHOW = '%Y-%m-%d';

/** Rare ones (names of months, years of two digits) have few different texts: those are read from their table. */
function dateShape({ show = ISO_SHOW }: ColumnFormat): string | undefined {
	const tokens = show.split(/(%-?[A-Za-z])/);
	if (!tokens.every((token, i) => i % 2 === 0 || TOKENS.has(token))) return undefined;
	return tokens.map((token, i) => (i % 2 ? TOKENS.get(token)! : escape(token))).join('');
}

function dateSql(text: string, format: ColumnFormat): string {
	if ((format.show ?? ISO_SHOW) === ISO_SHOW) {
		// A day that comes back as it was; years of four digits, the first of them no zero.
		const day = `TRY_CAST(${text} AS DATE)`;
		return `CASE WHEN length(${text}) = 10 AND ${text} >= '1' AND CAST(${day} AS VARCHAR) = ${text} THEN CAST(${day} AS TIMESTAMP) END`;
	}
	const shape = dateShape(format);
	return shape
		? `CASE WHEN regexp_full_match(${text}, ${quoteText(shape)}) THEN try_strptime(${text}, ${quoteText(format.show ?? ISO_SHOW)}) END`
		: NOTHING('TIMESTAMP');
}

/**
 * The form that all texts have which SQL reads of a column, where it can be told from their bytes, and the type of the database that gives
 * the same values of them.
 */
export function usualForm(
	type: ColumnType,
	format: ColumnFormat,
): { form: number; reads: 'BIGINT' | 'DOUBLE' | 'DATE' | 'VARCHAR' } | undefined {
	if (type === 'category' || type === 'text') return { form: Form.bare, reads: 'VARCHAR' };
	if (type === 'datetime') return (format.show ?? ISO_SHOW) === ISO_SHOW ? { form: Form.day, reads: 'DATE' } : undefined;
	if (type !== 'number' && type !== 'integer') return undefined;
	const usual = numberShape(type, format);
	if (usual?.whole) return { form: Form.whole, reads: 'BIGINT' };
	return usual?.plain ? { form: format.point ? Form.point : Form.number, reads: 'DOUBLE' } : undefined;
}

/** The same question in JavaScript: whether SQL reads this trimmed text. */
export function usualTest(type: ColumnType, format: ColumnFormat, long = false): (text: string) => boolean {
	if (type === 'category' || type === 'text') return () => true;
	if (type === 'boolean') {
		const [yes, no] = format.shown ?? [format.yes ?? 'true', format.no ?? 'false'];
		return (text) => text === yes || text === no;
	}
	if (type === 'datetime') {
		const shape = dateShape(format);
		if (!shape) return () => false;
		const regex = new RegExp(`^(?:${shape})$`);
		const read = dateReader(format);
		return (text) => regex.test(text) && read(text) !== undefined;
	}
	const usual = numberShape(type, format);
	if (!usual) return () => false;
	const regex = new RegExp(`^(?:${usual.shape})$`);
	const longer = new RegExp(`^${LONG}$`);
	const places = type === 'integer' && format.places ? new RegExp(`\\D0{${format.places}}\\D*$`) : undefined;
	return (text) =>
		(text.length <= usual.length && regex.test(text) && text !== usual.zero && (!places || places.test(text))) ||
		(long && usual.plain && longer.test(text) && String(Number(text)) === text);
}
