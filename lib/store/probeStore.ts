import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { MlopsError } from '../domain/errors.js';
import type { SharedRef } from '../domain/storeRef.js';
import { storeIdIn } from './assembleStore.js';
import { diskFiles } from './files.js';
import { secretEnvelope } from './seal/envelope.js';
import { createSeal } from './seal/seal.js';
import { secretsFor } from './storeSecrets.js';
import { openBackend } from './sql/backends.js';

/**
 * Whether a shared store can be opened, without making anything: the database answers, the folder can be written to, and the secret opens
 * the keys of the store that is there.
 * @returns the store's id, or undefined where there is none yet
 * @throws what `openStore` would, `store.secret` for another secret
 */
export async function probeStore(ref: SharedRef): Promise<string | undefined> {
	const { password, secret } = secretsFor(ref);
	const envelope = secretEnvelope(secret);
	await access(ref.artifacts, constants.R_OK | constants.W_OK).catch((cause: unknown) => {
		throw new MlopsError('store.unwritable', "The store's folder for artifacts is not there, or cannot be written to.", {
			cause,
			found: ref.artifacts,
			remedy: 'Make it, on a disk that all machines see, for the user that n8n runs as.',
		});
	});
	const backend = await openBackend(ref, password);
	try {
		const id = await storeIdIn(backend).catch((error: unknown) => {
			if (backend.record.dialect.isTableMissing(error)) return undefined;
			throw backend.failure(error);
		});
		if (id !== undefined) await createSeal({ home: ref.artifacts, files: diskFiles, envelope: () => envelope }, id).anchored();
		return id;
	} finally {
		await backend.close();
	}
}
