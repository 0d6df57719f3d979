import { isNumeric, type ColumnSchema } from '../../domain/column.js';
import { valueJson } from '../../domain/json.js';
import type { SeenColumn } from '../../domain/model.js';
import { formatOf } from '../format.js';
import type { Value } from '../frame.js';
import { valueReader } from '../grammar/cell.js';
import { WHOLE_DAYS, dateSpelling } from '../grammar/date.js';
import { isMissingWord } from '../grammar/missing.js';
import { missingTest, numberParser, trimBlank } from '../parse.js';
import { levelMatcher, yesOrNo } from './spelling.js';

/**
 * Something about a value that a person should know: it is not among the known ones, it lies far from them, or it fits one only when case
 * is left aside.
 */
export type Finding = 'unknown' | 'outside' | 'case';

/** One column of a model's signature, ready to read cells. */
export interface CellReader {
	column: ColumnSchema;
	seen?: SeenColumn;
	/**
	 * The cell as the model knows it: null where it says "missing", undefined where it is no value of this column. Takes JSON values and
	 * text.
	 */
	read(value: unknown): Value | undefined;
	/** What is unusual about a value, given as it came and as it was read. */
	check(value: unknown, read: Value): Finding | undefined;
}

/** Longer texts are no number and no date, and no other spelling of a known value: nobody's time is spent on looking. */
const LONGEST = 1_000;

/** What a moment can be, in milliseconds from 1970 (ECMA-262, time values). */
const LAST_DATE = 8.64e15;

/** How far beyond the training range, in widths of that range, a number is called far outside. */
const FAR = 0.5;
/** Dates move on by themselves: only what lies ten years off, or a whole training span, is far outside. */
const FAR_DATES = 10 * 365.25 * 86_400_000;

/** Limits beyond which a value is far outside of what was learned from. */
function limitsOf({ type }: Pick<ColumnSchema, 'type'>, seen: SeenColumn | undefined): { low: number; high: number } | undefined {
	if (!seen?.range) return undefined;
	const { min, max } = seen.range;
	const margin = type === 'datetime' ? Math.max(max - min, FAR_DATES) : FAR * (max - min);
	// Where nothing was below zero, a value below it is of another kind, however near.
	return { low: type !== 'datetime' && min >= 0 ? Math.max(0, min - margin) : min - margin, high: max + margin };
}

/** Reads and checks cells of one column by the model's signature and by what it saw in training. */
export function cellReader(column: ColumnSchema, seen?: SeenColumn): CellReader {
	return isNumeric(column.type) ? numberReader(column, seen) : textReader(column, seen);
}

/** A text as long as one likes, an object as JSON; undefined where there is no such text (a circle, or one nested too deep). */
function textOf(value: unknown): string | undefined {
	if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString();
	if (typeof value !== 'object') return String(value);
	return valueJson(value);
}

function textReader(column: ColumnSchema, seen: SeenColumn | undefined): CellReader {
	const missing = missingTest(formatOf(column).nulls);
	const levels = seen?.levels;
	// Where not all values are kept, one that is not among them may still be known: it stays as it is.
	const match = levels && levels.more === 0 ? levelMatcher(levels.values) : undefined;
	const exact = new Set(match ? levels!.values : []);
	return {
		column,
		seen,
		read(value) {
			if (typeof value === 'string') {
				if (exact.has(value)) return value;
				if (missing(value)) return null;
				return value.length > LONGEST ? value : (match?.(value)?.level ?? value);
			}
			if (value === null || value === undefined || Number.isNaN(value)) return null;
			const text = textOf(value);
			if (text === undefined || text === '') return text === '' ? null : undefined;
			return text.length > LONGEST ? text : (match?.(text, typeof value === 'number')?.level ?? text);
		},
		check(value, read) {
			if (!match || read === null) return undefined;
			if (!exact.has(read as string)) return 'unknown';
			return value === read || typeof value !== 'string' || value.length > LONGEST || match(value)?.how !== 'case' ? undefined : 'case';
		},
	};
}

const SPELLINGS = WHOLE_DAYS.map(dateSpelling);

/** A date in whatever spelling, where it can be one day alone: 13/02/2024 is, 03/02/2024 is not. */
function otherDate(text: string): number {
	const days = new Set(SPELLINGS.map((read) => read(text)).filter((time) => !Number.isNaN(time)));
	return days.size === 1 ? [...days][0] : NaN;
}

function numberReader(column: ColumnSchema, seen: SeenColumn | undefined): CellReader {
	const { type } = column;
	const format = formatOf(column);
	const missing = missingTest(format.nulls);
	// A column of whole numbers takes fractions: they are numbers too.
	const second = valueReader(type === 'integer' ? 'number' : type, format);
	const parse = (text: string) => second(trimBlank(text));
	const plain = type === 'datetime' ? otherDate : type === 'boolean' ? (text: string) => yesOrNo(text) ?? NaN : numberParser({});
	const limits = limitsOf(column, seen);
	const number = (value: number): Value | undefined => {
		if (Number.isNaN(value)) return null;
		if (type === 'boolean' && value !== 0 && value !== 1) return undefined;
		if (type === 'datetime' && Math.abs(value) > LAST_DATE) return undefined;
		return Number.isFinite(value) ? value + 0 : undefined;
	};
	return {
		column,
		seen,
		read(value) {
			switch (typeof value) {
				case 'number':
					return number(value);
				case 'string': {
					if (value.length > LONGEST) return trimBlank(value) === '' ? null : undefined;
					if (missing(value)) return null;
					const own = parse(value);
					if (typeof own === 'number') return own;
					// As other programs write it, where the column's own notation cannot be meant.
					const other = plain(trimBlank(value));
					if (!Number.isNaN(other)) return other;
					return isMissingWord(trimBlank(value)) ? null : undefined;
				}
				case 'boolean':
					return type === 'datetime' ? undefined : Number(value);
				case 'bigint':
					return number(Number(value));
				default:
					if (value === null || value === undefined) return null;
					return value instanceof Date && type === 'datetime' ? number(value.getTime()) : undefined;
			}
		},
		check(_value, read) {
			return limits && typeof read === 'number' && (read < limits.low || read > limits.high) ? 'outside' : undefined;
		},
	};
}
