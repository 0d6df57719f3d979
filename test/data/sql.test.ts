import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { DatabaseSync } from 'node:sqlite';
import { MlopsError } from '../../lib/domain/errors.js';
import { ingest, type IngestResult } from '../../lib/data/ingest.js';
import { preview } from '../../lib/data/preview.js';
import { workshop, type Workshop } from './helpers.js';
import { describeServer, noMariadb, noPostgres, startMariadb, startPostgres, type TestServer } from './servers.js';

let shop: Workshop;
beforeAll(() => {
	shop = workshop();
});
afterAll(() => shop.close());

const rowsOf = async (r: IngestResult) => await preview(r.dataPath, r.columns, 100);
const typesOf = (r: IngestResult) => Object.fromEntries(r.columns.map((c) => [c.name, c.type]));
const failure = async (work: Promise<unknown>): Promise<MlopsError> => {
	const error = await work.then(
		() => undefined,
		(e: unknown) => e,
	);
	expect(error).toBeInstanceOf(MlopsError);
	expect((error as MlopsError).details.remedy).toBeTruthy();
	return error as MlopsError;
};
const PEOPLE = [
	['1', 'Zoë', 'true', '2024-02-29', '0.1'],
	['2', '李雷, "Lei"', 'false', '1969-12-31', ''],
	['3', 'two\nlines', '', '', '-1e-7'],
	['4', '', 'true', '2024-01-01', '123456.789'],
];
/** MySQL has no boolean: its 0 and 1 stay numbers. */
const peopleCsv = (columns: string[]) => {
	const path = shop.path('people.csv');
	const all = ['id', 'name', 'active', 'born', 'score'];
	writeFileSync(
		path,
		`${columns.join(',')}\n${PEOPLE.map((row) =>
			columns
				.map((c) => row[all.indexOf(c)])
				.map((v) => (v === '' ? '' : `"${v.replaceAll('"', '""')}"`))
				.join(','),
		).join('\n')}\n`,
	);
	return path;
};
const NUMBERS = Array.from({ length: 120_000 }, (_, i) => `${i + 1},${((i + 1) * 7919) % 1000},name ${(i + 1) % 50}`);

/**
 * Reads with the built reader in a thread of little memory, slower than the server sends: what is not asked for must wait there. Gives the
 * number of rows.
 */
const readInSmallHeap = async (reader: string, connection: object, query: string): Promise<number> =>
	await new Promise((resolve, reject) => {
		const worker = new Worker(
			`
		const { parentPort, workerData: { path, reader, connection, query } } = require('node:worker_threads');
		const { setTimeout: delay } = require('node:timers/promises');
		let rows = 0;
		const row = async () => { if (++rows % 2000 === 0) await delay(2); };
		require(path)[reader](connection, query, { check() {}, milliseconds: 60_000 }, { columns() {}, row }).then(() => parentPort.postMessage(rows));
	`,
			{
				eval: true,
				resourceLimits: { maxOldGenerationSizeMb: 48 },
				workerData: { path: join(__dirname, `../../dist/lib/data/databases/${reader}.js`), reader, connection, query },
			},
		);
		worker.once('message', resolve).once('error', reject);
	});

/** What holds on every server. */
function alike(server: () => TestServer, database: 'postgres' | 'mysql') {
	const connection = (more: object = {}) => {
		const { port, user, password, database: name } = server();
		return { host: '127.0.0.1', port, user, password, database: name, ...more };
	};
	const sql = (query: string, more: object = {}) =>
		shop.ingest({ source: 'sql', params: { database, query, connection: connection(), ...more } });

	test('the same content as from CSV has the same hash', async () => {
		const columns = ['id', 'name', ...(database === 'postgres' ? ['active'] : []), 'born', 'score'];
		const fromCsv = await shop.ingest({ source: 'file', params: { path: peopleCsv(columns) } });
		const fromSql = await sql(`SELECT ${columns.join(', ')} FROM people ORDER BY id`);
		expect(typesOf(fromSql)).toEqual(typesOf(fromCsv));
		expect(await rowsOf(fromSql)).toEqual(await rowsOf(fromCsv));
		expect(fromSql.content).toBe(fromCsv.content);
		expect(fromSql.source.description).toBe(`query on ${server().database} on 127.0.0.1`);
		expect(fromSql.notes.find((n) => n.code === 'data.snapshot')!.text).not.toContain('no fixed order');
	});
	test('120,000 rows: all come, in order, as from CSV', async () => {
		const path = shop.path('numbers.csv');
		writeFileSync(path, `id,x,name\n${NUMBERS.join('\n')}\n`);
		const [fromCsv, fromSql] = [
			await shop.ingest({ source: 'file', params: { path } }),
			await sql('SELECT id, x, name FROM numbers ORDER BY id'),
		];
		expect([fromSql.rows, fromSql.quarantined]).toEqual([120_000, 0]);
		expect(fromSql.content).toBe(fromCsv.content);
	});
	test('memory does not grow with the result', async () => {
		// The result is 240 MB of text, the heap has room for 48.
		const wide = `SELECT id, ${database === 'postgres' ? `repeat('x', 2000)` : `REPEAT('x', 2000)`} AS filler FROM numbers ORDER BY id`;
		expect(await readInSmallHeap(database === 'postgres' ? 'readPostgres' : 'readMysql', connection(), wide)).toBe(120_000);
	});
	test('no rows', async () => {
		const e = await failure(sql('SELECT * FROM people WHERE id > 1000'));
		expect([e.code, e.message]).toEqual(['data.empty', 'The query found no rows.']);
	});
	test('a single column with gaps keeps them', async () => {
		const r = await sql('SELECT score FROM people ORDER BY id');
		expect([r.rows, r.profile.columns[0].missing]).toEqual([4, 1]);
	});
	test('a single column without any value keeps its rows', async () => {
		const r = await sql('SELECT NULL AS nothing FROM people');
		expect([r.rows, r.quarantined, r.profile.columns[0].missing]).toEqual([4, 0, 4]);
	});
	test('wrong password: says so without it', async () => {
		const e = await failure(sql('SELECT 1', { connection: connection({ password: 'Wr0ng-word' }) }));
		expect([e.code, e.message]).toEqual(['data.source_refused', `The database at 127.0.0.1:${server().port} did not let "owner" in.`]);
		expect(JSON.stringify(e)).not.toContain('Wr0ng-word');
	});
	test('no such database', async () => {
		const e = await failure(sql('SELECT 1', { connection: connection({ database: 'nowhere' }) }));
		expect([e.code, e.message]).toEqual(['data.source_refused', `The database at 127.0.0.1:${server().port} has no database "nowhere".`]);
	});
	test('unknown table and column, bad syntax: in the words of the database', async () => {
		for (const [query, words] of [
			['SELECT * FROM nowhere', 'nowhere'],
			['SELECT password FROM people', 'password'],
			['SELECT FROM WHERE', 'WHERE'],
		]) {
			const e = await failure(sql(query));
			expect(e.code).toBe('input.invalid');
			expect(e.message).toMatch(/^The database could not run the query: /);
			expect(e.message).toContain(words);
		}
	});
	test.each([
		'UPDATE people SET name = NULL',
		'DELETE FROM people',
		'/* SELECT */ DROP TABLE people',
		'-- a comment\nTRUNCATE people',
		'SELECT 1; DROP TABLE people',
		'SELECT 1; COMMIT; DELETE FROM people',
		'COMMIT',
		'SELECT touch()',
	])('refuses to write: %s', async (query) => {
		const e = await failure(sql(query));
		expect(e.code).toBe('input.invalid');
		expect(
			(await server().admin(`SELECT count(*) AS n FROM ${database === 'mysql' ? 'shop.' : ''}people WHERE name IS NOT NULL`))[0],
		).toEqual({ n: database === 'mysql' ? 3 : '3' });
	});
	test('comments, a final semicolon and brackets are no matter', async () => {
		for (const query of [
			'-- note\n/* more */ (SELECT id FROM people);',
			'SELECT id FROM people ; ',
			'WITH p AS (SELECT id FROM people) SELECT * FROM p -- end',
		])
			expect((await sql(query)).rows).toBe(4);
	});
	test('columns that share a name are told apart', async () => {
		const r = await sql('SELECT a.id, b.id FROM people a JOIN people b ON a.id = b.id ORDER BY a.id');
		expect(r.columns.map((c) => c.name)).toEqual(['id', 'id_2']);
		expect(r.notes.map((n) => n.code)).toContain('data.names_changed');
	});

	const asleep = database === 'postgres' ? 'SELECT pg_sleep(120)' : 'SELECT SLEEP(120)';
	const running = async () =>
		Number(
			(
				await server().admin(
					database === 'postgres'
						? `SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = 'n8n-nodes-mlops' AND wait_event = 'PgSleep'`
						: `SELECT count(*) AS n FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP(120)%'`,
				)
			)[0].n,
		);
	const until = async (wanted: () => Promise<boolean>) => {
		while (!(await wanted())) await delay(50);
	};
	test('cancelling ends the query, at the server too', async () => {
		const cancelled = new Int32Array(new SharedArrayBuffer(4));
		const work = ingest(
			{ source: 'sql', params: { database, query: asleep, connection: connection() } },
			{ temporary: async (extension) => shop.path(`cancelled-${database}.${extension}`), threads: 1, memoryBytes: 1 << 30, cancelled },
			{ progress: () => {}, note: () => {} },
		);
		const failed = work.then(
			() => undefined,
			(e: unknown) => e,
		);
		await until(async () => (await running()) === 1);
		Atomics.store(cancelled, 0, 1);
		expect(await failed).toMatchObject({ code: 'compute.cancelled' });
		await until(async () => (await running()) === 0);
	});
	test('a query that takes too long is ended', async () => {
		const e = await failure(sql(asleep, { timeoutSeconds: 1 }));
		expect([e.code, e.message]).toEqual(['data.source_unreachable', 'The query took longer than 1 seconds and was stopped.']);
		await until(async () => (await running()) === 0);
	});

	describe('encryption', () => {
		const encrypted = async (tls: object | undefined, more: object = {}) => {
			const query =
				database === 'postgres'
					? `SELECT CASE WHEN ssl THEN 'tls' ELSE 'plain' END AS how FROM pg_stat_ssl WHERE pid = pg_backend_pid()`
					: `SELECT IF(VARIABLE_VALUE = '', 'plain', 'tls') AS how FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'SSL_CIPHER'`;
			return (
				await rowsOf(
					await sql(query, {
						connection: connection({ ...(database === 'postgres' ? { host: 'localhost' } : {}), ...(tls ? { tls } : {}), ...more }),
					}),
				)
			)[0].how;
		};
		test('off, required with the authority named, required whatever the certificate', async () => {
			expect(await encrypted(undefined)).toBe('plain');
			expect(await encrypted({ mode: 'require', verify: true, ca: server().ca })).toBe('tls');
			expect(await encrypted({ mode: 'require', verify: false })).toBe('tls');
			expect(await encrypted({ mode: 'require', verify: false }, { user: 'tls' })).toBe('tls');
		});
		test('a certificate that nobody vouches for is refused', async () => {
			const e = await failure(encrypted({ mode: 'require', verify: true }));
			expect([e.code, e.message]).toEqual(['data.source_refused', expect.stringContaining('shows a certificate that is not trusted')]);
		});
		test('a server that wants encryption says so', async () => {
			const e = await failure(encrypted(undefined, { user: 'tls' }));
			expect(e.code).toBe('data.source_refused');
			expect(JSON.stringify(e)).not.toContain(server().password);
		});
	});
}

