import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { giveSecret, secretOf } from '../compute/secrets.js';
import { own } from '../domain/dictionary.js';
import { MlopsError } from '../domain/errors.js';
import type { SharedRef } from '../domain/storeRef.js';
import { decoded } from './percent.js';

/** Environment variables that say where the store is. */
export type Environment = Record<string, string | undefined>;

/** What opens a shared store besides its reference. */
export interface StoreSecrets {
	password?: string;
	/** Seals the store's keys. */
	secret: string;
}

const grantName = (grant: string): string => `MLOPS_STORE_GRANT_${grant}`;
/** Grants of this process by what they hold, so that the same secrets are one grant. */
const grants = new Map<string, string>();

/** Tells this process, and those that run its jobs, the secrets of a store; the reference that it gives speaks of them by a random name. */
export function grantedRef(ref: Omit<SharedRef, 'kind' | 'grant'>, secrets: StoreSecrets): SharedRef {
	const text = JSON.stringify(secrets);
	let grant = grants.get(text);
	if (grant === undefined) {
		grant = randomBytes(8).toString('hex');
		grants.set(text, grant);
		giveSecret(grantName(grant), text);
	}
	return { kind: 'shared', ...ref, grant };
}

/** @throws `store.secret` where this process was told nothing that opens the store */
export function secretsFor({ grant }: SharedRef, env: Environment = process.env): StoreSecrets {
	if (grant !== undefined) {
		const text = secretOf(grantName(grant));
		if (text !== undefined) return JSON.parse(text) as StoreSecrets;
		throw missing('This process was not told the secrets of the MLOps store.');
	}
	const secret = settingOf(env, 'MLOPS_STORE_SECRET');
	if (secret === undefined) throw missing('The MLOps store is shared, and its secret is not set.');
	const url = settingOf(env, 'MLOPS_STORE_URL');
	const password = url === undefined ? '' : decoded(new URL(url).password);
	return { secret, ...(password === '' ? {} : { password }) };
}

const missing = (what: string): MlopsError =>
	new MlopsError('store.secret', what, {
		expected: 'MLOPS_STORE_SECRET or MLOPS_STORE_SECRET_FILE, the same on all machines',
		remedy: 'Set it to a random text of at least 16 characters, for example what "openssl rand -hex 32" prints, and keep a copy.',
	});

/** A setting, or the text of the file that `<name>_FILE` names. @throws `input.invalid` where that file cannot be read */
export function settingOf(env: Environment, name: string): string | undefined {
	const plain = own(env, name);
	if (plain) return plain;
	const file = own(env, `${name}_FILE`);
	if (!file) return undefined;
	try {
		return readFileSync(file, 'utf8').trim();
	} catch (error) {
		throw new MlopsError('input.invalid', `The file that ${name}_FILE names cannot be read.`, {
			cause: error,
			remedy: 'Check its path and rights.',
		});
	}
}
