import { stat, statfs } from 'node:fs/promises';
import { FULL, MlopsError } from '../domain/errors.js';
import { bytes } from '../report/formatting.js';
import type { Store } from '../store/contract.js';

/** What Ingest takes of the disk at most, as a multiple of the text that it reads: the typed table, and the file that is made of it. */
const TAKES = 3;
/** Files whose size says little of what is in them. */
const PACKED = /\.(?:gz|tgz|zip|bz2|xz|zst|br|parquet|xlsx?|ods|feather|arrow)$/i;

/**
 * A full disk, with what a person needs to know about it: where it is, what is free of it, and what reading takes; any other failure as it
 * is. To be called once what was half written is gone.
 * @param path of the file that was read, if it is one
 */
export async function withRoomSaid(thrown: unknown, { home }: Pick<Store, 'home'>, path?: unknown): Promise<unknown> {
	if (!(thrown instanceof MlopsError) || thrown.message !== FULL.message) return thrown;
	const disk = await statfs(home).catch(() => undefined);
	if (!disk) return thrown;
	const read = typeof path === 'string' && !PACKED.test(path) ? await stat(path).catch(() => undefined) : undefined;
	const needed = read?.isFile() ? `, here ${bytes(TAKES * read.size)}` : '';
	const free = bytes(disk.bavail * disk.bsize);
	return new MlopsError('store.full', FULL.message, {
		cause: thrown,
		found: `${free} of ${bytes(disk.blocks * disk.bsize)} free at ${home}, now that what was half written is gone`,
		expected: `while a file is read, up to ${TAKES} times its unpacked size${needed}`,
		remedy: 'Free some space there, or move the store to a larger disk (MLOPS_HOME), and run again; what was in the store is whole.',
	});
}
