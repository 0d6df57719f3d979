import type { z } from 'zod/v4';
import type { JobBoard } from '../compute/engines/board.js';
import type { ApiKeyRecord } from '../domain/apiKey.js';
import type { Approval, ApprovalRequest, ApprovalStatus } from '../domain/approval.js';
import type { datasetRecord } from '../domain/dataset.js';
import type { driftRecord } from '../domain/drift.js';
import type { evaluationRecord } from '../domain/evaluation.js';
import type { IncidentRecord } from '../domain/incident.js';
import type { ModelPolicy, modelVersionRecord } from '../domain/model.js';
import type { MonitorRecord, VerdictRecord } from '../domain/monitor.js';
import type { ModelPeople, PersonRecord } from '../domain/person.js';
import type { fileRecord, reportRecord } from '../domain/report.js';
import type { RolloutRecord } from '../domain/rollout.js';
import type { runRecord } from '../domain/run.js';
import type { StoreRef } from '../domain/storeRef.js';
import type { SegmentLog } from './log/contract.js';

/** Record kinds and their schemas; every record is immutable once written. */
export interface RecordBodies {
	dataset: z.infer<typeof datasetRecord>;
	run: z.infer<typeof runRecord>;
	modelVersion: z.infer<typeof modelVersionRecord>;
	evaluation: z.infer<typeof evaluationRecord>;
	drift: z.infer<typeof driftRecord>;
	report: z.infer<typeof reportRecord>;
	file: z.infer<typeof fileRecord>;
	apiKey: ApiKeyRecord;
	rollout: RolloutRecord;
	monitor: MonitorRecord;
	verdict: VerdictRecord;
	incident: IncidentRecord;
	person: PersonRecord;
	people: ModelPeople;
}
export type RecordKind = keyof RecordBodies;

export interface StoredRecord<K extends RecordKind> {
	id: string;
	kind: K;
	/** Dataset or model name; for the others the name of what they belong to. */
	name: string;
	/** Counts up within (kind, name). */
	version: number;
	createdAt: string;
	/** SHA-256 of the canonical body. */
	digest: string;
	body: RecordBodies[K];
}

/** A record with its place in the order in which all of them were written: places only grow, and none is seen before those below it. */
export type PlacedRecord<K extends RecordKind> = StoredRecord<K> & { seq: number };

/** What a record was made from, or what was made from it. */
export interface Relative {
	id: string;
	kind: RecordKind;
	name: string;
	version: number;
	links: string[];
}

/** Which events are asked for; all that is given must hold. */
export interface AuditFilter {
	subject?: string;
	actor?: string;
	/** How the action begins: `alias.` for all about aliases. */
	action?: string;
	/** ISO 8601; `from` is included, `until` is not. */
	from?: string;
	until?: string;
	/** Only events with a lesser number. */
	before?: number;
	/** Only events with a greater number, and the oldest first. */
	since?: number;
	limit?: number;
}

/** What a move of an alias was: a deployment, one in spite of a refusal, or a roll back. Nobody's words say so, this does. */
export const MOVE_KINDS = ['deploy', 'override', 'roll_back'] as const;
export type MoveKind = (typeof MOVE_KINDS)[number];

/** `kind` is missing on moves that were made before moves had one. */
export interface AliasMove {
	/** Number of its event in the audit log. */
	seq: number;
	model: string;
	alias: string;
	from: number | null;
	to: number | null;
	at: string;
	actor: string;
	reason?: string;
	kind?: MoveKind;
}

/** Which moves of an alias; all, the latest first, where nothing is said. */
export interface MovesAsked {
	/** Up to this moment (ISO 8601), itself included. */
	until?: string;
	/** Before and after the move with this number. */
	before?: number;
	after?: number;
	limit?: number;
	/** The first ones first. */
	oldest?: boolean;
}

export interface AuditEvent {
	seq: number;
	at: string;
	/** Who: an e-mail, a workflow, `system`. */
	actor: string;
	/** For example `alias.moved`, `model.registered`, `approval.decided`, `deploy.overridden`. */
	action: string;
	subject: string;
	details: Record<string, unknown>;
	/** Hash of the one before, and SHA-256 over it and this event. */
	previous: string;
	hash: string;
}

/** What a version before this one left that cannot be as it would be written now, and how it was checked all the same. */
export interface StatedException {
	about: string;
	text: string;
}

