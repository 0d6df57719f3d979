import https from 'node:https';
import { rootCertificates } from 'node:tls';
import { z } from 'zod/v4';
import { SCOPES } from '../domain/apiKey.js';
import { cancelledError, throwIfCancelled } from '../domain/cancel.js';
import { ERROR_CODES, MlopsError, type ErrorCode } from '../domain/errors.js';
import { silentContext } from '../domain/progress.js';
import { webAddress } from '../http/address.js';
import { outboundGuard, refusalIn, type Tls } from '../http/outboundGuard.js';
import { pause, waitFor } from '../http/retry.js';

/** What the credential "MLOps Server API" holds. */
const serverAccess = z.object({
	url: z.string().trim().default(''),
	apiKey: z.string().trim().default(''),
	/** PEM of an authority of one's own. */
	ca: z.string().trim().default(''),
});

const TIMEOUT_MS = 60_000;
const MOST_BYTES = 256 * 2 ** 20;
const ATTEMPTS = 4;
/** Statuses of a server, or of a proxy before it, that has no time or is just starting. */
const LATER: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** A model server as callers see it. */
export interface ModelServer {
	/**
	 * Asks with GET, or with POST where there is a body (JSON). Waits and tries again where the server has no time (as long as it asks for)
	 * or cannot be reached, four tries in all. Redirects are not followed: the key is for this server alone.
	 * @returns what JSON came back
	 * @throws `serve.*` and other codes of the server's own; `serve.unreachable`, `serve.answer_invalid`, `data.source_refused`,
	 * `compute.cancelled`; none of them holds the key
	 */
	ask(path: string, body?: string): Promise<unknown>;
}

/** @throws `input.invalid` where the credential is not complete */
export function modelServer(access: object, { context = silentContext(), attempts = ATTEMPTS } = {}): ModelServer {
	const { base, headers, tls } = accessOf(access);
	const guard = outboundGuard();
	const agents = guard?.agents(base, tls) ?? (tls && { httpsAgent: new https.Agent({ keepAlive: true, ...tls }) });
	const once = async (address: URL, body: string | undefined): Promise<Came> => {
		const { default: axios } = await import('axios');
		await guard?.check(address);
		const {
			status,
			headers: came,
			data,
		} = await axios.request<string>({
			url: address.href,
			method: body === undefined ? 'GET' : 'POST',
			data: body,
			headers,
			timeout: TIMEOUT_MS,
			signal: context.signal,
			maxRedirects: 0,
			maxContentLength: MOST_BYTES,
			maxBodyLength: MOST_BYTES,
			responseType: 'text',
			transformResponse: (text: unknown) => text,
			validateStatus: () => true,
			...agents,
		});
		return { status, text: typeof data === 'string' ? data : '', after: came['retry-after'] as unknown };
	};
	return {
		async ask(path, body) {
			const address = new URL(path, base);
			for (let attempt = 1; ; attempt++) {
				throwIfCancelled(context, 'Asking the model server');
				let failure: { error: MlopsError; later: boolean; after?: unknown };
				try {
					const came = await once(address, body);
					const answer = jsonIn(came.text);
					if (came.status >= 200 && came.status < 300 && answer !== undefined) return answer;
					failure = { error: refusedBy(base, path, came, answer), later: LATER.has(came.status), after: came.after };
				} catch (thrown) {
					if (context.signal.aborted) throw cancelledError('Asking the model server');
					failure = unreachable(base, thrown);
				}
				if (!failure.later || attempt >= attempts) throw failure.error;
				context.note('server_retry', `${failure.error.message} Trying again.`);
				await pause(waitFor(attempt, failure.after), () => throwIfCancelled(context, 'Asking the model server'));
			}
		},
	};
}

/** What `GET /v1/whoami` says of a key. */
const whoami = z.object({
	keys: z.boolean(),
	label: z.string().optional(),
	scopes: z.array(z.enum(SCOPES)),
	models: z.array(z.string()).optional(),
	expiresAt: z.string().optional(),
});

/** Looks whether a credential opens a model server, and says in a sentence what it opens. @throws what `ModelServer.ask` throws */
export async function testServerAccess(access: object): Promise<string> {
	const parsed = whoami.safeParse(await modelServer(access, { attempts: 1 }).ask('v1/whoami'));
	if (!parsed.success) throw unreadable('what a key opens');
	const { keys, label, scopes, models, expiresAt } = parsed.data;
	if (!keys) return 'Connected. This server asks nobody for a key.';
	return (
		`Connected. The key "${label}" opens ${scopes.join(', ')} for ${models ? models.join(', ') : 'all models'}` +
		`${expiresAt ? ` until ${expiresAt.slice(0, 10)}` : ''}.`
	);
}

interface Came {
	status: number;
	text: string;
	after: unknown;
}

