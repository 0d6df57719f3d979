import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';

/**
 * Which process something belongs to, as `<machine>-<pid>-<start>`, for names of files that others are to take over or throw away once that
 * process is gone. A machine is where numbers of processes mean the same: one boot of one system, one namespace of processes.
 * `start` tells a process from a later one with the same number; it is 0 where the system does not say it.
 */

/** What a mark looks like, for patterns of names. */
export const MARK = '[0-9a-f]{12}-\\d+-\\d+';

const said = (read: () => string): string => {
	try {
		return read().trim();
	} catch {
		return '';
	}
};

/**
 * Which boot of which system this is; empty where the system does not say it. Within one, all processes share the clock that nobody sets
 * (`process.hrtime`).
 */
export const bootId = (): string => said(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));

const machine = (): string =>
	createHash('sha256')
		.update(JSON.stringify([hostname(), bootId(), said(() => readlinkSync('/proc/self/ns/pid'))]))
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

let here: { machine: string; mark: string } | undefined;

function self(): { machine: string; mark: string } {
	if (!here) {
		const id = machine();
		here = { machine: id, mark: `${id}-${process.pid}-${said(() => startIn(readFileSync('/proc/self/stat', 'utf8'))) || '0'}` };
	}
	return here;
}

/** The mark of this process. */
export const processMark = (): string => self().mark;

/** Whether the process of a mark (further parts behind it do not count) is still there; `unknown` where it cannot be told from here. */
export async function stateOf(mark: string): Promise<'runs' | 'gone' | 'unknown'> {
	const [where, pid, start] = mark.split('-');
	if (where !== self().machine) return 'unknown';
	if (start !== '0') return (await readFile(`/proc/${pid}/stat`, 'utf8').then(startIn, () => '')) === start ? 'runs' : 'gone';
	try {
		process.kill(Number(pid), 0);
		// Perhaps another with the same number.
		return 'unknown';
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'ESRCH' ? 'gone' : 'unknown';
	}
}
