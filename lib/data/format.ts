import { z } from 'zod/v4';
import type { ColumnSchema } from '../domain/column.js';
import { canonicalJson } from '../domain/json.js';

/** How raw text of one column becomes its type. Kept as canonical JSON in `ColumnSchema.format`; absent means plain. */
export const columnFormat = z.object({
	/** `iso`, or a pattern of strptime tokens such as `%d.%m.%Y` (see dates.ts). */
	date: z.string().optional(),
	/** Decimal mark, `.` unless given. */
	decimal: z.enum(['.', ',']).optional(),
	/** Thousands separator. */
	group: z.string().optional(),
	/** Signs that may stand before or after the number. */
	currency: z.string().optional(),
	/** A dash behind the decimal mark stands for no cents (`12,-`); else it is a minus. */
	dash: z.boolean().optional(),
	/** A trailing `%` stands there and means a hundredth. */
	percent: z.boolean().optional(),
	/** Words for 1 and 0, in lower case. */
	yes: z.string().optional(),
	no: z.string().optional(),
	/** Texts are read by the second grammar (lib/data/grammar), where the first (parse.ts, dates.ts) reads some of them otherwise. */
	v: z.literal(2).optional(),
	/** Spellings of dates in the order they are tried, where one column has several, or one that the first grammar lacks. */
	dates: z.array(z.string()).optional(),
	/** Day numbers of Excel stand among the dates. */
	serial: z.boolean().optional(),
	/** The unit behind the numbers, the same for all. */
	unit: z.string().optional(),
	/** ISO codes of the currencies that stand beside the numbers. */
	money: z.array(z.string()).optional(),
	/**
	 * The usual text of a value, where it is not the plain one: a date by tokens, digits behind the mark, what stands around a number, words
	 * for 1 and 0.
	 */
	show: z.string().optional(),
	places: z.number().int().min(0).max(20).optional(),
	/** A whole number is written with one zero behind the mark (`50.0`). */
	point: z.boolean().optional(),
	before: z.string().optional(),
	after: z.string().optional(),
	shown: z.tuple([z.string(), z.string()]).optional(),
	/** Words that mean "missing", if not the usual ones. */
	nulls: z.array(z.string()).optional(),
});
export type ColumnFormat = z.infer<typeof columnFormat>;

/** Words that mean "missing" in text unless a person says otherwise. */
export const NULL_WORDS: readonly string[] = ['', 'NA', 'N/A', 'n/a', '#N/A', 'NaN', 'nan', 'NULL', 'null'];

export function formatOf(column: ColumnSchema): ColumnFormat {
	return column.format ? columnFormat.parse(JSON.parse(column.format)) : {};
}

/** Text form of a format; undefined when there is nothing to say. */
export function formatText(format: ColumnFormat): string | undefined {
	const text = canonicalJson(format);
	return text === '{}' ? undefined : text;
}
