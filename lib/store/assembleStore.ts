import { randomBytes } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { StoreRef } from '../domain/storeRef.js';
import { createAliases } from './aliases.js';
import { createApprovals } from './approvals.js';
import type { OwnArtifacts } from './artifacts/contract.js';
import { beginChain, createAudit, createLedger, type Ledger, type View } from './audit.js';
import { withCleanText } from './cleanText.js';
import type { Store, Transactional } from './contract.js';
import { assertHome } from './home.js';
import { refuseReadOnly } from './files.js';
import { createJobs } from './jobs.js';
import { createPages } from './pages.js';
import { createJournal } from './log/journal.js';
import { retentionSet } from './log/retention.js';
import { createSegmentLog } from './log/segments.js';
import { createPredictionLog } from './predictionLog.js';
import { createProgress } from './progress.js';
import { createRecords } from './records.js';
import { createBox } from './seal/box.js';
import { createLinkSigner } from './seal/links.js';
import { createKeys, createSeal, ringOf, type Vault } from './seal/seal.js';
import type { Backend } from './sql/contract.js';
import { LOG_MIGRATIONS, migrate, STORE_MIGRATIONS, type Tables } from './sql/migrations.js';
import { signTables } from './tables.js';
import { createKeeping } from './unnamed.js';
import { verifyStore } from './verify.js';

/** What a store is put together from. */
export interface Parts {
	/** What opens it again. */
	ref: StoreRef;
	vault: Vault;
	artifacts: OwnArtifacts;
	backend: Backend;
	/** Whether it could be read alone when it was opened. */
	readOnly?: boolean;
}

/**
 * Puts a store together from its parts, and makes it if it is new. Closes the backend where it fails. `openStore` adds the cache around it.
 */
export async function assembleStore(parts: Parts): Promise<Store> {
	const { ref, vault, artifacts, backend } = parts;
	try {
		const retention = retentionSet();
		await migrateRecord(parts, async (db) => {
			const id = `st_${randomBytes(10).toString('hex')}`;
			// Only small files and only once: beside the anchor the one place where a transaction waits for anything but the database.
			await createKeys(vault, id);
			await db.insertInto('meta').values({ key: 'id', value: id }).execute();
			await beginChain(db, id, createSeal(vault, id));
		});
		await migrateLog(parts);
		const id = await storeIdIn(backend);
		const seal = createSeal(vault, id);
		const ledger = createLedger(backend.record, id, seal);
		const link = ringOf(vault, 'link');
		const { home, files } = vault;
		const log = createSegmentLog({
			...{ home, files, journal: createJournal(ledger), retention, assertHome },
			...(parts.readOnly ? { refuse: async () => await refuseReadOnly(home) } : {}),
		});
		const { settled, ...predictions } = createPredictionLog(log, backend.log);
		const progress = createProgress(backend.log);
		// Beside all that the caller does: what a process that was killed left is read all the same.
		void log.recover();
		const { keeping, clear } = createKeeping(backend.record, ledger, artifacts);
		// What cannot be cleared now is so when it is opened next.
		await clear().catch(() => {});
		return withCleanText({
			id,
			ref,
			home: vault.home,
			artifacts,
			links: createLinkSigner(link, id),
			...transactional(backend.record, ledger, artifacts),
			transact: async (work) =>
				await ledger.change(
					async (db, append) => await work(transactional({ read: db }, { change: async (part) => await part(db, append) }, artifacts)),
				),
			keeping,
			log,
			...predictions,
			...progress,
			pages: createPages(vault.home, vault.files, progress),
			jobs: createJobs(backend.log, createBox(link, 'jobs')),
			rotateKey: async (name, actor, reason) =>
				await ledger.renewKey(
					async (append, key) =>
						await append({
							actor,
							action: 'key.rotated',
							subject: name,
							details: { key, ...(reason === undefined ? {} : { reason }) },
						}),
					name === 'audit' ? seal.renew : link.renew,
				),
			soundEnd: () => ledger.soundEnd(),
			verify: (progress) =>
				verifyStore({ database: backend.record, log: backend.log, storeId: id, seal, artifacts, home: vault.home }, progress),
			async close() {
				await settled();
				await log.settle();
				await ledger.settle();
				await backend.close();
			},
		});
	} catch (error) {
		await backend.close();
		throw backend.failure(error);
	}
}

/** Brings the tables of the record to this version; `begin` fills in what a new one starts with. */
export async function migrateRecord(
	{ vault, backend: { record } }: Parts,
	begin: (db: Transaction<Tables>) => Promise<void>,
): Promise<void> {
	await migrate(record, 'migration', STORE_MIGRATIONS, async (db, before) => {
		if (before === 0) await begin(db);
		await signTables(db, (id) => createSeal(vault, id));
	});
}

/** The same of the log's. */
export const migrateLog = async ({ backend: { log } }: Parts): Promise<void> =>
	await migrate(log, log.dialect.logMigrations, LOG_MIGRATIONS);

export const storeIdIn = async ({ record }: Backend): Promise<string> =>
	(await record.read.selectFrom('meta').select('value').where('key', '=', 'id').executeTakeFirstOrThrow()).value;

/** The parts of a store that share a transaction. */
const transactional = (view: View, ledger: Ledger, artifacts: OwnArtifacts): Transactional => ({
	...createRecords(view, ledger, artifacts),
	...createAliases(view, ledger),
	...createApprovals(view, ledger, artifacts),
	...createAudit(view, ledger),
});
