import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { CompiledQuery, DatabaseConnection, Dialect, Driver, Kysely, QueryResult } from 'kysely';
import { MlopsError } from '../../../domain/errors.js';
import { diskError, readOnlyStore } from '../../files.js';
import type { Database } from '../contract.js';
import { sqliteDialect } from './dialect.js';
import { createReader } from './unchanging.js';

const BUSY = 5;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;
const PATIENCE_MS = 15_000;

const sqliteCode = (error: unknown): number | undefined => {
	const code = (error as { errcode?: unknown } | undefined)?.errcode;
	// The lower byte is the primary code; the rest says which kind of busy it was.
	return typeof code === 'number' ? code & 0xff : undefined;
};

/** SQLite's failures in our words; anything else passes through. */
export function storeError(error: unknown): unknown {
	switch (sqliteCode(error)) {
		case BUSY:
			return busy(error);
		case CORRUPT:
		case NOT_A_DATABASE:
			return new MlopsError('store.corrupt', 'The database of the MLOps store is damaged.', {
				cause: error,
				remedy: "Restore the store's folder from a backup.",
			});
		default:
			return diskError(error, sqliteCode(error));
	}
}

const busy = (cause: unknown): MlopsError =>
	new MlopsError('store.busy', 'The MLOps store was in use by other processes for too long.', {
		cause,
		remedy: 'Run again. If it happens often, look for a process that hangs while it writes to the store.',
	});

/**
 * Runs `attempt` until the database is free. SQLite's own waiting would stop the whole thread, n8n's among them, so its time-out is
 * zero and the waiting happens here, asynchronously, with growing and slightly random pauses.
 * @throws `store.busy`
 */
export async function whenFree<T>(attempt: () => T, patienceMs = PATIENCE_MS): Promise<T> {
	const deadline = performance.now() + patienceMs;
	for (let pause = 1; ; pause = Math.min(pause * 2, 50)) {
		try {
			return attempt();
		} catch (error) {
			if (sqliteCode(error) !== BUSY) throw error;
			if (performance.now() > deadline) throw busy(error);
			await wait(pause + randomInt(0, pause + 1));
		}
	}
}

/** Who comes first goes first. */
class Mutex {
	private tail: Promise<void> = Promise.resolve();

	async lock(): Promise<() => void> {
		const before = this.tail;
		let release: () => void = () => {};
		this.tail = new Promise((resolve) => {
			release = resolve;
		});
		await before;
		return release;
	}
}

/** One `node:sqlite` handle, lent to one query or transaction at a time. */
class Connection implements DatabaseConnection {
	readonly mutex = new Mutex();
	release: () => void = () => {};
	inTransaction = false;
	private readonly statements = new Map<string, StatementSync>();

	constructor(public database: DatabaseSync) {}

	/** Goes on with another handle on the same file. */
	use(database: DatabaseSync): void {
		if (database === this.database) return;
		this.statements.clear();
		if (this.database.isOpen) this.database.close();
		this.database = database;
	}

	async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
		const parameters = query.parameters as SQLInputValue[];
		const run = (): QueryResult<R> => {
			const statement = this.prepare(query.sql);
			if (statement.columns().length > 0) return { rows: statement.all(...parameters) as R[] };
			const { changes, lastInsertRowid } = statement.run(...parameters);
			return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
		};
		// A transaction holds the lock already: a busy answer inside it is no matter of waiting.
		return this.inTransaction ? run() : await whenFree(run);
	}

	private prepare(sql: string): StatementSync {
		let statement = this.statements.get(sql);
		if (!statement) {
			if (this.statements.size >= 200) this.statements.clear();
			statement = this.database.prepare(sql);
			this.statements.set(sql, statement);
		}
		return statement;
	}

	async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
		throw new MlopsError('internal', 'The store does not stream queries.');
	}
}

class SqliteDriver implements Driver {
	private readonly connection: Connection;

	/** @param current the handle to go on with, looked for at each loan. */
	constructor(
		database: DatabaseSync,
		private readonly current: (database: DatabaseSync) => DatabaseSync = (same) => same,
	) {
		this.connection = new Connection(database);
	}

	async init(): Promise<void> {}

	async acquireConnection(): Promise<DatabaseConnection> {
		const release = await this.connection.mutex.lock();
		try {
			this.connection.use(this.current(this.connection.database));
		} catch (error) {
			release();
			throw storeError(error);
		}
		this.connection.release = release;
		return this.connection;
	}

	async beginTransaction(): Promise<void> {
		await whenFree(() => this.connection.database.exec('BEGIN IMMEDIATE'));
		this.connection.inTransaction = true;
	}