/**
 * `records` are datasets, runs, models, evaluations and drift reports; `reports` (with files made for people) and `exceptions` are there
 * only where there are some.
 */
export interface Verified {
	events: number;
	records: number;
	reports?: number;
	exceptions?: StatedException[];
}

/** Hears how far a verification is. */
export type VerifyProgress = (stage: string, share: number) => void;

/** Signs texts that leave the store and come back, with keys of the store's own. */
export interface LinkSigner {
	sign(text: string): Promise<string>;
	fits(text: string, signature: string): Promise<boolean>;
}

/** Bytes by their SHA-256. Written to a temporary file, synced, renamed; never changed. */
export interface Artifacts {
	put(bytes: Uint8Array | string): Promise<string>;
	/**
	 * Takes over (moves) a finished file inside the store's home.
	 * @param before what else is to be kept before it: a large file is looked at in whole first, and is a temporary one until the last moment
	 */
	putFile(path: string, before?: () => Promise<void>): Promise<{ digest: string; size: number }>;
	/** Nobody writes to this file any more, and `putFile` will take it: what that waits for first (the disk) begins now. */
	ahead(path: string): void;
	/** A local file with the bytes, for those that read files themselves; nobody may change it. @throws `store.not_found` */
	materialise(digest: string): Promise<string>;
	/** Reads and checks the digest. @throws `store.digest_mismatch` */
	get(digest: string): Promise<Buffer>;
	has(digest: string): Promise<boolean>;
	/** A fresh path in the same file system for a file that `putFile` will take. */
	temporary(extension: string): Promise<string>;
	/** The name by which another process of this store, wherever it runs, finds the file (or folder) at a path that `temporary` gave. */
	handOver(path: string): Promise<string>;
	/** Local path of what was handed over. */
	handedOver(name: string): Promise<string>;
	/** Takes away what was handed over, whatever became of it. */
	discard(name: string): Promise<void>;
	/**
	 * Makes a folder for what jobs write while `work` goes on, under a name that is handed over. It is gone afterwards, whatever became of
	 * the jobs: a process that was ended can no longer tidy up itself. Where this process is ended too, it goes when the store is opened
	 * next.
	 */
	withFolder<T>(work: (name: string) => Promise<T>): Promise<T>;
}

/** Pages that belong together: what they are to become (the name of a dataset), and whose they are, such as the id of an execution. */
export interface PageLot {
	name: string;
	id: string;
	/** ISO 8601. */
	startedAt: string;
	lastAt: string;
	rows: number;
	/** Columns in the order in which they came, each with the number of pages that have it. */
	columns: ReadonlyArray<readonly [name: string, pages: number]>;
	/** Pages that have rows. */
	filled: number;
}

/**
 * Rows that come page by page and wait to become a dataset together. They outlive the process. A lot to which nobody adds is gone a week
 * later.
 */
export interface Pages {
	/**
	 * Takes over (moves) a file inside the store's home with one JSON object a line. A page with the same key takes the place of the one
	 * before. The page counts once this returns, and then survives a crash. @throws `store.full`, `store.unwritable`
	 */
	add(page: {
		name: string;
		id: string;
		/** Tells the page from the others of its lot. */
		key: string;
		path: string;
		rows: number;
		columns: readonly string[];
	}): Promise<{ number: number; lot: PageLot }>;
	/** The files of a lot's pages, in the order in which these came. @throws `store.not_found` where one is gone */
	read(name: string, id: string): Promise<{ paths: string[]; keys: string[]; rows: number }>;
	/** All lots that are not done. */
	lots(): Promise<PageLot[]>;
	/** Throws a lot away; `keys`: only these of its pages. */
	discard(name: string, id: string, keys?: ReadonlySet<string>): Promise<void>;
}

export interface PredictionLogEntry {
	at: string;
	/** `name@version` of the model that answered. */
	model: string;
	digest: string;
	requestId: string;
	input: Record<string, unknown>;
	prediction: unknown;
	/** Probability of the positive class, or one a class, or the value. */
	score: number[];
	alias?: string;
	error?: string;
	/** Of a server's answers: rollout and arm, by which door they were asked for, and what the caller calls what it asked about. */
	rollout?: string;
	arm?: string;
	door?: string;
	key?: string;
	/** The caller's own id of the request, with the row's number behind it where that asked about several. */
	request?: string;
	/** Milliseconds from the request to its answer. */
	ms?: number;
	/** What was said about the input's values with the answer (lib/data/reading). */
	warnings?: unknown[];
}

