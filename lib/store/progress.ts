import type { Store } from './contract.js';
import type { Database } from './sql/contract.js';
import type { LogTables } from './sql/migrations.js';

/** The progress of long work, in a table beside the record. */
export const createProgress = (log: Database<LogTables>): Pick<Store, 'setProgress' | 'progress'> => ({
	async setProgress(key, progress) {
		const row = { progress: JSON.stringify(progress ?? null), at: new Date().toISOString() };
		await log.write((db) =>
			db
				.insertInto('progress')
				.values({ key, ...row })
				.onConflict((c) => c.column('key').doUpdateSet(row))
				.execute(),
		);
	},
	async progress(key) {
		const row = await log.read.selectFrom('progress').select('progress').where('key', '=', key).executeTakeFirst();
		return row ? (JSON.parse(row.progress) as unknown) : undefined;
	},
});
