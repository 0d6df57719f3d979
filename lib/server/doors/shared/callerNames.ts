import type { FastifyRequest } from 'fastify';
import { invalid } from './jsonBody.js';
import { cutText } from '../../../domain/text.js';

/** The caller's name of what it asks about, where its protocol has no field for it. */
const KEY_HEADER = 'x-mlops-key';
const REQUEST_ID_HEADER = 'x-request-id';
const LONGEST_HEADER = 500;

/**
 * What a caller calls something of its own: a request, or what it asks about. Nothing, null and an empty text are no name, or all who leave
 * it empty would be one customer. A number is taken as it is written (long whole ones come as texts, by `parseJson`); one in powers of
 * ten, beyond what numbers keep (1e20), would be others' name, too.
 * @throws `serve.request_invalid`
 */
export function callerName(field: string, value: unknown, longest: number): string | undefined {
	if (value === undefined || value === null || value === '') return undefined;
	if (typeof value === 'string' && value.length <= longest) return value.toWellFormed();
	if (typeof value === 'number' && Number.isFinite(value)) {
		if (!Number.isInteger(value) || Number.isSafeInteger(value)) return String(value);
		throw invalid(`"${field}" is a number of more digits than numbers in JSON keep.`, {
			expected: 'a text, or the digits of a whole number',
			found: String(value),
			remedy: 'Send its digits as a text, in quotes.',
		});
	}
	throw invalid(`"${field}" must be a text of at most ${longest} characters.`, { expected: 'a text or a number' });
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A header of the caller's own. Node reads the bytes of headers as Latin-1, which is what browsers and `fetch` send; curl, Python and
 * proxies send UTF-8, so that bytes which are UTF-8 are read as that.
 * @throws `serve.request_invalid` where it is longer than it may be: one that was cut would be another's, too
 */
export function headerName({ headers }: Pick<FastifyRequest, 'headers'>, name: string): string | undefined {
	const given = headers[name];
	// Most callers send none.
	if (typeof given !== 'string' || given === '') return undefined;
	const bytes = Buffer.from(given, 'latin1');
	let text: string;
	try {
		text = utf8.decode(bytes);
	} catch {
		text = bytes.toString('latin1');
	}
	if (text.length > LONGEST_HEADER)
		throw invalid(`The header "${name}" is longer than it may be.`, {
			expected: `at most ${LONGEST_HEADER} characters`,
			found: cutText(text, 60),
		});
	return text || undefined;
}

/** What the caller calls what it asks about, as the header says. @throws `serve.request_invalid` */
export const headerKey = (request: Pick<FastifyRequest, 'headers'>): string | undefined => headerName(request, KEY_HEADER);

/**
 * The caller's own id of a request, where its protocol has no field for it: `X-Request-Id`, as clients and proxies send it. One that is
 * longer than an id is none.
 */
export function headerRequestId({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
	const given = headers[REQUEST_ID_HEADER];
	return typeof given === 'string' && given.length <= LONGEST_HEADER ? headerName({ headers }, REQUEST_ID_HEADER) : undefined;
}
