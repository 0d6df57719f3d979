import { MlopsError } from '../../domain/errors.js';
import type { SharedRef } from '../../domain/storeRef.js';
import type { Backend, BackendType } from './contract.js';
import { postgres } from './postgres/index.js';

/** Databases that several machines can share. */
const BACKENDS: readonly BackendType[] = [postgres];

/** @throws `input.invalid` for a database that the store does not know */
export async function openBackend(ref: SharedRef, password: string | undefined): Promise<Backend> {
	const { protocol } = new URL(ref.url);
	const type = BACKENDS.find(({ protocols }) => protocols.includes(protocol));
	if (type) return await type.open(ref, password);
	throw new MlopsError('input.invalid', `The MLOps store cannot be in a database of the kind "${protocol}".`, {
		expected: BACKENDS.flatMap(({ protocols }) => protocols).join(', '),
		remedy: 'Set MLOPS_STORE_URL to the address of a PostgreSQL database.',
	});
}
