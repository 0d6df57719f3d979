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
 * A header of the caller's own. One that came twice, be it that a proxy added its own, is refused: Node gives both as one text, which would
 * be a name that nobody has. Node reads the bytes of headers as Latin-1, which is what browsers and `fetch` send; curl, Python and
 * proxies send UTF-8, so that bytes which are UTF-8 are read as that.
 * @throws `serve.request_invalid` where it came twice, or is longer than it may be: one that was cut would be another's, too
 */
export function headerName(request: Headed, name: string): string | undefined {
	const given = request.headers[name];
	// Most callers send none.
	if (typeof given !== 'string' || given === '') return undefined;
	if (cameTwice(request, name))
		throw invalid(`The header "${name}" is there more than once.`, {
			expected: 'one of them',
			found: cutText(given, 60),
			remedy: 'Look at proxies on the way: one adds a header where it should replace it or leave it.',
		});
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
export const headerKey = (request: Headed): string | undefined => headerName(request, KEY_HEADER);

/**
 * The caller's own id of a request, where its protocol has no field for it: `X-Request-Id`, as clients and proxies send it. One that is
 * longer than an id is none, nor are two: the answer says which id it has.
 */
export function headerRequestId(request: Headed): string | undefined {
	const given = request.headers[REQUEST_ID_HEADER];
	if (typeof given !== 'string' || given.length > LONGEST_HEADER || cameTwice(request, REQUEST_ID_HEADER)) return undefined;
	return headerName(request, REQUEST_ID_HEADER);
}

/** What of a request its headers are read from. */
type Headed = Pick<FastifyRequest, 'headers' | 'raw'>;

/** Node joins such headers by a comma and a blank, which most names have not. */
const cameTwice = ({ headers, raw }: Headed, name: string): boolean =>
	(headers[name] as string).includes(', ') && raw.rawHeaders.filter((one, i) => i % 2 === 0 && one.toLowerCase() === name).length > 1;
