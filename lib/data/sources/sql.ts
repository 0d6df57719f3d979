import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod/v4';
import { CsvWriter } from '../csvWriter.js';
import { MlopsError } from '../../domain/errors.js';
import { emptyFile, readCsv } from '../readers/csv.js';
import { defineSource, type SourceContext } from './contract.js';
import { uniqueNames } from '../columnNames.js';

/** How to reach a server; filled from n8n's own credential. */
const connectionSchema = z.object({
	host: z.string(), port: z.number().optional(), user: z.string().optional(), password: z.string().optional(), database: z.string().optional(),
	ssl: z.boolean().optional(), allowUnauthorizedCerts: z.boolean().optional(),
});
type Connection = z.infer<typeof connectionSchema>;

/** Receives the columns once (`text`: the database says it is text) and then rows. */
interface Sink {
	columns(names: string[], text: boolean[]): void;
	row(values: ReadonlyArray<string | null>): Promise<void>;
}

const MILLISECONDS = 1000;
const FETCH_ROWS = 5000;

export const sqlSource = defineSource({
	id: 'sql',
	label: 'SQL query',
	description: 'The rows of a query on PostgreSQL, MySQL or SQLite.',
	params: z.object({
		database: z.enum(['postgres', 'mysql', 'sqlite']).default('postgres').meta({ title: 'Database', description: 'Which kind of database to ask.', labels: { postgres: 'PostgreSQL', mysql: 'MySQL', sqlite: 'SQLite' } }),
		file: z.string().default('').meta({ title: 'File', description: 'Path of the SQLite database.', when: { database: ['sqlite'] } }),
		query: z.string().min(1).meta({ title: 'Query', description: 'A SELECT; add ORDER BY a unique column so that the same data give the same version.', ui: 'text', placeholder: 'SELECT * FROM customers ORDER BY id' }),
		connection: connectionSchema.optional(),
		timeoutSeconds: z.number().min(1).default(600).meta({ title: 'Timeout (seconds)', description: 'How long the query may take.', advanced: true }),
	}),
	async read({ database, file, query, connection, timeoutSeconds }, context) {
		const csv = await context.temporary('csv');
		const writer = new CsvWriter(csv);
		let names: string[] = [];
		let text: boolean[] = [];
		const sink: Sink = {
			columns(found, textual) { [names, text] = [found, textual]; },
			async row(values) {
				await writer.write(values);
				if (writer.rows % FETCH_ROWS === 0) context.check();
			},
		};
		const statement = query.trim().replace(/;\s*$/, '');
		const timeout = timeoutSeconds * MILLISECONDS;
		let place: string;
		if (database === 'sqlite') {
			place = basename(file);
			await readSqlite(file, statement, sink);
		} else {
			if (!connection) throw new MlopsError('input.invalid', 'No database connection was given.', { remedy: 'Choose a credential.' });
			place = `${connection.database ?? ''} on ${connection.host}`;
			await (database === 'postgres' ? readPostgres(connection, statement, timeout, sink) : readMysql(connection, statement, timeout, sink));
		}
		await writer.close();
		if (writer.rows === 0) throw emptyFile('The result of the query');
		noteSnapshot(statement, context);
		const unique = uniqueNames(names, context.note);
		const table = await readCsv([csv], { delimiter: ',', header: 'no' }, 'The result of the query', context);
		return { ...table, columns: table.columns.map((c, i) => ({ ...c, name: unique[i], kind: text[i] ? 'string' : 'text' })), description: `query on ${place}` };
	},
});

/** Without an order the database may give the same rows in another order next time, which makes another version. */
function noteSnapshot(query: string, { note }: SourceContext): void {
	note('data.snapshot', `Read at ${new Date().toISOString()}${/\border\s+by\b/i.test(query) ? '' : ' in no fixed order: add ORDER BY a unique column so that unchanged data give the same version'}.`);
}

/** PostgreSQL type ids of text: text, varchar, char(n), "char", name, uuid, json, jsonb. */
const PG_TEXT = new Set([25, 1043, 1042, 18, 19, 2950, 114, 3802]);
const PG_BOOLEAN = 16;

async function readPostgres(connection: Connection, query: string, timeout: number, sink: Sink): Promise<void> {
	const { default: pg } = await import('pg');
	const { allowUnauthorizedCerts, ssl, ...config } = connection;
	const client = new pg.Client({
		...config, ssl: ssl ? { rejectUnauthorized: !allowUnauthorizedCerts } : false, connectionTimeoutMillis: 15 * MILLISECONDS, statement_timeout: timeout,
		// Values stay as the server writes them, so that dates and long numbers are typed like any other text.
		types: { getTypeParser: () => (value: string) => value },
	});
	// A connection that breaks between queries must not end the process: the next query reports it.
	client.on('error', () => {});
	try {
		await client.connect();
		await client.query(`BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY`);
		await client.query(`SET LOCAL DateStyle = 'ISO'; SET LOCAL TimeZone = 'UTC'`);
		await client.query(`DECLARE ingest NO SCROLL CURSOR FOR ${query}`);
		for (let first = true; ; first = false) {
			const result = await client.query<Array<string | null>>({ text: `FETCH FORWARD ${FETCH_ROWS} FROM ingest`, rowMode: 'array' });
			if (first) sink.columns(result.fields.map((f) => f.name), result.fields.map((f) => PG_TEXT.has(f.dataTypeID)));
			const flags = result.fields.flatMap((f, i) => (f.dataTypeID === PG_BOOLEAN ? [i] : []));
			for (const row of result.rows) {
				for (const i of flags) if (row[i] !== null) row[i] = row[i] === 't' ? 'true' : 'false';
				await sink.row(row);
			}
			if (result.rows.length < FETCH_ROWS) break;
		}
		await client.query('ROLLBACK');
	} catch (thrown) {
		throw databaseError(thrown, connection);
	} finally {
		await client.end().catch(() => {});
	}
}

