import { isUtf8 } from 'node:buffer';
import { nearNames, nearText } from '../../../data/nearNames.js';
import { dictionary } from '../../../domain/dictionary.js';
import type { ModelManifest } from '../../../domain/model.js';
import type { Row } from '../../contract.js';
import { tooManyRows } from '../../failures.js';
import { invalid } from './jsonBody.js';
import { cutText } from '../../../domain/text.js';

export type Signature = ModelManifest['signature'];

/** What rows are read for: a model's columns, and as many rows as the server answers at once. */
export interface Expected {
	signature: Signature;
	mostRows: number;
	/** A column by which a rollout knows the caller: it is read besides, whether the model has it or not. */
	key?: string;
}

/** What a request asked about. */
export interface ReadRows {
	rows: Row[];
	/** Columns that the model does not have, in the order in which they came. */
	unknown: string[];
	/** Whether it came column by column. */
	columnar: boolean;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const kindOf = (value: unknown): string =>
	value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;

/** "a", "b" and 3 more */
export const listed = (names: readonly string[]): string => {
	const first = names.slice(0, 10).map((name) => `"${cutText(name, 100)}"`);
	return names.length > 10 ? `${first.join(', ')} and ${names.length - 10} more` : first.join(', ');
};

/**
 * Rows in any of the forms that protocols have for them: a list of objects, a list of lists (in the order of the signature), a list of
 * values (for a model of one column), or an object of columns.
 * @param field what the request calls them, for sentences
 * @throws `serve.request_invalid` naming row and column
 */
export function readRows(given: unknown, field: string, expected: Expected): ReadRows {
	const { signature } = expected;
	if (isObject(given)) return fromColumns(new Map(Object.entries(given)), expected);
	if (!Array.isArray(given))
		throw invalid(`"${field}" should be a list of rows or an object of columns, not ${kindOf(given)}.`, {
			expected: 'a list of rows',
			found: kindOf(given),
		});
	requireFew(given.length, expected);
	if (given.every(Array.isArray)) return fromLists(given, namesOf(signature), expected);
	if (!given.some((entry) => isObject(entry)) && signature.length === 1)
		return fromLists(
			given.map((value: unknown) => [value]),
			namesOf(signature),
			expected,
		);
	return fromRecords(given, field, expected);
}

/** Before anything is made for each of them. @throws `serve.body_too_large` */
function requireFew(rows: number, { mostRows }: Expected): void {
	if (rows > mostRows) throw tooManyRows(rows, mostRows);
}

const namesOf = (signature: Signature): string[] => signature.map(({ name }) => name);
const knownOf = ({ signature, key }: Expected): ReadonlySet<string> =>
	new Set([...namesOf(signature), ...(key === undefined ? [] : [key])]);

/** Rows as objects. @throws `serve.request_invalid` */
export function fromRecords(given: readonly unknown[], field: string, expected: Expected): ReadRows {
	const { signature } = expected;
	requireFew(given.length, expected);
	const known = knownOf(expected);
	const unknown = new Set<string>();
	const rows = given.map((entry, i): Row => {
		if (!isObject(entry))
			throw invalid(`Row ${i + 1} of "${field}" should be an object with a value for each column, not ${kindOf(entry)}.`, {
				row: i + 1,
				expected: `an object, or for all rows a list of ${signature.length} values`,
				found: kindOf(entry),
			});
		const row: Row = dictionary();
		for (const name of Object.keys(entry)) {
			if (!known.has(name)) unknown.add(name);
			// eslint-disable-next-line mlops/no-plain-dictionary -- its own keys
			else row[name] = cell(entry[name], i + 1, name);
		}
		return row;
	});
	return { rows, unknown: [...unknown], columnar: false };
}

/** Rows as lists of values of the columns `names`. @throws `serve.request_invalid` where one has another length */
export function fromLists(given: ReadonlyArray<readonly unknown[]>, names: readonly string[], expected: Expected): ReadRows {
	requireFew(given.length, expected);
	const known = knownOf(expected);
	const rows = given.map((list, i): Row => {
		let values = list;
		// One row in a list of its own, as tensors of the shape [1, n] are written.
		while (values.length === 1 && Array.isArray(values[0]) && names.length > 1) values = values[0] as unknown[];
		if (values.length !== names.length)
			throw invalid(`Row ${i + 1} has ${values.length} values, and there are ${names.length} columns.`, {
				row: i + 1,
				expected: `${names.length} values, of ${listed(names)}`,
				found: String(values.length),
			});
		const row: Row = dictionary();
		for (let k = 0; k < names.length; k++) if (known.has(names[k])) row[names[k]] = cell(values[k], i + 1, names[k]);
		return row;
	});
	return { rows, unknown: names.filter((name) => !known.has(name)), columnar: false };
}

/**
 * Rows from columns, each a list of values; where each is one value, that is one row.
 * @throws `serve.request_invalid` where they differ in length
 */
export function fromColumns(given: ReadonlyMap<string, unknown>, expected: Expected): ReadRows {
	const known = knownOf(expected);
	const single = given.size > 0 && ![...given.values()].some(Array.isArray);
	const columns = [...given].map(([name, values]): [string, readonly unknown[]] => {
		if (single) return [name, [values]];
		if (Array.isArray(values)) return [name, values as unknown[]];
		throw invalid(`The column "${name}" should be a list of values, as the others are.`, {
			column: name,
			expected: 'a list',
			found: kindOf(values),
		});
	});
	const [[first, { length }] = ['', []]] = columns;
	for (const [name, values] of columns)
		if (values.length !== length)
			throw invalid(`The column "${name}" has ${values.length} values, and "${first}" has ${length}.`, {
				column: name,
				expected: `${length} values`,
				found: String(values.length),
			});
	requireFew(length, expected);
	const rows = Array.from({ length }, (): Row => dictionary());
	for (const [name, values] of columns) if (known.has(name)) for (let i = 0; i < length; i++) rows[i][name] = cell(values[i], i + 1, name);
	return { rows, unknown: [...given.keys()].filter((name) => !known.has(name)), columnar: true };
}

/** @throws `serve.request_invalid` naming columns that the model does not have, and near names that it has */
export function refuseUnknown(unknown: readonly string[], signature: Signature): void {
	if (!unknown.length) return;
	const names = namesOf(signature);
	throw invalid(`The model has no column ${listed(unknown)}.`, {
		column: unknown[0],
		expected: `some of: ${listed(names)}`,
		remedy: nearText(nearNames(unknown, names)) || 'Leave it out, or write the name as the model has it.',
	});
}

/** A value as one cell: out of lists of one, and out of base64 where it came so. */
function cell(given: unknown, row: number, column: string): unknown {
	let value = given;
	while (Array.isArray(value) && value.length === 1) value = value[0] as unknown;
	if (typeof value !== 'object' || value === null) return value;
	if (Array.isArray(value))
		throw invalid(`Row ${row}: "${column}" should be one value, not a list of ${value.length}.`, {
			row,
			column,
			expected: 'one value',
			found: `a list of ${value.length}`,
		});
	const { b64 } = value as { b64?: unknown };
	return typeof b64 === 'string' && Object.keys(value).length === 1 ? fromBase64(b64, row, column) : value;
}

/** @throws `serve.request_invalid` where it is no base64 of UTF-8 */
export function fromBase64(text: string, row: number, column: string): string {
	const bytes = Buffer.from(text, 'base64');
	if (/^[A-Za-z0-9+/_-]*={0,2}$/.test(text) && isUtf8(bytes)) return bytes.toString('utf8');
	throw invalid(`Row ${row}: "${column}" is no text in base64.`, {
		row,
		column,
		expected: 'base64 of text in UTF-8',
		found: cutText(text, 60),
	});
}
