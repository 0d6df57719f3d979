import type { Store } from '../store/contract.js';
import { runningServers } from './runningServers.js';

/** How long an answer of the store is taken for true: nodes ask for each item. */
const KNOWN_MS = 5_000;
const known = new WeakMap<object, { at: number; url: Promise<string | undefined> }>();

/**
 * Address of a page of the console (`domain/consolePaths.ts`) at the model server that was started last; undefined where none of this store
 * runs. A store that cannot say so now gives no link: nothing else depends on it.
 */
export async function consoleLink(store: Pick<Store, 'progressUnder'>, path: string): Promise<string | undefined> {
	let last = known.get(store);
	if (!last || performance.now() - last.at > KNOWN_MS) {
		const url = runningServers(store).then(
			([server]) => server?.url,
			() => undefined,
		);
		known.set(store, (last = { at: performance.now(), url }));
	}
	const url = await last.url;
	return url === undefined ? undefined : url + path;
}
