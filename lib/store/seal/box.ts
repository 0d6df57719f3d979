import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { MlopsError } from '../../domain/errors.js';
import type { Keyring } from './keyring.js';

/** Closes texts that lie in the database for a while and may hold secrets (a connection's password), so that only this store opens them. */
export interface Box {
	close(text: string): Promise<string>;
	/** @throws `store.corrupt` when the text is not as it was closed */
	open(closed: string): Promise<string>;
}

/** AES-256-GCM by a key that HKDF derives from the newest of a ring for this purpose alone. What is closed names the key. */
export function createBox(ring: Keyring, purpose: string): Box {
	const derived = (key: Buffer): Buffer => Buffer.from(hkdfSync('sha256', key, '', `mlops ${purpose}`, 32));
	return {
		async close(text) {
			const { id, key } = await ring.newest();
			const iv = randomBytes(12);
			const cipher = createCipheriv('aes-256-gcm', derived(key), iv);
			const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
			return [id, ...[iv, cipher.getAuthTag(), data].map((part) => part.toString('base64'))].join(' ');
		},
		async open(closed) {
			const [id, ...parts] = closed.split(' ');
			const [iv, tag, data] = parts.map((part) => Buffer.from(part, 'base64'));
			const key = await ring.numbered(Number(id));
			try {
				const cipher = createDecipheriv('aes-256-gcm', derived(key!), iv, { authTagLength: 16 }).setAuthTag(tag);
				return Buffer.concat([cipher.update(data), cipher.final()]).toString('utf8');
			} catch (cause) {
				throw new MlopsError('store.corrupt', `What the store keeps of ${purpose} is not as it was written.`, { cause });
			}
		},
	};
}