/** What of the store can be read and changed within one transaction. */
export type Transactional = Pick<
	Store,
	| 'add'
	| 'get'
	| 'find'
	| 'list'
	| 'page'
	| 'windows'
	| 'count'
	| 'names'
	| 'recall'
	| 'evaluationOf'
	| 'lineage'
	| 'moveAlias'
	| 'alias'
	| 'aliases'
	| 'aliasHistory'
	| 'aliasAt'
	| 'policy'
	| 'setPolicy'
	| 'archive'
	| 'archived'
	| 'createApproval'
	| 'approval'
	| 'decideApproval'
	| 'approvalsFor'
	| 'approvals'
	| 'audit'
	| 'auditLog'
>;

/**
 * The one place where anything is kept. Safe for several processes at once; every write is a transaction and reaches the disk
 * before the call returns. Writes never block the calling thread for a lock (they wait asynchronously and retry).
 */
export interface Store {
	/** Random id made when the store was; handles carry it. */
	readonly id: string;
	/** How to open it again, in another process too. */
	readonly ref: StoreRef;
	readonly home: string;
	readonly artifacts: Artifacts;
	/** Signs approval links. */
	readonly links: LinkSigner;

	/**
	 * Runs `work` as one transaction: what it reads stays true until what it writes is written, all of it or, where it throws, nothing. It
	 * awaits nothing but the store that it is given.
	 */
	transact<T>(work: (store: Transactional) => Promise<T>): Promise<T>;
	/**
	 * Does work that puts artifacts and then adds the records which name them. Where it fails, those that no record names go again, at once,
	 * or, where the process is killed, when the store is opened next; temporary files that it made go in any case.
	 */
	keeping<T>(work: () => Promise<T>): Promise<T>;

	/**
	 * Adds a version under `name`. When the newest version of that kind and name has the same digest, that one is returned and nothing is
	 * written. `memo` also files it under a memo key. `parents` are record ids (lineage).
	 */
	add<K extends RecordKind>(
		kind: K,
		name: string,
		body: RecordBodies[K],
		options?: { parents?: string[]; memo?: string },
	): Promise<StoredRecord<K>>;
	/** @throws `store.not_found` */
	get<K extends RecordKind>(kind: K, id: string): Promise<StoredRecord<K>>;
	/** Newest version of a name, or version n. */
	find<K extends RecordKind>(kind: K, name: string, version?: number): Promise<StoredRecord<K> | undefined>;
	/** Newest first; `versions`: only these of a name. */
	list<K extends RecordKind>(
		kind: K,
		options?: { name?: string; versions?: readonly number[]; limit?: number },
	): Promise<Array<StoredRecord<K>>>;
	/**
	 * Which windows a monitor has verdicts of, the latest first, and the version of the newest verdict of each: quick, however long they
	 * are.
	 */
	windows(monitor: string, limit: number): Promise<Array<{ from: string; version: number }>>;
	/**
	 * The next ones of a kind: behind `after`, the oldest first, or else before `before`, the newest first. Whoever goes on with the last
	 * place that it got misses none and meets none twice, however many are added meanwhile.
	 */
	page<K extends RecordKind>(
		kind: K,
		options: { name?: string; after?: number; before?: number; limit: number },
	): Promise<Array<PlacedRecord<K>>>;
	/** How many there are of a kind: up to the place `until`, made of the record `parent`, where that is asked. */
	count(kind: RecordKind, options?: { until?: number; parent?: string }): Promise<number>;
	names(kind: RecordKind): Promise<string[]>;
	/** The record filed under a memo key, if any. */
	recall<K extends RecordKind>(kind: K, memo: string): Promise<StoredRecord<K> | undefined>;
	/** Newest evaluation of a model package by its digest: the one that gate and approval are asked about. */
	evaluationOf(modelDigest: string): Promise<StoredRecord<'evaluation'> | undefined>;
	/**
	 * Records that `id` was made from (`up`) or that were made from it (`down`), over all generations, the nearest first; at most `limit`.
	 * `links` are those of the found ones, and `id`, by which each was found.
	 */
	lineage(id: string, direction: 'up' | 'down', limit?: number): Promise<Relative[]>;

