import type { ColumnSchema } from '../../domain/column.js';
import { valueJson } from '../../domain/json.js';
import type { SeenColumn } from '../../domain/model.js';
import { isoText } from '../preview.js';
import type { Value } from '../frame.js';
import type { Finding } from './readCell.js';
import { cutText } from '../../domain/text.js';

/** Something in a row that a person should know before relying on its answer. */
export interface ReadingWarning {
	code: 'predict.unknown_value' | 'predict.out_of_range' | 'predict.other_case';
	column: string;
	text: string;
	/** The value as it came. */
	value: string | number | boolean | null;
}

const CODES = { unknown: 'predict.unknown_value', outside: 'predict.out_of_range', case: 'predict.other_case' } as const;
const MOST = 60;

/** A value for a sentence, cut if long. */
export function shown(value: unknown): string {
	const text =
		typeof value === 'string'
			? value
			: typeof value === 'object' && value !== null
				? (valueJson(value) ?? 'a value nested too deep or within itself')
				: String(value);
	const cut = text.length > MOST ? `${Array.from(text).slice(0, MOST).join('')}...` : text;
	return typeof value === 'string' ? `"${cut}"` : cut;
}

const limit = ({ type }: Pick<ColumnSchema, 'type'>, x: number): string =>
	type === 'datetime' ? isoText(x) : String(Number(x.toPrecision(6)));

/** The training range for a sentence. */
export const rangeText = (column: Pick<ColumnSchema, 'type'>, seen: SeenColumn | undefined): string =>
	seen?.range ? `${limit(column, seen.range.min)} to ${limit(column, seen.range.max)}` : '';

export function warningOf(
	finding: Finding,
	column: ColumnSchema,
	seen: SeenColumn | undefined,
	value: unknown,
	read: Value,
): ReadingWarning {
	const { name } = column;
	const text =
		finding === 'unknown'
			? `"${name}" is ${shown(value)}, a value that no training row had.`
			: finding === 'outside'
				? `"${name}" is ${shown(value)}, far outside of the training data (${rangeText(column, seen)}).`
				: `"${name}" is ${shown(value)} and was read as ${shown(read)}.`;
	const plain =
		value === null || typeof value === 'number' || typeof value === 'boolean'
			? value
			: typeof value === 'string'
				? cutText(value, 200)
				: shown(value);
	return { code: CODES[finding], column: name, text, value: plain };
}
