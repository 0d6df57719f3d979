import { formatOf } from '../data/format.js';
import { booleanText } from '../data/grammar/boolean.js';
import { isoText } from '../data/isoText.js';
import type { Value } from '../data/frame.js';
import type { ColumnSchema } from '../domain/column.js';

/**
 * A typed value as people wrote it: yes and no by the column's own words (true and false where it has none), dates as ISO text. All else,
 * and values of columns that nobody knows, as they are.
 */
export function toldValue(
	value: Value,
	column: Pick<ColumnSchema, 'name' | 'type' | 'role' | 'format'> | undefined,
): string | number | boolean | null {
	if (typeof value !== 'number') return value;
	if (column?.type === 'datetime') return isoText(value);
	if (column?.type !== 'boolean') return value;
	const format = formatOf(column);
	return format.yes === undefined && format.shown === undefined ? value === 1 : booleanText(format)(value);
}
