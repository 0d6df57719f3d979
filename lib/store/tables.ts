import type { Kysely, Transaction } from 'kysely';
import { MlopsError } from '../domain/errors.js';
import { canonicalJson } from '../domain/json.js';
import type { StatedException } from './contract.js';
import { sameText, type Seal } from './seal/keys.js';
import { STORE_MIGRATIONS, type LogTables, type Tables } from './sql/migrations.js';

/** The row of `meta` that signs when and in which order the tables were made. */
const SIGNED = 'tables';

const corrupt = (what: string): MlopsError =>
	new MlopsError('store.corrupt', what, { remedy: "Restore the store's folder from a backup, and find out who changed it." });

const migrationsText = async (db: Kysely<Tables>): Promise<string> =>
	canonicalJson(await db.selectFrom('migration').selectAll().orderBy('version').execute());

/** Signs the list of migrations; whatever stood there before this version signed any is taken as it is found. */
export async function signTables(db: Transaction<Tables>, sealOf: (id: string) => Seal): Promise<void> {
	const { value: id } = await db.selectFrom('meta').select('value').where('key', '=', 'id').executeTakeFirstOrThrow();
	let value: string;
	try {
		value = sealOf(id).mac(await migrationsText(db));
	} catch {
		// Without its key a store can still be read; whatever would change or verify it says what is missing.
		return;
	}
	await db
		.insertInto('meta')
		.values({ key: SIGNED, value })
		.onConflict((c) => c.column('key').doUpdateSet({ value }))
		.execute();
}

/** The pages of both databases, and of the record's: references between its tables, nothing that acts by itself (triggers, views), `meta` and `migration`. */
export async function checkTables(db: Kysely<Tables>, storeId: string, seal: Seal, exceptions: StatedException[]): Promise<void> {
	const { sql } = await import('kysely');
	const { rows: lost } = await sql<{ table: string }>`PRAGMA foreign_key_check`.execute(db);
	if (lost.length > 0) throw corrupt(`The table "${lost[0].table}" of the MLOps store names a record that is not there.`);
	const { rows: active } = await sql<{
		type: string;
		name: string;
	}>`SELECT type, name FROM sqlite_schema WHERE type IN ('trigger', 'view')`.execute(db);
	if (active.length > 0)
		throw corrupt(`The database of the MLOps store has a ${active[0].type} ("${active[0].name}"), which it never had.`);
	const { rows: tables } = await sql<{
		name: string;
	}>`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'`.execute(db);
	const foreign = tables.map((t) => t.name).filter((name) => !KNOWN.has(name));
	if (foreign.length > 0)
		exceptions.push({ about: 'store.db', text: `Tables that are not the store's own (${foreign.join(', ')}) were not looked at.` });
	const meta = new Map((await db.selectFrom('meta').selectAll().execute()).map((row) => [row.key, row.value]));
	if (meta.get('id') !== storeId || meta.size !== 2 || !sameText(meta.get(SIGNED) ?? '', seal.mac(await migrationsText(db)))) {
		throw corrupt('The list of what the tables of the MLOps store are (its tables "meta" and "migration") was altered.');
	}
	const applied = await db.selectFrom('migration').selectAll().orderBy('version').execute();
	if (
		applied.length !== STORE_MIGRATIONS.length ||
		applied.some((row, i) => row.version !== i + 1 || row.name !== STORE_MIGRATIONS[i].name)
	) {
		throw corrupt('The tables of the MLOps store are not those that this version makes.');
	}
}

const KNOWN: ReadonlySet<string> = new Set<keyof Tables>([
	'meta',
	'migration',
	'record',
	'parent',
	'memo',
	'alias_move',
	'policy',
	'archived',
	'approval',
	'audit_event',
	'audit_head',
]);

/** The database's own structure. */
export async function checkStructure(db: Kysely<Tables> | Kysely<LogTables>, which: string): Promise<void> {
	const { sql } = await import('kysely');
	const { rows } = await sql<{ integrity_check: string }>`PRAGMA integrity_check(1)`.execute(db as Kysely<Tables>);
	if (rows[0]?.integrity_check !== 'ok')
		throw corrupt(`${which} of the MLOps store is damaged: ${rows[0]?.integrity_check ?? 'no answer'}.`);
}
