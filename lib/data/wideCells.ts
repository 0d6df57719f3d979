import { missingTest, trimBlank } from './parse.js';
import { valueReader, valueText } from './grammar/cell.js';
import { isNumeric, type ColumnType } from '../domain/column.js';
import type { StrayCells } from '../domain/profile.js';
import type { ColumnFormat } from './format.js';
import { usualTest } from './grammar/sql.js';

/** All cells of a column of text: its different texts as they came, and for each row the number of its text, counted from 1; 0 is none. */
export interface Cells {
	texts: readonly string[];
	codes: Uint32Array;
}

/** Keeps a column's cells by number: 4 bytes a row, and each different text once. */
export function cellsOf(column: ReadonlyArray<string | null>): Cells {
	const numbers = new Map<string, number>();
	const codes = new Uint32Array(column.length);
	for (let i = 0; i < column.length; i++) {
		const text = column[i];
		if (text === null) continue;
		let number = numbers.get(text);
		if (number === undefined) numbers.set(text, (number = numbers.size + 1));
		codes[i] = number;
	}
	return { texts: [...numbers.keys()], codes };
}

/** How the texts of a column become what is stored of them. */
export interface CellReading {
	type: ColumnType;
	format: ColumnFormat;
	/** Numbers of more than 15 digits are many. */
	long?: boolean;
	/** A person wants whole numbers. */
	wholeOnly?: boolean;
}

/** What is stored of each text, by its number; the first, of none, is a gap. */
export interface StoredTexts {
	/** Values of a numeric column (as `Frame` has them), NaN where there is none. */
	numbers?: Float64Array;
	/** Values of other columns. */
	strings?: Array<string | null>;
	/** Trimmed texts that the value does not give back. */
	kept: Array<string | null>;
}

/**
 * What `typedRelation` makes of the texts of a column, without the database: what SQL reads itself is what the JavaScript form gives back
 * character by character.
 */
export function storedTexts({ texts }: Pick<Cells, 'texts'>, { type, format, long, wholeOnly }: CellReading): StoredTexts {
	const missing = missingTest(format.nulls);
	const kept = Array<string | null>(texts.length + 1).fill(null);
	if (!isNumeric(type)) return { strings: [null, ...texts.map((text) => (missing(text) ? null : text))], kept };
	const numbers = new Float64Array(texts.length + 1).fill(NaN);
	const read = valueReader(type, format);
	const show = valueText(type, format);
	const usual = usualTest(type, format, long);
	for (const [i, cell] of texts.entries()) {
		const text = trimBlank(cell);
		if (missing(text)) continue;
		const value = read(text) as number | undefined;
		const taken = value === undefined || (wholeOnly && !Number.isInteger(value)) ? undefined : value;
		if (taken !== undefined) numbers[i + 1] = taken;
		if (!usual(text) && (taken === undefined || show(taken) !== text)) kept[i + 1] = text;
	}
	return { numbers, kept };
}

/** Cells of a column that are no value of its type, most frequent first, with the first row (counted from 1) of each. */
export function strayCells(cells: Cells, reading: CellReading, most: number): StrayCells['cells'] {
	const { numbers, kept } = storedTexts(cells, reading);
	const found = new Map<string, { value: string; count: number; row: number }>();
	for (const [row, code] of cells.codes.entries()) {
		const value = kept[code];
		if (value === null || !numbers || !Number.isNaN(numbers[code])) continue;
		const known = found.get(value);
		if (known) known.count++;
		else found.set(value, { value, count: 1, row: row + 1 });
	}
	return [...found.values()].sort((a, b) => b.count - a.count || Buffer.compare(Buffer.from(a.value), Buffer.from(b.value))).slice(0, most);
}
