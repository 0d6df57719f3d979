import { access } from 'node:fs/promises';
import { MlopsError } from '../domain/errors.js';
import { keysOf } from './seal/keyring.js';

/**
 * Whether the folder of a store that was opened is still there. A database of which the file is open goes on being read and written after
 * its folder was moved, deleted or unmounted, and a log would make a folder anew where nobody looks for it: what were written then would
 * be gone once the right one is back.
 * @throws `store.unreachable`
 */
export async function assertHome(home: string): Promise<void> {
	try {
		await access(keysOf(home));
	} catch (cause) {
		throw new MlopsError('store.unreachable', 'The folder of the MLOps store is not there.', {
			cause,
			remedy: 'Nothing was kept. Look whether its disk is mounted, put the folder back where it was, then try again.',
		});
	}
}
