import { LARGE_BODY } from '../readJson.js';

/** The head of a plain request: nothing in it asks for anything but an answer to its body. */
export interface PlainHead {
	/** Path and query. */
	target: string;
	/** Of these alone anything depends. */
	headers: Readonly<PlainHeaders>;
	/** Bytes of the body. */
	length: number;
}

export interface PlainHeaders {
	host: string;
	authorization?: string;
	'x-api-key'?: string;
	'x-request-id'?: string;
}

/** Longer heads are left to Node's own parser. */
export const LONGEST_HEAD = 8 * 1024;

const LONGEST_ID = 500;

const FIRST_LINE = /^POST (\/[!-~]{0,1000}) HTTP\/1\.1$/;
/** A name of RFC 9110's signs, no blank before the colon, a value in ASCII on one line. */
const HEADER = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([ -~]*)$/;
const JSON_TYPE = /^application\/json(?:; ?charset=utf-8)?$/i;

/** Headers by which something depends on more than the body: what they ask for is not done here. */
const OTHERS = new Set([
	'connection',
	'content-encoding',
	'expect',
	'http2-settings',
	'keep-alive',
	'proxy-connection',
	'te',
	'trailer',
	'transfer-encoding',
	'upgrade',
	'x-mlops-key',
]);

/**
 * Reads the head of a request, without the empty line at its end, where it is plain: a POST of JSON in a body of known length, each header
 * that matters there once. Undefined for all else, be it rare, wrong or meant to be read in two ways: that is for Node's parser to judge,
 * so nothing is ever read more leniently here than there.
 */
export function plainHead(text: string): PlainHead | undefined {
	const lines = text.split('\r\n');
	const [, target] = FIRST_LINE.exec(lines[0]) ?? [];
	if (target === undefined) return undefined;
	const found = new Map<string, string>();
	for (let i = 1; i < lines.length; i++) {
		const [, name, value] = HEADER.exec(lines[i]) ?? [];
		if (name === undefined) return undefined;
		const lower = name.toLowerCase();
		if (OTHERS.has(lower) && !(lower === 'connection' && value.trimEnd().toLowerCase() === 'keep-alive')) return undefined;
		if (found.has(lower)) return undefined;
		found.set(lower, value.trimEnd());
	}
	const [host, type, length] = ['host', 'content-type', 'content-length'].map((name) => found.get(name));
	if (host === undefined || type === undefined || !JSON_TYPE.test(type) || !/^[1-9]\d{0,5}$/.test(length ?? '')) return undefined;
	const bytes = Number(length);
	if (bytes > LARGE_BODY) return undefined;
	const [authorization, key] = [found.get('authorization'), found.get('x-api-key')];
	const requestId = found.get('x-request-id') || undefined;
	// How long it may be, the door says.
	if (requestId && requestId.length > LONGEST_ID) return undefined;
	return {
		target,
		headers: {
			host,
			...(authorization === undefined ? {} : { authorization }),
			...(key === undefined ? {} : { 'x-api-key': key }),
			...(requestId === undefined ? {} : { 'x-request-id': requestId }),
		},
		length: bytes,
	};
}
