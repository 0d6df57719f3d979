import type { Client, ClientConfig } from 'pg';
import { CONNECT_SECONDS, type Connection, type QueryWatch, type Sink } from './contract.js';
import { connectError, lacksTls, queryError } from './databaseError.js';
import { interruptible } from './interruptible.js';

/**
 * PostgreSQL type ids of text: text, varchar, char(n), "char", name, uuid, json, jsonb; and of values in brackets, which would
 * be read as numbers below zero: points and other shapes, places of rows, records, ranges.
 */
const TEXT = new Set([
	...[25, 1043, 1042, 18, 19, 2950, 114, 3802],
	...[600, 601, 602, 603, 604, 628, 718, 27, 2249],
	...[3904, 3906, 3908, 3910, 3912, 3926, 4451, 4532, 4533, 4534, 4535, 4536],
]);
/** Type ids from here on are of types that somebody made. */
const FIRST_OWN = 16_384;
const BOOLEAN = 16;
const FETCH_ROWS = 5000;
const ORPHAN_MS = 10_000;
const DECLARE = 'DECLARE ingest NO SCROLL CURSOR FOR ';

/** Streams a query on PostgreSQL through a cursor in a read-only transaction. @throws MlopsError */
export async function readPostgres(connection: Connection, query: string, watch: QueryWatch, sink: Sink): Promise<void> {
	const client = await connect(connection, watch);
	try {
		await interruptible(readRows(client, query, sink), watch, async () => await cancel(client, connection));
	} catch (thrown) {
		throw queryError(thrown, connection, query, DECLARE.length);
	} finally {
		// `end` waits for the goodbye of a server that may be gone; nothing depends on it.
		void client.end().catch(() => {});
	}
}

async function connect(connection: Connection, watch: QueryWatch): Promise<Client> {
	const { default: pg } = await import('pg');
	const attempt = async (tls: boolean): Promise<Client> => {
		const client = new pg.Client(configOf(connection, tls, watch.milliseconds));
		// A connection that breaks between queries must not end the process: the next query reports it.
		client.on('error', () => {});
		await interruptible(client.connect(), watch, async () => await client.end());
		return client;
	};
	const mode = connection.tls?.mode ?? 'off';
	try {
		try {
			return await attempt(mode !== 'off');
		} catch (thrown) {
			if (mode !== 'prefer' || !lacksTls(thrown)) throw thrown;
			return await attempt(false);
		}
	} catch (thrown) {
		watch.check();
		throw connectError(thrown, connection);
	}
}

function configOf(
	{ host, port, user, password, database, tls, connectTimeoutSeconds }: Connection,
	encrypted: boolean,
	timeout: number,
): ClientConfig {
	return {
		host,
		port,
		user,
		password,
		database,
		ssl:
			encrypted && tls
				? {
						rejectUnauthorized: tls.verify,
						...(tls.ca ? { ca: tls.ca } : {}),
						...(tls.cert ? { cert: tls.cert } : {}),
						...(tls.key ? { key: tls.key } : {}),
					}
				: false,
		connectionTimeoutMillis: (connectTimeoutSeconds ?? CONNECT_SECONDS) * 1000,
		// The watch ends a query that takes too long; the server does it by itself only where this process is gone.
		statement_timeout: timeout + ORPHAN_MS,
		application_name: 'n8n-nodes-mlops',
		// Values stay as the server writes them, so that dates and long numbers are typed like any other text.
		types: { getTypeParser: () => (value: string) => value },
	};
}

/** Which of these types are rows of several values, written in brackets. */
async function composites(client: Client, types: readonly number[]): Promise<ReadonlySet<number>> {
	const own = types.filter((type) => type >= FIRST_OWN);
	if (own.length === 0) return new Set();
	const { rows } = await client.query<{ oid: string }>(
		`SELECT oid FROM pg_catalog.pg_type WHERE typtype IN ('c', 'r', 'm') AND oid = ANY($1)`,
		[own],
	);
	return new Set(rows.map(({ oid }) => Number(oid)));
}

async function readRows(client: Client, query: string, sink: Sink): Promise<void> {
	await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
	// Servers before 12 round numbers unless asked not to; and all rows are wanted, not the first ones soon.
	await client.query(
		`SET LOCAL DateStyle = 'ISO'; SET LOCAL IntervalStyle = 'postgres'; SET LOCAL TimeZone = 'UTC'; SET LOCAL ` +
			`extra_float_digits = 3; SET LOCAL cursor_tuple_fraction = 1`,
	);
	// The extended protocol takes one statement alone: with the simple one, "SELECT 1; COMMIT; DROP ..." would leave the read-only
	// transaction.
	await client.query({ text: DECLARE + query, queryMode: 'extended' } as { text: string });
	for (let first = true; ; first = false) {
		const { fields, rows } = await client.query<Array<string | null>>({
			text: `FETCH FORWARD ${FETCH_ROWS} FROM ingest`,
			rowMode: 'array',
		});
		if (first) {
			const types = fields.map((f) => f.dataTypeID);
			const rows = await composites(client, types);
			sink.columns(
				fields.map((f) => f.name),
				types.map((type) => TEXT.has(type) || rows.has(type)),
			);
		}
		const flags = fields.flatMap((f, i) => (f.dataTypeID === BOOLEAN ? [i] : []));
		for (const row of rows) {
			for (const i of flags) if (row[i] !== null) row[i] = row[i] === 't' ? 'true' : 'false';
			await sink.row(row);
		}
		if (rows.length < FETCH_ROWS) break;
	}
	await client.query('ROLLBACK');
}

/** Asks the server to end the query: over a second connection, as the first one is busy. */
async function cancel(client: Client, connection: Connection): Promise<void> {
	const { default: pg } = await import('pg');
	const { processID } = client as Client & { processID?: number };
	const helper = new pg.Client(configOf(connection, isEncrypted(client), 1000));
	helper.on('error', () => {});
	try {
		await helper.connect();
		await helper.query('SELECT pg_cancel_backend($1)', [processID]);
	} finally {
		void helper.end().catch(() => {});
		void client.end().catch(() => {});
	}
}

const isEncrypted = (client: Client): boolean =>
	Boolean((client as unknown as { connection: { stream: { encrypted?: boolean } } }).connection.stream.encrypted);
