import { resolve } from 'node:path';
import type { DeployRequest } from './app/calls/deployCall.js';
import type { EvaluateRequest } from './app/calls/evaluateCall.js';
import type { ExportRequest } from './app/calls/exportCall.js';
import type { FeedbackRequest } from './app/calls/feedbackCall.js';
import type { IngestRequest } from './app/calls/ingestCall.js';
import type { MonitorRequest } from './app/calls/monitorCall.js';
import type { PredictDatasetRequest, PredictRequest } from './app/calls/predictCall.js';
import type { ServeRequest } from './app/calls/serveCall.js';
import type { TrainRequest } from './app/calls/trainCall.js';
import { sessionOn } from './app/session.js';
import type { DatasetHandle } from './domain/dataset.js';
import type {
	ItemDeployment,
	ItemDrift,
	ItemEvaluation,
	ItemExported,
	ItemFeedback,
	ItemPredictions,
	ItemRecipe,
	ItemRun,
} from './domain/item.js';
import type { ItemProfile } from './domain/itemProfile.js';
import type { ModelHandle } from './domain/model.js';
import type { Store as WholeStore } from './store/contract.js';

/*
 * The library's entry: the use cases of the nodes for scripts. What stands here and its types are a promise under semantic versioning;
 * other files of the package may change with any version, but for those that the README names.
 */

export { MlopsError } from './domain/errors.js';

/** A store: everything that is kept. Made by `openStore`; close it at the end. */
export interface Store {
	/** Random id made when the store was. */
	readonly id: string;
	/**
	 * Proves that the store holds what was written to it.
	 * @throws MlopsError `store.audit_broken` or `store.corrupt` naming the first thing that is not so
	 */
	verify(): Promise<Verified>;
	/** Events of the audit log, the newest first. The subject of what happens to a model is its name. */
	auditLog(options?: { subject?: string; limit?: number }): Promise<AuditEvent[]>;
	/** Names of the registered models, or of the datasets. */
	names(kind: 'modelVersion' | 'dataset'): Promise<string[]>;
	/** The aliases of a registered model, each with its version. */
	aliases(model: string): Promise<Record<string, number>>;
	close(): Promise<void>;
}

/**
 * What was counted and found as it was written; `exceptions` are what older versions left that cannot be proved, each with what was checked
 * instead.
 */
export interface Verified {
	events: number;
	records: number;
	reports?: number;
	exceptions?: Array<{ about: string; text: string }>;
}

export interface AuditEvent {
	seq: number;
	/** ISO time in UTC. */
	at: string;
	actor: string;
	/** For example `alias.moved`, `model.registered`, `approval.decided`. */
	action: string;
	subject: string;
	details: Record<string, unknown>;
	previous: string;
	hash: string;
}

/** What long work says while it runs. */
export interface Progress {
	stage: string;
	/** 0 to 1, if known. */
	share?: number;
	secondsLeft?: number;
	metric?: { name: string; value: number };
}

/** Something that a person should know and that is no failure. */
export interface Note {
	code: string;
	text: string;
}

/** What each call takes besides its request. */
export interface CallOptions {
	onProgress?(progress: Progress): void;
	onNote?(note: Note): void;
	/** Stops the work: the call rejects with `compute.cancelled` once its process is gone. */
	signal?: AbortSignal;
	/** Who acts, for the audit log; else "script". */
	actor?: string;
}

/** A report in the store: digests of its files. */
export interface Report {
	name: string;
	html: string;
	full?: string;
	charts: Array<{ name: string; digest: string }>;
}

interface Outcome {
	/** What a person should know. */
	notes: Note[];
	report?: Report;
}

export interface Ingested extends Outcome {
	dataset: DatasetHandle;
	recipe: ItemRecipe;
	profile: ItemProfile;
	/** Whether the same table was read before. */
	reused: boolean;
}

export interface Trained extends Outcome {
	dataset: DatasetHandle;
	recipe: ItemRecipe;
	run: ItemRun;
	model: ModelHandle;
}

export interface Evaluated extends Outcome {
	model: ModelHandle;
	/** `gate.passed` says whether Deploy will take the model. */
	evaluation: ItemEvaluation;
}

export interface Deployed extends Outcome {
	model: ModelHandle;
	deployment: ItemDeployment;
}

/** A column that moved an answer: towards the positive class, or a larger value, where the contribution is above zero. */
export interface Reason {
	feature: string;
	value: unknown;
	contribution: number;
}

