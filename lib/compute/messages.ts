import type { MlopsErrorJson } from '../domain/errors.js';
import type { Progress } from '../domain/progress.js';

/** A job with its input, and what it may use where the engine's own limits are not to count. */
export interface JobAsked {
	/** Id of the job. */
	job: string;
	input: unknown;
	threads?: number;
	memoryBytes?: number;
}

/** The same with its limits, as it goes to the process that runs it and on to that process's thread. */
export type JobCall = Required<JobAsked>;

/** How a job ended, as the thread says it. */
export type Outcome = { ok: true; output: unknown } | { ok: false; error: MlopsErrorJson };

/** What a thread tells the child's main thread. */
export type ThreadMessage =
	| { type: 'progress'; progress: Progress }
	| { type: 'note'; code: string; text: string }
	| { type: 'outcome'; outcome: Outcome };

/** What a process that runs a job tells while it works. The memory is the resident size of the whole process in bytes. */
export type ChildMessage =
	| Exclude<ThreadMessage, { type: 'outcome' }>
	| { type: 'memory'; bytes: number }
	| { type: 'outcome'; outcome: Outcome; peakMemoryBytes: number; seconds: number };

/**
 * What n8n's process asks of a compute child. `secrets` are for the environment of the job's thread: the process may be older than they
 * are.
 */
export type ParentMessage = { type: 'run'; call: JobCall; secrets: Record<string, string> } | { type: 'stop' | 'keepBest' };

/** Said once nothing of a job runs any more, with what the child's memory came down to. */
export interface RestedMessage {
	type: 'rested';
	bytes: number;
}

/** What stands in `workerData` of a job's thread. */
export interface ThreadData {
	mlopsJob: JobCall;
	cancelled: Int32Array<SharedArrayBuffer>;
}

/** Time that a cancelled job gets to stop by itself. */
export const GRACE_MS = 2_000;
