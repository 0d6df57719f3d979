import type { FastifyInstance } from 'fastify';
import type { ChangesAsked } from '../domain/changes.js';
import type { MlopsError } from '../domain/errors.js';
import type { ModelManifest } from '../domain/model.js';
import type { RowResult } from '../app/predictRows.js';
import type { ApiKeyRecord, Scope } from '../domain/apiKey.js';
import type { DirectRoutes } from './direct/directDoor.js';
import type { ServedModel } from './serveTable.js';

/** A row as a caller sends it: values by column. */
export type Row = Record<string, unknown>;

/** Which model: by number, by alias, or neither, which is the alias `champion`. */
export interface Target {
	model: string;
	version?: number;
	alias?: string;
}

/** What a door hands over, in the same form whatever its protocol. */
export interface Question extends Target {
	rows: readonly Row[];
	/** Columns to name that moved each answer most; `all` for each one's share. */
	reasons?: number | 'all';
	/** What would change each answer, where that is asked. */
	changes?: ChangesAsked;
	/** What the caller calls what it asks about (a customer, an order): arms of a rollout stick to it, and the truth may come back by it. */
	key?: string;
	/** One a row, where rows have keys of their own. */
	keys?: readonly (string | undefined)[];
	/** `request.apiKey`: a key may be good for some models alone. */
	caller: ApiKeyRecord | undefined;
	/** Id of the door, for log and metrics. */
	door: string;
	/** The caller's own id of this request, by which the truth may come back, too; else one is made. */
	requestId?: string;
	/** When the request came (`performance.now()`); else when it is asked. */
	startedAt?: number;
}

/** What comes back: one result a row, in the order of the rows. */
export interface Answered {
	model: string;
	version: number;
	alias?: string;
	/** Absent where no rollout runs. */
	rollout?: string;
	arm?: string;
	/** Of each row, where rows of several callers were answered by several arms; then the arm and the version above are one of them. */
	arms?: ReadonlyArray<{ version: number; arm?: string }>;
	requestId: string;
	/** Id of each row's answer, by which its truth may come back; of a single row the request's own. */
	ids: readonly string[];
	manifest: ModelManifest;
	results: readonly RowResult[];
}

/** What a listener offers to doors. */
export interface Serving {
	/** Answers rows. @throws MlopsError: `serve.model_unknown`, `serve.model_unready`, `predict.input_invalid` where no row can be read */
	ask(question: Question): Answered | Promise<Answered>;
	/** The models that are served, by name. */
	models(): readonly ServedModel[];
	/** @throws `serve.model_unknown` */
	model(name: string): ServedModel;
	/**
	 * What a version's package says of it; `key` is the column by which a rollout knows whose question a row is.
	 * @throws `serve.model_unknown`, `serve.model_unready`
	 */
	manifest(target: Target): Promise<{ manifest: ModelManifest; version: number; key?: string }>;
	/** Whether this version can answer now. */
	ready(target: Target): boolean;
	/** Whether the server as a whole can answer. */
	allReady(): boolean;
	/**
	 * The model that doors without names in their addresses mean (`--model`); where only one is served, that one.
	 * @throws `serve.model_unknown`
	 */
	only(): Target;
	/** Rows that are answered at once. */
	maxRows: number;
	/** Asks the server's main thread, which has the store (`calls.ts` lists what it does). */
	call(method: string, params: unknown): Promise<unknown>;
}

/** A protocol: one file in `doors/`, listed in `doors/index.ts`. It translates to a `Question` and back, and nothing else. */
export interface Door {
	id: string;
	/** What it is called, with the version of its specification. */
	label: string;
	/** Addresses that begin so are its alone: of what is not there it is said in its form, by which its clients read errors. */
	under?: { path: string; failure(error: MlopsError, status: number): Record<string, unknown> };
	/** Registers its routes. `guard(scope)` is the check of the caller's key that every route needs. */
	register(app: FastifyInstance, serving: Serving, guard: Guard): void;
	/** Those of its routes that plain requests may take without the framework; their answers are the same. */
	direct?(serving: Serving): DirectRoutes;
}

/**
 * Route options that let only callers in whose key has the scope, or any key where none is named (and is good for the model named in the
 * address).
 */
export type Guard = (scope?: Scope) => Pick<import('fastify').RouteShorthandOptions, 'onRequest'>;
