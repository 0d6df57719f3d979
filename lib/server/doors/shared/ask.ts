import type { FastifyReply, FastifyRequest } from 'fastify';
import { shown } from '../../../data/reading/index.js';
import { MlopsError } from '../../../domain/errors.js';
import type { Answer } from '../../../serve/predictor.js';
import type { Answered, Question, Serving } from '../../contract.js';
import { callerName, headerKey, headerRequestId } from './callerNames.js';
import { invalid } from './jsonBody.js';
import { cutText, wellFormed } from '../../../domain/text.js';

export interface AllAnswered extends Answered {
	answers: readonly Answer[];
}

type Asked = Omit<Question, 'startedAt' | 'caller'>;

/**
 * Asks for protocols that know no errors of single rows: a request with a bad row is refused as a whole, as other servers do, and the error
 * names the row.
 * @throws MlopsError: what asking throws; the error of the first row that could not be answered
 */
export async function askAll(
	serving: Serving,
	request: FastifyRequest,
	{ key = headerKey(request), requestId = headerRequestId(request), ...question }: Asked,
): Promise<AllAnswered> {
	const answered = await serving.ask({ ...question, key, requestId, caller: request.apiKey, startedAt: request.startedAt });
	const answers: Answer[] = [];
	let bad = 0;
	let first: MlopsError | undefined;
	for (const [i, result] of answered.results.entries()) {
		if ('answer' in result) answers.push(result.answer);
		else if (bad++ === 0) {
			const { code, message, details } = result.error;
			first = new MlopsError(code, answered.results.length > 1 ? `Row ${i + 1}: ${message}` : message, { ...details, row: i + 1 });
		}
	}
	if (!first) return { ...answered, answers };
	const more = bad > 1 ? ` ${bad - 1} more ${bad === 2 ? 'row has' : 'rows have'} an error, too.` : '';
	throw new MlopsError(first.code, `${first.message}${more}`, first.details);
}

/** What answered, as one text: of rows about several callers each version and arm that answered some of them. */
export function answeredBy({ version, arm, arms }: Pick<Answered, 'version' | 'arm' | 'arms'>): {
	version: string;
	arm: string | undefined;
} {
	if (!arms) return { version: String(version), arm };
	return {
		version: [...new Set(arms.map((one) => one.version))].join(','),
		arm: [...new Set(arms.map((one) => one.arm))].join(','),
	};
}

/** Headers that say what answered, for protocols whose answers have no place for it. */
export function told(reply: FastifyReply, { model, ids, answers, ...by }: AllAnswered, ignored: readonly string[] = []): FastifyReply {
	const warnings = answers.reduce((n, answer) => n + (answer.warnings?.length ?? 0), 0);
	const { version, arm } = answeredBy(by);
	void reply.header('x-mlops-model', encodeURIComponent(model)).header('x-mlops-version', version);
	if (arm !== undefined) void reply.header('x-mlops-arm', arm);
	if (ids.length) void reply.header('x-mlops-request-id', ids.length === 1 ? ids[0] : ids[0].replace(/-0$/, ''));
	if (warnings) void reply.header('x-mlops-warnings', String(warnings));
	if (ignored.length) void reply.header('x-mlops-ignored-columns', headerNames(ignored));
	return reply;
}

/** Proxies have room for 4 KB of headers: an answer with more would not reach its caller. */
const LONGEST_NAMES = 2_000;
const MOST_NAMES = 20;

/** Names that callers chose, for a header: those that there is room for. */
function headerNames(names: readonly string[]): string {
	let text = '';
	for (const name of names.slice(0, MOST_NAMES)) {
		// Half a character cannot be encoded.
		const next = encodeURIComponent(wellFormed(cutText(name, 100)));
		if (text.length + next.length > LONGEST_NAMES) break;
		text += text ? `,${next}` : next;
	}
	return text;
}

/** What callers may set beside their rows. */
export interface AskParams {
	reasons?: number | 'all';
	key?: string;
}

/**
 * Reads `reasons` and `key` out of a protocol's parameters.
 * @param others names that mean nothing here and are allowed; absent: all
 * @throws `serve.request_invalid`
 */
export function askParams(given: unknown, field: string, others?: readonly string[]): AskParams {
	if (given === undefined || given === null) return {};
	if (typeof given !== 'object' || Array.isArray(given)) throw invalid(`"${field}" should be an object.`);
	const { reasons, key, ...rest } = given as Record<string, unknown>;
	const unknown = others && Object.keys(rest).find((name) => !others.includes(name));
	if (unknown !== undefined)
		throw invalid(`"${field}" has "${cutText(unknown, 100)}", which means nothing here.`, {
			expected: '"reasons" or "key"',
			remedy: 'Leave it out.',
		});
	return {
		...(reasons === undefined || reasons === null ? {} : { reasons: readReasons(reasons) }),
		key: callerName('key', key, LONGEST_KEY),
	};
}

const MOST_REASONS = 10_000;
const LONGEST_KEY = 500;

function readReasons(value: unknown): number | 'all' {
	if (value === 'all') return value;
	if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST_REASONS) return value;
	throw invalid('"reasons" should be how many columns to name, or "all".', {
		expected: 'a whole number from 0 on, or "all"',
		found: shown(value),
	});
}

/** The version that an address names: a number, or an alias. */
export const versionOf = (text: string | undefined): { version?: number; alias?: string } =>
	text === undefined ? {} : /^\d{1,15}$/.test(text) ? { version: Number(text) } : { alias: text };

/** An error in one sentence. */
export const sentence = ({ message, details: { remedy } }: MlopsError): string => (remedy ? `${message} ${remedy}` : message);

/** `{ "error": "..." }`, as several protocols say it, with our code and what is known of the place. */
export const errorText = (error: MlopsError): Record<string, unknown> => ({ error: sentence(error), code: error.code, ...placeOf(error) });

const placeOf = ({ details: { row, column } }: MlopsError): { row?: number; column?: string } => ({
	...(row === undefined ? {} : { row }),
	...(column === undefined ? {} : { column }),
});
