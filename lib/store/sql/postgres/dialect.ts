import { createHash } from 'node:crypto';
import type { Dialect } from '../contract.js';

/** How long a transaction waits for another, and how long a silent one may hold the chain. */
const PATIENCE = '15s';
const SILENCE = '60s';

/** A number for PostgreSQL's own locks, from any text. */
const lockNumber = (text: string): string => createHash('sha256').update(text).digest().readBigInt64BE().toString();

/**
 * PostgreSQL: everything lies in a schema of its own. All that a transaction needs is set inside it, so that a pooler that gives each
 * transaction another connection (PgBouncer in its transaction mode) does no harm: no state of a session, no prepared statement by name.
 */
export async function postgresDialect(schema: string): Promise<Dialect> {
	const { sql } = await import('kysely');
	return {
		id: 'postgres',
		text: sql`text COLLATE "C"`,
		logMigrations: 'log_migration',
		addCounter: (table, column) => table.addColumn(column, 'bigserial', (c) => c.primaryKey()),
		async resumeCounter(db, table, column) {
			const name = `${schema}.${table}`;
			const next = sql`coalesce(max(${sql.ref(column)}), 0) + 1`;
			await sql`SELECT setval(pg_get_serial_sequence(${name}, ${column}), ${next}, false) FROM ${sql.table(name)}`.execute(db);
		},
		async beginMigration(db) {
			// Ends with the transaction. Two that make the same schema or table at once would otherwise meet in PostgreSQL's own lists.
			await sql`SELECT pg_advisory_xact_lock(${sql.lit(lockNumber(`n8n-nodes-mlops ${schema}`))}::bigint)`.execute(db);
			const { rows } = await sql`SELECT 1 FROM pg_namespace WHERE nspname = ${schema}`.execute(db);
			if (rows.length === 0) await db.schema.createSchema(schema).execute();
		},
		async lockHead(db) {
			await sql`SELECT set_config('lock_timeout', ${PATIENCE}, true), set_config('idle_in_transaction_session_timeout', ${SILENCE}, true),
				CASE WHEN current_setting('synchronous_commit') = 'off' THEN set_config('synchronous_commit', 'on', true) END`.execute(db);
			await db.selectFrom('audit_head').select('id').where('id', '=', 1).forUpdate().execute();
		},
		isTableMissing: (error) => ['42P01', '3F000'].includes(String((error as { code?: unknown }).code)),
		async damage(db) {
			const { rows } = await sql<{ name: string }>`SELECT c.relname AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
				JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ${schema} AND NOT i.indisvalid`.execute(db as never);
			return rows.length > 0 ? `its index "${rows[0].name}" is not valid` : undefined;
		},
		async inventory(db) {
			const { rows: active } = await sql<{ type: string; name: string }>`
				SELECT 'trigger' AS type, t.tgname AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
					JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ${schema} AND NOT t.tgisinternal
				UNION ALL SELECT 'rule', rulename FROM pg_rules WHERE schemaname = ${schema}
				UNION ALL SELECT 'view', viewname FROM pg_views WHERE schemaname = ${schema}
				UNION ALL SELECT 'view', matviewname FROM pg_matviews WHERE schemaname = ${schema}
				UNION ALL SELECT 'row policy', policyname FROM pg_policies WHERE schemaname = ${schema}`.execute(db);
			const { rows: tables } = await sql<{ name: string }>`
				SELECT tablename AS name FROM pg_tables WHERE schemaname = ${schema} ORDER BY tablename`.execute(db);
			return { active, tables: tables.map((t) => t.name) };
		},
	};
}