describeServer('PostgreSQL', noPostgres(), () => {
	let server: TestServer;
	beforeAll(async () => {
		server = await startPostgres();
		await server.admin(`
			CREATE TABLE people (id integer PRIMARY KEY, name text, active boolean, born date, score double precision);
			INSERT INTO people VALUES (1, 'Zoë', true, '2024-02-29', 0.1), (2, '李雷, "Lei"', false, '1969-12-31', NULL), (3, E'two\\nlines', NULL, NULL, -1e-7), (4, NULL, true, '2024-01-01', 123456.789);
			CREATE TABLE numbers AS SELECT i AS id, i * 7919 % 1000 AS x, 'name ' || i % 50 AS name FROM generate_series(1, 120000) AS i;
			CREATE FUNCTION touch() RETURNS integer LANGUAGE sql AS 'DELETE FROM people; SELECT 1';
			CREATE TABLE kinds (
				small smallint, whole integer, big bigint, exact numeric(20, 4), single real, double double precision, words text, short varchar(20), fixed char(5), flag boolean,
				day date, moment timestamp, instant timestamptz, tree json, trees jsonb, id uuid, list integer[], bytes bytea, mood text, "select ""x""; --" integer);
			INSERT INTO kinds VALUES
				(1, -2147483648, 9007199254740993, 12345678901234.5678, 0.1, 1.7976931348623157e308, 'NA', '007', 'ab', true, '2024-02-29', '2024-02-29 12:34:56.789', '2024-02-29 12:00:00+02', '{"a": 1}', '{"b": [1, 2]}', '6f1c1f0e-8f43-4d0a-9a1e-0d7f0c6b5a11', '{1,2}', '\\x00ff', 'ünï 😀', 5),
				(2, 7, -5, 0.0001, 2.5, 5e-324, 'x', '010', 'c', false, '1900-01-01', '1999-12-31 23:59:59', '1999-12-31 23:59:59-01', '[]', 'null', NULL, '{}', '', 'z', 6),
				(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
			CREATE ROLE ann LOGIN PASSWORD '${server.password}';
			CREATE ROLE tls LOGIN PASSWORD '${server.password}';`);
	});
	afterAll(async () => await server?.stop());
	alike(() => server, 'postgres');

	const sql = (query: string, more: object = {}) =>
		shop.ingest({
			source: 'sql',
			params: {
				database: 'postgres',
				query,
				connection: { host: 'localhost', port: server.port, user: server.user, password: server.password, database: 'postgres', ...more },
			},
		});

	test('every type', async () => {
		// The server's own zone and style must not matter.
		await server.admin(
			`ALTER ROLE owner SET TimeZone = 'Asia/Kolkata'; ALTER ROLE owner SET DateStyle = 'German'; ALTER ROLE owner SET bytea_output = 'hex'`,
		);
		const r = await sql('SELECT * FROM kinds ORDER BY small NULLS LAST');
		expect(typesOf(r)).toMatchObject({
			small: 'integer',
			whole: 'integer',
			exact: 'number',
			single: 'number',
			double: 'number',
			day: 'datetime',
			moment: 'datetime',
			instant: 'datetime',
			flag: 'boolean',
			'select "x"; --': 'integer',
		});
		expect(r.quarantined).toBe(0);
		const [first, second, third] = await rowsOf(r);
		expect(first).toMatchObject({
			small: 1,
			whole: -2147483648,
			exact: 12345678901234.5678,
			single: 0.1,
			double: 1.7976931348623157e308,
			words: 'NA',
			short: '007',
			flag: true,
			day: '2024-02-29',
			moment: '2024-02-29T12:34:56.789Z',
			instant: '2024-02-29T10:00:00Z',
			tree: '{"a": 1}',
			trees: '{"b": [1, 2]}',
			id: '6f1c1f0e-8f43-4d0a-9a1e-0d7f0c6b5a11',
			list: '{1,2}',
			bytes: '\\x00ff',
			mood: 'ünï 😀',
			'select "x"; --': 5,
		});
		expect(String(first.big)).toBe('9007199254740993');
		expect(second).toMatchObject({
			exact: 0.0001,
			double: 5e-324,
			flag: false,
			day: '1900-01-01',
			instant: '2000-01-01T00:59:59Z',
			short: '010',
		});
		expect(Object.values(third).every((v) => v === null)).toBe(true);
	});
	test('the error names the line of the query, and passes on the hint', async () => {
		const e = await failure(sql('SELECT id,\n  nam\nFROM people'));
		expect(e.message).toBe('The database could not run the query: column "nam" does not exist (line 2 of the query).');
		expect(e.details.remedy).toContain('people.name');
	});
	test('shapes, ranges, places of rows and rows in a value are text: "(1,2)" is no number below zero', async () => {
		await server.admin(`CREATE TYPE pair AS (a integer, b integer);
			CREATE TABLE shapes AS SELECT i AS n, (i, 2)::pair AS own, point(i, 2) AS place, numrange(i, i + 1, '()') AS range FROM generate_series(1, 30) AS i`);
		const r = await sql('SELECT own, place, range, ctid, ROW(n, 3) AS pair FROM shapes ORDER BY n');
		expect(Object.values(typesOf(r))).toEqual(Array.from({ length: 5 }, () => 'category'));
		expect((await rowsOf(r))[0]).toEqual({ own: '(1,2)', place: '(1,2)', range: '(1,2)', ctid: '(0,1)', pair: '(1,3)' });
	});
	test('what numbers and dates cannot hold is a gap, and listed', async () => {
		const r =
			await sql(`SELECT CASE i WHEN 5 THEN 'infinity' WHEN 7 THEN '12000-01-01' ELSE '2024-01-01'::timestamptz + i * interval '1 hour' END AS moment,
			CASE i WHEN 5 THEN 'Infinity' ELSE i * 1.5 END::float8 AS share, CASE i WHEN 5 THEN '0044-03-15 BC' ELSE '2024-01-01'::date + i END AS day
			FROM generate_series(1, 100) AS i ORDER BY i`);
		expect(typesOf(r)).toEqual({ moment: 'datetime', share: 'number', day: 'datetime' });
		expect([r.rows, ...r.profile.columns.map((c) => c.strays!.count)]).toEqual([100, 2, 1, 1]);
	});
	test('a query that the server ends by itself', async () => {
		const failed = failure(sql('SELECT pg_sleep(60)'));
		for (let n: unknown = '0'; n === '0'; await delay(50))
			[{ n }] = await server.admin(
				`SELECT count(pg_cancel_backend(pid)) AS n FROM pg_stat_activity WHERE application_name = 'n8n-nodes-mlops' AND wait_event = 'PgSleep'`,
			);
		const e = await failed;
		expect([e.code, e.message]).toEqual([
			'data.source_unreachable',
			'The database at localhost ended the query: canceling statement due to user request.',
		]);
	});
	test('a table that this user may not read', async () => {
		const e = await failure(sql('SELECT * FROM people', { user: 'ann' }));
		expect([e.code, e.message]).toEqual([
			'data.source_refused',
			'The database at localhost does not let "ann" read this: permission denied for table people.',
		]);
	});
	test('writing hidden in WITH is refused', async () => {
		expect((await failure(sql('WITH gone AS (DELETE FROM people RETURNING *) SELECT * FROM gone'))).message).toMatch(
			/^The query does not only read: /,
		);
	});
	test('the certificate must be for the host that was asked', async () => {
		const e = await failure(sql('SELECT 1', { host: '127.0.0.1', tls: { mode: 'require', verify: true, ca: server.ca } }));
		expect([e.code, e.message]).toEqual(['data.source_refused', expect.stringContaining('shows a certificate that is not trusted')]);
	});
	test('a server without encryption: "prefer" goes on without, "require" does not', async () => {
		await server.admin('ALTER SYSTEM SET ssl = off');
		await server.admin('SELECT pg_reload_conf()');
		while ((await server.admin('SHOW ssl'))[0].ssl !== 'off') await delay(50);
		try {
			expect((await sql('SELECT id FROM people', { tls: { mode: 'prefer', verify: true } })).rows).toBe(4);
			const e = await failure(sql('SELECT 1', { tls: { mode: 'require', verify: false } }));
			expect([e.code, e.message]).toEqual([
				'data.source_refused',
				`The database at localhost:${server.port} does not offer encrypted connections.`,
			]);
		} finally {
			await server.admin('ALTER SYSTEM RESET ssl');
			await server.admin('SELECT pg_reload_conf()');
		}
	});
	test('a connection that breaks while reading', async () => {
		const failed = failure(sql('SELECT pg_sleep(60)'));
		for (;;) {
			const [{ n }] = await server.admin(
				`SELECT count(pg_terminate_backend(pid)) AS n FROM pg_stat_activity WHERE application_name = 'n8n-nodes-mlops' AND wait_event = 'PgSleep'`,
			);
			if (n !== '0') break;
			await delay(50);
		}
		expect((await failed).message).toBe('The connection to the database at localhost broke while reading.');
	});
});

