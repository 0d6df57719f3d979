import { constants } from 'node:fs';
import { access, chmod, copyFile, mkdir, open, rename, rm } from 'node:fs/promises';
import { createHash, randomBytes } from 'node:crypto';
import { dirname, extname, join } from 'node:path';
import { processMark } from '../compute/processMark.js';
import { own } from '../domain/dictionary.js';
import { FULL, MlopsError } from '../domain/errors.js';

/**
 * The few operations by which files come to be in a store's home, so that a test can record them and replay every prefix.
 * Reading needs no such door.
 */
export interface Files {
	makeFolder(path: string): Promise<void>;
	/** A new file with these bytes, not yet synced. */
	write(path: string, bytes: Uint8Array): Promise<void>;
	copy(from: string, to: string): Promise<void>;
	protect(path: string, mode: number): Promise<void>;
	syncFile(path: string): Promise<void>;
	rename(from: string, to: string): Promise<void>;
	syncFolder(path: string): Promise<void>;
	remove(path: string): Promise<void>;
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException | undefined)?.code ?? '';

/** Fails as the nearest folder above that is there does, where it cannot be written to. */
async function writableAbove(path: string): Promise<void> {
	const above = dirname(path);
	await access(above, constants.W_OK).catch(async (error: unknown) => {
		if (codeOf(error) !== 'ENOENT' || above === path) throw error;
		await writableAbove(above);
	});
}

/** The real disk. */
export const diskFiles: Files = {
	async makeFolder(path) {
		try {
			await mkdir(path, { recursive: true, mode: 0o700 });
		} catch (error) {
			// On a disk that is read-only, Node says that there is no such folder; this says why there is none.
			if (codeOf(error) === 'ENOENT') await writableAbove(path);
			throw error;
		}
	},
	async write(path, bytes) {
		const file = await open(path, 'wx', 0o600);
		try {
			await file.writeFile(bytes);
		} finally {
			await file.close();
		}
	},
	copy: (from, to) => copyFile(from, to),
	protect: (path, mode) => chmod(path, mode),
	async syncFile(path) {
		// Windows flushes only handles that may write.
		const file = await open(path, process.platform === 'win32' ? 'r+' : 'r');
		try {
			await file.sync();
		} finally {
			await file.close();
		}
	},
	rename: (from, to) => rename(from, to),
	async syncFolder(path) {
		// A folder has no handle to sync on Windows, where renames are journalled by the file system itself.
		if (process.platform === 'win32') return;
		const folder = await open(path, 'r');
		try {
			await folder.sync();
		} finally {
			await folder.close();
		}
	},
	remove: (path) => rm(path, { recursive: true, force: true }),
};

/** Where files are written before they get their name: in the home, so on the same file system. */
export const temporariesOf = (home: string): string => join(home, 'tmp');

const full = (cause: unknown): MlopsError => new MlopsError('store.full', FULL.message, { cause, remedy: FULL.remedy });

const unwritable = (cause: unknown): MlopsError =>
	new MlopsError('store.unwritable', `The folder of the MLOps store cannot be written to (${codeOf(cause) || 'input/output error'}).`, {
		cause,
		remedy: 'Give the user that n8n runs as the right to write there, or set MLOPS_HOME to another folder.',
	});

const denied = (cause: unknown): MlopsError =>
	new MlopsError('store.unwritable', 'Files of the MLOps store belong to another user, and may not be read or written.', {
		cause,
		remedy: "Give the store's folder with all that is in it to the user that works on it (chown -R), and run everything as that user.",
	});

const READ_ALONE = 'The MLOps store can be read here, and not written to.';

/** What is refused of a store that can be read alone. */
export const readOnlyStore = (): MlopsError =>
	new MlopsError('store.unwritable', READ_ALONE, {
		remedy: 'To change what is in it, give this user the right to write to its folder, or mount the folder so that it can be written to.',
	});

/** Whether that is why something was refused. */
export const isOfReadOnly = ({ message }: Pick<MlopsError, 'message'>): boolean => message === READ_ALONE;

const may = async (path: string, mode: number): Promise<boolean> =>
	await access(path, mode).then(
		() => true,
		() => false,
	);

/** Whether the folder holds a store that this process can read, and not write to: it is mounted so, or belongs to another user. */
export async function isReadOnly(home: string): Promise<boolean> {
	const database = join(home, 'store.db');
	return (await may(database, constants.R_OK)) && !((await may(home, constants.W_OK)) && (await may(database, constants.W_OK)));
}

/** Refuses in words, as long as the folder can be read alone; it may be mounted for writing while it is open. @throws `store.unwritable` */
export async function refuseReadOnly(home: string): Promise<void> {
	if (await isReadOnly(home)) throw readOnlyStore();
}

