import type { ColumnSchema, ColumnType } from '../../domain/column.js';
import { formatOf, type ColumnFormat } from '../format.js';
import { missingTest, trimBlank } from '../parse.js';
import { booleanReader, booleanText } from './boolean.js';
import { dateReader, dateText } from './date.js';
import { numberReader, numberText } from './number.js';
import { isMissingWord } from './missing.js';

/** A reader of trimmed, present text by type and format; undefined where the text is no such value. */
export function valueReader(type: ColumnType, format: ColumnFormat): (text: string) => number | string | undefined {
	switch (type) {
		case 'number':
			return numberReader(format);
		case 'integer': {
			const read = numberReader(format);
			// A whole number beyond 2^53 is the name of a thing: as a number it would run together with others.
			return (text) => {
				const value = read(text);
				return value !== undefined && Number.isInteger(value) && !Number.isSafeInteger(value) ? undefined : value;
			};
		}
		case 'boolean':
			return booleanReader(format);
		case 'datetime':
			return dateReader(format);
		case 'category':
		case 'text':
			return (text) => text;
	}
}

/**
 * Reads one text by a column's schema, as Ingest reads a column: a number (boolean 0/1, datetime UTC milliseconds; a column of whole
 * numbers takes 50.5 too) or text; null where it means "missing" (empty, NA, in typed columns also "unknown", "?", "-"); undefined where it
 * cannot be read.
 *
 * Use: `const read = cellReader(column)` once a column, then `read(text)` a cell. Together with `loadKept` it reads the rows of one dataset
 * by the schema of another (a model's signature), whatever types they were stored with.
 */
export function cellReader(column: ColumnSchema): (text: string) => number | string | null | undefined {
	const format = formatOf(column);
	const missing = missingTest(format.nulls);
	if (column.type === 'category' || column.type === 'text') return (text) => (missing(text) ? null : text);
	const read = valueReader(column.type, format);
	return (text) => {
		const trimmed = trimBlank(text);
		if (missing(trimmed)) return null;
		return read(trimmed) ?? (isMissingWord(trimmed) ? null : undefined);
	};
}

/**
 * The usual text of a value in a column: what its format says, else the plain number, true or false, ISO text. The inverse of `cellReader`
 * where no text is kept beside.
 */
export function valueText(type: ColumnType, format: ColumnFormat): (value: number | string) => string {
	const show = type === 'boolean' ? booleanText(format) : type === 'datetime' ? dateText(format) : numberText(format);
	return (value) => (typeof value === 'string' ? value : show(value));
}
export const cellText = (column: ColumnSchema): ((value: number | string) => string) => valueText(column.type, formatOf(column));
