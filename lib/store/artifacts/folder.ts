import { readFile, readdir, stat, utimes } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { MARK, stateOf } from '../../compute/processMark.js';
import { MlopsError } from '../../domain/errors.js';
import { sha256 } from '../../domain/json.js';
import type { OwnArtifacts } from './contract.js';
import { createMarks, isMark } from './putMarks.js';
import { digestFile, diskError, moveFile, readError, refuseReadOnly, temporariesOf, temporaryPath, type Files } from '../files.js';

const DIGEST = /^[0-9a-f]{64}$/;
/** What `temporaryPath` makes, without its folder; what older versions made has no mark. */
const HANDED = new RegExp(`^[0-9a-f]{24}(?:-(${MARK}))?(\\.\\w*)?$`);
/** Temporary files this old belong to nobody that still works, whoever that was. */
const STALE_MS = 24 * 3600 * 1000;
/** What `withFolder` makes ends so: it is touched while work goes on, so one that was not for so long belongs to nobody. */
const WORK = '.work';
const BEAT_MS = 20_000;
const SILENT_MS = 3_600_000;

const missing = (digest: string): MlopsError =>
	new MlopsError('store.not_found', `The file ${digest.slice(0, 12)}... is not in the store.`, {
		found: digest,
		remedy: 'Run the node that made it again, or restore the folder "artifacts" of the store from a backup.',
	});

