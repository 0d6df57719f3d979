import type { ColumnType } from '../domain/column.js';
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
