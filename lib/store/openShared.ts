import { mkdir } from 'node:fs/promises';
import type { SharedRef } from '../domain/storeRef.js';
import { createArtifacts } from './artifacts/folder.js';
import { assembleStore, type Parts } from './assembleStore.js';
import type { Store } from './contract.js';
import { diskError, diskFiles } from './files.js';
import { secretEnvelope } from './seal/envelope.js';
import { secretsFor } from './storeSecrets.js';
import { openBackend } from './sql/backends.js';

/**
 * Opens a store that several machines share, and makes it if it is new: all tables in a schema of a database, and a folder that all see.
 *
 *     artifacts/  bytes by their SHA-256
 *     keys/       what signs, closed with the store's secret, and how far the audit chain was seen to reach
 *     pages/      rows that came page by page and are no dataset yet
 *     tmp/        files that are being written
 *
 * @throws `store.unreachable`, `store.unwritable`, `store.secret`
 */
export const openShared = async (ref: SharedRef): Promise<Store> => await assembleStore(await sharedParts(ref));

/** What a shared store is put together from. The backend is to be closed. */
export async function sharedParts(ref: SharedRef): Promise<Parts> {
	const { password, secret } = secretsFor(ref);
	const home = ref.artifacts;
	const envelope = secretEnvelope(secret);
	const artifacts = await mkdir(home, { recursive: true, mode: 0o700 })
		.then(async () => await createArtifacts(home, diskFiles))
		.catch((error: unknown) => {
			throw diskError(error);
		});
	return { ref, vault: { home, files: diskFiles, envelope: () => envelope }, artifacts, backend: await openBackend(ref, password) };
}
