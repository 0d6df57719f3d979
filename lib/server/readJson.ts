import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { MlopsError } from '../domain/errors.js';
import { parseJson } from '../domain/json.js';
import { isDeeper } from './depth.js';
import { refusal } from './failures.js';

/**
 * Reads bodies of the type application/json, as RFC 8259 has them: UTF-8 (a byte order mark is passed over), one value. Bytes that are no
 * UTF-8 are refused, since a reader that replaces them changes values without a word. `__proto__` stays a name like any other: rows are
 * read by what they hold themselves (`domain/dictionary.ts`), and copied nowhere by assignment. Whole numbers keep all of their digits
 * (`parseJson`). Bodies of other types are refused with 415,
 * but where a door reads them.
 */
export function readJson(app: FastifyInstance): void {
	app.removeAllContentTypeParsers();
	app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
		try {
			assertUnpacked(request.headers);
			done(null, jsonIn(body));
		} catch (thrown) {
			done(thrown as Error);
		}
	});
}

/** @throws 415 (RFC 9110, 15.5.16) where a body is packed */
export function assertUnpacked({ 'content-encoding': encoding = '' }: Pick<IncomingHttpHeaders, 'content-encoding'>): void {
	if (!/^(?:identity)?$/i.test(encoding)) throw refusal('packed');
}

/** Smaller bodies are parsed as they are; larger ones count towards what may be on its way at once. */
export const LARGE_BODY = 64 * 1024;
/** Levels of large bodies: rows, and what other protocols put around them, need less than ten. */
const DEEPEST = 64;
const BYTE_ORDER_MARK = 0xfeff;

/** The value in a body. @throws `serve.request_invalid` */
export function jsonIn(body: Buffer): unknown {
	if (body.length === 0) throw refusal('empty');
	if (!isUtf8(body)) throw notUtf8(isUtf16(body) ? 'UTF-16' : 'bytes that are none');
	const text = body.toString('utf8');
	if (text.length > LARGE_BODY && isDeeper(text, DEEPEST))
		throw new MlopsError('serve.request_invalid', `The body nests more than ${DEEPEST} times.`, {
			expected: 'rows whose values are numbers, texts, true, false or null',
		});
	try {
		return parseJson(text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text);
	} catch (thrown) {
		// Letters of ASCII in UTF-16 are UTF-8 too, with a zero beside each.
		if (isUtf16(body)) throw notUtf8('UTF-16');
		throw new MlopsError('serve.request_invalid', `The body is not JSON: ${(thrown as Error).message}.`, { remedy: REMEDY });
	}
}

const REMEDY =
	'Send JSON in UTF-8, as GET /openapi.json describes it; JSON has no NaN and no Infinity: null says that a value is not known.';

const notUtf8 = (found: string): MlopsError =>
	new MlopsError('serve.request_invalid', 'The body is not in UTF-8.', { expected: 'UTF-8', found, remedy: 'Send JSON in UTF-8.' });

const isUtf16 = (body: Buffer): boolean =>
	body.length > 1 && ((body[0] === 0xff && body[1] === 0xfe) || (body[0] === 0xfe && body[1] === 0xff) || body[0] === 0 || body[1] === 0);
