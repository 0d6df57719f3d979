import { MlopsError } from '../domain/errors.js';
import type { StoreRef } from '../domain/storeRef.js';
import type { Store } from '../store/contract.js';
import { readError, refuseReadOnly } from '../store/files.js';
import { openStore } from '../store/openStore.js';
import { withRoomSaid } from './roomSaid.js';

/**
 * Opens the store of a job's process for the length of `work`. A full disk is told with where it is and what is free of it then.
 * @param read path of the file that is read, if one is
 */
export async function withStore<T>(ref: StoreRef, work: (store: Store) => Promise<T>, read?: unknown): Promise<T> {
	const store = await openStore(ref).catch(async (thrown: unknown) => {
		throw await withRoomSaid(thrown, { home: ref.kind === 'folder' ? ref.home : ref.artifacts }, read);
	});
	try {
		return await work(store);
	} catch (thrown) {
		throw await withRoomSaid(refusedIn(store, thrown), store, read);
	} finally {
		await store.close();
	}
}

/** What the system refused of the store's own files, in our words: a job reads them with DuckDB, which hands on the system's. */
function refusedIn({ home }: Pick<Store, 'home'>, thrown: unknown): unknown {
	const { code, message } = MlopsError.from(thrown);
	return code === 'internal' && message.includes(home) ? readError(thrown) : thrown;
}

/** Before minutes of work whose end could not be kept. @throws `store.unwritable` where the store can be read alone */
export async function mayKeep({ ref, home }: Pick<Store, 'ref' | 'home'>): Promise<void> {
	if (ref.kind === 'folder') await refuseReadOnly(home);
}

/**
 * `withStore` for work that puts files into the store which records name when it ends, and nothing else: where it fails, it leaves nothing
 * but what they name.
 */
export const withKept: typeof withStore = async (ref, work, read) =>
	await withStore(
		ref,
		async (store) => {
			await mayKeep(store);
			return await store.keeping(async () => await work(store));
		},
		read,
	);
