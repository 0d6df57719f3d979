import { join } from 'node:path';
import type { Backend } from '../contract.js';
import type { LogTables, Tables } from '../migrations.js';
import { openDatabase, openUnwritable, storeError } from './database.js';

/**
 * Two files in the store's folder: `store.db` for the record, `log.db` for progress, jobs and predictions of before there were segments.
 */
export async function openSqlite(home: string, readOnly = false): Promise<Backend> {
	const open = readOnly ? openUnwritable : openDatabase;
	const record = await open<Tables>(join(home, 'store.db'));
	try {
		const log = await open<LogTables>(join(home, 'log.db'));
		return {
			record,
			log,
			failure: storeError,
			async close() {
				await log.close();
				await record.close();
			},
		};
	} catch (error) {
		await record.close();
		throw error;
	}
}
