import type { ColumnSchema } from '../domain/column.js';
import { parquetScan, quoteName, withDuck, type StoredFiles } from '../data/duck.js';
import type { Frame } from '../data/frame.js';
import type { StoredColumn } from '../data/loadFrame.js';

/** A table whose columns are read from its file when they are compared, so that it never lies in memory as a whole. */
export interface StoredTable {
	path: StoredFiles;
	rows: number;
	/** The columns as they are compared. */
	schema: ColumnSchema[];
	/** The same as they lie in the file. */
	stored: StoredColumn[];
	/** Texts that are words for "missing" by `schema` are missing, as they are where rows are read by a model. */
	reads: boolean;
}

export const isStored = (table: object): table is StoredTable => 'stored' in table;

/** Whether a column has any value. @throws what the database says of the file */
export async function someValue({ path, schema, stored }: StoredTable, name: string): Promise<boolean> {
	const at = schema.findIndex((c) => c.name === name);
	if (at < 0) return false;
	const column = quoteName(stored[at].stored);
	const first = `SELECT ${column} FROM ${parquetScan(path)} WHERE ${column} IS NOT NULL LIMIT 1`;
	return await withDuck({}, async (duck) => (await duck.rows(first)).length > 0);
}

/** One of two tables that are compared, wherever it lies. */
export type Table = Frame | StoredTable;
