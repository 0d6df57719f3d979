import type { Dialect } from '../contract.js';

/** SQLite: a transaction that writes begins with the lock of the whole file, so nothing else needs one. */
export const sqliteDialect: Dialect = {
	id: 'sqlite',
	text: 'text',
	logMigrations: 'migration',
	addCounter: (table, column) => table.addColumn(column, 'integer', (c) => c.primaryKey().autoIncrement()),
	// It goes on behind the highest there is.
	async resumeCounter() {},
	async beginMigration() {},
	async lockHead() {},
	isTableMissing: (error) => String((error as { message?: unknown }).message).includes('no such table'),
	async damage(db) {
		const { sql } = await import('kysely');
		const { rows } = await sql<{ integrity_check: string }>`PRAGMA integrity_check(1)`.execute(db as never);
		const [{ integrity_check: found } = { integrity_check: 'no answer' }] = rows;
		return found === 'ok' ? undefined : found;
	},
	async inventory(db) {
		const { sql } = await import('kysely');
		const { rows } = await sql<{ type: string; name: string }>`
			SELECT type, name FROM sqlite_schema WHERE type IN ('table', 'trigger', 'view') AND name NOT LIKE 'sqlite%'`.execute(db);
		return { active: rows.filter((r) => r.type !== 'table'), tables: rows.filter((r) => r.type === 'table').map((r) => r.name) };
	},
};
