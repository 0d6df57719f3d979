import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogKind, SealedFile } from './contract.js';

/** Names of the log's files, which say what a reader needs to know of them. */

export const KINDS: readonly LogKind[] = ['answers', 'truth'];

const SEALED = /^(\d{8}T\d{9}Z)_(\d{8}T\d{9}Z)_([0-9TZ]+-[0-9a-f]{8})\.parquet$/;
const LOCK = /^([0-9TZ]+-[0-9a-f]{8})\.([\w-]+)\.lock$/;
const OPEN = /^([0-9TZ]+-[0-9a-f]{8})\.ndjson$/;

const MINUTES = 'minutes-by-alias';
const FIRST_MINUTES = 'minutes';

export const openFolder = (home: string, kind: LogKind): string => join(home, kind, 'open');
export const sealedFolder = (home: string, kind: LogKind): string => join(home, kind, 'sealed');
export const minutesFolder = (home: string): string => join(home, 'answers', MINUTES);
/** Where roll-ups were that did not tell aliases apart. */
export const firstMinutesFolder = (home: string): string => join(home, 'answers', FIRST_MINUTES);
export const openPath = (home: string, kind: LogKind, id: string): string => join(openFolder(home, kind), `${id}.ndjson`);
export const lockPath = (home: string, kind: LogKind, id: string, owner: string): string =>
	join(openFolder(home, kind), `${id}.${owner}.lock`);

/** `20260131T140300000Z`; moments that four digits of a year cannot hold are taken to the nearest that they can. */
export function compact(at: string): string {
	const text = at.startsWith('-') ? '0000-01-01T00:00:00.000Z' : at.startsWith('+') ? '9999-12-31T23:59:59.999Z' : at;
	return text.replace(/[-:.]/g, '');
}

/** The inverse of `compact`. */
export const spread = (text: string): string => text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/, '$1-$2-$3T$4:$5:$6.$7Z');

/** Names sort by time, so that a writer's segments come in the order in which it wrote them. */
export const segmentId = (random: string, now = new Date()): string => `${compact(now.toISOString())}-${random.slice(0, 8)}`;

/** When a segment was begun, in ms. */
export const beginOf = (id: string): number => Date.parse(spread(id.slice(0, id.indexOf('-'))));

export const sealedName = (id: string, from: string, to: string): string => `${compact(from)}_${compact(to)}_${id}.parquet`;

/** Names in a folder; none where there is no folder. */
export async function namesIn(folder: string): Promise<string[]> {
	return await readdir(folder).catch((error: NodeJS.ErrnoException) => {
		if (error.code === 'ENOENT') return [];
		throw error;
	});
}

/** The sealed files, in the order in which their segments were begun. */
export async function sealedFiles(home: string, kind: LogKind): Promise<SealedFile[]> {
	return parsed(kind, 'sealed', await namesIn(sealedFolder(home, kind)));
}

/** The roll-ups of sealed segments; those of segments that were removed for their size stay until they are too old. */
export const minuteFiles = async (home: string): Promise<SealedFile[]> => parsed('answers', MINUTES, await namesIn(minutesFolder(home)));

/** Roll-ups without aliases, of segments that are gone and of those that nobody has rolled up again yet. */
export const firstMinuteFiles = async (home: string): Promise<SealedFile[]> =>
	parsed('answers', FIRST_MINUTES, await namesIn(firstMinutesFolder(home)));

function parsed(kind: LogKind, folder: string, names: readonly string[]): SealedFile[] {
	const found = names.flatMap((name): SealedFile[] => {
		const match = SEALED.exec(name);
		return match ? [{ kind, file: `${kind}/${folder}/${name}`, id: match[3], from: spread(match[1]), to: spread(match[2]) }] : [];
	});
	return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** An open file, with who has it: none where only the lock is missing. */
export interface OpenFile {
	id: string;
	owner: string | undefined;
	/** Whether there is a file of lines at all. */
	there: boolean;
}

/** The open files, in the order in which they were begun. */
export async function openFiles(home: string, kind: LogKind): Promise<OpenFile[]> {
	const found = new Map<string, OpenFile>();
	for (const name of await namesIn(openFolder(home, kind))) {
		const [, id, owner] = LOCK.exec(name) ?? OPEN.exec(name) ?? [];
		if (id === undefined) continue;
		const entry = found.get(id) ?? { id, owner: undefined, there: false };
		if (owner === undefined) entry.there = true;
		else entry.owner = owner;
		found.set(id, entry);
	}
	return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Bytes of a file, 0 where there is none. */
export const sizeOf = async (path: string): Promise<number> =>
	await stat(path).then(
		({ size }) => size,
		() => 0,
	);
