import { open, rm, stat, utimes, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { MlopsError } from '../../domain/errors.js';
import { diskError, freshName, type Files } from '../files.js';
import type { LogKind, SegmentWriter } from './contract.js';
import { BEAT_MS, FREE, handLock, LEASE_MS, newOwner } from './owner.js';
import { beginOf, lockPath, openFiles, openFolder, openPath, sealedFiles, segmentId, sizeOf } from './places.js';
import { endsInHalf } from './sealSegment.js';

/** Written at once. */
const BATCH_BYTES = 4 << 20;

/** When a segment is sealed. */
export interface Limits {
	/** Bytes of an open file. */
	bytes: number;
	/** How old it may become; one of a few lines may become much older, so that it is not sealed for those alone. */
	ms: number;
}

/** Of `Limits.bytes`, below which a segment has few lines; and how many times as old it may become then. */
const FEW = 1 / 64;
const OLDER = 24;

export function isDue(id: string, size: number, { bytes, ms }: Limits): boolean {
	const age = Date.now() - beginOf(id);
	return size >= bytes || (age >= ms && size >= bytes * FEW) || age >= ms * OLDER;
}

interface Call {
	lines: Uint8Array;
	durable: boolean;
	resolve(): void;
	reject(error: unknown): void;
}

/** The open file of a writer. */
interface Current {
	id: string;
	lock: string;
	file: FileHandle;
	/** Bytes that are written and counted. */
	size: number;
	/** The last sign of life (ms of a clock that never goes back). */
	beat: number;
}

export interface WriterPlace {
	home: string;
	kind: LogKind;
	files: Files;
	limits: Limits;
	/** As `LogPlace.assertHome`, and `LogPlace.refuse`. */
	assertHome?: (home: string) => Promise<void>;
	refuse?: () => Promise<void>;
	/** Seals a segment of this owner, whose file is closed. Called without waiting for it. */
	retire(id: string, owner: string): void;
}

/** A segment of its own. */
async function begin({ home, kind, files, assertHome }: WriterPlace, owner: string): Promise<Current> {
	await assertHome?.(home);
	const folder = openFolder(home, kind);
	await files.makeFolder(folder);
	const id = segmentId(freshName());
	const lock = lockPath(home, kind, id, owner);
	// The lock first: a file of lines without one would be anybody's.
	await (await open(lock, 'wx', 0o600)).close();
	try {
		const file = await open(openPath(home, kind, id), 'ax', 0o600);
		// So that the file's name is on the disk too, and the folders' own.
		for (const made of [folder, join(home, kind), home]) await files.syncFolder(made);
		return { id, lock, file, size: 0, beat: performance.now() };
	} catch (error) {
		await rm(lock, { force: true });
		throw error;
	}
}

/** Goes on with what another writer left, if that is whole and has room. */
async function adopt({ home, kind, limits }: WriterPlace, owner: string): Promise<Current | undefined> {
	const left = (await openFiles(home, kind)).filter((f) => f.owner === FREE && f.there).reverse();
	if (left.length === 0) return undefined;
	const sealed = new Set((await sealedFiles(home, kind)).map(({ id }) => id));
	for (const { id } of left) {
		const path = openPath(home, kind, id);
		if (sealed.has(id) || isDue(id, await sizeOf(path), limits)) continue;
		if (!(await handLock(home, kind, id, FREE, owner))) continue;
		if (await endsInHalf(path)) {
			await handLock(home, kind, id, owner, FREE);
			continue;
		}
		const file = await open(path, 'a');
		return { id, lock: lockPath(home, kind, id, owner), file, size: (await file.stat()).size, beat: performance.now() };
	}
	return undefined;
}

/** A sign of life. */
async function touch(held: Current): Promise<void> {
	const now = new Date();
	await utimes(held.lock, now, now);
	held.beat = performance.now();
}

/** Whether nobody has taken the segment since its last sign of life; then this is another one. */
async function isStillOurs(held: Current): Promise<boolean> {
	const there = await stat(held.lock).then(
		() => true,
		() => false,
	);
	if (!there) return false;
	await touch(held);
	return true;
}

/** How many calls are written together: one at least. */
function batchSize(waiting: readonly Call[]): number {
	let bytes = 0;
	let count = 0;
	while (count < waiting.length && (count === 0 || bytes + waiting[count].lines.length <= BATCH_BYTES))
		bytes += waiting[count++].lines.length;
	return count;
}

/** Closes a file and leaves it: to who seals it, or to the next writer. */
async function putAway({ home, kind, retire }: WriterPlace, owner: string, was: Current, sealIt: boolean): Promise<void> {
	await was.file.close();
	if (was.size === 0) {
		// Nothing could be written: a full disk.
		await rm(openPath(home, kind, was.id), { force: true });
		await rm(was.lock, { force: true });
	} else if (sealIt) retire(was.id, owner);
	else await handLock(home, kind, was.id, owner, FREE);
}

/** Writes some calls' lines as one, and tells each how it went. */
async function writeTogether(batch: readonly Call[], write: (lines: Uint8Array, durable: boolean) => Promise<void>): Promise<void> {
	const lines = batch.length === 1 ? batch[0].lines : Buffer.concat(batch.map((call) => call.lines));
	try {
		await write(
			lines,
			batch.some((call) => call.durable),
		);
	} catch (error) {
		const failure = diskError(error);
		for (const call of batch) call.reject(failure);
		return;
	}
	for (const call of batch) call.resolve();
}

/** One writer of one kind of lines (`contract.ts`). */
export function createWriter(place: WriterPlace): SegmentWriter {
	const { limits } = place;
	const owner = newOwner();
	let waiting: Call[] = [];
	let writing: Promise<void> | undefined;
	let current: Current | undefined;
	let looked = false;
	let timer: NodeJS.Timeout | undefined;

	/** Leaves the open file: to who seals it, or to the next writer. */
	async function leave(sealIt: boolean): Promise<void> {
		const was = current;
		current = undefined;
		clearInterval(timer);
		timer = undefined;
		if (!was) return;
		await putAway(place, owner, was, sealIt);
	}

	async function beat(): Promise<void> {
		const held = current;
		if (!held || writing) return;
		if (isDue(held.id, held.size, limits)) {
			writing = leave(true).finally(drainOn);
			return;
		}
		await touch(held).catch(() => {});
	}

	/** The file to write to. One that another has taken, since this process was away too long, is not written to any more. */
	async function ready(): Promise<Current> {
		if (current && performance.now() - current.beat > LEASE_MS / 2) {
			const held = current;
			if (!(await isStillOurs(held))) {
				current = undefined;
				await held.file.close();
			}
		}
		if (current && isDue(current.id, current.size, limits)) await leave(true);
		if (current) return current;
		await place.refuse?.();
		current = (looked ? undefined : await adopt(place, owner)) ?? (await begin(place, owner));
		looked = true;
		timer ??= setInterval(() => void beat(), BEAT_MS).unref();
		return current;
	}

	async function write(lines: Uint8Array, durable: boolean): Promise<void> {
		const to = await ready();
		try {
			let written = 0;
			while (written < lines.length) written += (await to.file.write(lines, written, lines.length - written)).bytesWritten;
			if (durable) await to.file.datasync();
			to.size += lines.length;
		} catch (error) {
			// All of these lines or none: what came through goes again. Where even that fails, nothing more is written behind it.
			await to.file.truncate(to.size).catch(async () => await leave(true));
			throw error;
		}
	}

	async function drain(): Promise<void> {
		while (waiting.length > 0) {
			const batch = waiting.slice(0, batchSize(waiting));
			waiting = waiting.slice(batch.length);
			await writeTogether(batch, write);
		}
	}

	function drainOn(): void {
		writing = waiting.length > 0 ? drain().finally(drainOn) : undefined;
	}

	return {
		append: (lines, { durable = false } = {}) => {
			if (lines.length === 0) return Promise.resolve();
			if (lines.at(-1) !== 0x0a)
				return Promise.reject(new MlopsError('internal', 'Lines of the log end in a line feed, the last one too.'));
			return new Promise((resolve, reject) => {
				waiting.push({ lines, durable, resolve, reject });
				if (!writing) drainOn();
			});
		},
		async close({ seal = false } = {}) {
			while (writing) await writing;
			await leave(seal || (current !== undefined && isDue(current.id, current.size, limits)));
		},
	};
}
