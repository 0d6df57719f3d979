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
	/** A trailing `%` stands there and means a hundredth. */
	percent: z.boolean().optional(),
	/** Words for 1 and 0, in lower case. */
	yes: z.string().optional(),
	no: z.string().optional(),
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