/** Why a file cannot be had: it is not there, or not for this user. */
const unfound = (digest: string, error: unknown): unknown =>
	['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '') ? missing(digest) : readError(error);

/** Where everything lies. */
interface Places {
	home: string;
	root: string;
	temporaries: string;
	files: Files;
	marks: ReturnType<typeof createMarks>;
	/** Whether the store could be read alone when it was opened. */
	readOnly: boolean;
}

function placeOf({ root }: Places, digest: string): string {
	if (!DIGEST.test(digest)) throw missing(String(digest));
	return join(root, digest.slice(0, 2), digest);
}

async function exists(places: Places, digest: string): Promise<boolean> {
	if (!DIGEST.test(digest)) return false;
	return await stat(placeOf(places, digest)).then(
		(s) => s.isFile(),
		() => false,
	);
}

/** What `digestFile` says of a file. */
type Measured = NonNullable<Awaited<ReturnType<typeof digestFile>>>;

/** Gives a synced temporary file its name, unless a sound copy is there already. */
async function keep(places: Places, temporary: string, digest: string): Promise<void> {
	const { root, files } = places;
	const place = placeOf(places, digest);
	const shard = join(root, digest.slice(0, 2));
	await places.marks.naming(digest);
	const present = await digestFile(place);
	if (present?.digest === digest) {
		await files.remove(temporary);
	} else {
		await files.makeFolder(shard);
		await places.marks.putting(digest);
		await files.protect(temporary, 0o444);
		await moveFile(files, temporary, place, temporaryPath(places.temporaries, '.part'));
	}
	// Also for a copy that another process has only just put there: its own sync may still be to come.
	await files.syncFolder(shard);
	await files.syncFolder(root);
}

function writing(places: Places): Pick<OwnArtifacts, 'put' | 'putFile' | 'ahead' | 'temporary'> {
	/** Files that are looked at, and brought to the disk, before they are asked for. */
	const begun = new Map<string, Promise<Measured | undefined>>();
	/** Both at once: the disk takes its time without us. */
	async function onDisk(path: string): Promise<Measured | undefined> {
		const synced = places.files.syncFile(path);
		synced.catch(() => {});
		const measured = await digestFile(path);
		if (measured) await synced;
		return measured;
	}
	return {
		async put(bytes) {
			const data = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
			const temporary = temporaryPath(places.temporaries, '.part');
			try {
				await places.files.write(temporary, data);
				await places.files.syncFile(temporary);
				const digest = sha256(data);
				await keep(places, temporary, digest);
				return digest;
			} catch (error) {
				await places.files.remove(temporary).catch(() => {});
				throw diskError(error);
			}
		},
		async putFile(path, before) {
			const inside = relative(places.home, path);
			if (inside.startsWith('..') || isAbsolute(inside)) {
				throw new MlopsError('internal', 'A file that the store is to keep must lie inside its home: write it to temporary() first.');
			}
			const first = begun.get(path) ?? onDisk(path);
			begun.delete(path);
			try {
				const measured = await first;
				if (!measured) throw new MlopsError('store.not_found', 'The file that the store was to keep does not exist.');
				await before?.();
				await keep(places, path, measured.digest);
				return measured;
			} catch (error) {
				throw diskError(error);
			}
		},
		ahead(path) {
			const first = onDisk(path);
			// Who takes the file is told; nobody may.
			first.catch(() => {});
			begun.set(path, first);
		},
		async temporary(extension) {
			// Others write there, and would hand on the words of the system.
			if (places.readOnly) await refuseReadOnly(places.home);
			return places.marks.lent(temporaryPath(places.temporaries, extension));
		},
	};
}

const reading = (places: Places): Pick<OwnArtifacts, 'materialise' | 'get' | 'has' | 'require' | 'check' | 'listed'> => ({
	async materialise(digest) {
		const place = placeOf(places, digest);
		const found = await stat(place).catch((error: unknown) => {
			throw unfound(digest, error);
		});
		if (!found.isFile()) throw missing(digest);
		return place;
	},
	async get(digest) {
		const place = placeOf(places, digest);
		const bytes = await readFile(place).catch((error: unknown) => {
			throw unfound(digest, error);
		});
		const found = sha256(bytes);
		if (found !== digest) {
			throw new MlopsError('store.digest_mismatch', `The file ${digest.slice(0, 12)}... in the store was altered after it was written.`, {
				expected: digest,
				found,
				remedy: 'Restore the folder "artifacts" of the store from a backup, or run the node that made it again.',
			});
		}
		return bytes;
	},
	has: (digest) => exists(places, digest),
	async require(digests) {
		for (const digest of digests) if (!(await exists(places, digest))) throw missing(digest);
	},
	async check(digest) {
		if (!DIGEST.test(digest)) return 'missing';
		const found = await digestFile(placeOf(places, digest));
		if (!found) return 'missing';
		return found.digest === digest ? 'good' : 'altered';
	},
	async listed() {
		const digests: string[] = [];
		const others: string[] = [];
		for (const shard of await readdir(places.root, { withFileTypes: true })) {
			const inside = shard.isDirectory() ? await readdir(join(places.root, shard.name)) : [''];
			for (const name of inside) {
				if (DIGEST.test(name) && name.startsWith(shard.name) && shard.name.length === 2) digests.push(name);
				else others.push(join(shard.name, name));
			}
		}
		return { digests, others };
	},
});

/** Temporary files that another process goes on with, by their names. */
function handingOver({ temporaries, files, marks }: Places): Pick<OwnArtifacts, 'handOver' | 'handedOver' | 'discard' | 'withFolder'> {
	const handedPath = (name: string): string => {
		if (!HANDED.test(name)) throw new MlopsError('internal', `"${name}" is no name of a file that was handed over.`);
		return join(temporaries, name);
	};
	return {
		async handOver(path) {
			if (dirname(path) !== temporaries) throw new MlopsError('internal', 'Only a file made with temporary() can be handed over.');
			marks.takenOver(path);
			return basename(path);
		},
		handedOver: async (name) => handedPath(name),
		discard: async (name) => await files.remove(handedPath(name)),
		async withFolder(work) {
			const path = temporaryPath(temporaries, WORK);
			await files.makeFolder(path).catch((error: unknown) => {
				throw diskError(error);
			});
			const beat = setInterval(() => {
				const now = new Date();
				void utimes(path, now, now).catch(() => {});
			}, BEAT_MS).unref();
			try {
				return await work(basename(path));
			} finally {
				clearInterval(beat);
				// What is left then goes when the store is opened next.
				await files.remove(path).catch(() => {});
			}
		},
	};
}

/**
 * Bytes by their SHA-256 under `artifacts/ab/abcd...`. A file is complete and on the disk, and so is its name in the folder,
 * before the digest is given out; so a row that names it can never come first.
 */
export async function createArtifacts(home: string, files: Files, readOnly = false): Promise<OwnArtifacts> {
	const temporaries = temporariesOf(home);
	const marks = createMarks(temporaries, files);
	const places = { home, root: join(home, 'artifacts'), temporaries, files, marks, readOnly };
	if (!readOnly) {
		await files.makeFolder(places.root);
		await files.makeFolder(places.temporaries);
		await sweep(places.temporaries, files);
	}
	return {
		...writing(places),
		...reading(places),
		...handingOver(places),
		within: marks.within,
		left: marks.left,
		drop: async (digest) => await files.remove(placeOf(places, digest)),
	};
}

/** Removes what processes that were killed left behind: at once where they are known to be gone, else once it is old enough. */
async function sweep(folder: string, files: Files): Promise<void> {
	const now = Date.now();
	for (const name of await readdir(folder).catch(() => [] as string[])) {
		// Only what we made: the folder may be one that others use too.
		const made = HANDED.exec(name);
		// What marks name is looked at once the records can be asked.
		if (!made || isMark(name)) continue;
		const path = join(folder, name);
		const [, mark, extension] = made;
		const state = mark === undefined ? 'unknown' : await stateOf(mark);
		const found = state === 'gone' ? undefined : await stat(path).catch(() => undefined);
		const patience = state === 'unknown' && mark !== undefined && extension === WORK ? SILENT_MS : STALE_MS;
		// Another who opens the store may be doing the same; what cannot be removed now is left for the next.
		if (state === 'gone' || (found && found.mtimeMs < now - patience)) await files.remove(path).catch(() => {});
	}
}
