import type { ColumnType } from '../domain/column.js';
import { dateRegex } from './dates.js';
import { quoteText } from './duck.js';
import { NULL_WORDS, type ColumnFormat } from './format.js';
import { BLANK, escapeClass, NUMBER_REGEX } from './parse.js';

/** Blanks around a value that do not count; the same set as `trimBlank`. */
const trimmed = (sql: string): string => `trim(${sql}, E' \\t\\r\\n')`;

/** SQL for "this text is a value", the twin of `isMissingText`. */
export function presentSql(sql: string, format: ColumnFormat): string {
	const words = (format.nulls ?? NULL_WORDS).filter((w) => w !== '');
	const inner = trimmed(sql);
	return `(${sql} IS NOT NULL AND ${inner} <> ''${words.length ? ` AND ${inner} NOT IN (${words.map(quoteText).join(', ')})` : ''})`;
}

/** SQL that turns text into the column's type, NULL where that fails; the twin of `textParser`. */
export function castTextSql(sql: string, type: ColumnType, format: ColumnFormat): string {
	const present = presentSql(sql, format);
	const text = trimmed(sql);
	switch (type) {
		case 'number': return `CASE WHEN ${present} THEN ${numberSql(text, format)} END`;
		case 'integer': return `CASE WHEN ${present} THEN ${integerSql(numberSql(text, format))} END`;
		case 'boolean': return `CASE WHEN ${present} THEN CASE lower(${text}) WHEN ${quoteText(format.yes ?? 'true')} THEN true WHEN ${quoteText(format.no ?? 'false')} THEN false END END`;
		case 'datetime': return `CASE WHEN ${present} THEN ${dateSql(text, format.date ?? 'iso')} END`;
		case 'category':
		case 'text': return `CASE WHEN ${present} THEN ${sql} END`;
	}
}

const integerSql = (number: string): string => `CASE WHEN abs(${number}) <= 9007199254740991 AND trunc(${number}) = ${number} THEN CAST(${number} AS BIGINT) END`;

function numberSql(text: string, format: ColumnFormat): string {
	let sql = text;
	let sign = '';
	if (format.currency) {
		// A minus may stand before or after the currency sign; it is moved to the front.
		sql = `regexp_replace(${sql}, ${quoteText(`^([+-]?)[${escapeClass(format.currency)}]${BLANK}|${BLANK}[${escapeClass(format.currency)}]$`)}, '\\1', 'g')`;
	}
	if (format.percent) {
		sql = `regexp_replace(${sql}, '${BLANK}%$', '')`;
		sign = ' / 100';
	}
	if (format.group) {
		const mark = format.decimal === ',' ? ',' : '\\.';
		const group = `[${escapeClass(format.group)}]`;
		const shape = `[+-]?(?:\\d{1,3}(?:${group}\\d{3})+|\\d+)(?:${mark}\\d*)?`;
		sql = `CASE WHEN regexp_full_match(${sql}, ${quoteText(shape)}) THEN regexp_replace(${sql}, ${quoteText(group)}, '', 'g') END`;
	}
	if (format.decimal === ',') sql = `replace(${sql}, ',', '.')`;
	return `CASE WHEN regexp_full_match(${sql}, ${quoteText(NUMBER_REGEX)}) AND isfinite(TRY_CAST(${sql} AS DOUBLE)) THEN TRY_CAST(${sql} AS DOUBLE)${sign} END`;
}

function dateSql(text: string, pattern: string): string {
	const shape = `regexp_full_match(${text}, ${quoteText(dateRegex(pattern))})`;
	return `CASE WHEN ${shape} THEN ${pattern === 'iso' ? isoSql(text) : patternSql(text, pattern)} END`;
}

const isoSql = (text: string): string =>
	`date_trunc('millisecond', CAST(TRY_CAST(replace(upper(${text}), ',', '.') AS TIMESTAMPTZ) AS TIMESTAMP))`;

function patternSql(text: string, pattern: string): string {
	const base = pattern.includes('%b') ? `regexp_replace(regexp_replace(${text}, '[.,]', '', 'g'), '-', ' ', 'g')` : text;
	// Month names are cut to three letters: strptime's %b takes no longer ones.
	const short = pattern.includes('%b') ? `regexp_replace(${base}, '([A-Za-z]{3})[a-z]+', '\\1')` : base;
	const formats = ['', ' %H:%M', ' %H:%M:%S', ' %I:%M %p', ' %I:%M:%S %p', ' %I:%M%p', ' %I:%M:%S%p'].map((t) => quoteText(pattern + t));
	return `try_strptime(${short}, [${formats.join(', ')}])`;
}
