import type { Context } from '../../domain/progress.js';
import type { JobAsked } from '../messages.js';
import type { JobStore } from './board.js';

export interface Measured<O> {
	output: O;
	/** The highest resident size of the process that ran it. */
	peakMemoryBytes: number;
	/** From its thread's start. */
	seconds: number;
}

/** A job on its way. */
export interface JobHandle {
	/**
	 * @throws what the job throws, code intact; `compute.cancelled` once nothing of it runs any more; `compute.out_of_memory`;
	 * `compute.task_died` when its process ended; `compute.task_failed` for anything unforeseen
	 */
	result: Promise<Measured<unknown>>;
	/** Takes it out of the queue, or asks it to stop and ends it when it does not. */
	cancel(): void;
	/** Asks a training to end with the best it has, now or once it has begun; other jobs go on. */
	keepBest(): void;
}

/** Who hears what a job says while it works. */
export type Listener = Pick<Context, 'progress' | 'note'>;

/** Runs jobs. */
export interface JobEngine {
	submit(asked: JobAsked, listener: Listener): JobHandle;
	/** A job will be asked for in a moment: what it needs to begin may begin now. */
	expect?(): void;
}

/** Where and how jobs run: one file (or folder) here, listed in `index.ts`. */
export interface EngineType {
	/** What `MLOPS_ENGINE` says. */
	id: string;
	/** Where jobs run then, a sentence for people. */
	does: string;
	/** The engine for jobs that work on a store. */
	on(store: JobStore): JobEngine;
	/** Ends all that it runs; jobs that wait or run are cancelled. */
	close(): Promise<void>;
}
