import { isNumeric, type ColumnSchema } from '../domain/column.js';
import { ROW_ID } from '../domain/dataset.js';
import { quoteName, quotePath, type Duck, unreadable, withDuck } from './duck.js';
import { columnIndex, type Frame, type Vector } from './frame.js';
import { sortDictionary } from './sortDictionary.js';
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
}

/** Above this many rows strings are coded inside DuckDB; below it, that costs more queries than it saves. */
const CODED_ROWS = 50_000;
/** Dictionaries up to this size are coded inside DuckDB and sorted; larger ones keep the order of first appearance. */
export const SORTED_LEVELS = 200_000;

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
	{ schema, columns, limit }: Pick<LoadOptions, 'schema' | 'columns' | 'limit'>,
): Promise<Frame> {
	const stored = storedNames(schema).values;
	const wanted = columns ? columns.map((name) => columnIndex(schema, name)) : schema.map((_, i) => i);
	return await loadStored(
		duck,
		path,
		wanted.map((i) => ({ schema: schema[i], stored: stored[i] })),
		limit,
	);
}

/** A column and its name in the file. */
export interface StoredColumn {
	schema: ColumnSchema;
	stored: string;
}

/** Columns of a stored file, in this order, as a frame. @throws `data.unreadable` */
export async function loadStored(duck: Duck, path: string, wanted: readonly StoredColumn[], limit?: number): Promise<Frame> {
	const scan = `read_parquet(${quotePath(path)})`;
	try {
		await duck.widen(wanted.length);
		const [{ total }] = await duck.rows<{ total: number }>(`SELECT count(*) AS total FROM ${scan}`);
		const rows = Math.min(total, limit ?? Infinity);
		const readers = await Promise.all(
			wanted.map(async (c) => (isNumeric(c.schema.type) ? numberReader(c, rows) : await stringReader(duck, scan, c, rows))),
		);
		const rowId = new Float64Array(rows);
		const result = await duck.stream(
			`SELECT CAST(${quoteName(ROW_ID)} AS DOUBLE)${readers.map((r) => `, ${r.sql}`).join('')} FROM ` +
				`${scan}${limit === undefined ? '' : ` LIMIT ${Math.floor(limit)}`}`,
		);
		let at = 0;
		for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
			const count = chunk.rowCount;
			rowId.set((chunk.getColumnVector(0) as unknown as { items: Float64Array }).items.subarray(0, count), at);
			for (let j = 0; j < readers.length; j++) {
				const vector = chunk.getColumnVector(j + 1);
				if (readers[j].items) readers[j].items!((vector as unknown as { items: Float64Array | Uint32Array }).items, at, count);
				else readers[j].strings!((i) => vector.getItem(i) as string | null, at, count);
			}
			at += count;
		}
		return { rows, schema: wanted.map((c) => c.schema), vectors: readers.map((r) => r.finish()), rowId };
	} catch (thrown) {
		throw unreadable(path, thrown);
	} finally {
		for (const type of duckTypes.get(duck) ?? []) await duck.run(`DROP TYPE IF EXISTS ${type}`);
		duckTypes.delete(duck);
	}
}

interface Reader {
	sql: string;
	items?(items: Float64Array | Uint32Array, at: number, count: number): void;
	strings?(item: (i: number) => string | null, at: number, count: number): void;
	finish(): Vector;
}

/** SQL of the number that stands for a stored value. */
export function numberSql({ schema, stored }: StoredColumn): string {
	const name = quoteName(stored);
	return schema.type === 'datetime' ? `CAST(epoch_ms(${name}) AS DOUBLE)` : `CAST(${name} AS DOUBLE)`;
}

function numberReader(column: StoredColumn, rows: number): Reader {
	const data = new Float64Array(rows);
	return {
		sql: `coalesce(${numberSql(column)}, 'nan'::DOUBLE)`,
		items(items, at, count) {
			data.set(items.length === count ? items : items.subarray(0, count), at);
		},
		finish: () => ({ data }),
	};
}

const duckTypes = new WeakMap<Duck, string[]>();
let counter = 0;

async function stringReader(duck: Duck, scan: string, { stored }: StoredColumn, rows: number): Promise<Reader> {
	const name = quoteName(stored);
	const codes = new Uint32Array(rows);
	if (rows > CODED_ROWS) {
		// One look at the file: which values there are, or that they are too many.
		const own = ++counter;
		const table = `different_${own}`;
		const different = `SELECT DISTINCT ${name} AS v FROM ${scan} WHERE ${name} IS NOT NULL LIMIT ${SORTED_LEVELS + 1}`;
		await duck.run(`CREATE TEMP TABLE ${table} AS SELECT v FROM (${different}) ORDER BY v`);
		const read = await duck.connection.runAndReadAll(`SELECT v FROM ${table}`);
		const dictionary = read.getColumns().flat() as string[];
		if (dictionary.length > 0 && dictionary.length <= SORTED_LEVELS) {
			const type = `levels_${own}`;
			await duck.run(`CREATE TYPE ${type} AS ENUM (SELECT v FROM ${table})`);
			await duck.run(`DROP TABLE ${table}`);
			duckTypes.set(duck, [...(duckTypes.get(duck) ?? []), type]);
			return {
				sql: `coalesce(CAST(enum_code(CAST(${name} AS ${type})) AS UINTEGER) + 1, 0)::UINTEGER`,
				items(items, at, count) {
					codes.set(items.length === count ? items : items.subarray(0, count), at);
				},
				finish: () => ({ codes, dictionary }),
			};
		}
		await duck.run(`DROP TABLE ${table}`);
		if (dictionary.length === 0) return { sql: '0::UINTEGER', items() {}, finish: () => ({ codes, dictionary }) };
	}
	const index = new Map<string, number>();
	return {
		sql: `CAST(${name} AS VARCHAR)`,
		strings(item, at, count) {
			for (let i = 0; i < count; i++) {
				const text = item(i);
				if (text === null) continue;
				let code = index.get(text);
				if (code === undefined) index.set(text, (code = index.size + 1));
				codes[at + i] = code;
			}
		},
		finish() {
			const dictionary = [...index.keys()];
			return dictionary.length <= SORTED_LEVELS ? sortDictionary({ codes, dictionary }) : { codes, dictionary };
		},
	};
}
