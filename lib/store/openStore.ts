import type { StoreRef } from '../domain/storeRef.js';
import { mkdir, realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { openFolder } from './openFolder.js';
import type { Store } from './contract.js';
import { diskError } from './files.js';
import { resolveStore } from './location.js';

interface Shared {
	opened: Promise<Store>;
	users: number;
}

/** Stores of this process by the real path of their home. */
const shared = new Map<string, Shared>();

/**
 * Opens the store, making it if it is new. A process holds each store once: opening it again gives a second handle on the same one,
 * and the last handle's `close` closes it. Closing a handle twice does nothing.
 * @throws `store.version_newer`, `store.corrupt`, `store.busy`, `store.full`, `store.unwritable`, `store.queue_mode`
 */
export async function openStore(ref: StoreRef = resolveStore()): Promise<Store> {
	const wanted = resolve(ref.home);
	const home = await mkdir(wanted, { recursive: true, mode: 0o700 })
		.then(() => realpath(wanted))
		.catch((error: unknown) => {
			throw diskError(error);
		});

	let entry = shared.get(home);
	if (!entry) {
		entry = { opened: openFolder(home), users: 0 };
		shared.set(home, entry);
	}
	const own = entry;
	own.users++;
	const leave = async (): Promise<boolean> => {
		if (--own.users > 0) return false;
		if (shared.get(home) === own) shared.delete(home);
		return true;
	};

	let store: Store;
	try {
		store = await own.opened;
	} catch (error) {
		await leave();
		throw error;
	}
	let open = true;
	return {
		...store,
		async close() {
			if (!open) return;
			open = false;
			if (await leave()) await store.close();
		},
	};
}
