import type { Generated, Kysely, Transaction } from 'kysely';
import { MlopsError } from '../../domain/errors.js';
import type { Database, Dialect } from './contract.js';

/** Tables of the record (`store.db`, where it is a folder). */
export interface Tables {
	meta: { key: string; value: string };
	migration: { version: number; name: string; applied_at: string };
	record: {
		seq: Generated<number>;
		id: string;
		kind: string;
		name: string;
		version: number;
		created_at: string;
		digest: string;
		body: string;
		/** What an evaluation is about (the digest of a model package), and a verdict (when its window begins); of other kinds nothing. */
		about: string | null;
	};
	parent: { child: string; parent: string };
	/** `seq`: the audit event that filed it; rows of before events were named have none and answer nothing. */
	memo: { kind: string; memo: string; record: string; seq: number | null };
	/** One row a move, `seq` being that of its audit event; the newest row of a (model, alias) is where it points. */
	alias_move: {
		seq: number;
		model: string;
		alias: string;
		from_version: number | null;
		to_version: number | null;
		at: string;
		actor: string;
		reason: string | null;
		kind: string | null;
	};
	policy: { model: string; policy: string };
	archived: { model: string; version: number; seq: number };
	approval: {
		id: string;
		seq: number;
		request: string;
		model: string | null;
		created_at: string;
		status: string;
		decided_by: string | null;
		decided_at: string | null;
		comment: string | null;
	};
	audit_event: { seq: number; at: string; actor: string; action: string; subject: string; details: string; previous: string; hash: string };
	audit_head: { id: number; seq: number; hash: string; at: string; mac: string };
}

/** Tables of the log (`log.db`): what grows fast and is no part of the record. */
export interface LogTables {
	migration: Tables['migration'];
	/** What versions wrote that had no segments; read alone. */
	prediction: {
		id: Generated<number>;
		at: string;
		model: string;
		digest: string;
		request_id: string;
		input: string;
		prediction: string;
		score: string;
		alias: string | null;
		error: string | null;
		warnings: string | null;
	};
	progress: { key: string; progress: string; at: string };
	/** Jobs that other processes run. `call` (until it ended) and `ending` are sealed; `said` is JSON. */
	job: {
		id: string;
		job: string;
		call: string;
		state: string;
		cancelled: number;
		run_on: string | null;
		said: string;
		asker_beat: number;
		worker_beat: number;
		ending: string | null;
		posted_at: string;
		ended_at: string | null;
	};
}

interface Migration<S> {
	name: string;
	up(db: Transaction<S>, dialect: Dialect): Promise<void>;
}

