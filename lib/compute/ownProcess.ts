import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import { setFlagsFromString } from 'node:v8';

const NICENESS = 5;

/** What a process does first that is there to run a job. */
export function ownProcess(): void {
	beNice();
	// n8n's own heap limit, handed down to every child, would take precedence over the limit of each job's thread.
	setFlagsFromString('--max-old-space-size=0');
}

/** Below n8n itself, so that its pages stay quick. On Linux each thread has a niceness of its own, and those to come inherit it. */
function beNice(): void {
	try {
		setPriority(0, NICENESS);
		if (process.platform !== 'linux') return;
		for (const thread of readdirSync('/proc/self/task')) setPriority(Number(thread), NICENESS);
	} catch {
		// Not every system lets a process be nice; it is a courtesy, no condition.
	}
}