/** MySQL type ids of text: VARCHAR, JSON, ENUM, SET, the BLOB family (which holds TEXT), VAR_STRING, STRING. */
const MYSQL_TEXT = new Set([15, 245, 247, 248, 249, 250, 251, 252, 253, 254]);

async function readMysql(connection: Connection, query: string, timeout: number, sink: Sink): Promise<void> {
	const { createConnection } = await import('mysql2');
	const { allowUnauthorizedCerts, ssl, ...config } = connection;
	const client = createConnection({
		...config, ...(ssl ? { ssl: { rejectUnauthorized: !allowUnauthorizedCerts } } : {}), connectTimeout: 15 * MILLISECONDS,
		dateStrings: true, supportBigNumbers: true, bigNumberStrings: true, timezone: 'Z', rowsAsArray: true,
	});
	client.on('error', () => {});
	try {
		await new Promise<void>((resolve, reject) => client.connect((error) => (error ? reject(error) : resolve())));
		await new Promise<void>((resolve, reject) => client.query('START TRANSACTION READ ONLY', (error) => (error ? reject(error) : resolve())));
		const running = client.query({ sql: query, timeout });
		running.on('fields', (fields: ReadonlyArray<{ name: string; columnType?: number; type?: number }>) => {
			sink.columns(fields.map((f) => f.name), fields.map((f) => MYSQL_TEXT.has(f.columnType ?? f.type ?? -1)));
		});
		for await (const row of running.stream({ highWaterMark: 500 })) await sink.row((row as unknown[]).map(cellText));
	} catch (thrown) {
		throw databaseError(thrown, connection);
	} finally {
		client.destroy();
	}
}

async function readSqlite(file: string, query: string, sink: Sink): Promise<void> {
	if (!(await stat(file).catch(() => undefined))?.isFile()) {
		throw new MlopsError('data.source_unreachable', `There is no SQLite database "${basename(file)}".`, { found: file, remedy: 'Check the path as the machine that runs n8n sees it.' });
	}
	const { DatabaseSync } = await import('node:sqlite');
	const database = new DatabaseSync(file, { readOnly: true });
	try {
		const statement = database.prepare(query);
		statement.setReadBigInts(true);
		statement.setReturnArrays(true);
		const columns = statement.columns();
		sink.columns(columns.map((c) => c.name), columns.map(() => false));
		for (const row of statement.iterate()) await sink.row((row as unknown as unknown[]).map(cellText));
	} catch (thrown) {
		throw databaseError(thrown, { host: basename(file) });
	} finally {
		database.close();
	}
}

function cellText(value: unknown): string | null {
	if (value === null || value === undefined) return null;
	if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
	if (value instanceof Date) return value.toISOString();
	return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const UNREACHABLE = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ECONNRESET|PROTOCOL_CONNECTION_LOST|timeout expired|terminated unexpectedly/;

/** What a driver said, as an error that tells apart: nobody there, not let in, query wrong. Never holds the password. */
function databaseError(thrown: unknown, { host, port, user, database }: Connection): MlopsError {
	if (thrown instanceof MlopsError) return thrown;
	const { code = '', message = '', errors } = thrown as { code?: string; message?: string; errors?: Array<{ code?: string }> };
	const codes = [code, ...(errors ?? []).map((e) => e.code ?? '')].join(' ');
	if (UNREACHABLE.test(`${codes} ${message}`)) {
		return new MlopsError('data.source_unreachable', `The database at ${host}${port ? `:${port}` : ''} cannot be reached${/ECONNREFUSED/.test(codes) ? ': nothing answers there' : ''}.`, {
			cause: thrown, remedy: 'Check host and port in the credential, and that the database runs and lets this machine in.',
		});
	}
	if (/^28|^3D000$|^42501$|ACCESS_DENIED|BAD_DB|password|authentication/i.test(`${code} ${message}`)) {
		const reason = /^3D|BAD_DB/.test(code) ? `has no database "${database ?? ''}"` : code === '42501' ? `does not let "${user ?? ''}" read this` : `did not let "${user ?? ''}" in`;
		return new MlopsError('data.source_refused', `The database at ${host} ${reason}.`, { cause: thrown, remedy: 'Check user, password and database in the credential.' });
	}
	return new MlopsError('input.invalid', `The database could not run the query: ${message}.`, { cause: thrown, remedy: 'Correct the query; only reading is allowed.' });
}
