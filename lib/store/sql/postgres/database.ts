import type { Kysely, PostgresPool, PostgresPoolClient } from 'kysely';
import type { ClientConfig, PoolClient } from 'pg';
import type { SharedRef } from '../../../domain/storeRef.js';
import type { Backend, Database, Dialect } from '../contract.js';
import type { LogTables, Tables } from '../migrations.js';
import { postgresDialect } from './dialect.js';
import { postgresFailure } from './failure.js';
import { escapeNul, restoreNul } from './nul.js';
import { sslOf } from './ssl.js';
import { decoded } from '../../percent.js';

const CONNECT_MS = 15_000;
const IDLE_MS = 10_000;
/** Connections of a process: one that writes the record, one for the log, some that read. */
const CONNECTIONS = 4;
/** PostgreSQL's type of 64-bit numbers, which ours never fill: they come as numbers. */
const INT8 = 20;

/** A store's tables in a schema of a PostgreSQL database. @throws `store.unreachable`, `store.unwritable` */
export async function openPostgres(ref: SharedRef, password: string | undefined): Promise<Backend> {
	const [{ default: pg }, kysely] = await Promise.all([import('pg'), import('kysely')]);
	const { schema } = ref;
	const pool = new pg.Pool({
		...(await clientConfig(ref, password)),
		max: CONNECTIONS,
		idleTimeoutMillis: IDLE_MS,
		allowExitOnIdle: true,
		types: {
			getTypeParser: (id: number, format?: 'text' | 'binary') =>
				id === INT8 ? Number : (pg.types.getTypeParser as (id: number, format?: string) => (text: string) => unknown)(id, format),
		},
	});
	// A connection that breaks while nobody uses it must not end the process: the next query makes another.
	pool.on('error', () => {});
	const dialect = await postgresDialect(schema);
	const whole = new kysely.Kysely<unknown>({ dialect: new kysely.PostgresDialect({ pool: textual(pool) }) });
	const database = <S>(): Database<S> => tablesOf<S>(whole as Kysely<S>, schema, dialect);
	const log = database<LogTables>();
	return {
		record: database<Tables>(),
		log,
		failure: postgresFailure,
		close: async () => await whole.destroy(),
	};
}

/** What a connection needs, without a pool. */
export async function clientConfig(ref: SharedRef, password: string | undefined): Promise<ClientConfig> {
	const url = new URL(ref.url);
	const named = decoded(url.pathname.slice(1));
	return {
		host: url.searchParams.get('host') ?? url.hostname.replace(/^\[|\]$/g, ''),
		port: Number(url.port || 5432),
		user: decoded(url.username) || undefined,
		password,
		database: named || undefined,
		ssl: await sslOf(url, ref.ca),
		connectionTimeoutMillis: CONNECT_MS,
		keepAlive: true,
		application_name: 'n8n-nodes-mlops',
	};
}

function tablesOf<S>(whole: Kysely<S>, schema: string, dialect: Dialect): Database<S> {
	const guarded = async <T>(work: Promise<T>): Promise<T> => {
		try {
			return await work;
		} catch (error) {
			throw postgresFailure(error);
		}
	};
	return {
		dialect,
		read: whole.withSchema(schema),
		write: async (work) =>
			await guarded(
				// Each statement sees what was committed before it: after the lock of the chain's end that is everything.
				whole
					.transaction()
					.setIsolationLevel('read committed')
					.execute(async (db) => await work(db.withSchema(schema))),
			),
		snapshot: async (work) =>
			await guarded(
				whole
					.transaction()
					.setIsolationLevel('repeatable read')
					.setAccessMode('read only')
					.execute(async (db) => await work(db.withSchema(schema))),
			),
		// The connections are the backend's.
		async close() {},
	};
}

/** The pool as kysely sees it: texts go in and come out whole, whatever characters they have. */
function textual(pool: { connect(): Promise<PoolClient>; end(): Promise<void>; options: unknown }): PostgresPool {
	const wrapped = new WeakMap<PoolClient, PostgresPoolClient>();
	const wrap = (client: PoolClient): PostgresPoolClient => {
		const known = wrapped.get(client);
		if (known) return known;
		const made = {
			query: async (text: string, values: readonly unknown[] = []) => {
				const result = await client.query(text, values.map(escapeNul));
				for (const row of result.rows as object[])
					for (const [column, value] of Object.entries(row)) {
						const restored = restoreNul(value);
						if (restored !== value) Object.assign(row, { [column]: restored });
					}
				return result;
			},
			release: (error?: Error | boolean) => client.release(error),
			get processID() {
				return (client as { processID?: number }).processID;
			},
		} as unknown as PostgresPoolClient;
		wrapped.set(client, made);
		return made;
	};
	return {
		connect: async () => wrap(await pool.connect()),
		end: async () => await pool.end(),
		options: pool.options,
	} as unknown as PostgresPool;
}
