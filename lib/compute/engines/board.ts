import type { StoreRef } from '../../domain/storeRef.js';
import type { Progress } from '../../domain/progress.js';
import type { JobCall, Outcome } from '../messages.js';

/** How a job ended and what it took. */
export interface JobEnding {
	outcome: Outcome;
	peakMemoryBytes: number;
	seconds: number;
}

/** What the process that runs a job says of it. */
export interface JobSaid {
	progress?: Progress;
	/** All so far. */
	notes: Array<{ code: string; text: string }>;
	/** The highest resident size so far. */
	memoryBytes: number;
}

/** What there is to say of a job. */
export interface PostedJob extends JobSaid {
	id: string;
	/** Id of what it does. */
	job: string;
	state: 'waiting' | 'running' | 'ended';
	/** Whether whoever asked for it wants it to stop. */
	cancelled: boolean;
	/** Whether a training is to end with the best it has. */
	keepBest: boolean;
	/** Where it runs: `machine, process 123`. */
	where?: string;
	postedAt: string;
	endedAt?: string;
	/** Count up while the two sides live, so that each sees that the other one does, whatever their clocks say. */
	askerBeat: number;
	workerBeat: number;
	ending?: JobEnding;
}

/**
 * Where jobs lie that another process, perhaps on another machine, is to run: the one who asks posts them and looks, the one who runs a
 * job claims it, says how it goes and how it ended. A store keeps it, beside its logs. Inputs and answers are sealed.
 */
export interface JobBoard {
	/** @returns the job's id */
	post(call: JobCall): Promise<string>;
	look(id: string): Promise<PostedJob | undefined>;
	/** Takes a job that waits; nobody else gets it. Undefined where there is none of this id that waits. */
	claim(id: string, where: string): Promise<JobCall | undefined>;
	/** One more beat of the process that runs it, with what it has to say. */
	say(id: string, said: JobSaid): Promise<void>;
	/** One more beat of whoever asked. */
	want(id: string): Promise<void>;
	/** Asks it to stop; one that nobody has claimed ends at once. */
	cancel(id: string): Promise<void>;
	/** Asks a training to end with the best it has. */
	keepBest(id: string): Promise<void>;
	/** The first ending counts. @returns whether this was it */
	end(id: string, ending: JobEnding): Promise<boolean>;
	/** Newest first; what ended more than a day ago is forgotten. */
	list(limit: number): Promise<PostedJob[]>;
}

/** What an engine sees of the store that a job works on. */
export interface JobStore {
	ref: StoreRef;
	jobs: JobBoard;
}

/** Both sides let each other hear from them so often, */
export const BEAT_MS = 5_000;
/** and believe the other one dead after so long without. */
export const LEASE_MS = 60_000;
