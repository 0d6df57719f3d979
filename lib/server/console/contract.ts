import type { z } from 'zod/v4';
import type { Role } from '../../domain/role.js';
import type { MainState } from '../start.js';

/**
 * Who asks: a person who signed in, a program with an API key, or whoever sits at the machine where no accounts and no keys are asked for.
 */
export interface Who {
	kind: 'person' | 'key' | 'local';
	/** Of the person or key; `local`. */
	id: string;
	/** As the audit log names it: of a person, the e-mail address. */
	name: string;
	/** How a person is called. */
	called?: string;
	role: Role;
	email?: string;
	/** Models that a key is good for; absent: all. */
	models?: readonly string[];
}

declare module 'fastify' {
	interface FastifyRequest {
		/** Set before a route of the console's API is asked. */
		who: Who;
		http: Http;
	}
}

/** What routes about sessions need of a request. */
export interface Http {
	/** The caller's address. */
	from: string;
	/** Came over TLS. */
	secure: boolean;
	/** Of the caller's session, if the caller's cookie holds one. */
	token: string | undefined;
	/** To send with the answer. */
	headers: Record<string, string>;
}

/** What a route is asked, read by its schemas. Where nobody needs to be signed in, `who` is nobody. */
export interface Asked<Params, Query, Body> {
	params: Params;
	query: Query;
	body: Body;
	who: Who;
	http: Http;
}

type Read<S> = S extends z.ZodType ? z.output<S> : undefined;

/**
 * A route of the console's API (`/api/v1`): one declaration says its address, who may ask, what it reads and gives, for the server and for
 * the OpenAPI document. It runs in the thread that has the store.
 */
export interface ConsoleRoute<
	P extends z.ZodObject | undefined = z.ZodObject | undefined,
	Q extends z.ZodObject | undefined = z.ZodObject | undefined,
	B extends z.ZodType | undefined = z.ZodType | undefined,
	A extends z.ZodType = z.ZodType,
> {
	/** A GET changes nothing. */
	method: 'GET' | 'POST' | 'PUT' | 'DELETE';
	/** Behind `/api/v1`, with `:name` for its parameters: `/models/:model`. */
	path: string;
	/** The least role that may ask; `none`: nobody needs to be signed in. */
	role: Role | 'none';
	/** What it is for, in one sentence. */
	summary: string;
	params?: P;
	query?: Q;
	body?: B;
	answer: A;
	/** The answer is a page (a text), sent with these headers. */
	page?: Readonly<Record<string, string>>;
	/** Media types that such a text may be of; else the one in `page`. */
	types?: readonly string[];
	/** Its answer when it was done; 200 where it is not said. */
	status?: number;
	does(state: MainState, asked: Asked<Read<P>, Read<Q>, Read<B>>): Promise<z.input<A>>;
}

/**
 * Lets TypeScript find the types of a route by its schemas; an index of routes holds them without. The type of its answer stays with it:
 * the console's pages use it (`AnswerOf` of lib/console/data/api.ts).
 */
export const consoleRoute = <
	P extends z.ZodObject | undefined,
	Q extends z.ZodObject | undefined,
	B extends z.ZodType | undefined,
	A extends z.ZodType,
>(
	route: ConsoleRoute<P, Q, B, A>,
): ConsoleRoute & { readonly answer: A } => route as unknown as ConsoleRoute & { readonly answer: A };
