import type { ColumnSchema } from '../../domain/column.js';
import { isNumeric } from '../../domain/column.js';
import type { Duck } from '../duck.js';
import type { ColumnFormat } from '../format.js';
import { isMissingWord } from './missing.js';
import { valueReader, valueText } from './cell.js';

/** What the JavaScript form of the grammar said about the texts of a column that SQL did not read. */
export interface LeftoverCounts {
	/** Rows that cannot be read, words for "missing" apart. */
	unreadable: number;
	/** Rows that hold a word for "missing". */
	words: number;
	/** Rows whose text the value does not give back. */
	kept: number;
	/** Rows with a number that is not whole, or is too large to be exact. */
	fractions: number;
	unsafe: number;
	/** Different texts that cannot be read, and some that can, with their rows: enough to choose a format anew. */
	texts: Map<string, number>;
	/** The first in order of those that cannot be read. */
	example?: string;
}

/** The same with the answers. */
export interface Leftovers extends LeftoverCounts {
	/**
	 * Table of the session with `t` (trimmed text), `v` (value, NULL where it cannot be read) and `x` (the text again, NULL where the value
	 * gives it back).
	 */
	table: string;
}

const MAX_TEXTS = 20_000;
const CHUNK = 2048;
const TYPES = { number: 'DOUBLE', integer: 'DOUBLE', datetime: 'DOUBLE', boolean: 'DOUBLE', category: 'VARCHAR', text: 'VARCHAR' } as const;
let counter = 0;

/** Reads texts of a column with the JavaScript form of the grammar, and counts what becomes of them. */
function leftoverReader({ type }: Pick<ColumnSchema, 'type'>, format: ColumnFormat, wholeOnly: boolean) {
	const read = valueReader(type, format);
	const show = valueText(type, format);
	const counts: LeftoverCounts = { unreadable: 0, words: 0, kept: 0, fractions: 0, unsafe: 0, texts: new Map() };
	return {
		counts,
		/** The value of a text that so many rows have; undefined where it cannot be read. */
		value(text: string, rows: number): number | string | undefined {
			let value = read(text);
			if (wholeOnly && value !== undefined && !Number.isInteger(value)) value = undefined;
			if (value === undefined) {
				if (isMissingWord(text)) counts.words += rows;
				else {
					counts.unreadable += rows;
					if (counts.example === undefined || text < counts.example) counts.example = text;
					if (/^[+-]?\d{16,}$/.test(text)) counts.unsafe += rows;
				}
			} else if (typeof value === 'number' && !Number.isInteger(value)) counts.fractions += rows;
			if ((value === undefined || counts.texts.size < MAX_TEXTS / 2) && counts.texts.size < MAX_TEXTS) counts.texts.set(text, rows);
			return value;
		},
		/** The text where its value does not give it back. */
		besides(text: string, value: number | string | undefined, rows: number): string | null {
			if (value !== undefined && show(value) === text) return null;
			counts.kept += rows;
			return text;
		},
	};
}

/** What the JavaScript form says about different texts of one column, where their values are worked out later (`wideCells.ts`). */
export function countLeftovers(
	column: Pick<ColumnSchema, 'type'>,
	format: ColumnFormat,
	texts: Iterable<readonly [string, number]>,
	wholeOnly = false,
): LeftoverCounts {
	const { counts, value, besides } = leftoverReader(column, format, wholeOnly);
	for (const [text, rows] of texts) besides(text, value(text, rows), rows);
	return counts;
}

/**
 * Reads different texts of one column, given with the rows that have them, and keeps the answers as a table. `wholeOnly`: a person wants
 * whole numbers.
 */
export async function readLeftovers(
	duck: Duck,
	column: Pick<ColumnSchema, 'type'>,
	format: ColumnFormat,
	batches: AsyncIterable<ReadonlyArray<readonly [string, number]>>,
	wholeOnly = false,
): Promise<Leftovers> {
	const { DuckDBDataChunk, DOUBLE, VARCHAR } = await import('@duckdb/node-api');
	const { type } = column;
	const { counts, value, besides } = leftoverReader(column, format, wholeOnly);
	const table = `leftovers_${++counter}`;
	await duck.run(`CREATE TEMP TABLE ${table} (t VARCHAR, v ${TYPES[type]}, x VARCHAR)`);
	const appender = await duck.connection.createAppender(table, null, 'temp');
	for await (const batch of batches) {
		for (let from = 0; from < batch.length; from += CHUNK) {
			const part = batch.slice(from, from + CHUNK);
			const values = part.map(([text, rows]) => value(text, rows));
			const chunk = DuckDBDataChunk.create([VARCHAR, isNumeric(type) ? DOUBLE : VARCHAR, VARCHAR], part.length);
			chunk.setColumnValues(
				0,
				part.map(([text]) => text),
			);
			chunk.setColumnValues(
				1,
				values.map((read) => read ?? null),
			);
			chunk.setColumnValues(
				2,
				part.map(([text, rows], i) => besides(text, values[i], rows)),
			);
			appender.appendDataChunk(chunk);
		}
	}
	appender.closeSync();
	return { ...counts, table };
}

/** SQL for the stored value of a leftover's `v`. */
export function leftoverSql(value: string, type: ColumnSchema['type']): string {
	switch (type) {
		case 'integer':
			return `CAST(${value} AS BIGINT)`;
		case 'boolean':
			return `(${value} <> 0)`;
		case 'datetime':
			return `make_timestamp(CAST(${value} AS BIGINT) * 1000)`;
		default:
			return value;
	}
}
