import type { Kysely, Transaction } from 'kysely';
import { MlopsError } from '../domain/errors.js';
import { canonicalJson } from '../domain/json.js';
import type { StatedException } from './contract.js';
import type { Seal } from './seal/seal.js';
import type { Dialect } from './sql/contract.js';
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
		value = await sealOf(id).mac(await migrationsText(db));
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

/** The tables of the record: references between them, nothing that acts by itself (triggers, views), `meta` and `migration`. */
export async function checkTables(
	dialect: Dialect,
	db: Kysely<Tables>,
	{ storeId, seal, exceptions }: { storeId: string; seal: Seal; exceptions: StatedException[] },
): Promise<void> {
	for (const [table, column] of REFERENCES) {
		const lost = await db
			.selectFrom(table as 'parent')
			.select(column as 'child')
			.where(column as 'child', 'not in', db.selectFrom('record').select('id'))
			.limit(1)
			.executeTakeFirst();
		if (lost) throw corrupt(`The table "${table}" of the MLOps store names a record that is not there.`);
	}
	const { active, tables } = await dialect.inventory(db);
	if (active.length > 0)
		throw corrupt(`The database of the MLOps store has a ${active[0].type} ("${active[0].name}"), which it never had.`);
	const foreign = tables.filter((name) => !KNOWN.has(name));
	if (foreign.length > 0)
		exceptions.push({ about: 'tables', text: `Tables that are not the store's own (${foreign.join(', ')}) were not looked at.` });
	const meta = new Map((await db.selectFrom('meta').selectAll().execute()).map((row) => [row.key, row.value]));
	if (meta.get('id') !== storeId || meta.size !== 2 || !(await seal.fits(await migrationsText(db), meta.get(SIGNED) ?? ''))) {
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

/** Columns that name a record. */
const REFERENCES = [
	['parent', 'child'],
	['parent', 'parent'],
	['memo', 'record'],
] as const;

/** Tables of the record, and of the log, which lies beside it in a database that both share. */
const KNOWN: ReadonlySet<string> = new Set<string>([
	...([
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
	] satisfies Array<keyof Tables>),
	...(['prediction', 'progress', 'job'] satisfies Array<keyof LogTables>),
	'log_migration',
]);

/** The database's own structure. */
export async function checkStructure(dialect: Dialect, db: Kysely<Tables> | Kysely<LogTables>, which: string): Promise<void> {
	const damage = await dialect.damage(db);
	if (damage !== undefined) throw corrupt(`${which} of the MLOps store is damaged: ${damage}.`);
}
