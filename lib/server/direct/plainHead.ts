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

const LONGEST_TARGET = 1_001;
const LONGEST_ID = 500;

const METHOD = 'POST ';
const VERSION = ' HTTP/1.1';
/** Signs that no plain head holds, but at the ends of its lines. */
const OTHER_SIGN = /[^ -~\r\n\t]/;
/** RFC 9110's signs of a name. */
const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const TARGET = /^\/[!-~]*$/;
const JSON_TYPE = /^application\/json(?:; ?charset=utf-8)?$/i;
const LENGTH = /^[1-9]\d{0,5}$/;

/** Headers of which each is read, at most once. */
const READ = ['host', 'content-type', 'content-length', 'authorization', 'x-api-key', 'x-request-id'] as const;
const [HOST, TYPE, BYTES, AUTHORIZATION, KEY, REQUEST_ID] = READ.keys();
/** Says how a connection goes on, which is done here in one way alone. */
const CONNECTION = READ.length;
/** By these, something depends on more than the body: what they ask for is not done here. */
const OTHER = CONNECTION + 1;
/** What nothing depends on here. */
const NOTHING = OTHER + 1;

const KINDS = new Map<string, number>([
	...READ.map((name, i) => [name, i] as const),
	['connection', CONNECTION],
	...[
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
	].map((name) => [name, OTHER] as const),
]);

/** Names as callers write them, with what they are: a few dozens. */
const seenNames = new Map<string, number>();
const MOST_NAMES = 512;

/** What a header is by its name; undefined where that is no name. */
function kindOf(name: string): number | undefined {
	const seen = seenNames.get(name);
	if (seen !== undefined) return seen;
	if (!NAME.test(name)) return undefined;
	const kind = KINDS.get(name.toLowerCase()) ?? NOTHING;
	if (seenNames.size < MOST_NAMES) seenNames.set(name, kind);
	return kind;
}

/**
 * Reads the head of a request, without the empty line at its end, where it is plain: a POST of JSON in a body of known length, each header
 * that matters there once. Undefined for all else, be it rare, wrong or meant to be read in two ways: that is for Node's parser to judge,
 * so nothing is ever read more leniently here than there. Many callers send an id or a trace of its own with each request, so no two heads
 * are the same, and this is part of what every answer costs.
 */
export function plainHead(text: string): PlainHead | undefined {
	let end = endOfLine(text, 0);
	const target = text.slice(METHOD.length, end - VERSION.length);
	if (!text.startsWith(METHOD) || !text.startsWith(VERSION, end - VERSION.length)) return undefined;
	if (target.length > LONGEST_TARGET || !TARGET.test(target) || OTHER_SIGN.test(text)) return undefined;
	const found: Array<string | undefined> = [undefined, undefined, undefined, undefined, undefined, undefined];
	while (end < text.length) {
		const start = end + 2;
		end = endOfLine(text, start);
		const colon = text.indexOf(':', start);
		if (end < 0 || colon < 0 || colon >= end) return undefined;
		const kind = kindOf(text.slice(start, colon));
		if (kind === NOTHING) continue;
		if (kind === undefined || kind === OTHER) return undefined;
		const value = text.slice(colon + 1, end).trim();
		if (kind === CONNECTION) {
			if (value.toLowerCase() !== 'keep-alive') return undefined;
		} else if (found[kind] === undefined) found[kind] = value;
		else return undefined;
	}
	return headOf(target, found);
}

/** Where a line ends that begins at `from`; -1 where it ends by less than a carriage return and a line feed. */
function endOfLine(text: string, from: number): number {
	const at = text.indexOf('\r', from);
	const feed = text.indexOf('\n', from);
	if (at < 0) return feed < 0 ? text.length : -1;
	return feed === at + 1 ? at : -1;
}

function headOf(target: string, found: ReadonlyArray<string | undefined>): PlainHead | undefined {
	const host = found[HOST];
	const length = found[BYTES];
	if (host === undefined || length === undefined || !LENGTH.test(length) || !JSON_TYPE.test(found[TYPE] ?? '')) return undefined;
	const bytes = Number(length);
	if (bytes > LARGE_BODY) return undefined;
	const requestId = found[REQUEST_ID] || undefined;
	// How long it may be, the door says.
	if (requestId && requestId.length > LONGEST_ID) return undefined;
	const headers = { host, authorization: found[AUTHORIZATION], 'x-api-key': found[KEY], 'x-request-id': requestId };
	return { target, headers, length: bytes };
}