describeServer('MariaDB', noMariadb(), () => {
	let server: TestServer;
	beforeAll(async () => {
		server = await startMariadb();
		await server.admin(`USE shop; SET NAMES utf8mb4;
			CREATE TABLE people (id int PRIMARY KEY, name varchar(40), active varchar(5), born date, score double);
			INSERT INTO people VALUES (1, 'Zoë', 'true', '2024-02-29', 0.1), (2, '李雷, "Lei"', 'false', '1969-12-31', NULL), (3, 'two\\nlines', NULL, NULL, -1e-7), (4, NULL, 'true', '2024-01-01', 123456.789);
			ALTER TABLE people MODIFY active enum('true', 'false');
			CREATE TABLE numbers AS SELECT seq AS id, seq * 7919 % 1000 AS x, concat('name ', seq % 50) AS name FROM seq_1_to_120000;
			CREATE FUNCTION touch() RETURNS int MODIFIES SQL DATA BEGIN DELETE FROM people; RETURN 1; END;
			CREATE TABLE kinds (
				small smallint, whole int, big bigint, huge bigint unsigned, exact decimal(20, 4), single float, dbl double, words text, short varchar(20), flag boolean, bits bit(3),
				day date, moment datetime(3), instant timestamp NULL, tree json, bytes varbinary(4), mood enum('ünï', 'z'), \`select "x"; --\` int);
			SET time_zone = '+02:00', sql_mode = '';
			INSERT INTO kinds VALUES
				(1, -2147483648, 9007199254740993, 18446744073709551615, 12345678901234.5678, 0.1, 1.7976931348623157e308, 'NA 😀', '007', true, 5, '2024-02-29', '2024-02-29 12:34:56.789', '2024-02-29 12:00:00', '{"a": 1}', x'00ff', 'ünï', 5),
				(2, 7, -5, 1, 0.0001, 2.5, 1e-300, 'x', '010', false, 0, '0000-00-00', '1999-12-31 23:59:59', '1999-12-31 23:59:59', '[]', '', 'z', 6),
				(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
			CREATE USER 'ann'@'%' IDENTIFIED BY '${server.password}'; GRANT SELECT ON shop.numbers TO 'ann'@'%';
			SET GLOBAL time_zone = '+05:30'`);
	});
	afterAll(async () => await server?.stop());
	alike(() => server, 'mysql');

	const sql = (query: string, more: object = {}) =>
		shop.ingest({
			source: 'sql',
			params: {
				database: 'mysql',
				query,
				connection: { host: '127.0.0.1', port: server.port, user: server.user, password: server.password, database: 'shop', ...more },
			},
		});

	test('every type', async () => {
		const r = await sql('SELECT * FROM kinds ORDER BY small IS NULL, small');
		expect(typesOf(r)).toMatchObject({
			small: 'integer',
			whole: 'integer',
			exact: 'number',
			single: 'number',
			dbl: 'number',
			day: 'datetime',
			moment: 'datetime',
			instant: 'datetime',
			bits: 'integer',
			'select "x"; --': 'integer',
		});
		expect(r.quarantined).toBe(0);
		const [first, second, third] = await rowsOf(r);
		expect(first).toMatchObject({
			small: 1,
			whole: -2147483648,
			exact: 12345678901234.5678,
			single: 0.1,
			dbl: 1.7976931348623157e308,
			words: 'NA 😀',
			short: '007',
			bits: 5,
			day: '2024-02-29',
			moment: '2024-02-29T12:34:56.789Z',
			instant: '2024-02-29T10:00:00Z',
			tree: '{"a": 1}',
			bytes: '00ff',
			mood: 'ünï',
			'select "x"; --': 5,
		});
		expect(String(first.big)).toBe('9007199254740993');
		const zero = '"day" holds the date 0000-00-00, by which MySQL says that there is none, in 1 row: it is missing.';
		expect(r.notes).toContainEqual({ code: 'data.zero_dates', text: zero });
		expect(second).toMatchObject({ day: null, dbl: 1e-300, instant: '1999-12-31T21:59:59Z', short: '010' });
		expect(Object.values(third).every((v) => v === null)).toBe(true);
	});
	test('a table that this user may not read', async () => {
		const e = await failure(sql('SELECT * FROM people', { user: 'ann' }));
		expect([e.code, e.message]).toEqual(['data.source_refused', expect.stringContaining('does not let "ann" read this')]);
	});
	test('a connection that breaks between two rows', async () => {
		const failed = failure(sql(`SELECT seq, repeat('x', 1000) AS filler FROM seq_1_to_5000000`));
		let running: Array<Record<string, unknown>> = [];
		for (; running.length === 0; await delay(20))
			running = await server.admin(`SELECT ID AS id FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT seq, repeat%'`);
		await server.admin(`KILL ${Number(running[0].id)}`);
		const e = await failed;
		expect([e.code, e.message]).toEqual(['data.source_unreachable', 'The connection to the database at 127.0.0.1 broke while reading.']);
	});
	test('a query that takes longer than the server lets it', async () => {
		await server.admin('SET GLOBAL max_statement_time = 0.5');
		try {
			const e = await failure(sql('SELECT seq, md5(md5(seq)) AS digest FROM seq_1_to_1000000000 WHERE md5(seq) = 0x00'));
			expect([e.code, e.message]).toEqual([
				'data.source_unreachable',
				expect.stringContaining('The database at 127.0.0.1 ended the query: '),
			]);
		} finally {
			await server.admin('SET GLOBAL max_statement_time = 0');
		}
	});
	test('a procedure cannot be called, nor a comment executed', async () => {
		for (const query of ['CALL anything()', '/*!50000 DELETE FROM people */'])
			expect((await failure(sql(query))).message).toMatch(/^The query does not only read: /);
	});
});

describe('SQLite', () => {
	test('a query that takes too long or only writes', async () => {
		const file = shop.path('some.db');
		const database = new DatabaseSync(file);
		database.exec('CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (NULL), (3)');
		database.close();
		const sql = (query: string, more: object = {}) => shop.ingest({ source: 'sql', params: { database: 'sqlite', file, query, ...more } });
		expect((await failure(sql(`ATTACH '${shop.path('other.db')}' AS other`))).message).toContain('begins with "ATTACH"');
		expect((await failure(sql('WITH x AS (SELECT 1) DELETE FROM t'))).message).toMatch(/^The query does not only read: /);
		expect(
			(await failure(sql('WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n', { timeoutSeconds: 1 })))
				.message,
		).toContain('took longer than 1 seconds');
		const r = await sql('SELECT a FROM t');
		expect([r.rows, r.profile.columns[0].missing]).toEqual([3, 1]);
	});
});
