import { stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { FULL, MlopsError } from '../domain/errors.js';
import { bytes } from '../report/formatting.js';
import type { Store } from '../store/contract.js';

/** What Ingest takes of the disk at most, as a multiple of the text that it reads: the typed table, and the file that is made of it. */
const TAKES = 3;
/** Files whose size says little of what is in them. */
const PACKED = /\.(?:gz|tgz|zip|bz2|xz|zst|br|parquet|xlsx?|ods|feather|arrow)$/i;

/**
 * A full disk, with what a person needs to know about it: where it is, what is free of it, and what reading takes; any other failure, and
 * one that says so already, as it is. To be called once what was half written is gone.
 * @param path of the file that was read, if it is one
 */
export async function withRoomSaid(thrown: unknown, { home }: Pick<Store, 'home'>, path?: unknown): Promise<unknown> {
	if (!(thrown instanceof MlopsError) || thrown.code !== 'store.full' || thrown.details.found !== undefined) return thrown;
	const ofStore = thrown.message === FULL.message;
	const at = ofStore ? home : tmpdir();
	const disk = await statfs(at).catch(() => undefined);
	if (!disk) return thrown;
	const read = typeof path === 'string' && !PACKED.test(path) ? await stat(path).catch(() => undefined) : undefined;
	const needed = read?.isFile() ? `, here ${bytes(TAKES * read.size)}` : '';
	const free = `${bytes(disk.bavail * disk.bsize)} of ${bytes(disk.blocks * disk.bsize)} free`;
	const found = `${free} at ${at}, now that what was half written is gone`;
	if (!ofStore) return new MlopsError('store.full', thrown.message, { ...thrown.details, cause: thrown, found });
	return new MlopsError('store.full', FULL.message, {
		cause: thrown,
		found,
		...(path === undefined ? {} : { expected: `while a file is read, up to ${TAKES} times its unpacked size${needed}` }),
		remedy: 'Free some space there, or move the store to a larger disk (MLOPS_HOME), and run again; what was in the store is whole.',
	});
}
