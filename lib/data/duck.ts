import { tmpdir } from 'node:os';
import type { DuckDBConnection, DuckDBInstance, DuckDBResult } from '@duckdb/node-api';
import { spillFolder } from './spillFolder.js';
import { isDiskFull, MlopsError } from '../domain/errors.js';
import { isOutOfMemory, outOfMemory } from '../domain/outOfMemory.js';

export interface DuckOptions {
	/** Ceiling for DuckDB's own threads; results do not depend on it. */
	threads?: number;
	/** What DuckDB may hold in memory before it spills to a folder of its own in `temporaryDirectory`. */
	memoryBytes?: number;
	temporaryDirectory?: string;
}

/** One in-memory DuckDB session. Time zone UTC, insertion order kept, no network, no extension downloads. */
export interface Duck {
	readonly connection: DuckDBConnection;
	/** Runs statements without looking at rows. */
	run(sql: string): Promise<void>;
	/** All rows as plain objects (BIGINT as number where exact, timestamps as ISO text). For small results only. */
	rows<T extends object = Record<string, unknown>>(sql: string): Promise<T[]>;
	/** A streamed result, chunk by chunk. */
	stream(sql: string): Promise<DuckDBResult>;
	/** Tells the session how many columns it is about to work on; call it before a query over very many. */
	widen(columns: number): Promise<void>;
	/** Keeps the two sides of a join as they are written, so that rows stay in the order of the left one. */
	keepOrder(): Promise<void>;
	/** What share of the query that runs now is done (0 to 1); 0 where none runs. Only of sessions from `beside`. */
	share(): number;
	/** Does `work`, and says again and again meanwhile what share of a query that takes long is done (0 to 1). */
	watched<T>(work: () => Promise<T>, tell: (share: number) => void): Promise<T>;
	/**
	 * A further session over the same memory, with temporary tables of its own, whose queries run at the same time. Close it before this one.
	 */
	beside(): Promise<Duck>;
	close(): void;
}

const MEGABYTE = 1 << 20;
/** How often a query that is watched is asked how far it is. */
const WATCH_MS = 500;
const NEARLY_DONE = 98;
const WATCHED = 'SET enable_progress_bar = true; SET enable_progress_bar_print = false; SET progress_bar_time = 0';
/** From here on a table is wide: its queries and buffers need care. */
export const WIDE = 300;

/** Opens a session; close it with `close()`. Heavy (loads the native library at first use). */
export async function openDuck({
	threads = 1,
	memoryBytes = 512 * MEGABYTE,
	temporaryDirectory = tmpdir(),
}: DuckOptions = {}): Promise<Duck> {
	const spill = await spillFolder(temporaryDirectory);
	const { DuckDBInstance } = await import('@duckdb/node-api');
	const instance = await DuckDBInstance.create(':memory:', {
		threads: String(Math.max(1, Math.floor(threads))),
		memory_limit: `${Math.max(64, Math.floor(memoryBytes / MEGABYTE))}MiB`,
		temp_directory: spill.path,
		preserve_insertion_order: 'true',
		autoinstall_known_extensions: 'false',
		autoload_known_extensions: 'false',
	});
	return await session(instance, memoryBytes, () => {
		instance.closeSync();
		spill.remove();
	});
}

/**
 * How far a streamed query may be ahead of who reads it. As it comes (1 MB, a few chunks of a wide table), DuckDB's threads stand still
 * while we look at what they brought.
 */
const aheadOf = (memoryBytes: number): string => `${Math.max(1, Math.floor(Math.min(32 * MEGABYTE, memoryBytes / 16) / MEGABYTE))}MiB`;

