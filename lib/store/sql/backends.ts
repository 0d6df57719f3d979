import { MlopsError } from '../../domain/errors.js';
import { own } from '../../domain/dictionary.js';
import type { SharedRef } from '../../domain/storeRef.js';
import type { Backend } from './contract.js';

type Open = (ref: SharedRef, password: string | undefined) => Promise<Backend>;

const postgres: Open = async (ref, password) => (await import('./postgres/database.js')).openPostgres(ref, password);

/** Databases that several machines can share, by the protocol of their addresses. Loaded when they are needed. */
const BACKENDS: Record<string, Open> = { 'postgres:': postgres, 'postgresql:': postgres };

/** @throws `input.invalid` for a database that the store does not know */
export async function openBackend(ref: SharedRef, password: string | undefined): Promise<Backend> {
	const { protocol } = new URL(ref.url);
	const open = own(BACKENDS, protocol);
	if (open) return await open(ref, password);
	throw new MlopsError('input.invalid', `The MLOps store cannot be in a database of the kind "${protocol}".`, {
		expected: Object.keys(BACKENDS).join(', '),
		remedy: 'Set MLOPS_STORE_URL to the address of a PostgreSQL database.',
	});
}