/** The answer to one row. */
export interface Answer {
	/** The class, or the value. */
	prediction: string | number | boolean;
	/** Of the predicted class. */
	probability?: number;
	probabilities?: Record<string, number>;
	/** Columns that moved the answer most, the strongest first. */
	reasons?: Reason[];
	/** Probability of the positive class from which on it is the answer. */
	threshold?: number;
	/** What to know before relying on it. */
	warnings?: Array<{ code: string; column?: string; text: string }>;
	/** Raw outputs: the probability of the positive class, one a class, or the value. */
	score: number[];
}

/** One row's answer, or why there is none; `id` is what its truth is told by, where it is logged. */
export type RowAnswer = ({ answer: Answer } | { error: { code: string; message: string } }) & { id?: string };

export interface PredictedDataset extends Outcome {
	dataset: DatasetHandle;
	predictions: ItemPredictions;
	/** Where the CSV file lies: row, truth where it is known, prediction, scores. It belongs to the store: copy it, and leave it as it is. */
	path: string;
}

export interface Told extends Outcome {
	feedback: ItemFeedback;
}

export interface Monitored extends Outcome {
	drift: ItemDrift;
}

export interface ExportedModel extends Outcome {
	model: ModelHandle;
	exported: ItemExported;
	/** What to call each file, and where it lies. They belong to the store: copy them, and leave them as they are. */
	files: Array<{ name: string; path: string }>;
}

/** A model in memory that answers rows within microseconds. */
export interface Predictor {
	/** SHA-256 of the model's package. */
	readonly digest: string;
	readonly target: string;
	/** Classes in the order of `score`; none for numbers. */
	readonly classes: ReadonlyArray<string | number | boolean>;
	/** The columns that it knows, and whether a row must have them. */
	readonly columns: ReadonlyArray<{ name: string; type: string; required: boolean }>;
	/**
	 * @param reasons how many columns to name that moved the answer most
	 * @throws MlopsError `predict.input_invalid` naming column, value and what was expected
	 */
	answer(row: Record<string, unknown>, reasons?: number): Answer;
}

/** A model server that runs as a process of its own; it ends with this process at the latest. */
export interface Server {
	/** Where it answers, as seen from this machine. */
	readonly url: string;
	readonly port: number;
	/** The process that answers; undefined while it is started anew. */
	readonly pid: number | undefined;
	/** How often it had to be started anew; each time is a note. */
	readonly restarts: number;
	/** Lets it answer what it was asked, and ends it. */
	close(): Promise<void>;
}

/**
 * Opens the store in a folder, and makes it if it is new. Several processes may use it at once, n8n's nodes among them.
 * @param home the folder; else the store that `MLOPS_STORE_URL` or `MLOPS_HOME` names, else the folder `mlops` inside n8n's own
 * (`~/.n8n/mlops`)
 * @throws MlopsError `store.*`
 */
export async function openStore(home?: string): Promise<Store> {
	const { openStore: open } = await import('./store/openStore.js');
	return await open(home === undefined ? undefined : { kind: 'folder', home: resolve(home) });
}

/** Reads a table, finds types and problems, and keeps a version of the dataset. @throws MlopsError `data.*`, `input.invalid` */
export async function ingest(store: Store, request: IngestRequest, options?: CallOptions): Promise<Ingested> {
	const { ingest: call } = await import('./app/calls/ingestCall.js');
	return flat(await call(session(store, options), request));
}

/**
 * Trains a model; the same question again gives the stored run. @throws MlopsError `learn.*`, `recipe.*`, `store.not_found`,
 * `input.invalid`
 */
export async function train(store: Store, request: TrainRequest, options?: CallOptions): Promise<Trained> {
	const { train: call } = await import('./app/calls/trainCall.js');
	return flat(await call(session(store, options), request));
}

/** Tests a model on rows it never saw, and judges it by the gate. @throws MlopsError `evaluate.*`, `store.not_found`, `input.invalid` */
export async function evaluate(store: Store, request: EvaluateRequest, options?: CallOptions): Promise<Evaluated> {
	const { evaluate: call } = await import('./app/calls/evaluateCall.js');
	return flat(await call(session(store, options), request));
}

/**
 * Registers a model and points an alias to it. @throws MlopsError `deploy.*` where gate or approval forbid it, `store.*`, `input.invalid`
 */
export async function deploy(store: Store, request: DeployRequest, options?: CallOptions): Promise<Deployed> {
	const { deploy: call } = await import('./app/calls/deployCall.js');
	return flat(await call(session(store, options), request));
}

