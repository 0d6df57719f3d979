import { execFileSync } from 'node:child_process';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import type { Store } from '../../../lib/store/contract.js';
import { openStore } from '../../../lib/store/openStore.js';
import type { StoreRef } from '../../../lib/domain/storeRef.js';
import { sharedRef } from '../../../lib/store/location.js';
import { grantedRef } from '../../../lib/store/storeSecrets.js';
import { describeServer, noPostgres, program, startPostgres, type TestServer } from '../../data/servers.js';
import { freshFolder, removeFolders } from '../records.js';

type Row = Record<string, unknown>;

/** A place where a store is or will be, and what somebody could do there who has the database but not the keys. */
export interface Place {
	ref: StoreRef;
	/** Where artifacts and keys lie. */
	home: string;
	kind: 'sqlite' | 'postgres';
	/** The tables themselves, in spite of references between them. */
	edit(sql: string): Promise<void>;
	rows(sql: string): Promise<Row[]>;
	tables(): Promise<string[]>;
	/** Copies the database of a closed store, as a backup does, and gives what puts it back. */
	backUp(): Promise<() => Promise<void>>;
}

/** Opens the store of a fresh place for each test. */
export interface Stage {
	place: Place;
	store: Store;
	/** Closes the store, does something, and opens it again. */
	reopen(meanwhile?: () => Promise<void>): Promise<void>;
}

export const SECRET = 'a secret of tests alone';

/**
 * The same tests for every kind of store: what is promised does not depend on the database. Where there is no PostgreSQL, its half is
 * skipped and says why.
 */
export function describeStores(what: string, body: (stage: Stage, fresh: () => Promise<Place>) => void): void {
	const staged = (fresh: () => Promise<Place>): void => {
		const stage = {} as Stage;
		beforeEach(async () => {
			stage.place = await fresh();
			stage.store = await openStore(stage.place.ref);
		});
		stage.reopen = async (meanwhile) => {
			await stage.store.close();
			await meanwhile?.();
			stage.store = await openStore(stage.place.ref);
		};
		afterEach(async () => {
			await stage.store.close();
		});
		afterAll(removeFolders);
		body(stage, fresh);
	};
	describe(`${what}: SQLite and a folder`, () => staged(sqlitePlace));
	describeServer(`${what}: PostgreSQL and a folder`, noPostgres(), () => {
		let server: TestServer;
		const clients: pg.Client[] = [];
		beforeAll(async () => {
			server = await startPostgres();
		}, 120_000);
		afterAll(async () => {
			for (const client of clients) await client.end();
			await server.stop();
		});
		let count = 0;
		staged(async () => await postgresPlace(server, `store_${++count}`, clients));
	});
}

async function sqlitePlace(): Promise<Place> {
	const home = await freshFolder();
	const path = join(home, 'store.db');
	const using = <T>(work: (database: DatabaseSync) => T): T => {
		const database = new DatabaseSync(path, { timeout: 5000, enableForeignKeyConstraints: false });
		try {
			return work(database);
		} finally {
			database.close();
		}
	};
	return {
		ref: { kind: 'folder', home },
		home,
		kind: 'sqlite',
		edit: async (sql) => using((database) => database.exec(sql)),
		rows: async (sql) => using((database) => database.prepare(sql).all() as Row[]),
		tables: async () =>
			using((database) =>
				(database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'").all() as Row[]).map((r) =>
					String(r['name']),
				),
			),
		async backUp() {
			const copy = join(await freshFolder(), 'older.db');
			using((database) => database.exec(`VACUUM INTO '${copy}'`));
			return async () => {
				for (const end of ['', '-wal', '-shm']) await rm(path + end, { force: true });
				await copyFile(copy, path);
			};
		},
	};
}

async function postgresPlace(server: TestServer, schema: string, clients: pg.Client[]): Promise<Place> {
	const home = await freshFolder();
	const { port, user, password, database } = server;
	const url = `postgres://${user}@localhost:${port}/${database}?sslmode=disable`;
	const ref = grantedRef(sharedRef({ url, schema, artifacts: home }), { password, secret: SECRET });
	const query = async (sql: string): Promise<Row[]> => {
		let [client] = clients;
		if (!client) {
			client = new pg.Client({ host: 'localhost', port, user, password, database });
			client.on('error', () => {});
			await client.connect();
			clients.push(client);
		}
		// As the owner of the server: references are not looked at.
		await client.query(`SET search_path TO ${schema}; SET session_replication_role = replica`);
		const results: unknown = await client.query(sql);
		return ((Array.isArray(results) ? results.at(-1) : results) as { rows: Row[] }).rows;
	};
	const tool = (name: string, args: string[], input?: string): string =>
		execFileSync(program(name)!, ['-h', 'localhost', '-p', String(port), '-U', user, '-d', database, ...args], {
			env: { ...process.env, PGPASSWORD: password },
			input,
			encoding: 'utf8',
			maxBuffer: 1 << 28,
		});
	return {
		ref,
		home,
		kind: 'postgres',
		edit: async (sql) => void (await query(sql)),
		rows: query,
		tables: async () => (await query(`SELECT tablename FROM pg_tables WHERE schemaname = '${schema}'`)).map((r) => String(r['tablename'])),
		async backUp() {
			const dump = tool('pg_dump', ['-n', schema]);
			return async () => {
				await query(`DROP SCHEMA ${schema} CASCADE`);
				tool('psql', ['-q', '-v', 'ON_ERROR_STOP=1', '-f', '-'], dump);
			};
		},
	};
}
