import type { ColumnRole, ColumnSchema, ColumnType, TaskType } from '../domain/column.js';
import { MlopsError } from '../domain/errors.js';
import { DATE_PATTERNS, dateParser } from './dates.js';
import type { ColumnFormat } from './format.js';
import { missingTest, numberParser, trimBlank } from './parse.js';

export interface Inferred {
	/** `category` stands for text of any kind; `stringType` tells it from `text` once all rows are counted. */
	type: ColumnType;
	format: ColumnFormat;
	/** Something a person should know about the choice. */
	note?: string;
}

/** Pairs of words for 1 and 0. A single word of the first pair is enough, since it can mean nothing else. */
const BOOLEAN_WORDS: ReadonlyArray<readonly [string, string]> = [
	['true', 'false'], ['yes', 'no'], ['y', 'n'], ['t', 'f'], ['on', 'off'], ['ja', 'nein'], ['oui', 'non'], ['si', 'no'], ['sí', 'no'], ['wahr', 'falsch'],
];

const CURRENCY = '€$£¥₹';
const NOTATIONS: ReadonlyArray<Pick<ColumnFormat, 'group' | 'decimal'>> = [
	{ group: ',' }, { group: '.', decimal: ',' }, { decimal: ',' }, { group: ' ', decimal: ',' }, { group: ' ' },
	{ group: '\u00a0', decimal: ',' }, { group: '\u202f', decimal: ',' }, { group: "'" },
];

/** Text that counts as a code rather than a number: it would lose its leading zero. */
const LEADING_ZERO = /^[+-]?0\d+$/;

/**
 * The type that every present text of a sample agrees on, else `category`.
 * Numbers with currency signs or separators count only when all agree: otherwise they stay text and are Clean's work.
 */
export function inferText(sample: Iterable<string | null>, options: { nulls?: readonly string[]; decimal?: '.' | ',' } = {}): Inferred {
	const missing = missingTest(options.nulls);
	const base: ColumnFormat = options.nulls ? { nulls: [...options.nulls] } : {};
	const values = new Set<string>();
	for (const text of sample) if (text !== null && !missing(text)) values.add(trimBlank(text));
	if (values.size === 0) return { type: 'category', format: base };
	const texts = [...values];

	const words = booleanWords(texts);
	if (words) return { type: 'boolean', format: { ...base, ...words } };
	if (!texts.some((t) => LEADING_ZERO.test(t))) {
		const notation = numberNotation(texts, options.decimal);
		if (notation) {
			const parse = numberParser(notation);
			if (texts.every((t) => Number.isInteger(parse(t)))) {
				// Integers beyond 2^53 are names of things: as numbers they would run together.
				if (texts.some((t) => !Number.isSafeInteger(parse(t)))) return { type: 'category', format: base, note: 'holds whole numbers too long for exact arithmetic and is kept as text' };
				return { type: 'integer', format: { ...base, ...notation } };
			}
			return { type: 'number', format: { ...base, ...notation } };
		}
	}
	const dates = DATE_PATTERNS.filter((p) => texts.every((t) => !Number.isNaN(dateParser(p)(t))));
	if (dates.length) {
		const note = dates.length > 1 ? `could have day and month in either order and is read as ${dates[0].replaceAll('%', '')}` : undefined;
		return { type: 'datetime', format: { ...base, date: dates[0] }, note };
	}
	return { type: 'category', format: base };
}

/** The format that reads most of a sample as the type a person asked for. */
export function inferFormat(sample: Iterable<string | null>, type: ColumnType, options: { nulls?: readonly string[]; decimal?: '.' | ',' } = {}): ColumnFormat {
	const missing = missingTest(options.nulls);
	const base: ColumnFormat = options.nulls ? { nulls: [...options.nulls] } : {};
	const texts = [...new Set([...sample].filter((t): t is string => t !== null && !missing(t)).map(trimBlank))];
	const best = (formats: ColumnFormat[], good: (format: ColumnFormat) => (text: string) => boolean): ColumnFormat => {
		let winner = formats[0];
		let most = -1;
		for (const format of formats) {
			const test = good(format);
			const count = texts.filter(test).length;
			if (count > most) [winner, most] = [format, count];
		}
		return { ...base, ...winner };
	};
	if (type === 'datetime') return best(DATE_PATTERNS.map((date) => ({ date })), (f) => { const parse = dateParser(f.date!); return (t) => !Number.isNaN(parse(t)); });
	if (type === 'boolean') return best([...BOOLEAN_WORDS.map(([yes, no]) => ({ yes, no })), { yes: '1', no: '0' }], (f) => (t) => [f.yes, f.no].includes(t.toLowerCase()));
	if (type === 'number' || type === 'integer') {
		return best(numberFormats(texts, options.decimal), (f) => { const parse = numberParser(f); return (t) => !Number.isNaN(parse(t)); });
	}
	return base;
}

function booleanWords(texts: string[]): Pick<ColumnFormat, 'yes' | 'no'> | undefined {
	const lower = new Set(texts.map((t) => t.toLowerCase()));
	if (lower.size > 2) return undefined;
	for (const [yes, no] of BOOLEAN_WORDS) {
		if (lower.size === 2 ? lower.has(yes) && lower.has(no) : yes === 'true' && (lower.has('true') || lower.has('false'))) {
			return yes === 'true' ? {} : { yes, no };
		}
	}
	return undefined;
}

