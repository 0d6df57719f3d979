import { rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { MlopsError } from '../../domain/errors.js';
import { createSteadyClock } from '../../domain/steadyClock.js';
import type { Journal, LogKind, Retention, SealedFile } from './contract.js';
import { makeMinutes } from './minutes.js';
import { FREE, handLock, isGone, newOwner, SEALED } from './owner.js';
import {
	firstMinuteFiles,
	KINDS,
	lockPath,
	minuteFiles,
	openFiles,
	openFolder,
	openPath,
	sealedFiles,
	sizeOf,
	type OpenFile,
} from './places.js';
import { endsInHalf, measure, seal, type Sealer } from './sealSegment.js';
import { isDue, type Limits } from './writer.js';

export interface UpkeepPlace {
	sealer: Sealer;
	journal: Journal;
	/** What is removed after each sealing. */
	usual: Retention;
	limits: Limits;
	/** An open file stays so long beside its sealed twin. */
	graceMs: number;
}

/** What becomes of open files: sealing those that are due, and looking after those that somebody left. */
export function createUpkeep({ sealer, journal, usual, limits, graceMs }: UpkeepPlace) {
	const { home, files } = sealer;

	/** Takes an open file and its lock away. */
	async function forget(kind: LogKind, id: string, owner: string): Promise<void> {
		// The lock last: without it the file of lines would be anybody's.
		await rm(openPath(home, kind, id), { force: true });
		await rm(lockPath(home, kind, id, owner), { force: true });
	}

	/** Seals a segment whose lock is `owner`'s, if it is not sealed yet, and says so in the journal. */
	async function sealOne(kind: LogKind, id: string, owner: string): Promise<void> {
		try {
			const twin = (await sealedFiles(home, kind)).find((s) => s.id === id);
			const sealed = twin ? await measure(sealer, kind, twin.file) : await seal(sealer, kind, id);
			if (!sealed) return await forget(kind, id, owner);
			await journal.sealed(sealed);
			if (kind === 'answers') await makeMinutes(sealer, sealed);
			await handLock(home, kind, id, owner, SEALED);
			await remove({ home, journal, ...usual });
		} catch (error) {
			// A full disk, a database that is away: the lines are where they are, are read there, and whoever comes next tries again.
			warn(error);
			await handLock(home, kind, id, owner, FREE).catch(() => false);
		}
	}

	/** The clock by which the times of locks are set: that of the file system, not of this machine. */
	async function clockOf(kind: LogKind): Promise<number> {
		const folder = openFolder(home, kind);
		return await utimes(folder, new Date(), new Date()).then(
			async () => (await stat(folder)).mtimeMs,
			() => Date.now(),
		);
	}

	async function recoverOne(kind: LogKind, { id, owner, there }: OpenFile, sealed: ReadonlySet<string>, now: number): Promise<void> {
		if (owner === undefined) {
			await files.write(lockPath(home, kind, id, FREE), new Uint8Array()).catch(() => {});
			return;
		}
		const lock = lockPath(home, kind, id, owner);
		if (owner === SEALED) {
			const since = await stat(lock).then(
				({ mtimeMs }) => mtimeMs,
				() => now,
			);
			if (now - since >= graceMs) await forget(kind, id, owner);
			return;
		}
		if (owner !== FREE && !(await isGone(owner, lock, now))) return;
		const mine = newOwner();
		if (!(await handLock(home, kind, id, owner, mine))) return;
		try {
			const path = openPath(home, kind, id);
			if (!there || (!sealed.has(id) && (await sizeOf(path)) === 0)) await forget(kind, id, mine);
			else if (sealed.has(id) || isDue(id, await sizeOf(path), limits) || (await endsInHalf(path))) await sealOne(kind, id, mine);
		} finally {
			// If it is still there: to the next writer.
			await handLock(home, kind, id, mine, FREE);
		}
	}

	async function recoverAll(): Promise<void> {
		for (const kind of KINDS) {
			const open = await openFiles(home, kind);
			if (open.length === 0) continue;
			const sealed = new Set((await sealedFiles(home, kind)).map(({ id }) => id));
			const now = await clockOf(kind);
			// One that cannot be looked after, in a folder that cannot be written to for example, is read all the same.
			for (const file of open) await recoverOne(kind, file, sealed, now).catch(warn);
		}
	}

	return { sealOne, recoverAll };
}

/** Says what could not be done now and is tried again later: no line is lost by it. */
export function warn(error: unknown): void {
	process.emitWarning(
		`The MLOps log could not be tidied up, which is tried again later. ${MlopsError.from(error).message}`,
		'MlopsWarning',
	);
}

/** A clock that jumps forward by mistake must not remove what is young. */
const now = createSteadyClock();

interface Removing extends Retention {
	home: string;
	journal: Journal;
}

/** The oldest segments that a limit of age or of size does not allow any more. */
export async function remove({ home, journal, days, bytes }: Removing): Promise<SealedFile[]> {
	const all = (await Promise.all(KINDS.map(async (kind) => await sealedFiles(home, kind)))).flat();
	all.sort((a, b) => (a.to < b.to ? -1 : 1));
	const sizes = await Promise.all(all.map(async ({ file }) => await sizeOf(join(home, file))));
	let total = sizes.reduce((sum, size) => sum + size, 0);
	const since = days === undefined ? 0 : now() - days * 86_400_000;
	// Before 1970 nobody predicted; and what is meant as "for ever" may be beyond all dates.
	const oldest = since > 0 ? new Date(since).toISOString() : '';
	const going = all.filter(({ to }, i) => {
		if (to >= oldest && (bytes === undefined || total <= bytes)) return false;
		total -= sizes[i];
		return true;
	});
	// What is shown of them outlives them, until it is too old itself; it can be made of nothing else, and is named by no event.
	for (const { to, file } of days === undefined ? [] : [...(await minuteFiles(home)), ...(await firstMinuteFiles(home))])
		if (to < oldest) await rm(join(home, file), { force: true });
	if (going.length === 0) return [];
	// First the event: a file that is gone without one would look like a theft.
	const limits = [days === undefined ? [] : `${days} days`, bytes === undefined ? [] : `${bytes} bytes in all`].flat();
	await journal.removed(going, `over the limit of ${limits.join(' or ')}`);
	for (const { kind, id, file } of going) {
		// An open file that waits beside its twin would count again without it.
		for (const { id: open, owner = FREE } of await openFiles(home, kind))
			if (open === id) {
				await rm(openPath(home, kind, id), { force: true });
				await rm(lockPath(home, kind, id, owner), { force: true });
			}
		await rm(join(home, file), { force: true });
	}
	return going;
}
