import type { Connection as Client } from 'mysql2';
import { cellText } from './cellText.js';
import { CONNECT_SECONDS, type Connection, type QueryWatch, type Sink } from './contract.js';
import { connectError, queryError } from './databaseError.js';
import { interruptible } from './interruptible.js';

/** MySQL type ids of text: VARCHAR, JSON, ENUM, SET, the BLOB family (which holds TEXT), VAR_STRING, STRING. */
const TEXT = new Set([15, 245, 247, 248, 249, 250, 251, 252, 253, 254]);
const BIT = 16;
/** TIMESTAMP, DATE, DATETIME. */
const DATES = new Set([7, 10, 12]);
const ZERO_DATE = /^0000-00-00/;

/** Streams a query on MySQL or MariaDB in a read-only transaction. @throws MlopsError */
export async function readMysql(connection: Connection, query: string, watch: QueryWatch, sink: Sink): Promise<void> {
	const client = await connect(connection, watch);
	try {
		await interruptible(readRows(client, query, sink), watch, async () => await cancel(client, connection, watch));
	} catch (thrown) {
		throw queryError(thrown, connection, query);
	} finally {
		client.destroy();
	}
}

async function connect(connection: Connection, watch: QueryWatch): Promise<Client> {
	const { createConnection } = await import('mysql2');
	const { host, port, user, password, database, tls, connectTimeoutSeconds } = connection;
	const client = createConnection({
		host,
		port,
		user,
		password,
		database,
		connectTimeout: (connectTimeoutSeconds ?? CONNECT_SECONDS) * 1000,
		...(tls && tls.mode !== 'off'
			? {
					ssl: {
						rejectUnauthorized: tls.verify,
						...(tls.ca ? { ca: tls.ca } : {}),
						...(tls.cert ? { cert: tls.cert } : {}),
						...(tls.key ? { key: tls.key } : {}),
					},
				}
			: {}),
		// Values stay as the server writes them, so that dates and long numbers are typed like any other text.
		dateStrings: true,
		supportBigNumbers: true,
		bigNumberStrings: true,
		jsonStrings: true,
		timezone: 'Z',
		rowsAsArray: true,
		// "LOAD DATA LOCAL" would let the server ask for files of this machine.
		flags: ['-LOCAL_FILES'],
	});
	client.on('error', () => {});
	try {
		await interruptible(
			new Promise<void>((resolve, reject) => client.connect((error) => (error ? reject(error) : resolve()))),
			watch,
			async () => client.destroy(),
		);
	} catch (thrown) {
		client.destroy();
		watch.check();
		throw connectError(thrown, connection);
	}
	return client;
}

const command = async (client: Client, sql: string): Promise<void> =>
	await new Promise<void>((resolve, reject) => client.query(sql, (error) => (error ? reject(error) : resolve())));

async function readRows(client: Client, query: string, sink: Sink): Promise<void> {
	await command(client, `SET time_zone = '+00:00'`);
	// The session too: what ends the transaction, as a procedure may, must not open the way to writing.
	await command(client, 'SET SESSION TRANSACTION READ ONLY');
	await command(client, 'START TRANSACTION READ ONLY');
	let types: number[] = [];
	const running = client.query(query);
	running.on('fields', (fields: ReadonlyArray<{ name: string; columnType?: number }> | undefined) => {
		if (!fields) return;
		types = fields.map((f) => f.columnType ?? -1);
		sink.columns(
			fields.map((f) => f.name),
			types.map((t) => TEXT.has(t)),
		);
	});
	const rows = running.stream({ highWaterMark: 500 });
	// The driver tells a broken connection to the connection alone, and the rows would be waited for without end.
	client.on('error', (error) => rows.destroy(error));
	for await (const row of rows)
		await sink.row(
			(row as unknown[]).map((value, i) => {
				if (!isZeroDate(value, types[i])) return text(value, types[i]);
				sink.none?.(i);
				return null;
			}),
		);
}

/** The date that MySQL writes for "none". */
const isZeroDate = (value: unknown, type: number): boolean => DATES.has(type) && typeof value === 'string' && ZERO_DATE.test(value);

function text(value: unknown, type: number): string | null {
	if (type === BIT && value instanceof Uint8Array) return BigInt(`0x${Buffer.from(value).toString('hex') || '0'}`).toString();
	return cellText(value);
}

/** Asks the server to end the query: over a second connection, as the first one is busy. */
async function cancel(client: Client, connection: Connection, { milliseconds }: QueryWatch): Promise<void> {
	try {
		const helper = await connect(connection, { check: () => {}, milliseconds });
		try {
			await command(helper, `KILL QUERY ${Number(client.threadId)}`);
		} finally {
			helper.destroy();
		}
	} finally {
		client.destroy();
	}
}
