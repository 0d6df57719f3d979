import type { Value } from '../../data/frame.js';
import { isNumeric, type ColumnSchema } from '../../domain/column.js';
import { numberBins } from '../../evaluate/slices.js';

/** Says of a value, as the model reads it, to which segment of a column its row belongs: `Carrier = AA`, `Distance above 1,200`. */
export type Segmenter = (value: Value) => string;

/**
 * Each value of a text or yes/no column is a segment; numbers are divided into four by those of the test rows (`known`).
 * Undefined where nothing can be divided: dates, numbers that are all alike or unknown.
 */
export function segmenterOf({ name, type }: Pick<ColumnSchema, 'name' | 'type'>, known: Float64Array): Segmenter | undefined {
	if (type === 'datetime') return undefined;
	if (!isNumeric(type)) return (value) => `${name} = ${value === null ? '(missing)' : String(value)}`;
	if (type === 'boolean') return (value) => `${name} = ${value === null || Number.isNaN(value) ? '(missing)' : value ? 'yes' : 'no'}`;
	const bins = numberBins(known);
	return bins && ((value) => `${name} ${bins.name(bins.of(value === null ? NaN : (value as number)))}`);
}

/** Rows by segment, those with most rows first; at most `most` of them, with at least `least` rows each. */
export function segmentsOf(
	names: readonly string[],
	{ least, most }: { least: number; most: number },
): { segments: Map<string, number[]>; leftOut: number } {
	const all = new Map<string, number[]>();
	names.forEach((name, row) => {
		const rows = all.get(name);
		if (rows) rows.push(row);
		else all.set(name, [row]);
	});
	const kept = [...all]
		.filter(([, rows]) => rows.length >= least)
		.sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
		.slice(0, most);
	return { segments: new Map(kept), leftOut: all.size - kept.length };
}
