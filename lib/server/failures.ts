import { own } from '../domain/dictionary.js';
import { MlopsError, type ErrorCode } from '../domain/errors.js';
import { KeyRefused } from './auth.js';
import { Locked } from './console/attempts.js';
import { MethodRefused } from './otherMethods.js';

/** HTTP statuses of our failures; what is not listed is 500. */
const STATUS: Partial<Record<ErrorCode, number>> = {
	'serve.model_unknown': 404,
	'serve.version_archived': 410,
	'serve.model_unready': 503,
	'serve.key_missing': 401,
	'serve.key_invalid': 401,
	'serve.scope_missing': 403,
	'serve.overloaded': 503,
	'serve.request_invalid': 400,
	'serve.body_too_large': 413,
	'predict.input_invalid': 400,
	'recipe.no_row_form': 400,
	'truth.invalid': 400,
	'data.empty': 400,
	'data.unreadable': 400,
	'data.ragged': 400,
	'data.too_many_bad': 400,
	'truth.not_kept': 503,
	'input.invalid': 400,
	'store.not_found': 404,
	'person.sign_in_failed': 401,
	'person.signed_out': 401,
	'person.locked': 429,
	'person.role_missing': 403,
	'person.refused': 409,
	'person.link_used': 410,
	'approval.already_decided': 409,
	'approval.link_stale': 410,
	'person.other_site': 403,
	'monitor.refused': 409,
	'incident.closed': 409,
	'store.conflict': 409,
	'store.busy': 503,
	'store.full': 503,
	'store.unwritable': 503,
	'store.unreachable': 503,
	'rollout.running': 409,
	'rollout.not_running': 409,
	'rollout.refused': 409,
	'deploy.gate_failed': 409,
	'deploy.approval_missing': 409,
	'deploy.approval_pending': 409,
	'deploy.approval_expired': 409,
	'deploy.approval_rejected': 409,
	'deploy.nothing_to_roll_back': 409,
};

/** Codes of Fastify's own refusals, by the code that people get and a sentence. */
const OTHERS: Record<string, { code: ErrorCode; status: number; message: string; remedy: string }> = {
	FST_ERR_CTP_INVALID_MEDIA_TYPE: {
		code: 'serve.request_invalid',
		status: 415,
		message: 'The body is of a type that this address does not read.',
		remedy: 'Send JSON, with the header "Content-Type: application/json".',
	},
	FST_ERR_CTP_EMPTY_JSON_BODY: {
		code: 'serve.request_invalid',
		status: 400,
		message: 'The body is empty.',
		remedy: 'Send JSON such as { "row": { ... } }.',
	},
	MLOPS_PACKED: {
		code: 'serve.request_invalid',
		status: 415,
		message: 'The body is packed (Content-Encoding, Transfer-Encoding), and this server unpacks none.',
		remedy: 'Send it as it is, in several requests where it is large.',
	},
	FST_ERR_CTP_BODY_TOO_LARGE: {
		code: 'serve.body_too_large',
		status: 413,
		message: 'The body is larger than this server takes.',
		remedy: 'Send fewer rows at a time.',
	},
	FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
		code: 'serve.request_invalid',
		status: 400,
		message: 'The body is not as long as its header Content-Length says.',
		remedy: 'Send the length in bytes, not in characters.',
	},
	FST_ERR_MAX_PARAM_LENGTH: {
		code: 'serve.request_invalid',
		status: 414,
		message: 'A name in the address is longer than any name can be.',
		remedy: 'Look at GET /v1/models.',
	},
	FST_ERR_BAD_URL: {
		code: 'serve.request_invalid',
		status: 400,
		message: 'The address cannot be read.',
		remedy: 'Write signs in names of models as percent and two digits of their UTF-8 (encodeURIComponent).',
	},
	FST_ERR_ASYNC_CONSTRAINT: {
		code: 'serve.request_invalid',
		status: 400,
		message: 'The request cannot be read.',
		remedy: 'Look at the address and the headers.',
	},
};

/** A refusal of a body before anybody has looked into it. */
export const refusal = (what: 'empty' | 'packed'): Error =>
	Object.assign(new Error(what), { code: what === 'empty' ? 'FST_ERR_CTP_EMPTY_JSON_BODY' : 'MLOPS_PACKED' });

export interface HttpFailure {
	status: number;
	error: MlopsError;
	headers: Readonly<Record<string, string>>;
}

interface Thrown {
	code?: unknown;
	statusCode?: unknown;
	message?: unknown;
}

/** What a caller is told of anything thrown: never a stack, never words of a library that quote the server's inside. */
export function httpFailure(thrown: unknown): HttpFailure {
	if (thrown instanceof KeyRefused || thrown instanceof MethodRefused)
		return { status: thrown.status, error: thrown, headers: thrown.headers };
	if (thrown instanceof MlopsError) {
		const status = STATUS[thrown.code] ?? 500;
		const error = thrown.code === 'internal' ? unknownFailure() : thrown;
		const wait = thrown instanceof Locked ? thrown.seconds : status === 503 ? 1 : undefined;
		return { status, error, headers: wait === undefined ? {} : { 'retry-after': String(wait) } };
	}
	const { code, statusCode, message } = (thrown ?? {}) as Thrown;
	const known = typeof code === 'string' ? own(OTHERS, code) : undefined;
	if (known) return { status: known.status, error: new MlopsError(known.code, known.message, { remedy: known.remedy }), headers: {} };
	if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
		// Parsers of Fastify and Node: their sentences say what is wrong with the text that came, and nothing else.
		const text = thrown instanceof SyntaxError ? `The body is not JSON: ${String(message)}.` : 'The request cannot be read.';
		return {
			status: statusCode,
			error: new MlopsError('serve.request_invalid', text, { remedy: 'Send JSON in UTF-8, as the OpenAPI document of this server says.' }),
			headers: {},
		};
	}
	return { status: 500, error: unknownFailure(), headers: {} };
}

const unknownFailure = (): MlopsError =>
	new MlopsError('internal', 'The server failed at this request.', { remedy: 'Look into its own log; trying again may help.' });

export const overloaded = (): MlopsError =>
	new MlopsError('serve.overloaded', 'The server has more requests than it can answer in time.', { remedy: 'Try again a moment later.' });

export const tooManyRows = (rows: number, most: number): MlopsError =>
	new MlopsError('serve.body_too_large', `${rows} rows are more than this server answers at once.`, {
		expected: `at most ${most} rows`,
		remedy: 'Send fewer rows at a time, or predict a dataset instead.',
	});

/** Reasons and changes that a model is asked for thousands of times would keep other callers waiting. */
export const tooManyReasons = (rows: number, most: number): MlopsError =>
	new MlopsError('serve.body_too_large', `${rows} rows are more than this model tells such reasons or changes of at once.`, {
		expected: `at most ${most} rows`,
		remedy:
			'Send fewer rows at a time. For each the model is asked thousands of times; ' +
			'reasons of trees and linear models need none of that.',
	});

/** How failures look to callers of our own addresses. */
export const failureJson = ({ code, message, details }: MlopsError, requestId: string): Record<string, unknown> => ({
	error: { code, message, ...details, requestId },
});