function numberFormats(texts: string[], decimal?: '.' | ','): ColumnFormat[] {
	const currency = [...CURRENCY].filter((sign) => texts.some((t) => t.includes(sign))).join('') || undefined;
	const percent = texts.some((t) => t.endsWith('%')) || undefined;
	const signs: ColumnFormat = { ...(currency && { currency }), ...(percent && { percent }) };
	const notations = decimal === ',' ? NOTATIONS.filter((n) => n.decimal === ',') : [{}, ...NOTATIONS.filter((n) => !decimal || n.decimal !== ',')];
	return notations.map((n) => ({ ...signs, ...n }));
}

function numberNotation(texts: string[], decimal?: '.' | ','): ColumnFormat | undefined {
	if (texts.some((t) => t.endsWith('%')) && !texts.every((t) => t.endsWith('%'))) return undefined;
	return numberFormats(texts, decimal).find((format) => {
		const parse = numberParser(format);
		return texts.every((t) => !Number.isNaN(parse(t)));
	});
}

/** Whether strings are categories or free text: text has mostly different values, more than a person could list. */
export function stringType(distinct: number, present: number): 'category' | 'text' {
	return distinct > 50 && distinct > present / 2 ? 'text' : 'category';
}

/** What is known of a column when roles are guessed. */
export interface ColumnFacts { name: string; type: ColumnType; distinct: number; missing: number; rows: number; min?: number; max?: number }

const ID_NAME = /(^|[_\s.-])(id|uuid|guid|key|index|row|nr)$|[a-z](Id|ID|Key|Uuid)$|^unnamed/i;
const BIRTH_NAME = /birth|dob|geburt|naissance/i;
const TIME_NAME = /date|time|timestamp|datum|day|month|when|created|observed|zeit/i;

/** What each column is probably for, with a sentence where it is not plainly a feature. */
export function guessRoles(facts: readonly ColumnFacts[]): Array<{ role: ColumnRole; why?: string }> {
	const dates = facts.filter((f) => f.type === 'datetime' && !BIRTH_NAME.test(f.name) && f.distinct > 1);
	const time = dates.length === 1 ? dates[0] : dates.find((f) => TIME_NAME.test(f.name) && f.missing === 0);
	return facts.map((f) => {
		const present = f.rows - f.missing;
		if (present === 0) return { role: 'ignore', why: 'holds no value at all' };
		if (f.distinct === 1 && f.rows > 1) return { role: 'ignore', why: 'has the same value in every row' };
		if (f === time) return { role: 'time', why: 'says when a row happened: splits go forward in time' };
		if (isIdLike(f)) return { role: 'id', why: 'names the row: it is different in every row and can predict nothing new' };
		if (f.type === 'text') return { role: 'ignore', why: 'is free text, nearly every row different' };
		return { role: 'feature' };
	});
}

/** A column that names rows: all different, and called so or counting up without gaps. */
export function isIdLike(f: ColumnFacts): boolean {
	const present = f.rows - f.missing;
	if (f.rows < 10 || f.missing > 0 || f.distinct < present * 0.99) return false;
	if (f.type === 'integer') return ID_NAME.test(f.name) || (f.min !== undefined && f.max !== undefined && f.max - f.min + 1 === f.rows && (f.min === 0 || f.min === 1));
	return (f.type === 'category' || f.type === 'text') && ID_NAME.test(f.name);
}

const TARGET_NAMES = new Set(['target', 'label', 'class', 'y', 'churn', 'churned', 'outcome', 'response']);

/** The column that is called like a target, if exactly one is. */
export function guessTarget(names: readonly string[]): string | undefined {
	const found = names.filter((n) => TARGET_NAMES.has(n.toLowerCase()));
	return found.length === 1 ? found[0] : undefined;
}

/** Most classes that a target of whole numbers may have to count as classes. */
const MAX_NUMBER_CLASSES = 10;

/** The task that fits a target column. @throws `learn.target_one_class`, `learn.target_invalid` */
export function taskOf(column: ColumnSchema, distinct: number): TaskType {
	const { name, type } = column;
	if (distinct < 2) {
		throw new MlopsError('learn.target_one_class', `The target "${name}" has ${distinct === 0 ? 'no value' : 'only one value'}, so there is nothing to learn.`, {
			column: name, expected: 'at least two different values', found: String(distinct), remedy: 'Pick another target, or bring in rows with other outcomes.',
		});
	}
	if (type === 'datetime' || type === 'text') {
		throw new MlopsError('learn.target_invalid', `The target "${name}" holds ${type === 'text' ? 'free text' : 'dates'}, which no learner can predict.`, {
			column: name, expected: 'classes or numbers', found: type, remedy: 'Pick a column with classes or numbers, or derive one in Feature Engineer.',
		});
	}
	if (distinct === 2) return 'binary';
	if (type === 'category' || (type === 'integer' && distinct <= MAX_NUMBER_CLASSES)) return 'multiclass';
	return 'regression';
}
