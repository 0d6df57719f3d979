import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MlopsError } from '../../domain/errors.js';
import { canonicalJson, sha256 } from '../../domain/json.js';
import { replaceFile, temporariesOf, type Files } from '../files.js';

/** What the audit chain's end was: event `seq` with this hash (0 and `genesis` before the first). */
export interface Head {
	seq: number;
	hash: string;
}

/** Hash that the first event follows; it ties a chain to its store. */
export const genesis = (storeId: string): string => sha256(`n8n-nodes-mlops audit ${storeId}`);

const folderOf = (home: string): string => join(home, 'keys');
const anchorOf = (home: string): string => join(folderOf(home), 'audit.head');

/** Makes the folder `keys`: two secrets and the anchor of an empty chain. Called once, before the store's first commit. */
export async function createKeys(home: string, storeId: string, files: Files): Promise<void> {
	if (readAnchorFile(home)?.seq) {
		throw new MlopsError(
			'store.corrupt',
			'The database of the MLOps store is missing or empty, though its folder "keys" shows that it was in use.',
			{
				remedy: 'Restore store.db from a backup. To begin anew and lose what was recorded, remove the folder "keys".',
			},
		);
	}
	await files.makeFolder(folderOf(home));
	for (const name of ['audit', 'link'])
		await replaceFile(files, join(folderOf(home), `${name}.key`), randomBytes(32).toString('hex'), 0o600, temporariesOf(home));
	await files.syncFolder(home);
	await createSeal(home, storeId, files).anchor({ seq: 0, hash: genesis(storeId) });
}

/**
 * Signs the end of the audit chain with a key that lies apart from the database, and keeps the furthest end seen in a file beside
 * that key: events cut from the tail, also by putting back an older copy of the database, then no longer fit.
 */
export interface Seal {
	/** Signs any text that the database keeps outside the chain. */
	mac(text: string): string;
	sign(head: Head): string;
	/** @throws `store.audit_broken` when `mac` is not this key's over this head */
	check(head: Head, mac: string): void;
	/** The furthest end seen. @throws `store.audit_broken` when the file is missing or was altered */
	anchored(): Head;
	/** Moves the anchor on; it never goes back. */
	anchor(head: Head): Promise<void>;
}

const broken = (what: string): MlopsError =>
	new MlopsError('store.audit_broken', what, {
		remedy: 'Restore the whole folder of the store (with its folder "keys") from a backup, and find out who changed it.',
	});

export function createSeal(home: string, storeId: string, files: Files): Seal {
	let key: Buffer | undefined;
	let queue: Promise<void> = Promise.resolve();

	const mac = (text: string): string => {
		key ??= readKeySync(home, 'audit');
		return createHmac('sha256', key).update(text).digest('hex');
	};
	const sign = ({ seq, hash }: Head): string => mac(canonicalJson({ store: storeId, seq, hash }));
	const check = (head: Head, mac: string): void => {
		if (!sameText(sign(head), mac))
			throw broken(`The signature of the audit log's end (event ${head.seq}) is wrong: the end was altered or cut.`);
	};
	const anchored = (): Head => {
		const found = readAnchorFile(home);
		if (!found) throw broken('The anchor of the audit log (keys/audit.head) is missing or unreadable.');
		check(found, found.mac);
		return { seq: found.seq, hash: found.hash };
	};
	return {
		mac,
		sign,
		check,
		anchored,
		anchor(head) {
			queue = queue
				.catch(() => {})
				.then(async () => {
					const present = readAnchorFile(home);
					if (present && head.seq > 0 && present.seq >= head.seq) return;
					await replaceFile(files, anchorOf(home), canonicalJson({ ...head, mac: sign(head) }), 0o600, temporariesOf(home));
				});
			return queue;
		},
	};
}

function readAnchorFile(home: string): (Head & { mac: string }) | undefined {
	try {
		const { seq, hash, mac } = JSON.parse(readFileSync(anchorOf(home), 'utf8')) as Record<string, unknown>;
		return typeof seq === 'number' && typeof hash === 'string' && typeof mac === 'string' ? { seq, hash, mac } : undefined;
	} catch {
		return undefined;
	}
}

function readKeySync(home: string, name: 'audit'): Buffer {
	try {
		return parseKey(readFileSync(join(folderOf(home), `${name}.key`), 'utf8'), name);
	} catch (error) {
		throw error instanceof MlopsError ? error : broken(`The key of the audit log (keys/${name}.key) cannot be read.`);
	}
}

/** The secret that approval links are signed with. */
export async function readLinkKey(home: string): Promise<Buffer> {
	return parseKey(await readFile(join(folderOf(home), 'link.key'), 'utf8').catch(() => ''), 'link');
}

function parseKey(text: string, name: string): Buffer {
	if (!/^[0-9a-f]{64}$/.test(text.trim())) {
		throw new MlopsError('store.corrupt', `The key file keys/${name}.key of the MLOps store is missing or damaged.`, {
			remedy: 'Restore the folder "keys" of the store from a backup.',
		});
	}
	return Buffer.from(text.trim(), 'hex');
}

/** Compares without telling by its duration where the first difference is. */
export function sameText(a: string, b: string): boolean {
	const left = Buffer.from(a);
	const right = Buffer.from(b);
	return left.length === right.length && timingSafeEqual(left, right);
}
