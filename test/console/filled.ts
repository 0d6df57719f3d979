import type { Store } from '../../lib/store/contract.js';
import { fruitStore } from '../server/served.js';

/** A store in which each page has something to show. A page that needs more adds it here. */
export async function filledStore(): Promise<{ home: string; store: Store }> {
	const made = await fruitStore(2);
	return made;
}