function accessOf(access: object): { base: URL; headers: Record<string, string>; tls: Tls | undefined } {
	const parsed = serverAccess.safeParse(access);
	if (!parsed.success) throw incomplete('It is not complete.', 'an address and a key');
	const { url, apiKey: key, ca } = parsed.data;
	const base = webAddress(url);
	if (!base) throw incomplete('The address of the server is no web address.', 'an address such as http://127.0.0.1:8080');
	if (base.username || base.password) throw incomplete('The address of the server holds a name or a password.', 'the key in its own field');
	base.search = base.hash = '';
	// What is asked for lies behind the whole path, as behind a proxy that has one.
	if (!base.pathname.endsWith('/')) base.pathname += '/';
	if (/[^!-~]/.test(key)) throw incomplete('The API key holds signs that no key has.', 'the key as "mlops key make" printed it');
	if (ca && !/-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(ca))
		throw incomplete('The CA certificate is no certificate.', 'PEM: text from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----');
	return {
		base,
		headers: {
			Accept: 'application/json',
			'Content-Type': 'application/json; charset=utf-8',
			'User-Agent': 'n8n-nodes-mlops',
			...(key ? { Authorization: `Bearer ${key}` } : {}),
		},
		tls: ca ? { ca: [...rootCertificates, ca] } : undefined,
	};
}

const incomplete = (message: string, expected: string): MlopsError =>
	new MlopsError('input.invalid', `The credential of the model server cannot be used. ${message}`, {
		expected,
		remedy: 'Correct the credential.',
	});

function jsonIn(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}

const failureBody = z.object({
	error: z.looseObject({
		code: z.enum(ERROR_CODES),
		message: z.string(),
		column: z.string().optional(),
		row: z.number().optional(),
		expected: z.string().optional(),
		found: z.string().optional(),
		remedy: z.string().optional(),
	}),
});

/** An error as a server of ours wrote it into its answer. */
export function errorIn(answer: unknown): MlopsError | undefined {
	const parsed = failureBody.safeParse(answer);
	if (!parsed.success) return undefined;
	const { code, message, column, row, expected, found, remedy } = parsed.data.error;
	const details = Object.entries({ column, row, expected, found, remedy }).filter(([, value]) => value !== undefined);
	return new MlopsError(code as ErrorCode, message, Object.fromEntries(details));
}

function refusedBy(base: URL, path: string, { status }: Came, answer: unknown): MlopsError {
	const error = errorIn(answer);
	// Our own addresses are there on every server of ours.
	if (error && !(status === 404 && error.code === 'serve.request_invalid')) return error;
	if (error) {
		return new MlopsError('serve.answer_invalid', `The model server at ${base.host} has nothing at ${base.pathname}${path}.`, {
			remedy: 'Correct the address in the credential: most servers need none of a path.',
		});
	}
	if (status >= 300 && status < 400) return notOurs(base, `it sends us on to another address (HTTP ${status})`);
	return notOurs(base, `HTTP ${status}`);
}

const notOurs = (base: URL, what: string): MlopsError =>
	new MlopsError('serve.answer_invalid', `What answers at ${base.host} is no model server of this package.`, {
		found: what,
		remedy: 'Enter the address under which "mlops serve" is reached into the credential.',
	});

/** What came is JSON, and of another form than a server of this version gives. */
export const unreadable = (expected: string): MlopsError =>
	new MlopsError('serve.answer_invalid', 'The model server gave an answer that cannot be read.', {
		expected,
		remedy: 'Bring server and n8n to the same version of this package.',
	});

/** Certificates that are not trusted, expired, or for another name. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/;
const NO_TLS = /^(?:EPROTO|ERR_SSL_|ERR_TLS_)/;
/** An answer that is no HTTP, as a server that speaks https gives to http. */
const NO_HTTP = /^HPE_/;

function unreachable(base: URL, thrown: unknown): { error: MlopsError; later: boolean } {
	const refused = refusalIn(thrown);
	if (refused) return { error: refused, later: false };
	// The cause is left out on purpose: it holds the key.
	const { code, message } = thrown as { code?: unknown; message?: unknown };
	const text = typeof code === 'string' && /^[A-Z_0-9]+$/.test(code) ? code : '';
	const failed = (what: string, remedy: string) => new MlopsError('serve.unreachable', what, { ...(text ? { found: text } : {}), remedy });
	if (CERTIFICATE.test(text)) {
		const remedy = 'Enter the certificate of the authority that signed it into the credential ("CA Certificate"), or renew it.';
		return { error: failed(`The certificate of ${base.host} is not trusted.`, remedy), later: false };
	}
	if (NO_TLS.test(text) || NO_HTTP.test(text)) {
		const other = base.protocol === 'https:' ? 'http' : 'https';
		return {
			error: failed(`${base.host} does not speak ${base.protocol.slice(0, -1)}.`, `Try the address with ${other}://.`),
			later: false,
		};
	}
	if (text === 'ERR_BAD_RESPONSE' && /maxContentLength/.test(String(message)))
		return { error: notOurs(base, 'more than 256 MB'), later: false };
	return {
		error: failed(
			text === 'ECONNABORTED' || text === 'ETIMEDOUT'
				? `The model server at ${base.host} does not answer within ${TIMEOUT_MS / 1000} seconds.`
				: `No model server answers at ${base.host}.`,
			text === 'ECONNRESET' && base.protocol === 'http:'
				? 'It broke off: if it speaks https, the address begins with https://.'
				: 'Start it ("mlops serve"), or correct the address in the credential; firewalls and proxies between must let it through.',
		),
		later: text !== 'ENOTFOUND' && text !== 'ECONNABORTED' && !/^ERR_(?:BAD|INVALID|FR)/.test(text),
	};
}
