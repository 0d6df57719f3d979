/**
 * What was answered and what turned out to be true, in append-only segments: each writer has its own open file of JSON lines, which is
 * sealed to Parquet when it is large or old enough. A line is written once and never changed; a truth that was corrected is a later line.
 */

/** One answer, as a line of an open segment and as a row of a sealed one. Times are ISO 8601 in UTC. */
export interface AnswerLine {
	at: string;
	/** Id of the answer, time-ordered (UUID version 7, `-0`, `-1`, ... behind it where one request asked about several rows). */
	id: string;
	model: string;
	/** Absent where the model was not registered. */
	version?: number;
	digest: string;
	alias?: string;
	rollout?: string;
	/** `stable`, `candidate-8`; `shadow-8` for answers that nobody saw. */
	arm?: string;
	door?: string;
	/** What the caller calls what it asked about. */
	key?: string;
	/** Milliseconds from the request to its answer. */
	ms?: number;
	/** The columns of the model's signature that the caller sent, as sent. */
	input: Record<string, unknown>;
	prediction: unknown;
	score: readonly number[];
	warnings?: readonly unknown[];
	error?: string;
	/** Stands for this many answers that could not be written; `error` says why. */
	unlogged?: number;
}

/** What turned out to be true of an answer, found by `id`, or by `key` and `time` (the last answer about that key at or before it). */
export interface TruthLine {
	/** When it was told. */
	at: string;
	id?: string;
	key?: string;
	/** Moment of what was asked about; absent: the newest answer about the key. */
	time?: string;
	/** Narrows `key` to one model. */
	model?: string;
	/** Null takes back what was said before. */
	truth: unknown;
	/** Who told: a key of the server, a workflow, a command. */
	by: string;
	/** Id of the call or file that brought it. */
	batch: string;
}

export type LogKind = 'answers' | 'truth';

/** A segment that will not change any more. */
export interface SealedSegment {
	kind: LogKind;
	/** Path within the log's folder. */
	file: string;
	sha256: string;
	bytes: number;
	rows: number;
	from: string;
	to: string;
}

/** Appends to one writer's segment. Safe to use from one thread; several writers, processes and machines may write side by side. */
export interface SegmentWriter {
	/**
	 * Takes whole lines in UTF-8, each ending in a line feed. Resolves when they are with the operating system, so that the end of this
	 * process cannot lose them; `durable`: when they are on the disk. Lines that arrive meanwhile share the next write.
	 * @throws `store.full`, `store.unwritable`: none of these lines was written
	 */
	append(lines: Uint8Array, options?: { durable?: boolean }): Promise<void>;
	/** Seals what is open. */
	close(): Promise<void>;
}

export interface Retention {
	/** Sealed segments older than this are removed, with an event. */
	days?: number;
	/** The oldest go where all together are larger. */
	bytes?: number;
}

/** Where segments are kept: a folder of the store that all its processes see. */
export interface SegmentLog {
	/** A writer of its own. `onSealed` files the audit event. */
	writer(kind: LogKind, onSealed: (segment: SealedSegment) => Promise<void>): SegmentWriter;
	/**
	 * A table expression for DuckDB over all lines, sealed and open, with the columns of `AnswerLine` or `TruthLine` (`at` and `time` as
	 * TIMESTAMP; input, prediction, score, warnings and truth as JSON text). Segments wholly outside of the time are not opened.
	 */
	relation(kind: LogKind, range?: { since?: string; until?: string }): Promise<string>;
	/** Seals what writers that are gone left open, cutting a last line that is not whole. */
	recover(onSealed: (segment: SealedSegment) => Promise<void>): Promise<void>;
	/** Removes what is too old or too much. */
	retain(retention: Retention): Promise<SealedSegment[]>;
}