/** The files of a store that can be read alone: what the system would refuse by a code is refused in words. */
export function filesToRead(home: string, files: Files): Files {
	const unless =
		<A extends unknown[]>(work: (...args: A) => Promise<void>) =>
		async (...args: A): Promise<void> => {
			await refuseReadOnly(home);
			await work(...args);
		};
	return {
		makeFolder: unless(files.makeFolder),
		write: unless(files.write),
		copy: unless(files.copy),
		protect: unless(files.protect),
		syncFile: unless(files.syncFile),
		rename: unless(files.rename),
		syncFolder: unless(files.syncFolder),
		remove: unless(files.remove),
	};
}

const FILE_FAILURES: Record<string, (cause: unknown) => MlopsError> = {
	ENOSPC: full,
	EDQUOT: full,
	EFBIG: full,
	EACCES: unwritable,
	EPERM: unwritable,
	EROFS: unwritable,
	ENOTDIR: unwritable,
	EEXIST: unwritable,
	EIO: unwritable,
};

/** SQLite's primary result codes: read-only, input/output error, full, cannot open. */
const SQLITE_FAILURES: Record<number, (cause: unknown) => MlopsError> = { 8: unwritable, 10: unwritable, 13: full, 14: unwritable };

/**
 * What the disk refused, in our words; anything else passes through. `sqlite` is SQLite's primary result code, if it was SQLite that was
 * refused.
 */
export function diskError(error: unknown, sqlite?: number): unknown {
	if (error instanceof MlopsError) return error;
	const known = sqlite === undefined ? own(FILE_FAILURES, codeOf(error)) : SQLITE_FAILURES[sqlite];
	return known ? known(error) : error;
}

/** The words of the operating system that DuckDB hands on, without a code. */
const DENIED_WORDS = /^(?:Error: )?IO Error: .*(?:Permission denied|Access is denied)/;

/** The same of what was read of the store, which may not be what is called by its name: it may be another user's. */
export function readError(error: unknown): unknown {
	const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
	const refused = code === 'EACCES' || code === 'EPERM' || (typeof message === 'string' && DENIED_WORDS.test(message));
	return !(error instanceof MlopsError) && refused ? denied(error) : diskError(error);
}

/** A name that nobody else has. */
export const freshName = (): string => randomBytes(12).toString('hex');

/** A fresh path for what is being written; its name says which process it belongs to, so that it goes when that is gone. */
export const temporaryPath = (temporaries: string, extension = ''): string =>
	join(temporaries, `${freshName()}-${processMark()}${extension === '' || extension.startsWith('.') ? extension : `.${extension}`}`);

/**
 * Writes a small file by way of a folder for temporary files, so that after a power cut either the old or the new content is there, whole.
 */
export async function replaceFile(files: Files, path: string, content: string, mode: number, temporaries: string): Promise<void> {
	const temporary = temporaryPath(temporaries, extname(path));
	try {
		await files.write(temporary, Buffer.from(content));
		await files.protect(temporary, mode);
		await files.syncFile(temporary);
		await files.rename(temporary, path);
	} catch (error) {
		await files.remove(temporary);
		throw error;
	}
	await files.syncFolder(dirname(path));
}

/** Moves a file, also from another file system. */
export async function moveFile(files: Files, from: string, to: string, spare: string): Promise<void> {
	try {
		await files.rename(from, to);
	} catch (error) {
		if (codeOf(error) !== 'EXDEV') throw error;
		await files.copy(from, spare);
		await files.syncFile(spare);
		await files.rename(spare, to);
		await files.remove(from);
	}
}

/** Hashing this much takes about a millisecond, for which the calling thread is busy. */
const PIECE = 1 << 20;

/** SHA-256 (hex) and size in bytes of a file, read in pieces; `undefined` when there is none. */
export async function digestFile(path: string): Promise<{ digest: string; size: number } | undefined> {
	const file = await open(path, 'r').catch((error: unknown) => {
		if (codeOf(error) === 'ENOENT') return undefined;
		throw error;
	});
	if (!file) return undefined;
	try {
		const hash = createHash('sha256');
		const buffer = Buffer.allocUnsafe(Math.max(1, Math.min((await file.stat()).size, PIECE)));
		let size = 0;
		for (;;) {
			const { bytesRead } = await file.read(buffer, 0, buffer.length, size);
			if (bytesRead === 0) return { digest: hash.digest('hex'), size };
			hash.update(buffer.subarray(0, bytesRead));
			size += bytesRead;
		}
	} finally {
		await file.close();
	}
}