async function session(instance: DuckDBInstance, memoryBytes: number, closed: () => void): Promise<Duck> {
	const connection = await instance.connect();
	await connection.run(`SET TimeZone = 'UTC'`);
	await connection.run(`SET streaming_buffer_size = '${aheadOf(memoryBytes)}'`);
	const disabled = new Set<string>();
	let widened = 0;
	const disable = async (...optimizers: string[]) => {
		for (const name of optimizers) disabled.add(name);
		await connection.run(`SET disabled_optimizers = '${[...disabled].join(',')}'`);
	};
	return {
		connection,
		run: async (sql) => {
			await connection.run(sql);
		},
		rows: async <T extends object>(sql: string) => {
			const reader = await connection.runAndReadAll(sql);
			return reader.getRowObjectsJS().map((row) => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, plain(v)]))) as T[];
		},
		stream: (sql) => connection.stream(sql),
		async widen(columns) {
			if (columns <= WIDE || columns === widened) return;
			widened = columns;
			// Each thread reserves blocks for every column, mostly untouched; and the search for common subexpressions is quadratic.
			const reserved = columns * MEGABYTE;
			await connection.run(`SET memory_limit = '${Math.ceil((memoryBytes + reserved) / MEGABYTE)}MiB'`);
			await disable('common_subexpressions');
		},
		keepOrder: async () => {
			await disable('build_side_probe_side', 'join_order');
		},
		share: () => Math.min(1, Math.max(0, connection.progress.percentage / 100)),
		async watched(work, tell) {
			await connection.run(WATCHED);
			const timer = setInterval(() => {
				const { percentage } = connection.progress;
				// One that is nearly done when it is looked at first was short.
				if (percentage > 0 && percentage < NEARLY_DONE) tell(percentage / 100);
			}, WATCH_MS);
			try {
				return await work();
			} finally {
				clearInterval(timer);
			}
		},
		async beside() {
			const other = await session(instance, memoryBytes, () => {});
			await other.run(WATCHED);
			return other;
		},
		close: () => {
			connection.closeSync();
			closed();
		},
	};
}

/** Runs `work` in a session that is closed whatever happens. @throws `store.full` */
export async function withDuck<T>(options: DuckOptions, work: (duck: Duck) => Promise<T>): Promise<T> {
	const duck = await openDuck(options);
	try {
		return await work(duck);
	} catch (thrown) {
		// Whatever was written (Parquet, what spills, a file beside it): a disk without room is said as such.
		if (!isDiskFull(thrown)) throw thrown;
		throw options.temporaryDirectory === undefined && ofSpilling(thrown) ? temporariesFull(thrown) : MlopsError.from(thrown);
	} finally {
		duck.close();
	}
}

/** Whether it was what DuckDB spills that found no room, rather than a file that it was to write. */
function ofSpilling(thrown: unknown): boolean {
	const { message = '', cause } = (thrown ?? {}) as { message?: string; cause?: unknown };
	return /mlops-spill-|max_temp_directory_size/.test(message) || (cause !== undefined && ofSpilling(cause));
}

/** That need not be the disk of the store. */
const temporariesFull = (cause: unknown): MlopsError =>
	new MlopsError('store.full', `The disk for temporary files (${tmpdir()}) is full.`, {
		cause,
		remedy: 'Free some space there, or set TMPDIR to a folder on a larger disk, and run again; nothing was half written.',
	});

function plain(value: unknown): unknown {
	if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
	if (value instanceof Date) return value.toISOString();
	return value;
}

/** A name as SQL identifier, whatever characters it holds. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Text as SQL literal. */
export const quoteText = (text: string): string => {
	const quoted = `'${text.replaceAll("'", "''")}'`;
	// SQL text cannot hold NUL itself.
	return text.includes('\0') ? `(${quoted.replaceAll('\0', "' || chr(0) || '")})` : quoted;
};

/** The path of one file as SQL literal for `read_parquet` and its like, which take a bare path for a pattern; not for COPY ... TO. */
export const quotePath = (path: string): string => quoteText(path.replace(/[[*?]/g, '[$&]'));

/**
 * Where the rows of a dataset lie: one Parquet file, or several whose rows follow each other; a column that one of them lacks is missing
 * there.
 */
export type StoredFiles = string | readonly string[];

/** Stored rows, for a FROM, in their order. */
export const parquetScan = (files: StoredFiles): string =>
	typeof files === 'string'
		? `read_parquet(${quotePath(files)})`
		: `read_parquet([${files.map(quotePath).join(', ')}], union_by_name=true)`;

/** The text of what DuckDB said, without its decoration; for `cause`, not for people. */
export const duckMessage = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown)).split('\n')[0];

/** Wraps a failure of DuckDB on a stored file; too little memory (`memoryBytes` if known) is no fault of the file. */
export const unreadable = (path: StoredFiles, thrown: unknown, memoryBytes?: number): MlopsError =>
	isOutOfMemory(thrown)
		? outOfMemory(memoryBytes)
		: new MlopsError('data.unreadable', `The stored data cannot be read (${duckMessage(thrown)}).`, {
				cause: thrown,
				found: [path].flat().at(-1)?.split(/[\\/]/).at(-1),
				remedy: 'Run Ingest again to store the data anew.',
			});
