import type { ColumnSchema } from '../domain/column.js';
import { ROW_ID } from '../domain/dataset.js';
import { quoteName, quoteText } from './duck.js';
import { leftoverSql } from './grammar/leftovers.js';
import { parquetFormat } from './parquetFormat.js';
import type { SourceContext } from './sources/contract.js';
import { storedTexts, type CellReading, type Cells, type StoredTexts } from './wideCells.js';

/** A column whose cells lie in memory, and what its values and its texts are called in the file. */
export interface CellColumn {
	schema: Pick<ColumnSchema, 'type'>;
	cells: Cells;
	reading: CellReading;
	name: string;
	/** Absent where the values give all texts back. */
	text?: string;
}

/** Cells that are handed to the database at a time. */
const HANDED = 500_000;
const MOST_ROWS = 2_048;

let counter = 0;

/**
 * Writes columns of a wide table whose cells are known into a Parquet file, with the numbers of the rows from `first` on. A row comes to
 * the database as one list of numbers and one of texts, of which each column takes its place: an expression a column that reads its text
 * takes many times as long to plan as it takes to run.
 */
export async function writeCells(
	path: string,
	columns: readonly CellColumn[],
	rows: number,
	first: number,
	{ duck, check }: SourceContext,
): Promise<void> {
	const { DuckDBDataChunk, BIGINT, DOUBLE, VARCHAR, LIST, listValue } = await import('@duckdb/node-api');
	const numbers: Array<{ codes: Uint32Array; values: Float64Array }> = [];
	const texts: Array<{ codes: Uint32Array; values: StoredTexts['kept'] }> = [];
	const names: string[] = [];
	for (const { schema, cells, reading, name, text } of columns) {
		check();
		const { codes } = cells;
		const stored = storedTexts(cells, reading);
		if (stored.numbers) {
			numbers.push({ codes, values: stored.numbers });
			names.push(`${leftoverSql(`n[${numbers.length}]`, schema.type)} AS ${quoteName(name)}`);
		} else {
			texts.push({ codes, values: stored.strings! });
			names.push(`t[${texts.length}] AS ${quoteName(name)}`);
		}
		if (text === undefined) continue;
		texts.push({ codes, values: stored.kept });
		names.push(`t[${texts.length}] AS ${quoteName(text)}`);
	}
	const table = `cells_${++counter}`;
	await duck.run(`CREATE TEMP TABLE ${table} (r BIGINT, n DOUBLE[], t VARCHAR[])`);
	const appender = await duck.connection.createAppender(table, null, 'temp');
	const step = Math.max(1, Math.min(MOST_ROWS, Math.floor(HANDED / Math.max(1, numbers.length + texts.length))));
	for (let from = 0; from < rows; from += step) {
		check();
		const at = Array.from({ length: Math.min(step, rows - from) }, (_, k) => from + k);
		const chunk = DuckDBDataChunk.create([BIGINT, LIST(DOUBLE), LIST(VARCHAR)], at.length);
		chunk.setColumnValues(
			0,
			at.map((row) => BigInt(row + first)),
		);
		const numberIn = (row: number) => (column: (typeof numbers)[number]) => {
			const value = column.values[column.codes[row]];
			return Number.isNaN(value) ? null : value;
		};
		chunk.setColumnValues(
			1,
			at.map((row) => listValue(numbers.map(numberIn(row)))),
		);
		chunk.setColumnValues(
			2,
			at.map((row) => listValue(texts.map(({ codes, values }) => values[codes[row]]))),
		);
		appender.appendDataChunk(chunk);
	}
	appender.closeSync();
	await duck.run(
		`COPY (SELECT r AS ${quoteName(ROW_ID)}, ${names.join(', ')} FROM ${table}) TO ${quoteText(path)} ${parquetFormat(names.length)}`,
	);
	await duck.run(`DROP TABLE ${table}`);
}
