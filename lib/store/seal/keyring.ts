import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MlopsError } from '../../domain/errors.js';
import { replaceFile, temporariesOf, type Files } from '../files.js';
import type { Envelope } from './envelope.js';

/** `audit` signs the end of the audit chain, `link` the approval links. */
export type KeyName = 'audit' | 'link';

export const keysOf = (home: string): string => join(home, 'keys');

/**
 * The keys of one purpose, in a file `keys/<name>.key`, one a line (64 hexadecimal digits): the number of its line is the key's id. The
 * last one signs; the others go on to verify what they signed. A store that nobody changed a key of has one line, as it always had.
 */
export interface Keyring {
	/** `anew`: of the file as it is now, in case another process changed the key. */
	newest(anew?: boolean): Promise<{ id: number; key: Buffer }>;
	/** `undefined` where there is no such key, also not in the file as it is now. */
	numbered(id: number): Promise<Buffer | undefined>;
	/** Adds a fresh key, which signs from now on, and gives its id. One process at a time. */
	renew(): Promise<number>;
	/** The file's text, as another store keeps it under an envelope of its own. */
	text(): Promise<string>;
	/** Replaces the file, by keys that were made elsewhere. */
	write(text: string): Promise<void>;
}

const fresh = (): string => randomBytes(32).toString('hex');

export function createKeyring(home: string, name: KeyName, { files, envelope }: { files: Files; envelope: Envelope }): Keyring {
	const path = join(keysOf(home), `${name}.key`);
	let known: Promise<Buffer[]> | undefined;

	const text = async (): Promise<string> => {
		const lying = await readFile(path, 'utf8').catch(() => {
			throw name === 'audit'
				? new MlopsError('store.audit_broken', `The key of the audit log (keys/${name}.key) cannot be read.`, {
						remedy: 'Restore the whole folder of the store (with its folder "keys") from a backup, and find out who changed it.',
					})
				: damaged(name);
		});
		return await envelope.open(lying);
	};
	const read = async (): Promise<Buffer[]> => {
		const lines = (await text()).trim().split('\n');
		if (!lines.every((line) => /^[0-9a-f]{64}$/.test(line))) throw damaged(name);
		return lines.map((line) => Buffer.from(line, 'hex'));
	};
	const keys = (anew = false): Promise<Buffer[]> => {
		if (anew) known = undefined;
		known ??= read().catch((error: unknown) => {
			known = undefined;
			throw error;
		});
		return known;
	};
	const write = async (content: string): Promise<void> => {
		await replaceFile(files, path, await envelope.close(content), 0o600, temporariesOf(home));
		known = undefined;
	};
	return {
		async newest(anew) {
			const all = await keys(anew);
			return { id: all.length, key: all.at(-1)! };
		},
		async numbered(id) {
			return (await keys())[id - 1] ?? (await keys(true))[id - 1];
		},
		async renew() {
			const all = [...(await keys(true)).map((key) => key.toString('hex')), fresh()];
			await write(all.join('\n'));
			return all.length;
		},
		text,
		write,
	};
}

/** A file with one fresh key. */
export const freshKeys = fresh;

const damaged = (name: KeyName): MlopsError =>
	new MlopsError('store.corrupt', `The key file keys/${name}.key of the MLOps store is missing or damaged.`, {
		remedy: 'Restore the folder "keys" of the store from a backup.',
	});

/** Compares without telling by its duration where the first difference is. */
export function sameText(a: string, b: string): boolean {
	const left = Buffer.from(a);
	const right = Buffer.from(b);
	return left.length === right.length && timingSafeEqual(left, right);
}
