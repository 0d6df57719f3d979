import type { z } from 'zod/v4';

/** What a route of the server answers: `AnswerOf<typeof route>`, with `import type { route } from '../../server/console/routes/...'`. */
export type AnswerOf<R extends { readonly answer: z.ZodType }> = z.output<R['answer']>;
/** An entry of a route that answers with a page of a list. */
export type EntryOf<R extends { readonly answer: z.ZodType<{ entries: unknown[] }> }> = AnswerOf<R>['entries'][number];

/** What the server says when something fails; a code never changes its meaning. */
export class ApiError extends Error {
	constructor(
		message: string,
		readonly status: number,
		readonly code: string,
		readonly details: { column?: string; row?: number; expected?: string; found?: string; remedy?: string } = {},
	) {
		super(message);
	}
}

/** Goes with every change, where the server gave one (`me` of `/me`): a page of another site has none. */
let csrf: string | undefined;
export const setCsrf = (token: string | undefined): void => void (csrf = token);
/** What to do when nobody is signed in (any more). */
let signedOut: () => void = () => {};
export const onSignedOut = (act: () => void): void => void (signedOut = act);

async function send<T>(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<T> {
	let response: Response;
	try {
		response = await fetch(`/api/v1${path}`, {
			method,
			credentials: 'same-origin',
			headers: {
				accept: 'application/json',
				...(body === undefined ? {} : { 'content-type': 'application/json' }),
				...(method !== 'GET' && csrf ? { 'x-csrf': csrf } : {}),
			},
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
			...(signal ? { signal } : {}),
		});
	} catch (cause) {
		if (signal?.aborted) throw cause;
		throw new ApiError('The server cannot be reached.', 0, 'console.unreachable', {
			remedy: 'Look whether it runs; this page tries again by itself.',
		});
	}
	const text = await response.text();
	let answer: unknown;
	try {
		answer = text ? JSON.parse(text) : undefined;
	} catch {
		throw new ApiError('What came is no answer of this server.', response.status, 'console.no_answer', {
			remedy: 'Something between this page and the server may have answered instead, such as a proxy.',
		});
	}
	if (response.ok) return answer as T;
	const { error = {} } = (answer ?? {}) as { error?: { code?: string; message?: string } & ApiError['details'] };
	const { message = `The server answered ${response.status}.`, code = 'console.no_answer', ...details } = error;
	const failure = new ApiError(message, response.status, code, details);
	if (response.status === 401) signedOut();
	throw failure;
}

/** An answer that nobody needed for so long is old. */
const AHEAD_MS = 10_000;
/** Answers that were asked for before somebody needed them, each for the first who does. */
const ahead = new Map<string, Promise<unknown>>();

/** Asks now for what a page is about to ask for. */
export function askAhead(path: string): void {
	const asked = send('GET', path, undefined);
	ahead.set(path, asked);
	const forget = (): void => void (ahead.get(path) === asked && ahead.delete(path));
	// What failed before anybody needed it is asked again by whoever does.
	asked.catch(forget);
	setTimeout(forget, AHEAD_MS);
}

function taken<T>(path: string): Promise<T> | undefined {
	const asked = ahead.get(path) as Promise<T> | undefined;
	ahead.delete(path);
	return asked;
}

/** The server's API: paths are those behind `/api/v1`, with their names already in place (`pathTo` of the router fills them in). */
export const api = {
	/** @throws ApiError */
	get: async <T>(path: string, signal?: AbortSignal): Promise<T> => await (taken<T>(path) ?? send<T>('GET', path, undefined, signal)),
	/** @throws ApiError */
	post: async <T>(path: string, body: unknown = {}): Promise<T> => await send<T>('POST', path, body),
	/** @throws ApiError */
	put: async <T>(path: string, body: unknown = {}): Promise<T> => await send<T>('PUT', path, body),
	/** @throws ApiError */
	delete: async <T>(path: string): Promise<T> => await send<T>('DELETE', path, undefined),
};
