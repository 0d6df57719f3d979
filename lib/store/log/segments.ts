import { rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { ID_MARGIN_MS, timeOfId } from '../../domain/answerId.js';
import { MlopsError } from '../../domain/errors.js';
import { temporariesOf, type Files } from '../files.js';
import { isOutOfMemory } from '../../domain/outOfMemory.js';
import { relationOver } from './columns.js';
import type { Journal, LineRange, LogKind, Retention, SealedFile, SegmentLog, SegmentWriter } from './contract.js';
import { createDuckThread, type DuckThread } from './duckThread.js';
import { FREE, handLock, isGone, newOwner, SEALED } from './owner.js';
import { makeMinutes, minutesOver } from './minutes.js';
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
import { createWriter, isDue, type Limits } from './writer.js';

/** An open file stays so long beside its sealed twin, for readers that were told of it before. */
const GRACE_MS = 5 * 60_000;

const LIMITS: Limits = { bytes: 64 << 20, ms: 3_600_000 };

export interface LogPlace {
	home: string;
	files: Files;
	journal: Journal;
	retention?: Retention;
	limits?: Limits;
	graceMs?: number;
	/** Where DuckDB runs; one of its own where absent. */
	duck?: DuckThread;
}

/** The log in a folder of the store. Nothing is made or read before the first line, or the first question. */
export function createSegmentLog(place: LogPlace): SegmentLog {
	const { home, files, journal, retention: usual = {}, limits = LIMITS, graceMs = GRACE_MS, duck: given } = place;
	const duck = given ?? createDuckThread(temporariesOf(home));
	const sealer: Sealer = { home, files, duck };
	/** Work that nobody waits for, one after the other. */
	let behind: Promise<void> = Promise.resolve();
	const later = (work: () => Promise<void>): Promise<void> => (behind = behind.then(work).catch(warn));

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

	const writer = (kind: LogKind): SegmentWriter =>
		createWriter({ home, kind, files, limits, retire: (id, owner) => void later(async () => await sealOne(kind, id, owner)) });
	const own = new Map<LogKind, SegmentWriter>();

	async function filesFor(kind: LogKind, range: LineRange): Promise<{ sealed: SealedFile[]; open: Array<{ id: string; path: string }> }> {
		// In this order: what is sealed in between is met twice, and then the sealed one counts.
		const open = await openFiles(home, kind);
		const sealed = await sealedFiles(home, kind);
		const ids = new Set(sealed.map(({ id }) => id));
		const lines: Array<{ id: string; path: string }> = [];
		for (const { id, there } of open) {
			const path = openPath(home, kind, id);
			if (there && !ids.has(id) && (await sizeOf(path)) > 0) lines.push({ id, path });
		}
		return { sealed: sealed.filter(within(range)), open: lines };
	}

	const relation: SegmentLog['relation'] = async (kind, range = {}) => {
		const { sealed, open } = await filesFor(kind, range);
		return relationOver(
			kind,
			sealed.map(({ file }) => join(home, file)),
			open.map(({ path }) => path),
		);
	};

	const minutes: SegmentLog['minutes'] = async (range = {}) => {
		const { sealed, open } = await filesFor('answers', range);
		const made = new Set((await minuteFiles(home)).map(({ id }) => id));
		for (const file of sealed) if (!made.has(file.id)) await makeMinutes(sealer, file);
		// What was sealed just now is among the open ones.
		const live = new Set(open.map(({ id }) => id));
		const wanted = (file: SealedFile): boolean => within(range)(file) && !live.has(file.id);
		const minutes = await minuteFiles(home);
		const again = new Set(minutes.map(({ id }) => id));
		const paths = (files: readonly SealedFile[]): string[] => files.filter(wanted).map(({ file }) => join(home, file));
		return minutesOver({
			minutes: paths(minutes),
			first: paths((await firstMinuteFiles(home)).filter(({ id }) => !again.has(id))),
			open: open.map(({ path }) => path),
		});
	};
	const over = async (kind: LogKind | 'minutes', range?: LineRange): Promise<string> =>
		kind === 'minutes' ? await minutes(range) : await relation(kind, range);

	return {
		journal,
		writer,
		async append(kind, lines, options) {
			let mine = own.get(kind);
			if (!mine) own.set(kind, (mine = writer(kind)));
			await mine.append(lines, options);
		},
		relation,
		minutes,
		async any(kind) {
			const { sealed, open } = await filesFor(kind, {});
			return sealed.length + open.length > 0;
		},
		async query(statement, kind, range) {
			const asked = statement(await over(kind, range));
			try {
				return await duck.run([asked]);
			} catch (error) {
				// A segment may have been removed for its age since the list was made.
				const again = statement(await over(kind, range));
				if (again !== asked) return await duck.run([again]);
				if (isOutOfMemory(error))
					throw new MlopsError('compute.out_of_memory', 'What was asked of the MLOps log takes more memory than the log may use.', {
						cause: error,
						remedy: 'Ask for a shorter time, or for one model.',
					});
				throw new MlopsError('store.corrupt', `The MLOps log cannot be read (${(error as Error).message.split('\n')[0]}).`, {
					cause: error,
					remedy: 'Run "mlops verify", which names a segment that was altered, and restore that from a backup.',
				});
			}
		},
		sealed: async (kind) => await sealedFiles(home, kind),
		recover: async () => await later(recoverAll),
		retain: async (retention = usual) => await remove({ home, journal, ...retention }),
		async settle() {
			for (const [kind, mine] of own) {
				own.delete(kind);
				await mine.close();
			}
			await behind;
			await duck.close();
		},
	};
}

/** Says what could not be done now and is tried again later: no line is lost by it. */
function warn(error: unknown): void {
	process.emitWarning(
		`The MLOps log could not be tidied up, which is tried again later. ${MlopsError.from(error).message}`,
		'MlopsWarning',
	);
}

/** Whether a sealed file may hold what is asked for. */
function within({ since, until, ids }: LineRange): (file: SealedFile) => boolean {
	const iso = (at: string | undefined): string | undefined => (at === undefined ? undefined : new Date(at).toISOString());
	const [from, to] = [iso(since), iso(until)];
	const times = ids?.map(timeOfId);
	const spans = times?.every((t) => t !== undefined) ? (times as number[]) : undefined;
	return (file) =>
		(from === undefined || file.to >= from) &&
		(to === undefined || file.from < to) &&
		(spans?.some((t) => t >= Date.parse(file.from) - ID_MARGIN_MS && t <= Date.parse(file.to) + ID_MARGIN_MS) ?? true);
}

interface Removing extends Retention {
	home: string;
	journal: Journal;
}

/** The oldest segments that a limit of age or of size does not allow any more. */
async function remove({ home, journal, days, bytes }: Removing): Promise<SealedFile[]> {
	const all = (await Promise.all(KINDS.map(async (kind) => await sealedFiles(home, kind)))).flat();
	all.sort((a, b) => (a.to < b.to ? -1 : 1));
	const sizes = await Promise.all(all.map(async ({ file }) => await sizeOf(join(home, file))));
	let total = sizes.reduce((sum, size) => sum + size, 0);
	const oldest = days === undefined ? '' : new Date(Date.now() - days * 86_400_000).toISOString();
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
