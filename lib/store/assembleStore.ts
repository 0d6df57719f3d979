import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createAliases } from './aliases.js';
import { createApprovals } from './approvals.js';
import { createArtifacts } from './artifacts/folder.js';
import { beginChain, createAudit, createLedger } from './audit.js';
import { withCleanText } from './cleanText.js';
import type { Store } from './contract.js';
import { diskError, type Files } from './files.js';
import { createKeys, createSeal } from './seal/keys.js';
import { LOG_MIGRATIONS, migrate, STORE_MIGRATIONS, type LogTables, type Tables } from './sql/migrations.js';
import { createPredictionLog } from './predictionLog.js';
import { createRecords } from './records.js';
import { openDatabase, storeError } from './sql/sqlite/database.js';
import { signTables } from './tables.js';
import { verifyStore } from './verify.js';

/**
 * Opens the store in a folder that is there and makes it if it is new. `openStore` adds the cache around it.
 *
 *     store.db    records, lineage, aliases, policies, approvals, audit chain
 *     log.db      predictions, progress
 *     artifacts/  bytes by their SHA-256
 *     keys/       what signs the audit chain's end and the approval links, and the furthest end seen
 *     tmp/        files that are being written
 */
export async function assembleStore(home: string, files: Files): Promise<Store> {
	const artifacts = await createArtifacts(home, files).catch((error: unknown) => {
		throw diskError(error);
	});
	const database = await openDatabase<Tables>(join(home, 'store.db'));
	try {
		await migrate(database, STORE_MIGRATIONS, async (db, before) => {
			if (before === 0) {
				const id = `st_${randomBytes(10).toString('hex')}`;
				// Only small files and only once: the one place where a transaction waits for anything but the database.
				await createKeys(home, id, files);
				await db.insertInto('meta').values({ key: 'id', value: id }).execute();
				await beginChain(db, id, createSeal(home, id, files));
			}
			await signTables(db, (id) => createSeal(home, id, files));
		});
		const log = await openDatabase<LogTables>(join(home, 'log.db'));
		try {
			await migrate(log, LOG_MIGRATIONS);
			const { value: id } = await database.read.selectFrom('meta').select('value').where('key', '=', 'id').executeTakeFirstOrThrow();
			const seal = createSeal(home, id, files);
			const ledger = createLedger(database, id, seal);
			const { settled, ...predictions } = createPredictionLog(log, join(home, 'log.db'));
			return withCleanText({
				id,
				ref: { kind: 'folder', home },
				home,
				artifacts,
				...createRecords(database, ledger, artifacts),
				...createAliases(database, ledger),
				...createApprovals(database, ledger, artifacts),
				...createAudit(database, ledger),
				...predictions,
				verify: () => verifyStore({ database, log, storeId: id, seal, artifacts }),
				async close() {
					await settled();
					await log.close();
					await database.close();
				},
			});
		} catch (error) {
			await log.close();
			throw error;
		}
	} catch (error) {
		await database.close();
		throw storeError(error);
	}
}
