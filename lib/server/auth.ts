import { hash, timingSafeEqual } from 'node:crypto';
import { OWN_KEY, OWN_KEY_LENGTH, type ApiKeyRecord, type Scope } from '../domain/apiKey.js';
import { MlopsError, type ErrorCode, type ErrorDetails } from '../domain/errors.js';
import type { ServeTable } from './serveTable.js';
import { cutText } from '../domain/text.js';

/** The headers that a key may come in, as Node reads them. */
export interface KeyHeaders {
	authorization?: string;
	'x-api-key'?: string | string[];
}

/**
 * Finds the key of a request and what it opens. Waits for nothing, and of a key that was good before it computes no hash.
 * @param scope undefined: any good key will do
 * @param model the registered model that is asked for, where the request names one
 * @throws KeyRefused
 */
export type KeyCheck = (headers: KeyHeaders, scope: Scope | undefined, model?: string) => ApiKeyRecord;

/** A request that its key does not open, with what HTTP says of it. */
export class KeyRefused extends MlopsError {
	constructor(
		readonly status: 401 | 403 | 503,
		readonly headers: Readonly<Record<string, string>>,
		code: ErrorCode,
		message: string,
		details: ErrorDetails,
	) {
		super(code, message, details);
	}
}

/** Keys stay good for so long after the store was seen last: whether they were withdrawn since, nobody can tell. */
export const STORE_AWAY_MS = 60 * 60_000;
const RETRY_SECONDS = 30;
/** Verified texts of headers that are remembered, of each header. */
const REMEMBERED = 2_048;
const LONGEST = 512;
const NO_DIGEST = Buffer.alloc(32);

interface Known {
	record: ApiKeyRecord;
	digest: Buffer;
	/** Milliseconds; infinite for a key without an end. */
	expires: number;
	scopes: ReadonlySet<Scope>;
	models: ReadonlySet<string> | undefined;
}

/**
 * The check of callers' keys against a table. `keys` holds the newest version of each; `seenAt` is read at each check, so it may move on
 * while the keys stay as they are. Keys are found by the beginning of their SHA-256 and compared in constant time, so an unknown key and
 * one with a wrong secret cost the same and get the same answer.
 */
export function createKeyCheck(table: Pick<ServeTable, 'keys' | 'seenAt'>): KeyCheck {
	const byHash = new Map<string, Known>(table.keys.map((record) => [record.hash.slice(0, 16), knownOf(record)]));
	const verified = { authorization: new Map<string, Known>(), 'x-api-key': new Map<string, Known>() };

	const find = (text: string): Known => {
		const digest = hash('sha256', text, 'buffer');
		const known = byHash.get(digest.toString('hex', 0, 8));
		if (timingSafeEqual(digest, known?.digest ?? NO_DIGEST) && known) return known;
		throw unknownKey(text);
	};
	return (headers, scope, model) => {
		// A proxy in front may need Authorization for itself; nobody else sends the other one.
		const header = headers['x-api-key'] === undefined ? 'authorization' : 'x-api-key';
		const sent = headers[header];
		if (sent === undefined) throw noKey();
		const now = Date.now();
		if (now - table.seenAt > STORE_AWAY_MS) throw storeAway();
		const text = String(sent);
		let known = verified[header].get(text);
		if (!known) {
			known = find(header === 'authorization' ? keyIn(text) : text.trim());
			remember(verified[header], text, known);
		}
		if (known.record.withdrawn) throw gone('withdrawn', known.record.withdrawn.at);
		if (known.expires <= now) throw gone('expired', known.record.expiresAt!);
		if (scope !== undefined && !known.scopes.has(scope)) throw scopeMissing(scope, known.record.scopes);
		if (model !== undefined && known.models && !known.models.has(model)) throw otherModel(model, scope);
		return known.record;
	};
}

/** @throws KeyRefused unless the key is good for this model: for requests that name none, once it is known which one they mean */
export function assertModel({ models }: Pick<ApiKeyRecord, 'models'>, model: string, scope: Scope): void {
	if (models && !models.includes(model)) throw otherModel(model, scope);
}

