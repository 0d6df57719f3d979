import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { readFile, rename, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
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

const said = (read: () => string): string => {
	try {
		return read().trim();
	} catch {
		return '';
	}
};

/** Where numbers of processes mean the same: one boot of one system, one namespace of processes. */
const machine = (): string =>
	createHash('sha256')
		.update(
			JSON.stringify([
				hostname(),
				said(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
				said(() => readlinkSync('/proc/self/ns/pid')),
			]),
		)
		.digest('hex')
		.slice(0, 12);

/**
 * When a process was started, in the system's ticks; empty for one that ended and that its parent did not ask about yet. Fields 3 and 22 of
 * proc(5)'s `stat`, counted behind the name, which may hold anything.
 */
function startIn(statText: string): string {
	const fields = statText.slice(statText.lastIndexOf(')') + 2).split(' ');
	return fields[0] === 'Z' || fields[0] === 'X' ? '' : (fields[19] ?? '');
}

let here: { machine: string; prefix: string } | undefined;

function self(): { machine: string; prefix: string } {
	if (!here) {
		const id = machine();
		here = { machine: id, prefix: `${id}-${process.pid}-${said(() => startIn(readFileSync('/proc/self/stat', 'utf8'))) || '0'}` };
	}
	return here;
}

/** A name for a writer of this process. */
export const newOwner = (): string => `${self().prefix}-${randomBytes(4).toString('hex')}`;

/** Whether nobody writes to a segment any more. `now` is the file system's clock. */
export async function isGone(owner: string, lock: string, now: number): Promise<boolean> {
	if (owner === FREE || owner === SEALED) return true;
	const [where, pid, start] = owner.split('-');
	const beat = await stat(lock).then(
		({ mtimeMs }) => mtimeMs,
		// Somebody else has taken it just now.
		() => Number.POSITIVE_INFINITY,
	);
	const silent = now - beat > LEASE_MS;
	if (where !== self().machine) return silent;
	if (start !== '0') {
		const running = await readFile(`/proc/${pid}/stat`, 'utf8').then(startIn, () => '');
		return beat !== Number.POSITIVE_INFINITY && running !== start;
	}
	try {
		process.kill(Number(pid), 0);
		return silent;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'ESRCH' && beat !== Number.POSITIVE_INFINITY;
	}
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
