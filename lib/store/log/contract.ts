/**
 * What was answered and what turned out to be true, in append-only segments: each writer has its own open file of JSON lines, which is
 * sealed to Parquet when it is large or old enough. A line is written once and never changed; a truth that was corrected is a later line.
 *
 *     answers/open/<id>.ndjson                            lines of one writer
 *     answers/open/<id>.<owner>.lock                      whose it is (owner.ts); its time is the owner's last sign of life
 *     answers/sealed/<from>_<to>_<id>.parquet             the same lines, sealed; while both are there, this one counts
 *     answers/minutes-by-alias/<from>_<to>_<id>.parquet   what of them is shown, a row a minute; can be made again
 *     truth/...                                           the same for what turned out to be true
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
	/** The caller's own id of the request, where it gave one; `-0`, `-1`, ... behind it where that asked about several rows. */
	request?: string;
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
	/** Path within the store's folder. */
	file: string;
	sha256: string;
	bytes: number;
	rows: number;
	/** Moments of its first and last line in time. */
	from: string;
	to: string;
	/** Lines that were not whole: half written when a process or the machine ended, and promised to nobody. */
	cut?: number;
}

/** Where it is written down, for good, that segments came and went: the audit chain. */
export interface Journal {
	/** Called once a segment, and again where a crash left open whether it was: the second time does nothing. */
	sealed(segment: SealedSegment): Promise<void>;
	/** Called before they are removed. */
	removed(segments: readonly SealedFile[], why: string): Promise<void>;
}

/** Appends to one writer's segment. Safe to use from one thread; several writers, processes and machines may write side by side. */
export interface SegmentWriter {
	/**
	 * Takes whole lines in UTF-8, each ending in a line feed. Resolves when they are with the operating system, so that the end of this
	 * process cannot lose them; `durable`: when they are on the disk. Lines that arrive meanwhile share the next write.
	 * @throws `store.full`, `store.unwritable`: none of these lines was written
	 */
	append(lines: Uint8Array, options?: { durable?: boolean }): Promise<void>;
	/**
	 * Writes what is waiting. A segment that is neither large nor old is left to the next writer, which goes on with it, so that a program
	 * which opens the store for each answer does not seal one a segment; `seal`: it is sealed.
	 */
	close(options?: { seal?: boolean }): Promise<void>;
}

/** What the name of a sealed file says. */
export interface SealedFile {
	kind: LogKind;
	/** Path within the store's folder. */
	file: string;
	/** Of the open file that it was made of. */
	id: string;
	/** ISO 8601. */
	from: string;
	to: string;
}

/** Which lines are asked for: those of a time (`since` is included, `until` is not), or those that may have these ids. */
export interface LineRange {
	since?: string;
	until?: string;
	ids?: readonly string[];
}

/** How long sealed segments are kept; without limits for ever. */
export interface Retention {
	days?: number;
	bytes?: number;
}

/** Where segments are kept: a folder of the store that all its processes see. */
export interface SegmentLog {
	readonly journal: Journal;
	/** A writer of one's own, to be closed. */
	writer(kind: LogKind): SegmentWriter;
	/** Appends by a writer of the log's, which `settle` closes. @throws what `SegmentWriter.append` throws */
	append(kind: LogKind, lines: Uint8Array, options?: { durable?: boolean }): Promise<void>;
	/**
	 * A table expression for DuckDB over lines, sealed and open, in the order in which each writer wrote them, with the columns of
	 * `AnswerLine` or `TruthLine` (`at` and `time` as TIMESTAMP in UTC; input, prediction, score, warnings and truth as JSON text; `at` is
	 * never null). Segments wholly outside of the range are not opened; of the others all lines are there, so that a condition is still
	 * needed. Good for five minutes: a later query asks again.
	 */
	relation(kind: LogKind, range?: LineRange): Promise<string>;
	/**
	 * The same over the answers' roll-ups, a row for each minute, model, version, alias, arm and door: `minute`, `answers` (errors
	 * among them), `errors`, `warnings`, `unlogged`; `timed`, `ms_sum`, `ms_counts` (a map of buckets, `minutes.ts`); `scored`, `score_sum`,
	 * `score_squares` of the first score; `classes` (a map of the most frequent predicted classes). A minute may have several rows: they add
	 * up.
	 */
	minutes(range?: LineRange): Promise<string>;
	/** Whether there is anything to read. */
	any(kind: LogKind): Promise<boolean>;
	/**
	 * The rows of a statement over the lines of a kind, asked in a thread of the log's own, for results of a moderate size: texts, numbers,
	 * booleans and nulls (cast what is none: BIGINT to DOUBLE, times to text).
	 * @throws `store.corrupt`
	 */
	query(statement: (relation: string) => string, kind: LogKind | 'minutes', range?: LineRange): Promise<unknown[][]>;
	/** The sealed files, the oldest first. */
	sealed(kind: LogKind): Promise<SealedFile[]>;
	/** Takes care of what writers that are gone left: seals what is old, large or ends in half a line, frees the rest for the next writer. */
	recover(): Promise<void>;
	/** Removes sealed segments that are too old, and the oldest where all together take too much. Whoever seals one does so too. */
	retain(retention?: Retention): Promise<SealedFile[]>;
	/** Both, with what is usual; what cannot be done now is said and done the next time. */
	tidy(): Promise<void>;
	/** Waits for what is on its way, and leaves what is open to the next writer. */
	settle(): Promise<void>;
}
