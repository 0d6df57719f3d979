import type { ApiKeyRecord, Scope } from '../../domain/apiKey.js';

/** The type of an answer. */
export const JSON_TYPE = 'application/json; charset=utf-8';

/** How long callers may keep an idle connection. */
export const KEEP_ALIVE_MS = 72_000;

/** What of a request an answer is made of. */
export interface DirectRequest {
	body: unknown;
	/** When its head was read (`performance.now()`). */
	startedAt: number;
	apiKey: ApiKeyRecord | undefined;
	/** The caller's own id of it, as a header says; the body goes before it. */
	requestId: string | undefined;
}

/** An address of a door that a plain request may be answered at without the framework. */
export interface DirectRoute {
	door: string;
	params: { readonly model: string };
	scope: Scope;
	/** The text of the answer, in JSON. Throws what the door's route throws. */
	answer(request: DirectRequest): string | Promise<string>;
}

/** Finds the route of an address, path and query; undefined: none, or one that the framework should look at. */
export type DirectRoutes = (target: string) => DirectRoute | undefined;
