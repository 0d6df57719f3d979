import type { Dictionary } from '../domain/dictionary.js';
import type { ColumnSchema } from '../domain/column.js';
import { MlopsError } from '../domain/errors.js';

/** Values of a `number`, `integer`, `boolean` (0/1) or `datetime` (UTC milliseconds) column; NaN is missing. */
export interface NumberVector {
	readonly data: Float64Array;
	/** The value of one row, where not all of them lie in memory. */
	at?(row: number): number;
}

/**
 * Values of a `category` or `text` column: `dictionary[codes[i] - 1]`, code 0 is missing. The dictionary has no duplicates; some entries
 * may be unused.
 */
export interface StringVector {
	readonly codes: Uint32Array;
	readonly dictionary: readonly string[];
	/** The code of one row, where not all of them lie in memory. */
	at?(row: number): number;
}

export type Vector = NumberVector | StringVector;
export const isNumberVector = (v: Vector): v is NumberVector => 'data' in v;

/** Columns of equal length in memory, with a stable id for each row. Vectors are read-only by agreement: a step makes new ones. */
export interface Frame {
	rows: number;
	schema: ColumnSchema[];
	vectors: Vector[];
	/** `__row` of the stored dataset; survives every filter. */
	rowId: Float64Array;
	/** What typed values have lost, for rows as they are stored: a model reads by it (lib/data/reading). Gone once they were read. */
	source?: FrameSource;
}

export interface FrameSource {
	/** Text of a column's cells by row id, where it was kept beside the value because it cannot be told from that. */
	texts(column: string): ((rowId: number) => string | undefined) | undefined;
	/**
	 * Columns of numbers and dates that were text in their source. Where that was ambiguous (`1.971`, `03/04/2024`), a model reads it in its
	 * own notation.
	 */
	fromText: ReadonlySet<string>;
}

/** Where a column was found last in each schema: names are mostly asked for in their order, and a wide table has thousands. */
const foundLast = new WeakMap<readonly ColumnSchema[], number>();

/** Index of a column. @throws `data.column_unknown` naming the column and what there is */
export function columnIndex(schema: readonly ColumnSchema[], name: string): number {
	const { length } = schema;
	const last = foundLast.get(schema) ?? 0;
	for (let step = 0; step < length; step++) {
		const index = (last + step) % length;
		if (schema[index].name !== name) continue;
		foundLast.set(schema, index);
		return index;
	}
	const names = schema
		.slice(0, 20)
		.map((c) => c.name)
		.join(', ');
	throw new MlopsError('data.column_unknown', `There is no column "${name}".`, {
		column: name,
		expected: `one of: ${names}${schema.length > 20 ? ', ...' : ''}`,
		remedy: 'Pick the column from the list again, or add it in an earlier step.',
	});
}

export const vectorOf = (frame: Frame, name: string): Vector => frame.vectors[columnIndex(frame.schema, name)];

export function numbersOf(frame: Frame, name: string): Float64Array {
	const v = vectorOf(frame, name);
	if (!isNumberVector(v)) throw new MlopsError('data.column_type', `Column "${name}" holds text.`, { column: name, expected: 'numbers' });
	return v.data;
}

/** The frame with columns replaced (same name) or added at the end. */
export function withColumns(frame: Frame, columns: Array<{ schema: ColumnSchema; vector: Vector }>): Frame {
	const schema = [...frame.schema];
	const vectors = [...frame.vectors];
	for (const c of columns) {
		const at = schema.findIndex((s) => s.name === c.schema.name);
		if (at < 0) {
			schema.push(c.schema);
			vectors.push(c.vector);
		} else {
			schema[at] = c.schema;
			vectors[at] = c.vector;
		}
	}
	return { ...frame, schema, vectors };
}

export function withoutColumns(frame: Frame, names: readonly string[]): Frame {
	const gone = new Set(names);
	const keep = frame.schema.map((_, i) => i).filter((i) => !gone.has(frame.schema[i].name));
	return { ...frame, schema: keep.map((i) => frame.schema[i]), vectors: keep.map((i) => frame.vectors[i]) };
}

/** A value as people and row functions see it: number (also for datetime), string, or null when missing. */
export type Value = number | string | null;

/** A typed row: values by column name; null is missing. */
export type Row = Dictionary<Value>;

export function valueAt(v: Vector, row: number): Value {
	if (isNumberVector(v)) {
		const value = v.at ? v.at(row) : v.data[row];
		return Number.isNaN(value) ? null : value;
	}
	const code = v.at ? v.at(row) : v.codes[row];
	return code === 0 ? null : v.dictionary[code - 1];
}
