import { MlopsError } from '../domain/errors.js';
import { lineText } from '../domain/text.js';
import type { Store } from '../store/contract.js';
import { findKey, listKeys, withdrawKey, type ListedKey } from './apiKeys.js';
import type { Session } from './session.js';

const DAY_MS = 86_400_000;

/** A key as an item carries it, without its secret. */
export interface KeyOfItem extends ListedKey {
	/** Whole days until it ends, 0 on its last one; absent for one without an end and for one that opens nothing any more. */
	daysLeft?: number;
}

const keyOfItem = (key: ListedKey): KeyOfItem =>
	key.state === 'good' && key.expiresAt !== undefined
		? { ...key, daysLeft: Math.floor((Date.parse(key.expiresAt) - Date.now()) / DAY_MS) }
		: key;

/** All keys of the model server, those made last first. */
export const keysOfItem = async (store: Pick<Store, 'list'>): Promise<KeyOfItem[]> => (await listKeys(store)).map(keyOfItem);

export interface WithdrawnKey extends KeyOfItem {
	/** What was done, or would be. */
	text: string;
	/** Nothing was done. */
	preview?: true;
}

/**
 * Withdraws a key as a workflow does.
 * @param asked the key's id or the key itself; with `preview`, what would be done is told alone
 * @throws `input.invalid` where no key is named; `store.not_found`
 */
export async function withdrawnKey(
	session: Pick<Session, 'store' | 'actor'>,
	{ key, reason, preview }: { key: string; reason: string; preview: boolean },
): Promise<WithdrawnKey> {
	if (!key.trim())
		throw new MlopsError('input.invalid', 'No API key is chosen.', { remedy: 'Choose a key, or give the id of one as an expression.' });
	const before = await findKey(session.store, key);
	const name = `The API key "${lineText(before.label)}" (${before.id})`;
	if (before.state === 'withdrawn') return { ...keyOfItem(before), text: `${name} was withdrawn before.` };
	if (preview) return { ...keyOfItem(before), text: `${name} would be withdrawn: it would open nothing any more.`, preview };
	const gone = await withdrawKey(session, key, reason);
	return { ...keyOfItem(gone), text: `${name} was withdrawn: within seconds it opens nothing any more.` };
}
