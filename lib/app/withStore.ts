import type { StoreRef } from '../domain/storeRef.js';
import type { Store } from '../store/contract.js';
import { openStore } from '../store/openStore.js';

/** Opens the store of a job's process for the length of `work`. */
export async function withStore<T>(ref: StoreRef, work: (store: Store) => Promise<T>): Promise<T> {
	const store = await openStore(ref);
	try {
		return await work(store);
	} finally {
		await store.close();
	}
}
