import { dictionary, own } from '../domain/dictionary.js';
import { isNumeric, type ColumnSchema } from '../domain/column.js';
import { MlopsError } from '../domain/errors.js';
import { valueJson } from '../domain/json.js';
import { dateParser } from './dates.js';
import type { Row, Value } from './frame.js';
import { formatOf } from './format.js';
import { cellReader } from './grammar/cell.js';
import { missingTest, textParser } from './parse.js';
import { cutText } from '../domain/text.js';

/**
 * Reads raw JSON rows the way Ingest read the data. Fields that the schema does not know are left out, absent ones are missing.
 * Numbers may come as numeric text, dates as `Date`, ISO text or UTC milliseconds, booleans as true/false, 1/0 or the column's words.
 * The returned function throws `predict.input_invalid` naming column, value and what is expected.
 */
export function castRaw(schema: readonly ColumnSchema[]): (raw: Record<string, unknown>) => Row {
	const casts = schema.map((column) => ({ name: column.name, cast: castValue(column) }));
	return (raw) => {
		const row: Row = dictionary();
		for (const { name, cast } of casts) row[name] = cast(own(raw, name));
		return row;
	};
}

const EXPECTED: Record<ColumnSchema['type'], string> = {
	number: 'a number',
	integer: 'a whole number',
	boolean: 'true or false',
	datetime: 'a date such as 2024-05-31 or 2024-05-31T12:00:00Z',
	category: 'text',
	text: 'text',
};

/** Formats of the second grammar; a word for "missing" that is no null word is refused here like any other text. */
function secondParser(column: ColumnSchema): (text: string) => number | string | undefined {
	const read = cellReader(column);
	return (text) => read(text) ?? undefined;
}

function castValue(column: ColumnSchema): (value: unknown) => Value {
	const { name, type } = column;
	const format = formatOf(column);
	const missing = missingTest(format.nulls);
	const parse = format.v === 2 ? secondParser(column) : textParser(type, format);
	const iso = dateParser('iso');
	const refuse = (value: unknown): never => {
		const found =
			typeof value === 'string'
				? `"${value.length > 60 ? `${cutText(value, 60)}...` : value}"`
				: typeof value === 'object'
					? cutText(valueJson(value) ?? 'a value nested too deep or within itself', 60)
					: String(value);
		const expected = type === 'boolean' && format.yes ? `${format.yes} or ${format.no}` : EXPECTED[type];
		throw new MlopsError('predict.input_invalid', `"${name}" should be ${expected}, not ${found}.`, {
			column: name,
			expected,
			found,
			remedy: 'Send this field as it was in the training data.',
		});
	};
	const number = (value: number, original: unknown): number => {
		if (type === 'boolean' && value !== 0 && value !== 1) return refuse(original);
		if (type === 'integer' && !Number.isSafeInteger(value)) return refuse(original);
		return Number.isFinite(value) ? value + 0 : refuse(original);
	};
	return (value) => {
		if (value === null || value === undefined) return null;
		if (!isNumeric(type)) {
			if (typeof value === 'string') return missing(value) ? null : value;
			if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
			if (typeof value === 'number') return Number.isNaN(value) ? null : String(value);
			if (typeof value !== 'object') return String(value);
			try {
				return JSON.stringify(value);
			} catch {
				// A circle, a BigInt inside, or nested too deep: this row's failure.
				return refuse(value);
			}
		}
		switch (typeof value) {
			case 'number':
				return Number.isNaN(value) ? null : number(value, value);
			case 'bigint':
				return number(Number(value), value);
			case 'boolean':
				return type === 'datetime' ? refuse(value) : Number(value);
			case 'string': {
				if (missing(value)) return null;
				const parsed = parse(value);
				if (typeof parsed === 'number') return parsed;
				if (type === 'datetime' && format.date !== 'iso') {
					const time = iso(value.trim());
					return Number.isNaN(time) ? refuse(value) : time;
				}
				if (type === 'boolean') {
					const word = value.trim().toLowerCase();
					if (word === 'true' || word === '1') return 1;
					if (word === 'false' || word === '0') return 0;
				}
				return refuse(value);
			}
			default:
				if (value instanceof Date && type === 'datetime') return Number.isNaN(value.getTime()) ? null : value.getTime();
				return refuse(value);
		}
	};
}
