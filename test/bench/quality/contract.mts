import type { DataSet } from './sets.mts';

/** What is known of a set's rows, as prepare.py wrote it. */
export interface About {
	rows: number;
	columns: Record<string, { kind: 'number' | 'category' | 'date' | 'text'; levels: number }>;
	/** In the order of the answers; none for numbers. */
	classes: readonly string[];
	seeds: readonly number[];
	/** What they were made from. */
	made: string;
}

/** What one process is asked, as the JSON of its last argument. */
export interface Task {
	/** Holds train.csv, and test.csv without the target. */
	folder: string;
	about: About;
	target: string;
	task: DataSet['task'];
	seed: number;
	seconds: number;
	threads: number;
	/** Where the answers go: 64-bit numbers, one a class for each row (the value where the target is a number). */
	out: string;
	/** Which of the peers it is. */
	peer?: string;
	/** Options of Train, for ours. */
	options?: Readonly<Record<string, unknown>>;
}

/** What it says in its last line. */
export interface Answer {
	version: string;
	/** From reading the training rows to a model. */
	seconds: number;
	/** What ours is made of. */
	members?: string;
}

/** One contender on one division of one set, as its file keeps it. */
export interface Result extends Partial<Answer> {
	/** What was asked, by what: anything else is asked anew. */
	key: string;
	/** Of the whole process. */
	wall?: number;
	cpu?: number;
	/** Bytes. */
	peak?: number;
	/** By the name of the metric; all are errors: less is better. */
	errors?: Record<string, number>;
	failed?: string;
}
