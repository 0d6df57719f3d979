import { dictionary, own } from '../../domain/dictionary.js';
import type { ColumnSchema } from '../../domain/column.js';
import { MlopsError } from '../../domain/errors.js';
import type { SeenColumn } from '../../domain/model.js';
import { formatOf } from '../format.js';
import type { Row } from '../frame.js';
import { cellReader } from './readCell.js';
import { shown, warningOf, type ReadingWarning } from './readingWarnings.js';

const EXPECTED: Record<ColumnSchema['type'], string> = {
	number: 'a number',
	integer: 'a number',
	boolean: 'true or false',
	datetime: 'a date such as 2024-05-31 or 2024-05-31T12:00:00Z',
	category: 'text',
	text: 'text',
};

function refuse(column: ColumnSchema, value: unknown): never {
	const { name, type } = column;
	const { yes, no } = formatOf(column);
	const expected = type === 'boolean' && yes ? `${yes} or ${no}` : EXPECTED[type];
	let found: string;
	try {
		found = shown(value);
	} catch {
		found = 'a value that cannot be written as JSON';
	}
	throw new MlopsError('predict.input_invalid', `"${name}" should be ${expected}, not ${found}.`, {
		column: name,
		expected,
		found,
		remedy: 'Send this field as it was in the training data.',
	});
}

/** What was seen of each column, by its name. */
export const seenByName = (seen: readonly SeenColumn[] | undefined): ReadonlyMap<string, SeenColumn> =>
	new Map((seen ?? []).map((s) => [s.name, s]));

/**
 * Reads raw JSON rows for a model of version 2, cell by cell; fields that the signature does not know are left out, absent ones are
 * missing. What no training row held, or what lies far outside, is pushed to `warnings`. The returned function throws
 * `predict.input_invalid` naming column, value and what is expected.
 */
export function rowReader(
	signature: readonly ColumnSchema[],
	seen: readonly SeenColumn[] | undefined,
): (raw: Record<string, unknown>, warnings: ReadingWarning[]) => Row {
	const known = seenByName(seen);
	const readers = signature.map((column) => cellReader(column, known.get(column.name)));
	return (raw, warnings) => {
		const row: Row = dictionary();
		for (const reader of readers) {
			const { name } = reader.column;
			const value = own(raw, name);
			if (value === undefined) {
				row[name] = null;
				continue;
			}
			const read = reader.read(value);
			if (read === undefined) return refuse(reader.column, value);
			const finding = reader.check(value, read);
			if (finding) warnings.push(warningOf(finding, reader.column, reader.seen, value, read));
			row[name] = read;
		}
		return row;
	};
}
