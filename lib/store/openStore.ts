import type { FolderRef, SharedRef, StoreRef } from '../domain/storeRef.js';
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

/** Stores of this process by what tells them apart: the real path of a folder, or all of a reference. */
const stores = new Map<string, Shared>();

/**
 * Opens the store, making it if it is new. A process holds each store once: opening it again gives a second handle on the same one,
 * and the last handle's `close` closes it. Closing a handle twice does nothing.
 * @throws `store.version_newer`, `store.corrupt`, `store.busy`, `store.full`, `store.unwritable`, `store.queue_mode`;
 * of a shared store also `store.unreachable`, `store.secret`
 */
export async function openStore(ref: StoreRef = resolveStore()): Promise<Store> {
	const { key, open: begin } = ref.kind === 'folder' ? await folder(ref) : shared(ref);
	let entry = stores.get(key);
	if (!entry) {
		entry = { opened: begin(), users: 0 };
		stores.set(key, entry);
	}
	const own = entry;
	own.users++;
	const leave = async (): Promise<boolean> => {
		if (--own.users > 0) return false;
		if (stores.get(key) === own) stores.delete(key);
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

interface Opening {
	key: string;
	open(): Promise<Store>;
}

async function folder(ref: FolderRef): Promise<Opening> {
	const wanted = resolve(ref.home);
	const home = await mkdir(wanted, { recursive: true, mode: 0o700 })
		.then(() => realpath(wanted))
		.catch((error: unknown) => {
			throw diskError(error);
		});
	return { key: home, open: async () => await openFolder(home) };
}

function shared(ref: SharedRef): Opening {
	return { key: JSON.stringify(ref), open: async () => await (await import('./openShared.js')).openShared(ref) };
}