	async commitTransaction(): Promise<void> {
		this.connection.database.exec('COMMIT');
		this.connection.inTransaction = false;
	}

	async rollbackTransaction(): Promise<void> {
		this.connection.inTransaction = false;
		// SQLite rolls back by itself after some failures, a full disk for one.
		if (this.connection.database.isTransaction) this.connection.database.exec('ROLLBACK');
	}

	async releaseConnection(): Promise<void> {
		this.connection.release();
	}

	async destroy(): Promise<void> {
		this.connection.database.close();
	}
}

function kyselyOver<S>(
	kysely: typeof import('kysely'),
	database: DatabaseSync,
	current?: (database: DatabaseSync) => DatabaseSync,
): Kysely<S> {
	const dialect: Dialect = {
		createAdapter: () => new kysely.SqliteAdapter(),
		createDriver: () => new SqliteDriver(database, current),
		createIntrospector: (db) => new kysely.SqliteIntrospector(db),
		createQueryCompiler: () => new kysely.SqliteQueryCompiler(),
	};
	return new kysely.Kysely<S>({ dialect });
}

/** Work on what the database holds at this moment, whatever others write meanwhile; the connection is closed then. */
async function asOneView<S, T>(database: DatabaseSync, view: Kysely<S>, work: (view: Kysely<S>) => Promise<T>): Promise<T> {
	try {
		database.exec('BEGIN');
		return await work(view);
	} catch (error) {
		throw storeError(error);
	} finally {
		await view.destroy();
		if (database.isOpen) database.close();
	}
}

/**
 * Opens a SQLite file that can be read, and not written to (`unchanging.ts`). What asks to write is refused.
 * @throws `store.unwritable` also where the file cannot be read without writing
 */
export async function openUnwritable<S>(path: string): Promise<Database<S>> {
	const [{ DatabaseSync }, kysely] = await Promise.all([import('node:sqlite'), import('kysely')]);
	const reader = createReader(DatabaseSync, path);
	const opened = (): DatabaseSync => {
		try {
			return reader.open();
		} catch (error) {
			throw storeError(error);
		}
	};
	const read = kyselyOver<S>(kysely, opened(), reader.current);
	return {
		dialect: sqliteDialect,
		read,
		async write() {
			throw readOnlyStore();
		},
		async snapshot(work) {
			const database = opened();
			return await asOneView(database, kyselyOver<S>(kysely, database), work);
		},
		async close() {
			await read.destroy();
			reader.close();
		},
	};
}

/**
 * Opens a SQLite file for several processes at once, with one connection that writes and one that reads, so that a read never waits for
 * a transaction: WAL, every commit synced to the disk, foreign keys, no blocking waits.
 */
export async function openDatabase<S>(path: string): Promise<Database<S>> {
	const [{ DatabaseSync }, kysely] = await Promise.all([import('node:sqlite'), import('kysely')]);

	const connect = async (reading: boolean): Promise<DatabaseSync> => {
		let database: DatabaseSync;
		try {
			database = new DatabaseSync(path, { timeout: 0 });
		} catch (error) {
			throw storeError(error);
		}
		try {
			const mode = (await whenFree(() => database.prepare('PRAGMA journal_mode = WAL').get())) as { journal_mode?: string };
			if (mode.journal_mode !== 'wal') {
				throw new MlopsError('store.corrupt', 'The MLOps store lies on a file system that cannot hold it (no write-ahead log).', {
					remedy: 'Set MLOPS_HOME to a folder on a local disk.',
				});
			}
			// `fullfsync` matters on macOS alone, where a plain fsync stops at the drive's cache.
			database.exec(
				`PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA ` +
					`query_only = ${reading ? 'ON' : 'OFF'};`,
			);
			return database;
		} catch (error) {
			database.close();
			throw storeError(error);
		}
	};
	const wrap = (database: DatabaseSync): Kysely<S> => kyselyOver(kysely, database);

	const writing = await connect(false);
	const reading = await connect(true);
	const writer = wrap(writing);
	const read = wrap(reading);
	return {
		dialect: sqliteDialect,
		read,
		async write(work) {
			try {
				return await writer.transaction().execute(work);
			} catch (error) {
				throw storeError(error);
			}
		},
		async snapshot(work) {
			const database = await connect(true);
			return await asOneView(database, wrap(database), work);
		},
		async close() {
			await read.destroy();
			await writer.destroy();
			// A connection that was never used is not closed by kysely.
			for (const database of [reading, writing]) if (database.isOpen) database.close();
		},
	};
}
