import type { Scope } from '../../../domain/apiKey.js';
import { ERROR_CODES } from '../../../domain/errors.js';
import { ANSWER_SCHEMAS } from './answer.js';
import type { Schema } from './row.js';

export const json = (schema: Schema, more: Schema = {}): Schema => ({ 'application/json': { schema, ...more } });
export const ref = (kind: 'schemas' | 'responses' | 'parameters', name: string): Schema => ({ $ref: `#/components/${kind}/${name}` });

const failure = (description: string, headers?: Schema): Schema => ({
	description,
	...(headers ? { headers } : {}),
	content: json(ref('schemas', 'Failure')),
});

const retryAfter = {
	'Retry-After': { description: 'Seconds after which trying again is worth while.', schema: { type: 'integer', minimum: 0 } },
};

/** What can go wrong, by the name under `components/responses`. */
const FAILURES = {
	BadRequest: {
		status: 400,
		response: failure('The request cannot be read, or no row of it can; the sentence names column, value and what is expected.'),
	},
	KeyMissing: {
		status: 401,
		response: failure('There is no API key, or it is not good (unknown, expired, withdrawn).', {
			'WWW-Authenticate': { description: 'How to send one.', schema: { type: 'string' } },
		}),
	},
	NotAllowed: { status: 403, response: failure('The key is not good for this.') },
	Unknown: { status: 404, response: failure('There is no such model, version, alias or address.') },
	TooSlow: { status: 408, response: failure('The request did not arrive whole in time.') },
	Refused: { status: 409, response: failure('What the store holds does not allow it; the sentence says why.') },
	Archived: { status: 410, response: failure('The version is archived: it is not to be used any more.') },
	TooLarge: { status: 413, response: failure('The body, or the number of rows, is over the limit of this server.') },
	LongName: { status: 414, response: failure('A name in the address is longer than any name can be.') },
	WrongType: { status: 415, response: failure('The body is of a type that this address does not read, or is packed.') },
	TooMany: { status: 429, response: failure('There were too many attempts: the next one may be made later.', retryAfter) },
	Failed: { status: 500, response: failure('The server failed at this request.') },
	Unavailable: { status: 503, response: failure('Too much is asked at once, or the model is not ready: try again.', retryAfter) },
};

/** Responses of an operation: what it gives, and the failures that can occur. */
export function responses(ok: Schema, failures: ReadonlyArray<keyof typeof FAILURES>, status = 200): Schema {
	return { [status]: ok, ...Object.fromEntries(failures.map((name) => [FAILURES[name].status, ref('responses', name)])) };
}

export const ASKING = [
	'BadRequest',
	'KeyMissing',
	'NotAllowed',
	'Unknown',
	'TooSlow',
	'Archived',
	'TooLarge',
	'WrongType',
	'Failed',
	'Unavailable',
] as const;
export const READING = ['KeyMissing', 'NotAllowed', 'Unknown', 'Failed', 'Unavailable'] as const;

const failureSchema: Schema = {
	type: 'object',
	required: ['code', 'message'],
	description: 'What went wrong, for programs (`code`) and for people.',
	properties: {
		code: { enum: [...ERROR_CODES], description: 'A promise: it will always mean the same.' },
		message: { type: 'string', description: 'A sentence for people.' },
		column: { type: 'string' },
		row: { type: 'integer', minimum: 1, description: 'Which row, counted from 1.' },
		expected: { type: 'string' },
		found: { type: 'string' },
		remedy: { type: 'string', description: 'What to do about it.' },
		requestId: { type: 'string' },
	},
};

/** How a person who signed in is known. */
const SESSION_SCHEME: Schema = {
	type: 'apiKey',
	in: 'cookie',
	name: '__Host-mlops_session',
	description: 'The cookie that signing in gives; changes need the header `x-csrf` as well, whose value `GET /api/v1/me` has.',
};

/** What all documents of the server have in common. */
export const sharedComponents = (): { schemas: Readonly<Record<string, Schema>>; responses: Schema; securitySchemes: Schema } => ({
	schemas: {
		Error: failureSchema,
		Failure: { type: 'object', required: ['error'], properties: { error: ref('schemas', 'Error') } },
		...ANSWER_SCHEMAS,
	},
	responses: Object.fromEntries(Object.entries(FAILURES).map(([name, { response }]) => [name, response])),
	securitySchemes: {
		bearer: { type: 'http', scheme: 'bearer', description: 'An API key, made with `mlops key make`.' },
		session: SESSION_SCHEME,
		apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'The same key in a header of its own.' },
	},
});

/** An operation that needs any good key, in either header. */
export const SECURED = { security: [{ bearer: [] }, { apiKey: [] }] };
/** One that needs a key with this scope. */
export const needs = (scope: Scope) => ({ security: [{ bearer: [scope] }, { apiKey: [scope] }] });
/** One that anybody may ask. */
export const OPEN = { security: [] };
