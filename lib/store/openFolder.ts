import { assembleStore, type Parts } from './assembleStore.js';
import { createArtifacts } from './artifacts/folder.js';
import type { Store } from './contract.js';
import { diskError, diskFiles, filesToRead, isReadOnly, type Files } from './files.js';
import { plainEnvelope } from './seal/envelope.js';
import { openSqlite } from './sql/sqlite/index.js';

/**
 * Opens the store in a folder that is there and makes it if it is new. One that this process cannot write to is read: whatever changes it
 * is refused (`store.unwritable`).
 *
 *     store.db    records, lineage, aliases, policies, approvals, audit chain
 *     log.db      predictions, progress
 *     artifacts/  bytes by their SHA-256
 *     keys/       what signs the audit chain's end and the approval links, and how far the chain was seen to reach
 *     pages/      rows that came page by page and are no dataset yet
 *     tmp/        files that are being written
 */
export const openFolder = async (home: string, files: Files = diskFiles): Promise<Store> =>
	await assembleStore(await folderParts(home, files));

/** What a store in a folder is put together from. The backend is to be closed. */
export async function folderParts(home: string, disk: Files = diskFiles): Promise<Parts> {
	const readOnly = await isReadOnly(home);
	const files = readOnly ? filesToRead(home, disk) : disk;
	const artifacts = await createArtifacts(home, files, readOnly).catch((error: unknown) => {
		throw diskError(error);
	});
	const backend = await openSqlite(home, readOnly);
	return { ref: { kind: 'folder', home }, vault: { home, files, envelope: () => plainEnvelope }, artifacts, backend, readOnly };
}