const knownOf = (record: ApiKeyRecord): Known => ({
	record,
	digest: Buffer.from(record.hash, 'hex'),
	expires: record.expiresAt === undefined ? Infinity : Date.parse(record.expiresAt),
	scopes: new Set(record.scopes),
	models: record.models && new Set(record.models),
});

function remember(verified: Map<string, Known>, text: string, known: Known): void {
	if (text.length > LONGEST) return;
	if (verified.size >= REMEMBERED) verified.delete(verified.keys().next().value!);
	verified.set(text, known);
}

/** The key in an `Authorization` header: a bearer token, or the password (without one, the name) of the scheme Basic. */
function keyIn(text: string): string {
	const [, scheme, value] = /^(\S+)[ \t]+(\S.*)$/.exec(text.trim()) ?? [];
	if (scheme?.toLowerCase() === 'bearer') return value;
	if (scheme?.toLowerCase() === 'basic') {
		const [name, ...password] = Buffer.from(value, 'base64').toString('utf8').split(':');
		return (password.join(':') || name).trim();
	}
	throw invalid('The header Authorization holds no API key.', {
		expected: '"Bearer" and the key, or "Basic" with the key as its password',
	});
}

const REMEDY = 'Ask whoever runs the server for a key ("mlops key make" makes one).';
const WAYS = 'Send a key as "Authorization: Bearer ..." or as "X-API-Key: ...".';

const noKey = (): KeyRefused =>
	new KeyRefused(401, { 'WWW-Authenticate': 'Bearer realm="mlops"' }, 'serve.key_missing', 'This server wants an API key, and none came.', {
		remedy: `${WAYS} ${REMEDY}`,
	});

const invalid = (message: string, details: ErrorDetails): KeyRefused =>
	new KeyRefused(401, { 'WWW-Authenticate': 'Bearer realm="mlops", error="invalid_token"' }, 'serve.key_invalid', message, {
		remedy: REMEDY,
		...details,
	});

/** What the answer may depend on is the text's outward form alone. */
const unknownKey = (text: string): KeyRefused =>
	text.startsWith('mlops_') && !OWN_KEY.test(text)
		? invalid('The API key is not whole.', {
				expected: `${OWN_KEY_LENGTH} characters`,
				found: `${text.length} characters`,
				remedy: 'Copy the whole key again.',
			})
		: invalid('The API key is not known here.', {});

const gone = (what: 'withdrawn' | 'expired', at: string): KeyRefused =>
	invalid(what === 'expired' ? `The API key expired on ${day(at)}.` : `The API key was withdrawn on ${day(at)}.`, {});

const day = (at: string): string => `${at.slice(0, 10)} at ${at.slice(11, 16)} UTC`;

const narrow = (scope: Scope | undefined, message: string, details: ErrorDetails): KeyRefused =>
	new KeyRefused(
		403,
		{ 'WWW-Authenticate': `Bearer realm="mlops", error="insufficient_scope"${scope ? `, scope="${scope}"` : ''}` },
		'serve.scope_missing',
		message,
		{ remedy: REMEDY, ...details },
	);

/** A key that is good, and not for this. */
export const scopeMissing = (scope: Scope, scopes: readonly Scope[]): KeyRefused =>
	narrow(scope, `The API key does not have the scope "${scope}".`, { expected: scope, found: scopes.join(', ') });

const otherModel = (model: string, scope: Scope | undefined): KeyRefused =>
	narrow(scope, `The API key is not good for the model "${cutText(model, 100)}"${scope ? ` (scope "${scope}")` : ''}.`, {});

const storeAway = (): KeyRefused =>
	new KeyRefused(
		503,
		{ 'Retry-After': String(RETRY_SECONDS) },
		'serve.store_away',
		'The server has not seen its store for over an hour, so it cannot tell which API keys are still good.',
		{ remedy: 'Bring the store back; keys are good again as soon as the server sees it.' },
	);