/**
 * Answers rows, and keeps questions and answers in the prediction log. A bad row has its own error and stops none of the others. @throws
 * MlopsError `store.not_found`
 */
export async function predict(store: Store, request: PredictRequest, options?: CallOptions): Promise<RowAnswer[]> {
	const { predict: call } = await import('./app/calls/predictCall.js');
	const { results, notes } = await call(session(store, options), request);
	for (const note of notes) options?.onNote?.(note);
	return results;
}

/** Answers a whole dataset as a CSV file. @throws MlopsError `data.schema_mismatch`, `evaluate.not_comparable`, `store.not_found` */
export async function predictDataset(store: Store, request: PredictDatasetRequest, options?: CallOptions): Promise<PredictedDataset> {
	const { predictDataset: call } = await import('./app/calls/predictCall.js');
	const { path, ...outcome } = await call(session(store, options), request);
	return { ...flat(outcome), path };
}

/**
 * Tells what turned out to be true of answers, by their ids, or by the caller's key and time: rows, a file or a dataset. A bad row is
 * refused with its reason and stops none of the others; telling the same again changes nothing. @throws MlopsError `data.*`, `store.*`,
 * `input.invalid`
 */
export async function feedback(store: Store, request: FeedbackRequest, options?: CallOptions): Promise<Told> {
	const { feedback: call } = await import('./app/calls/feedbackCall.js');
	return flat(await call(session(store, options), request));
}

/**
 * A model ready to answer rows in this process; nothing is written to the prediction log.
 * @param model `churn`, `churn@champion`, `churn@3` or `run:ID`
 * @throws MlopsError `store.not_found`, `recipe.no_row_form`
 */
export async function loadPredictor(store: Store, model: string): Promise<Predictor> {
	const [{ modelFor }, { predictorOf }] = await Promise.all([import('./app/calls/references.js'), import('./serve/predictor.js')]);
	const whole = store as WholeStore;
	const { digest, manifest, answer } = await predictorOf(whole, (await modelFor(whole, model)).model.digest);
	return {
		digest,
		target: manifest.target,
		classes: manifest.classes,
		columns: manifest.signature.map(({ name, type, required }) => ({ name, type, required })),
		answer: (row, reasons = 0) => answer(row, reasons),
	};
}

/** Compares rows with those of before, column by column. @throws MlopsError `monitor.*`, `store.not_found`, `input.invalid` */
export async function monitor(store: Store, request: MonitorRequest, options?: CallOptions): Promise<Monitored> {
	const { monitor: call } = await import('./app/calls/monitorCall.js');
	return flat(await call(session(store, options), request));
}

/**
 * Writes a model for other programs. @throws MlopsError `learn.no_onnx` and the like where there is no such form, `store.not_found`,
 * `input.invalid`
 */
export async function exportModel(store: Store, request: ExportRequest, options?: CallOptions): Promise<ExportedModel> {
	const { exportModel: call } = await import('./app/calls/exportCall.js');
	const { files, ...outcome } = await call(session(store, options), request);
	return { ...flat(outcome), files };
}

/**
 * Serves the registered models over HTTP, by a process of its own; follows aliases as they move. Calls with the same store, port and
 * settings share one. Ended by `close`, or by the signal in the options.
 * @throws MlopsError `serve.port_taken`, `input.invalid`
 */
export async function serve(store: Store, request: ServeRequest = {}, options?: CallOptions): Promise<Server> {
	const { serve: call } = await import('./app/calls/serveCall.js');
	const server = await call(session(store, options), request);
	const close = async (): Promise<void> => await server.close();
	options?.signal?.addEventListener('abort', () => void close());
	if (options?.signal?.aborted) await close();
	return {
		url: server.url,
		port: server.port,
		get pid() {
			return server.pid();
		},
		get restarts() {
			return server.restarts();
		},
		close,
	};
}

const flat = <F extends object>({ fields, notes, report }: { fields: F; notes: Note[]; report?: Report }): F & Outcome => ({
	...fields,
	notes,
	...(report ? { report } : {}),
});

function session(store: Store, { onProgress, onNote, signal, actor = 'script' }: CallOptions = {}) {
	const context = {
		progress: (progress: Progress) => onProgress?.(progress),
		note: (code: string, text: string) => onNote?.({ code, text }),
		signal: signal ?? new AbortController().signal,
	};
	// What `openStore` gave is the whole store; its type shows what is promised.
	return sessionOn(store as WholeStore, { context, actor });
}
