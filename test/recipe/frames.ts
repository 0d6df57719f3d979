import fc from 'fast-check';
import { isNumeric, type ColumnSchema } from '../../lib/domain/column';
import { isNumberVector, valueAt, type Frame, type Value, type Vector } from '../../lib/data/frame';
import { takeRows } from '../../lib/data/takeRows';
import type { Row } from '../../lib/recipe/contract';
import { frameOf } from '../data/frames';

/** Columns that example parameters name, and some whose names try to break things. */
export const COLUMNS: ColumnSchema[] = [
	{ name: 'num', type: 'number', role: 'feature' },
	{ name: 'int', type: 'integer', role: 'feature' },
	{ name: 'flag', type: 'boolean', role: 'feature' },
	{ name: 'date', type: 'datetime', role: 'time' },
	{ name: 'born', type: 'datetime', role: 'feature' },
	{ name: 'cat', type: 'category', role: 'feature' },
	{ name: 'note', type: 'text', role: 'feature' },
	{ name: 'y', type: 'integer', role: 'target' },
	{ name: '__proto__', type: 'category', role: 'feature' },
	{ name: 'constructor', type: 'number', role: 'feature' },
	{ name: 'select "x"; --', type: 'number', role: 'feature' },
	{ name: 'cat_a', type: 'category', role: 'feature' },
	{ name: 'born_hour', type: 'integer', role: 'feature' },
	{ name: ' `größe` \\', type: 'category', role: 'feature' },
];

const words = fc.constantFrom(
	'a',
	'b',
	'c',
	' a',
	'A ',
	'N/A',
	'',
	'other',
	'missing',
	'a_b',
	'b_c',
	'12',
	'1,234.5 €',
	'twelve',
	'12 %',
	'2001-02-29',
	'29.02.2000',
	'3/4/01',
	'yes',
	'No',
	'x  y',
	'İ',
	'😀',
	'__proto__',
	'toString',
);
const numbers = fc.oneof(
	fc.integer({ min: -5, max: 5 }),
	fc.double({ min: -1e6, max: 1e6, noNaN: true }),
	fc.constantFrom(0, -0, 1e-12, 9999),
);
const dates = fc.oneof(
	fc.integer({ min: -4e12, max: 4e12 }),
	fc.constantFrom(0, -1, Date.UTC(2000, 1, 29, 23, 59, 59, 999), Date.UTC(1900, 1, 28)),
);

const cellOf = (c: ColumnSchema): fc.Arbitrary<Value> => {
	const value: fc.Arbitrary<Value> = !isNumeric(c.type)
		? words
		: c.type === 'boolean'
			? fc.constantFrom(0, 1)
			: c.type === 'integer'
				? fc.integer({ min: -20, max: 20 })
				: c.type === 'datetime'
					? dates
					: numbers;
	return fc.option(value, { nil: null, freq: 5 });
};

/** Random frames over `COLUMNS`, of up to 40 rows. */
export const frames = (minRows = 0): fc.Arbitrary<Frame> =>
	fc.integer({ min: minRows, max: 40 }).chain((rows) =>
		fc.tuple(...COLUMNS.map((c) => fc.array(cellOf(c), { minLength: rows, maxLength: rows }))).map((columns) => ({
			...frameOf(COLUMNS, Object.fromEntries(COLUMNS.map((c, i) => [c.name, columns[i]]))),
			rows,
			rowId: Float64Array.from({ length: rows }, (_, i) => 3 * i + 7),
		})),
	);

/** The same values with dictionaries built anew. */
export const rebuilt = (frame: Frame): Frame => ({
	...frameOf(
		frame.schema,
		Object.fromEntries(frame.schema.map((c, i) => [c.name, Array.from({ length: frame.rows }, (_, r) => valueAt(frame.vectors[i], r))])),
	),
	rows: frame.rows,
	rowId: frame.rowId,
});

export const rowAt = (frame: Frame, i: number): Row => {
	const row = Object.create(null) as Row;
	frame.schema.forEach((c, j) => {
		row[c.name] = valueAt(frame.vectors[j], i);
	});
	return row;
};

/** Every second row. */
export const half = (frame: Frame): Frame =>
	takeRows(
		frame,
		Uint32Array.from({ length: Math.ceil(frame.rows / 2) }, (_, i) => 2 * i),
	);

/** Checks that a frame keeps the promises of its type. */
export function checkFrame(frame: Frame): void {
	expect(frame.vectors).toHaveLength(frame.schema.length);
	expect(new Set(frame.schema.map((c) => c.name)).size).toBe(frame.schema.length);
	expect(frame.rowId).toHaveLength(frame.rows);
	frame.schema.forEach((c, j) => {
		const v: Vector = frame.vectors[j];
		expect(isNumberVector(v)).toBe(isNumeric(c.type));
		if (isNumberVector(v)) expect(v.data).toHaveLength(frame.rows);
		else {
			expect(v.codes).toHaveLength(frame.rows);
			expect(new Set(v.dictionary).size).toBe(v.dictionary.length);
			expect(v.codes.every((code) => code <= v.dictionary.length)).toBe(true);
		}
	});
}
