import { isNumeric, type ColumnSchema } from '../domain/column.js';
import { ROW_ID } from '../domain/dataset.js';
import { numberReaders, textReader, type ColumnReader, type NumberColumn } from './columnReaders.js';
import { parquetScan, quoteName, type Duck, type StoredFiles, unreadable, withDuck } from './duck.js';
import { columnIndex, type Frame, type NumberVector, type Vector } from './frame.js';
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
	/** One mark for each row of the file: rows whose mark is 0 are passed over. */
	keep?: Uint8Array;
}

/**
 * A stored Parquet file as a frame. Memory: 8 bytes a number, 4 bytes a string value, and the dictionaries.
 * @throws `data.column_unknown`, `data.unreadable`
 */
export async function loadFrame(path: StoredFiles, options: LoadOptions): Promise<Frame> {
	return withDuck(
		{ threads: options.threads ?? 2, memoryBytes: options.memoryBytes, temporaryDirectory: options.temporaryDirectory },
		(duck) => loadFrameIn(duck, path, options),
	);
}

/** `loadFrame` in a session that is open already. */
export async function loadFrameIn(
	duck: Duck,
	path: StoredFiles,
	{ schema, columns, ...options }: Pick<LoadOptions, 'schema' | 'columns' | 'limit' | 'shared' | 'keep'>,
): Promise<Frame> {
	const stored = storedNames(schema).values;
	const places = new Map(schema.map((c, i) => [c.name, i]));
	const wanted = columns ? columns.map((name) => places.get(name) ?? columnIndex(schema, name)) : schema.map((_, i) => i);
	return await loadStored(
		duck,
		path,
		wanted.map((i) => ({ schema: schema[i], stored: stored[i] })),
		options,
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
	path: StoredFiles,
	wanted: readonly StoredColumn[],
	options: PartOptions = {},
): Promise<Frame> {
	const parts = storedParts(duck, path, wanted, options);
	const { value } = await parts.next();
	await parts.return(undefined);
	return value!;
}

/** How a stored file is read part by part. */
interface PartOptions extends Pick<LoadOptions, 'limit' | 'shared' | 'keep'> {
	/** Rows of a part; all of them if absent. */
	rows?: number;
}

/** Columns read by one query: one of very many takes longer than several that have as many together. */
const TOGETHER = 2_000;

/**
 * The rows of a stored file in their order, as frames of so many rows; the last one has the others, and there is one at least.
 * @throws `data.unreadable`
 */
export async function* storedParts(
	duck: Duck,
	path: StoredFiles,
	wanted: readonly StoredColumn[],
	options: PartOptions,
): AsyncGenerator<Frame, undefined> {
	const reading = readingOf(path);
	const { total } = await reading(async () => {
		await duck.widen(Math.min(wanted.length, TOGETHER));
		const [counted] = await duck.rows<{ total: number }>(`SELECT count(*) AS total FROM ${parquetScan(path)}`);
		return counted;
	});
	const inParts = (options.rows ?? Infinity) < total;
	if (wanted.length <= TOGETHER || inParts) {
		if (inParts) await duck.widen(wanted.length);
		yield* partsOf(duck, path, wanted, total, options);
		return;
	}
	const vectors: Vector[] = [];
	let first: Frame | undefined;
	for (let from = 0; from < wanted.length; from += TOGETHER) {
		for await (const part of partsOf(duck, path, wanted.slice(from, from + TOGETHER), total, options)) {
			first ??= part;
			for (const vector of part.vectors) vectors.push(vector);
		}
	}
	yield { ...first!, schema: wanted.map((c) => c.schema), vectors };
}

/** Does what reads a stored file, and says in our words what hinders it. */
const readingOf =
	(path: StoredFiles) =>
	async <T>(work: () => Promise<T>): Promise<T> => {
		try {
			return await work();
		} catch (thrown) {
			throw unreadable(path, thrown);
		}
	};

/** `storedParts` of columns that one query reads. @param total rows of the file */
async function* partsOf(
	duck: Duck,
	path: StoredFiles,
	wanted: readonly StoredColumn[],
	total: number,
	{ limit, shared = false, rows: size, keep }: PartOptions,
): AsyncGenerator<Frame, undefined> {
	const scan = parquetScan(path);
	const reading = readingOf(path);
	const { rows, readers, result } = await reading(async () => {
		const texts: ColumnReader[] = [];
		const numbers: NumberColumn[] = [{ sql: `CAST(${quoteName(ROW_ID)} AS DOUBLE)`, place: wanted.length }];
		for (const [place, column] of wanted.entries()) {
			if (isNumeric(column.schema.type)) numbers.push({ sql: `coalesce(${numberSql(column)}, 'nan'::DOUBLE)`, place });
			else texts.push(await textReader(duck, scan, { stored: column.stored, place, rows: Math.min(total, limit ?? total), shared }));
		}
		const all = [...numberReaders(numbers, shared), ...texts];
		const limited = limit === undefined ? '' : ` LIMIT ${Math.floor(limit)}`;
		const kept = keep ? keep.reduce((n, mark) => n + Number(mark !== 0), 0) : total;
		return {
			rows: Math.min(kept, limit ?? Infinity),
			readers: all,
			result: await duck.stream(`SELECT ${all.map((r) => r.sql).join(', ')} FROM ${scan}${limited}`),
		};
	});
	let left = rows;
	let part = 0;
	let at = 0;
	const begin = (): void => {
		part = Math.min(left, size ?? left);
		at = 0;
		for (const reader of readers) reader.begin(part);
	};
	const end = (): Frame => {
		const vectors = new Array<Vector>(wanted.length + 1);
		for (const reader of readers) for (const [k, v] of reader.end().entries()) vectors[reader.places[k]] = v;
		left -= part;
		return { rows: part, schema: wanted.map((c) => c.schema), rowId: (vectors.pop() as NumberVector).data, vectors };
	};
	begin();
	let before = 0;
	for (
		let chunk = await reading(() => result.fetchChunk());
		chunk && chunk.rowCount > 0;
		chunk = await reading(() => result.fetchChunk())
	) {
		const count = chunk.rowCount;
		for (let from = 0; from < count && at < part; ) {
			if (keep && keep[before + from] === 0) {
				from++;
				continue;
			}
			let to = Math.min(count, from + part - at);
			if (keep) for (let next = from + 1; next < to; next++) if (keep[before + next] === 0) to = next;
			for (let j = 0; j < readers.length; j++) readers[j].read(chunk.getColumnVector(j), from, at, to - from);
			at += to - from;
			from = to;
			if (at < part || left === part) continue;
			yield end();
			begin();
		}
		before += count;
	}
	yield end();
}

/** SQL of the number that stands for a stored value. */
export function numberSql({ schema, stored }: StoredColumn): string {
	const name = quoteName(stored);
	return schema.type === 'datetime' ? `CAST(epoch_ms(${name}) AS DOUBLE)` : `CAST(${name} AS DOUBLE)`;
}