	/** Moves an alias in one transaction with its audit event; `expect` is compare-and-set (null: unset). `version` null removes it. */
	moveAlias(
		model: string,
		alias: string,
		version: number | null,
		options: { actor: string; reason?: string; kind?: MoveKind; expect?: number | null },
	): Promise<AliasMove>;
	alias(model: string, alias: string): Promise<number | null>;
	aliases(model: string): Promise<Record<string, number>>;
	/** Moves of an alias, or of all of a model, the latest first. */
	aliasHistory(model: string, alias?: string, asked?: MovesAsked): Promise<AliasMove[]>;
	/** Version an alias pointed to at a moment. */
	aliasAt(model: string, alias: string, at: string): Promise<number | null>;
	policy(model: string): Promise<ModelPolicy>;
	setPolicy(model: string, policy: ModelPolicy, actor: string, reason?: string): Promise<void>;
	/** Marks a version as done with. @throws `store.conflict` while an alias points to it */
	archive(model: string, version: number, actor: string, reason?: string): Promise<void>;
	archived(model: string): Promise<number[]>;

	createApproval(request: ApprovalRequest): Promise<Approval>;
	approval(id: string): Promise<Approval | undefined>;
	/**
	 * First wins: pending -> decision in one compare-and-set with its audit event. Returns the approval as it now stands; `won` says whether
	 * this call decided it. Past its expiry it becomes `expired` instead.
	 */
	decideApproval(
		id: string,
		decision: 'approved' | 'rejected' | 'expired' | 'closed',
		by: string,
		comment?: string,
	): Promise<{ approval: Approval; won: boolean }>;
	/** Newest first. */
	approvalsFor(modelDigest: string): Promise<Approval[]>;
	/** Newest first, of these statuses or all; `before`: those older than the one with this id. */
	approvals(options?: { statuses?: readonly ApprovalStatus[]; limit?: number; before?: string }): Promise<Approval[]>;

	audit(event: { actor: string; action: string; subject: string; details?: Record<string, unknown> }): Promise<AuditEvent>;
	/**
	 * Newest first; with `since`, only events with a greater number and the oldest first, so that whoever goes on with the last number that
	 * it got misses none and meets none twice: numbers have no gaps, and none is seen before those below it. The subject of what happens to a
	 * model is its name; of an approval, its model's name or, without one, its id.
	 */
	auditLog(options?: AuditFilter): Promise<AuditEvent[]>;
	/** From now on a fresh key signs the audit chain's end, or approval links; what the older ones signed stays valid. */
	rotateKey(name: 'audit' | 'link', actor: string, reason?: string): Promise<AuditEvent>;
	/** Checks the end of the audit log, as each change does, and gives the number of its last event. @throws `store.audit_broken` */
	soundEnd(): Promise<number>;
	/**
	 * Walks the whole chain, all tables, the artifacts and the sealed segments of the log; fails closed. `progress` hears what is looked at,
	 * and about how much of all is done (0 to 1). @throws `store.audit_broken`,
	 * `store.corrupt` naming the first thing that is not so
	 */
	verify(progress?: VerifyProgress): Promise<Verified>;

	/** Answers and what turned out to be true, in segments that several writers append to. */
	readonly log: SegmentLog;
	/**
	 * Where it rejects, the entries that were not written are counted, and the next call that can write says so in the log: an entry with
	 * `error`, and `prediction.unlogged` as their number.
	 */
	logPredictions(entries: PredictionLogEntry[]): Promise<void>;
	/** Counts answers that another process could not write, as `logPredictions` counts its own. */
	noteUnlogged(gap: { model: string; digest: string; rows: number; why: string }): void;
	/** Oldest first. `model`: `name@version`, or a name for all its versions; `since` is included, `until` is not. */
	predictions(options: { model?: string; since?: string; until?: string; limit?: number }): Promise<PredictionLogEntry[]>;

	/** Rows that come page by page. */
	readonly pages: Pages;

	/** Jobs that other processes run. */
	readonly jobs: JobBoard;
	/** Progress of long work, kept for people and pages. */
	setProgress(key: string, progress: unknown): Promise<void>;
	progress(key: string): Promise<unknown>;
	/** Forgets it. */
	clearProgress(key: string): Promise<void>;
	/** Sets it only where it still is `from` (`undefined`: nothing yet), compared as JSON; of several at once one wins, and is told so. */
	swapProgress(key: string, from: unknown, to: unknown): Promise<boolean>;
	/** All whose key begins so, in the order of their keys. */
	progressUnder(prefix: string): Promise<Array<{ key: string; progress: unknown; at: string }>>;
	close(): Promise<void>;
}
