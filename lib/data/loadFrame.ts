import { isNumeric, type ColumnSchema } from '../domain/column.js';
import { ROW_ID } from '../domain/dataset.js';
import { numberReaders, textReader, type ColumnReader, type NumberColumn } from './columnReaders.js';
import { quoteName, quotePath, type Duck, unreadable, withDuck } from './duck.js';
import { columnIndex, type Frame, type Vector } from './frame.js';
import { storedNames } from './storedNames.js';

export interface LoadOptions {
	/** All columns of the stored file, as its record says. */
	schema: ColumnSchema[];
	/** Names to load, in this order; all if absent. */
	columns?: string[];
	/** Only the first rows. */
	limit?: number;
	memoryBytes?: number;
	threads?: number;
	temporaryDirectory?: string;
	/** Values lie in shared memory, where threads read them too. */
	shared?: boolean;
}

/**
 * A stored Parquet file as a frame. Memory: 8 bytes a number, 4 bytes a string value, and the dictionaries.
 * @throws `data.column_unknown`, `data.unreadable`
 */
export async function loadFrame(path: string, options: LoadOptions): Promise<Frame> {
	return withDuck(
		{ threads: options.threads ?? 2, memoryBytes: options.memoryBytes, temporaryDirectory: options.temporaryDirectory },
		(duck) => loadFrameIn(duck, path, options),
	);
}

/** `loadFrame` in a session that is open already. */
export async function loadFrameIn(
	duck: Duck,
	path: string,
	{ schema, columns, limit, shared }: Pick<LoadOptions, 'schema' | 'columns' | 'limit' | 'shared'>,
): Promise<Frame> {
	const stored = storedNames(schema).values;
	const wanted = columns ? columns.map((name) => columnIndex(schema, name)) : schema.map((_, i) => i);
	return await loadStored(
		duck,
		path,
		wanted.map((i) => ({ schema: schema[i], stored: stored[i] })),
		{ limit, shared },
	);
}

/** A column and its name in the file. */
export interface StoredColumn {
	schema: ColumnSchema;
	stored: string;
}

/** Columns of a stored file, in this order, as a frame. @throws `data.unreadable` */
export async function loadStored(
	duck: Duck,
	path: string,
	wanted: readonly StoredColumn[],
	{ limit, shared = false }: Pick<LoadOptions, 'limit' | 'shared'> = {},
): Promise<Frame> {
	const scan = `read_parquet(${quotePath(path)})`;
	try {
		await duck.widen(wanted.length);
		const [{ total }] = await duck.rows<{ total: number }>(`SELECT count(*) AS total FROM ${scan}`);
		const rows = Math.min(total, limit ?? Infinity);
		const vectors = new Array<Vector>(wanted.length);
		const numbers: NumberColumn[] = [];
		const rowId = numberArray(rows, shared);
		numbers.push({ sql: `CAST(${quoteName(ROW_ID)} AS DOUBLE)`, data: rowId });
		const texts: ColumnReader[] = [];
		for (const [i, column] of wanted.entries()) {
			if (isNumeric(column.schema.type)) {
				const data = numberArray(rows, shared);
				vectors[i] = { data };
				numbers.push({ sql: `coalesce(${numberSql(column)}, 'nan'::DOUBLE)`, data });
			} else texts.push(await textReader(duck, scan, column.stored, codeArray(rows, shared), (vector) => (vectors[i] = vector)));
		}
		const readers = [...numberReaders(numbers), ...texts];
		const result = await duck.stream(
			`SELECT ${readers.map((r) => r.sql).join(', ')} FROM ${scan}${limit === undefined ? '' : ` LIMIT ${Math.floor(limit)}`}`,
		);
		let at = 0;
		for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
			for (let j = 0; j < readers.length; j++) readers[j].read(chunk.getColumnVector(j), at, chunk.rowCount);
			at += chunk.rowCount;
		}
		for (const reader of readers) reader.finish?.();
		return { rows, schema: wanted.map((c) => c.schema), vectors, rowId };
	} catch (thrown) {
		throw unreadable(path, thrown);
	}
}

const numberArray = (rows: number, shared: boolean): Float64Array =>
	new Float64Array(shared ? new SharedArrayBuffer(8 * rows) : new ArrayBuffer(8 * rows));
const codeArray = (rows: number, shared: boolean): Uint32Array =>
	new Uint32Array(shared ? new SharedArrayBuffer(4 * rows) : new ArrayBuffer(4 * rows));

/** SQL of the number that stands for a stored value. */
export function numberSql({ schema, stored }: StoredColumn): string {
	const name = quoteName(stored);
	return schema.type === 'datetime' ? `CAST(epoch_ms(${name}) AS DOUBLE)` : `CAST(${name} AS DOUBLE)`;
}