/** Numbered from 1 in this order, for ever: append, never change. */
export const STORE_MIGRATIONS: ReadonlyArray<Migration<Tables>> = [
	{
		name: 'first',
		// eslint-disable-next-line max-lines-per-function -- a list of tables; a migration is never changed
		async up({ schema }, { text, addCounter }) {
			await schema
				.createTable('meta')
				.addColumn('key', text, (c) => c.primaryKey())
				.addColumn('value', text, (c) => c.notNull())
				.execute();
			await addCounter(schema.createTable('record'), 'seq')
				.addColumn('id', text, (c) => c.notNull().unique())
				.addColumn('kind', text, (c) => c.notNull())
				.addColumn('name', text, (c) => c.notNull())
				.addColumn('version', 'integer', (c) => c.notNull())
				.addColumn('created_at', text, (c) => c.notNull())
				.addColumn('digest', text, (c) => c.notNull())
				.addColumn('body', text, (c) => c.notNull())
				.addUniqueConstraint('record_version', ['kind', 'name', 'version'])
				.execute();
			await schema
				.createTable('parent')
				.addColumn('child', text, (c) => c.notNull().references('record.id'))
				.addColumn('parent', text, (c) => c.notNull().references('record.id'))
				.addPrimaryKeyConstraint('parent_key', ['child', 'parent'])
				.execute();
			await schema.createIndex('parent_down').on('parent').columns(['parent', 'child']).execute();
			await schema
				.createTable('memo')
				.addColumn('kind', text, (c) => c.notNull())
				.addColumn('memo', text, (c) => c.notNull())
				.addColumn('record', text, (c) => c.notNull().references('record.id'))
				.addPrimaryKeyConstraint('memo_key', ['kind', 'memo'])
				.execute();
			await schema
				.createTable('alias_move')
				.addColumn('seq', 'integer', (c) => c.primaryKey())
				.addColumn('model', text, (c) => c.notNull())
				.addColumn('alias', text, (c) => c.notNull())
				.addColumn('from_version', 'integer')
				.addColumn('to_version', 'integer')
				.addColumn('at', text, (c) => c.notNull())
				.addColumn('actor', text, (c) => c.notNull())
				.addColumn('reason', text)
				.execute();
			await schema.createIndex('alias_move_newest').on('alias_move').columns(['model', 'alias', 'seq']).execute();
			await schema
				.createTable('policy')
				.addColumn('model', text, (c) => c.primaryKey())
				.addColumn('policy', text, (c) => c.notNull())
				.execute();
			await schema
				.createTable('archived')
				.addColumn('model', text, (c) => c.notNull())
				.addColumn('version', 'integer', (c) => c.notNull())
				.addColumn('seq', 'integer', (c) => c.notNull())
				.addPrimaryKeyConstraint('archived_key', ['model', 'version'])
				.execute();
			await schema
				.createTable('approval')
				.addColumn('id', text, (c) => c.primaryKey())
				.addColumn('seq', 'integer', (c) => c.notNull())
				.addColumn('request', text, (c) => c.notNull())
				.addColumn('model', text)
				.addColumn('created_at', text, (c) => c.notNull())
				.addColumn('status', text, (c) => c.notNull())
				.addColumn('decided_by', text)
				.addColumn('decided_at', text)
				.addColumn('comment', text)
				.execute();
			await schema.createIndex('approval_model').on('approval').columns(['model', 'seq']).execute();
			await schema
				.createTable('audit_event')
				.addColumn('seq', 'integer', (c) => c.primaryKey())
				.addColumn('at', text, (c) => c.notNull())
				.addColumn('actor', text, (c) => c.notNull())
				.addColumn('action', text, (c) => c.notNull())
				.addColumn('subject', text, (c) => c.notNull())
				.addColumn('details', text, (c) => c.notNull())
				.addColumn('previous', text, (c) => c.notNull())
				.addColumn('hash', text, (c) => c.notNull())
				.execute();
			await schema.createIndex('audit_event_subject').on('audit_event').columns(['subject', 'seq']).execute();
			await schema
				.createTable('audit_head')
				.addColumn('id', 'integer', (c) => c.primaryKey())
				.addColumn('seq', 'integer', (c) => c.notNull())
				.addColumn('hash', text, (c) => c.notNull())
				.addColumn('at', text, (c) => c.notNull())
				.addColumn('mac', text, (c) => c.notNull())
				.execute();
		},
	},
	{
		name: 'evaluations by model',
		async up(db, { id }) {
			// For SQLite alone, which had it before any other database did; the last one below took its place.
			if (id !== 'sqlite') return;
			const { sql } = await import('kysely');
			await sql`CREATE INDEX record_evaluation ON record (json_extract(body, '$.model'), seq) WHERE kind = 'evaluation'`.execute(db);
		},
	},
	{
		name: 'kinds of moves',
		async up({ schema }, { text }) {
			await schema.alterTable('alias_move').addColumn('kind', text).execute();
		},
	},
	{
		name: 'memos in the chain',
		async up({ schema }) {
			await schema.alterTable('memo').addColumn('seq', 'integer').execute();
		},
	},
	{
		name: 'what an evaluation is about',
		async up(db, { text }) {
			await db.schema.dropIndex('record_evaluation').ifExists().execute();
			await db.schema.alterTable('record').addColumn('about', text).execute();
			const rows = await db.selectFrom('record').select(['id', 'body']).where('kind', '=', 'evaluation').execute();
			for (const { id, body } of rows) {
				const { model } = JSON.parse(body) as { model: string };
				await db.updateTable('record').set({ about: model }).where('id', '=', id).execute();
			}
			await db.schema.createIndex('record_about').on('record').columns(['kind', 'about', 'seq']).execute();
		},
	},
	{
		name: 'pages of records and events',
		async up({ schema }) {
			await schema.createIndex('record_page').on('record').columns(['kind', 'seq']).execute();
			await schema.createIndex('audit_event_actor').on('audit_event').columns(['actor', 'seq']).execute();
			await schema.createIndex('audit_event_action').on('audit_event').columns(['action', 'seq']).execute();
			await schema.createIndex('audit_event_at').on('audit_event').columns(['at']).execute();
		},
	},
	{
		name: 'windows of verdicts',
		async up(db) {
			// A few at a time: a verdict is long, and a year of many monitors has very many of them.
			for (let after = 0; ; ) {
				const rows = await db
					.selectFrom('record')
					.select(['seq', 'id', 'body'])
					.where('kind', '=', 'verdict')
					.where('seq', '>', after)
					.orderBy('seq')
					.limit(500)
					.execute();
				for (const { id, body } of rows) {
					const { from } = JSON.parse(body) as { from: string };
					await db.updateTable('record').set({ about: from }).where('id', '=', id).execute();
				}
				if (rows.length === 0) break;
				after = Number(rows.at(-1)!.seq);
			}
			await db.schema.createIndex('record_window').on('record').columns(['kind', 'name', 'about', 'version']).execute();
		},
	},
];

