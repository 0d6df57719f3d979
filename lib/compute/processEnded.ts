import { MlopsError } from '../domain/errors.js';
import type { JobCall } from './messages.js';
import { outOfMemory } from '../domain/outOfMemory.js';

/** How a process ended, as Node says it. */
export interface Ending {
	exitCode?: number | null;
	signalCode?: NodeJS.Signals | null;
	/** Why it could not even be started. */
	notStarted?: string;
}

/** Of what it may use; a process that was ended so near to it was most likely ended for it. */
const NEARLY_ALL = 0.8;

/** The error of a job whose process ended before it had answered. `lastBytes` is the last that was heard of its memory. */
export function processEnded({ job, memoryBytes }: Omit<JobCall, 'input'>, ending: Ending, lastBytes: number): MlopsError {
	if (ending.notStarted !== undefined) return notStarted(job, ending.notStarted);
	if (lastBytes > memoryBytes * NEARLY_ALL) return outOfMemory(memoryBytes);
	const how = ending.signalCode ? `it was killed by ${ending.signalCode}` : `exit code ${ending.exitCode ?? 'unknown'}`;
	return new MlopsError('compute.task_died', `The process that ran the job "${job}" ended before it was done (${how}).`, {
		remedy:
			ending.signalCode === 'SIGKILL'
				? 'The system often kills a process when memory runs short: use fewer rows or a smaller model, or give the machine more ' +
					'memory. Then run again.'
				: 'Run again. If it happens again with the same data, report it with the log of n8n.',
	});
}

const notStarted = (job: string, why: string): MlopsError =>
	new MlopsError('compute.task_died', `The process that was to run the job "${job}" could not be started (${why}).`, {
		remedy: 'Look for free memory and process slots on the machine, then run again.',
	});
