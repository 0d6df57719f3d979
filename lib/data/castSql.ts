import type { ColumnType } from '../domain/column.js';
import { dateRegex } from './dates.js';
import { quoteText } from './duck.js';
import { NULL_WORDS, type ColumnFormat } from './format.js';
import { BLANK, escapeClass, NUMBER_REGEX } from './parse.js';

/** Blanks around a value that do not count; the same set as `trimBlank`. */
export const trimSql = (sql: string): string => `trim(${sql}, E' \\t\\r\\n')`;

/** SQL for "this trimmed text is a value", the twin of `missingTest`. */
export function presentSql(trimmed: string, format: ColumnFormat): string {
	const words = (format.nulls ?? NULL_WORDS).filter((w) => w !== '').map(quoteText);
	return `(${trimmed} <> ''${words.length ? ` AND NOT list_contains([${words.join(', ')}], ${trimmed})` : ''})`;
}

/**
 * First of two stages that turn trimmed text into a value, NULL where that fails; together the twin of `textParser`.
 * Two stages, so that no expression is written (and compiled) twice.
 */
export function readSql(trimmed: string, type: ColumnType, format: ColumnFormat): string {
	switch (type) {
		case 'number':
		case 'integer': return numberSql(trimmed, format);
		case 'boolean': return `CASE lower(${trimmed}) WHEN ${quoteText(format.yes ?? 'true')} THEN true WHEN ${quoteText(format.no ?? 'false')} THEN false END`;
		case 'datetime': return dateSql(trimmed, format.date ?? 'iso');
		case 'category':
		case 'text': return trimmed;
	}
}

/** Second stage: the stored value from what the first one read; `raw` is the text as it came. */
export function storeSql(read: string, raw: string, type: ColumnType): string {
	switch (type) {
		case 'number': return `CASE WHEN isfinite(${read}) THEN ${read} END`;
		case 'integer': return `CASE WHEN abs(${read}) <= 9007199254740991 AND trunc(${read}) = ${read} THEN CAST(${read} AS BIGINT) END`;
		case 'boolean':
		case 'datetime': return read;
		case 'category':
		case 'text': return raw;
	}
}

function numberSql(text: string, format: ColumnFormat): string {
	let sql = text;
	let scale = '';
	if (format.currency) {
		// A minus may stand before or after the currency sign; it is moved to the front.
		sql = `regexp_replace(${sql}, ${quoteText(`^([+-]?)[${escapeClass(format.currency)}]${BLANK}|${BLANK}[${escapeClass(format.currency)}]$`)}, '\\1', 'g')`;
	}
	if (format.percent) {
		sql = `regexp_replace(${sql}, '${BLANK}%$', '')`;
		scale = ' / 100';
	}
	if (format.group) {
		const mark = format.decimal === ',' ? ',' : '\\.';
		const group = `[${escapeClass(format.group)}]`;
		const shape = `[+-]?(?:\\d{1,3}(?:${group}\\d{3})+|\\d+)(?:${mark}\\d*)?`;
		sql = `CASE WHEN regexp_full_match(${sql}, ${quoteText(shape)}) THEN regexp_replace(${sql}, ${quoteText(group)}, '', 'g') END`;
	}
	if (format.decimal === ',') sql = `replace(${sql}, ',', '.')`;
	return `TRY_CAST(CASE WHEN regexp_full_match(${sql}, ${quoteText(NUMBER_REGEX)}) THEN ${sql} END AS DOUBLE)${scale}`;
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
