import { randomBytes } from 'node:crypto';
import { rename, stat, utimes } from 'node:fs/promises';
import { processMark, stateOf } from '../../compute/processMark.js';
import type { LogKind } from './contract.js';
import { lockPath } from './places.js';

/**
 * Whose an open segment is stands in the name of its lock, so that to take it over is to rename that file, which only one can do:
 *
 *     <machine>-<pid>-<start>-<random>    a writer
 *     free                                nobody's: the next writer may go on with it
 *     sealed                              nobody's: its sealed twin is there and in the chain; it is removed when no reader can need it
 *
 * A writer of this machine is gone when there is no process with its number that was started at its time. Of another machine (or
 * container: what counts is whether numbers of processes mean the same) it is gone when it gave no sign of life for two minutes by the
 * clock of the file system; a writer that gave none for half as long looks whether its segment is still its own before it writes.
 */

export const FREE = 'free';
export const SEALED = 'sealed';
/** A writer of another machine is gone after this long without a sign of life. */
export const LEASE_MS = 120_000;
/** How often a writer gives one. */
export const BEAT_MS = 20_000;

/** A name for a writer of this process. */
export const newOwner = (): string => `${processMark()}-${randomBytes(4).toString('hex')}`;

/** Whether nobody writes to a segment any more. `now` is the file system's clock. */
export async function isGone(owner: string, lock: string, now: number): Promise<boolean> {
	if (owner === FREE || owner === SEALED) return true;
	const beat = await stat(lock).then(
		({ mtimeMs }) => mtimeMs,
		// Somebody else has taken it just now.
		() => Number.POSITIVE_INFINITY,
	);
	const state = await stateOf(owner);
	return state === 'unknown' ? now - beat > LEASE_MS : state === 'gone' && beat !== Number.POSITIVE_INFINITY;
}

/** Makes a segment's lock another's, and a sign of life. False: somebody else was first. */
export async function handLock(home: string, kind: LogKind, id: string, from: string, to: string): Promise<boolean> {
	const lock = lockPath(home, kind, id, from);
	try {
		// First the sign of life: under its new name it must not look like one that was left long ago.
		const now = new Date();
		await utimes(lock, now, now);
		await rename(lock, lockPath(home, kind, id, to));
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
		throw error;
	}
}