export const LOG_MIGRATIONS: ReadonlyArray<Migration<LogTables>> = [
	{
		name: 'first',
		async up({ schema }, { text, addCounter }) {
			await addCounter(schema.createTable('prediction'), 'id')
				.addColumn('at', text, (c) => c.notNull())
				.addColumn('model', text, (c) => c.notNull())
				.addColumn('digest', text, (c) => c.notNull())
				.addColumn('request_id', text, (c) => c.notNull())
				.addColumn('input', text, (c) => c.notNull())
				.addColumn('prediction', text, (c) => c.notNull())
				.addColumn('score', text, (c) => c.notNull())
				.addColumn('alias', text)
				.addColumn('error', text)
				.execute();
			await schema.createIndex('prediction_model').on('prediction').columns(['model', 'at']).execute();
			await schema.createIndex('prediction_at').on('prediction').columns(['at']).execute();
			await schema
				.createTable('progress')
				.addColumn('key', text, (c) => c.primaryKey())
				.addColumn('progress', text, (c) => c.notNull())
				.addColumn('at', text, (c) => c.notNull())
				.execute();
		},
	},
	{
		name: 'warnings of answers',
		async up({ schema }, { text }) {
			await schema.alterTable('prediction').addColumn('warnings', text).execute();
		},
	},
	{
		name: 'jobs that other processes run',
		async up({ schema }, { text }) {
			await schema
				.createTable('job')
				.addColumn('id', text, (c) => c.primaryKey())
				.addColumn('job', text, (c) => c.notNull())
				.addColumn('call', text, (c) => c.notNull())
				.addColumn('state', text, (c) => c.notNull())
				.addColumn('cancelled', 'integer', (c) => c.notNull())
				.addColumn('run_on', text)
				.addColumn('said', text, (c) => c.notNull())
				.addColumn('asker_beat', 'integer', (c) => c.notNull())
				.addColumn('worker_beat', 'integer', (c) => c.notNull())
				.addColumn('ending', text)
				.addColumn('posted_at', text, (c) => c.notNull())
				.addColumn('ended_at', text)
				.execute();
			await schema.createIndex('job_posted').on('job').columns(['posted_at']).execute();
		},
	},
];

/**
 * Brings a database to this version's tables in one transaction, in which `finish` runs last; `before` is the version it had, 0 where it is
 * new. `table` lists what was applied.
 * @throws `store.version_newer` when a newer version of the package made it
 */
export async function migrate<S extends { migration: Tables['migration'] }>(
	database: Database<S>,
	table: string,
	migrations: ReadonlyArray<Migration<S>>,
	finish?: (db: Transaction<S>, before: number) => Promise<void>,
): Promise<void> {
	const { dialect } = database;
	if ((await appliedIn(database, table, migrations.length)) === migrations.length) return;
	await database.write(async (transaction) => {
		await dialect.beginMigration(transaction as unknown as Transaction<unknown>);
		const db = transaction as unknown as Transaction<Pick<Tables, 'migration'>>;
		await db.schema
			.createTable(table)
			.ifNotExists()
			.addColumn('version', 'integer', (c) => c.primaryKey())
			.addColumn('name', dialect.text, (c) => c.notNull())
			.addColumn('applied_at', dialect.text, (c) => c.notNull())
			.execute();
		// Read again under the lock: another process may have been first.
		const applied = await newestIn(db, table, migrations.length);
		for (let version = applied + 1; version <= migrations.length; version++) {
			const migration = migrations[version - 1]!;
			await migration.up(transaction, dialect);
			await db
				.insertInto(table as 'migration')
				.values({ version, name: migration.name, applied_at: new Date().toISOString() })
				.execute();
		}
		if (applied < migrations.length) await finish?.(transaction, applied);
	});
}

/** The version of a database's tables, 0 where there are none. @throws `store.version_newer` */
async function appliedIn<S>({ read, dialect }: Database<S>, table: string, known: number): Promise<number> {
	try {
		return await newestIn(read as unknown as Kysely<Pick<Tables, 'migration'>>, table, known);
	} catch (error) {
		if (dialect.isTableMissing(error)) return 0;
		throw error;
	}
}

async function newestIn(db: Kysely<Pick<Tables, 'migration'>>, table: string, known: number): Promise<number> {
	const newest = await db
		.selectFrom(table as 'migration')
		.select('version')
		.orderBy('version', 'desc')
		.limit(1)
		.executeTakeFirst();
	const version = newest?.version ?? 0;
	if (version > known) {
		throw new MlopsError(
			'store.version_newer',
			`The MLOps store was written by a newer version of n8n-nodes-mlops (its tables are version ${version}, this one knows ${known}).`,
			{
				remedy: 'Update n8n-nodes-mlops to the newest version, or set MLOPS_HOME to another folder.',
			},
		);
	}
	return version;
}
