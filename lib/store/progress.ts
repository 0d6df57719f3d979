import type { Store } from './contract.js';
import { behindPrefix } from './prefix.js';
import type { Database } from './sql/contract.js';
import type { LogTables } from './sql/migrations.js';

/** The progress of long work, and what processes tell each other, in a table beside the record: it may be deleted without touching that. */
export function createProgress(
	log: Database<LogTables>,
): Pick<Store, 'setProgress' | 'progress' | 'clearProgress' | 'swapProgress' | 'progressUnder'> {
	const rowOf = (progress: unknown) => ({ progress: JSON.stringify(progress ?? null), at: new Date().toISOString() });
	return {
		async setProgress(key, progress) {
			const row = rowOf(progress);
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
		async clearProgress(key) {
			await log.write(async (db) => await db.deleteFrom('progress').where('key', '=', key).execute());
		},
		async swapProgress(key, from, to) {
			const row = rowOf(to);
			return await log.write(async (db) => {
				if (from === undefined) {
					const made = db
						.insertInto('progress')
						.values({ key, ...row })
						.onConflict((c) => c.column('key').doNothing());
					return ((await made.executeTakeFirst()).numInsertedOrUpdatedRows ?? 0n) > 0n;
				}
				const swapped = db.updateTable('progress').set(row).where('key', '=', key).where('progress', '=', JSON.stringify(from));
				return (await swapped.executeTakeFirst()).numUpdatedRows > 0n;
			});
		},
		async progressUnder(prefix) {
			const rows = await log.read
				.selectFrom('progress')
				.selectAll()
				.where('key', '>=', prefix)
				.where('key', '<', behindPrefix(prefix))
				.orderBy('key')
				.execute();
			return rows.map(({ key, progress, at }) => ({ key, progress: JSON.parse(progress) as unknown, at }));
		},
	};
}
