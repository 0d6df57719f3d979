import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MlopsError } from '../../domain/errors.js';
import { canonicalJson, sha256 } from '../../domain/json.js';
import { readError, replaceFile, temporariesOf, type Files } from '../files.js';
import type { Envelope } from './envelope.js';
import { createKeyring, freshKeys, keysOf, sameText, type Keyring, type KeyName } from './keyring.js';

/** What the audit chain's end was: event `seq` with this hash (0 and `genesis` before the first). */
export interface Head {
	seq: number;
	hash: string;
}

/** Hash that the first event follows; it ties a chain to its store. */
export const genesis = (storeId: string): string => sha256(`n8n-nodes-mlops audit ${storeId}`);

const anchorOf = (home: string): string => join(keysOf(home), 'audit.head');

/** Where keys and anchor lie, and how. */
export interface Vault {
	home: string;
	files: Files;
	/** What closes the file of a purpose. */
	envelope(name: KeyName): Envelope;
}

export const ringOf = (vault: Vault, name: KeyName): Keyring =>
	createKeyring(vault.home, name, { files: vault.files, envelope: vault.envelope(name) });

/**
 * Makes the folder `keys`: two secrets and the anchor of an empty chain. Called once, before the store's first commit.
 * @throws `store.corrupt` where the folder shows that there was a store already
 */
export async function createKeys(vault: Vault, storeId: string): Promise<void> {
	const { home, files } = vault;
	if ((await readAnchor(home))?.seq) {
		throw new MlopsError(
			'store.corrupt',
			'The database of the MLOps store is missing or empty, though its folder "keys" shows that it was in use.',
			{ remedy: 'Restore the database (store.db) from a backup. To begin anew and lose what was recorded, remove the folder "keys".' },
		);
	}
	await files.makeFolder(keysOf(home));
	for (const name of ['audit', 'link'] as const) await ringOf(vault, name).write(freshKeys());
	await files.syncFolder(home);
	await createSeal(vault, storeId).anchor({ seq: 0, hash: genesis(storeId) });
}

/**
 * Signs the end of the audit chain with a key that lies apart from the database, and keeps the furthest end seen in a file beside
 * that key: events cut from the tail, also by putting back an older copy of the database, then no longer fit. A signature of key 1 is
 * 64 hexadecimal digits, one of a later key has its id and a colon before them.
 */
export interface Seal {
	/** Signs any text that the database keeps outside the chain. */
	mac(text: string): Promise<string>;
	/** Whether `mac` is over this text, with whatever key it was made. */
	fits(text: string, mac: string): Promise<boolean>;
	sign(head: Head): Promise<string>;
	/** @throws `store.audit_broken` when `mac` is none of our keys' over this head, or of an older key than the anchor's */
	check(head: Head, mac: string): Promise<void>;
	/** The furthest end seen, as the file has it now. @throws `store.audit_broken` when the file is missing or was altered */
	anchored(): Promise<Head>;
	/** Moves the anchor on; it never goes back. The caller holds the chain's lock, so that nobody else does so meanwhile. */
	anchor(head: Head): Promise<void>;
	/** From now on a fresh key signs. The caller holds the chain's lock. */
	renew(): Promise<number>;
}

const broken = (what: string): MlopsError =>
	new MlopsError('store.audit_broken', what, {
		remedy: 'Restore the whole folder of the store (with its folder "keys") from a backup, and find out who changed it.',
	});

export function createSeal(vault: Vault, storeId: string): Seal {
	const { home, files } = vault;
	const ring = ringOf(vault, 'audit');
	/** Of the key that signed the anchor: an older one that leaked signs no end after it. */
	let least = 1;

	const macBy = (key: Buffer, text: string): string => createHmac('sha256', key).update(text).digest('hex');
	const textOf = ({ seq, hash }: Head): string => canonicalJson({ store: storeId, seq, hash });
	const mac = async (text: string): Promise<string> => {
		const { id, key } = await ring.newest();
		return id === 1 ? macBy(key, text) : `${id}:${macBy(key, text)}`;
	};
	const fits = async (text: string, given: string): Promise<boolean> => {
		const id = keyIdOf(given);
		const key = await ring.numbered(id);
		return key !== undefined && sameText(id === 1 ? macBy(key, text) : `${id}:${macBy(key, text)}`, given);
	};
	const check = async (head: Head, given: string): Promise<void> => {
		if (keyIdOf(given) < least || !(await fits(textOf(head), given)))
			throw broken(`The signature of the audit log's end (event ${head.seq}) is wrong: the end was altered or cut.`);
	};
	const anchored = async (): Promise<Head> => {
		const found = await readAnchor(home);
		if (!found) throw broken('The anchor of the audit log (keys/audit.head) is missing or unreadable.');
		await check(found, found.mac);
		least = Math.max(least, keyIdOf(found.mac));
		return { seq: found.seq, hash: found.hash };
	};
	return {
		mac,
		fits,
		sign: async (head) => await mac(textOf(head)),
		check,
		anchored,
		async anchor(head) {
			const present = await readAnchor(home);
			const signature = await mac(textOf(head));
			const older = present && keyIdOf(present.mac) < keyIdOf(signature);
			if (present && head.seq > 0 && present.seq >= head.seq && !older) return;
			await replaceFile(files, anchorOf(home), canonicalJson({ ...head, mac: signature }), 0o600, temporariesOf(home));
		},
		renew: async () => await ring.renew(),
	};
}

/** `2:abc...` is of key 2; key 1 needs no number. */
const keyIdOf = (mac: string): number => (/^[1-9]\d{0,8}:/.test(mac) ? Number(mac.slice(0, mac.indexOf(':'))) : 1);

/** The anchor as it lies there, unchecked. */
export async function readAnchor(home: string): Promise<(Head & { mac: string }) | undefined> {
	try {
		const { seq, hash, mac } = JSON.parse(await readFile(anchorOf(home), 'utf8')) as Record<string, unknown>;
		return typeof seq === 'number' && typeof hash === 'string' && typeof mac === 'string' ? { seq, hash, mac } : undefined;
	} catch (error) {
		// One that is there and may not be read is no sign of anything.
		if (['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw readError(error);
		return undefined;
	}
}
