import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { MlopsError } from '../../domain/errors.js';

/** How a key file lies on the disk: as it is, readable by its owner alone, or closed with a secret that is kept elsewhere. */
export interface Envelope {
	close(text: string): Promise<string>;
	/** @throws `store.secret` when the text was closed with another secret, or is not closed as it should be */
	open(text: string): Promise<string>;
}

/** For a store in a folder: whoever can read the folder can read its keys. */
export const plainEnvelope: Envelope = { close: async (text) => text, open: async (text) => text };

const MARK = 'sealed-1';
/** Shortest secret that is taken: 16 random characters cannot be guessed. */
const SHORTEST = 16;

const wrong = (found: string): MlopsError =>
	new MlopsError('store.secret', `The secret of the MLOps store does not open its keys: ${found}.`, {
		remedy: 'Give every machine the secret that the store was made with (MLOPS_STORE_SECRET, or the credential).',
	});

/**
 * For a store that several machines share: AES-256-GCM with a key that scrypt makes of the secret and a random salt, so that the folder
 * and the database together are not enough to sign anything.
 * @throws `input.invalid` for a secret that is too short
 */
export function secretEnvelope(secret: string): Envelope {
	if (secret.length < SHORTEST) {
		throw new MlopsError('input.invalid', `The secret of the MLOps store is too short.`, {
			expected: `at least ${SHORTEST} characters`,
			remedy: 'Make a random one, for example with: openssl rand -hex 32',
		});
	}
	const about = Buffer.from('n8n-nodes-mlops keys');
	const keys = new Map<string, Promise<Buffer>>();
	const keyFor = (salt: Buffer): Promise<Buffer> => {
		const name = salt.toString('base64');
		const known = keys.get(name) ?? promisify<string, Buffer, number, Buffer>(scrypt)(secret, salt, 32);
		keys.set(name, known);
		return known;
	};
	return {
		async close(text) {
			const [salt, iv] = [randomBytes(16), randomBytes(12)];
			const cipher = createCipheriv('aes-256-gcm', await keyFor(salt), iv).setAAD(about);
			const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
			return [MARK, ...[salt, iv, cipher.getAuthTag(), data].map((part) => part.toString('base64'))].join(' ');
		},
		async open(text) {
			const [mark, ...parts] = text.trim().split(' ');
			if (mark !== MARK || parts.length !== 4) throw wrong('they are not sealed, or damaged');
			const [salt, iv, tag, data] = parts.map((part) => Buffer.from(part, 'base64'));
			try {
				const cipher = createDecipheriv('aes-256-gcm', await keyFor(salt), iv, { authTagLength: 16 }).setAAD(about);
				return Buffer.concat([cipher.setAuthTag(tag).update(data), cipher.final()]).toString('utf8');
			} catch {
				throw wrong('it is another one, or they were altered');
			}
		},
	};
}
