import type { MlopsErrorJson } from '../../domain/errors.js';
import type { Retention, SealedFile, SealedSegment } from '../../store/log/contract.js';
import type { Gap } from '../../store/log/gaps.js';

/** What the log's thread is started with. */
export interface LogThreadData {
	/** The store's folder. */
	home: string;
	retention: Retention;
	/** Whether lines are on the disk before they are confirmed. */
	durable: boolean;
	counters: SharedArrayBuffer;
}

/** A listener's batch of whole lines. The thread makes bytes of them: listeners have the least time. */
export interface Batch {
	seq: number;
	lines: string;
	gaps: Gap[];
}

/** The thread's answer to a batch. */
export interface Confirmed {
	seq: number;
	failure?: MlopsErrorJson;
}

/** From the main thread to the log's. */
export type ToLog =
	| { kind: 'connect'; port: import('node:worker_threads').MessagePort }
	| { kind: 'noted'; id: number; error?: MlopsErrorJson }
	| { kind: 'close' };

/** From the log's thread to the main thread, which has the audit chain. */
export type FromLog =
	| { kind: 'sealed'; id: number; segment: SealedSegment }
	| { kind: 'removed'; id: number; segments: readonly SealedFile[]; why: string }
	| { kind: 'closed' };

/** Places of a listener's numbers in its block of shared memory; it alone writes them. */
export const SINK = { offered: 0, dropped: 1, waitingBytes: 2 } as const;
/** The same of the thread: `since` is when (ms since 1970) writing began to fail, 0 while the log is written. */
export const THREAD = { unwritten: 0, since: 1 } as const;
export const NUMBERS = 4;
export const newBlock = (): SharedArrayBuffer => new SharedArrayBuffer(NUMBERS * Float64Array.BYTES_PER_ELEMENT);
