import type { MlopsErrorJson } from '../domain/errors.js';
import type { Progress } from '../domain/progress.js';

/** A job with its input, as it goes from n8n's process to the child and on to the child's thread. */
export interface JobCall {
	job: string;
	input: unknown;
	threads: number;
	memoryBytes: number;
}

/** How a job ended, as the thread says it. */
export type Outcome = { ok: true; output: unknown } | { ok: false; error: MlopsErrorJson };

/** What a thread tells the child's main thread. */
export type ThreadMessage =
	| { type: 'progress'; progress: Progress }
	| { type: 'note'; code: string; text: string }
	| { type: 'outcome'; outcome: Outcome };

/** What a child tells n8n's process while it works. The memory is the resident size of the whole child in bytes. */
export type ChildMessage =
	| Exclude<ThreadMessage, { type: 'outcome' }>
	| { type: 'memory'; bytes: number }
	| { type: 'outcome'; outcome: Outcome; peakMemoryBytes: number; seconds: number };

/** What stands in `workerData` of a job's thread. */
export interface ThreadData {
	mlopsJob: JobCall;
	cancelled: Int32Array<SharedArrayBuffer>;
}

/** Time that a cancelled job gets to stop by itself. */
export const GRACE_MS = 2_000;
