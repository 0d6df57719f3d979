import type { FastifyRequest } from 'fastify';
import { hasPeople } from '../../app/people.js';
import type { ApiKeyRecord } from '../../domain/apiKey.js';
import { MlopsError } from '../../domain/errors.js';
import type { PersonRecord } from '../../domain/person.js';
import type { MainState } from '../start.js';
import { scopeMissing } from '../auth.js';
import { createAttempts, Locked } from './attempts.js';
import type { Http, Who } from './contract.js';
import { csrfFits, personOf, tokenIn } from './consoleSession.js';
import { cutText } from '../../domain/text.js';

const LOCAL: Who = { kind: 'local', id: 'local', name: "whoever sits at the server's machine", role: 'administrator' };

const signedOut = (): MlopsError => new MlopsError('person.signed_out', 'Nobody is signed in.', { remedy: 'Sign in at /console/.' });

/**
 * Whether a request came over TLS: to this server itself, or to a proxy in front of it that says so. Whoever says so without being one
 * makes his own cookies stricter.
 */
const isSecure = ({ options }: MainState, { headers }: FastifyRequest): boolean =>
	options.tlsCert !== undefined ||
	String(headers['x-forwarded-proto'] ?? '')
		.split(',')[0]
		.trim() === 'https';

/** What routes about sessions need to know of the request. */
export function httpOf(state: MainState, request: FastifyRequest): Http {
	const secure = isSecure(state, request);
	return { from: request.ip, secure, token: tokenIn(request.headers.cookie, { store: state.store.id, secure }), headers: {} };
}

/** A way to say who asks. Another one, such as OpenID Connect, is one more of these. `undefined`: it does not apply. */
export type Strategy = (state: MainState, request: FastifyRequest, http: Http) => Promise<Who | undefined> | Who | undefined;

/**
 * Who asks. A key in `X-API-Key` is meant; then whoever signed in; then a key in `Authorization`, which a browser may send because of a
 * proxy in front. Where no keys are asked for, whoever reaches this machine's own address may do all, until somebody has an account: from
 * then on people sign in.
 * @param checkKey the server's check of keys: it notes the key's record in the request, or throws
 * @throws `person.signed_out`, `person.locked`, KeyRefused, also of a good key that opens nothing here (`serve.scope_missing`)
 */
export function createIdentify(state: MainState, checkKey: (request: FastifyRequest) => void) {
	const guesses = createAttempts(30);
	/** Keys that were good before stay so, however much is guessed beside them. */
	const good = new Set<string>();

	const byKey: Strategy = (_, request, { from }) => {
		try {
			checkKey(request);
		} catch (thrown) {
			// Everybody behind one address waits, as a guess that comes right must look like one that does not.
			guesses.begin(from);
			throw thrown;
		}
		const key = request.apiKey!;
		if (guesses.locked(from) && !good.has(key.id)) throw new Locked(60);
		good.add(key.id);
		return keyHolder(key);
	};
	const bySession: Strategy = async ({ store }, _, { token, secure }) => {
		const person = token === undefined ? undefined : await personOf(store, token, secure);
		return person && signedIn(person);
	};
	const strategies: ReadonlyArray<[applies: (request: FastifyRequest) => boolean, Strategy]> = [
		[({ headers }) => state.options.keys && headers['x-api-key'] !== undefined, byKey],
		[() => true, bySession],
		[({ headers }) => state.options.keys && headers.authorization !== undefined, byKey],
		[() => !state.options.keys, async ({ store }) => ((await hasPeople(store)) ? undefined : LOCAL)],
	];
	return async (request: FastifyRequest, http: Http): Promise<Who> => {
		for (const [applies, strategy] of strategies) {
			const who = applies(request) ? await strategy(state, request, http) : undefined;
			if (who) return who;
		}
		throw signedOut();
	};
}

export const signedIn = ({ id, email, name, role }: PersonRecord): Who => ({
	kind: 'person',
	id,
	name: email,
	email,
	role,
	called: name || email,
});

/** Keys that ask models or tell truths lie in shops and phones: what the console shows is nothing for their holders. @throws KeyRefused */
function keyHolder({ id, label, scopes, models }: ApiKeyRecord): Who {
	const role = scopes.includes('deploy') ? 'operator' : scopes.includes('read') ? 'viewer' : undefined;
	if (!role) throw scopeMissing('read', scopes);
	return { kind: 'key', id, name: `API key ${id} (${label})`, role, ...(models ? { models } : {}) };
}

const foreign = (found: string): MlopsError =>
	new MlopsError('person.other_site', 'This change was not asked for by a page of this server.', {
		found: cutText(found, 200),
		remedy: 'Open the console anew and try again. Programs send an API key.',
	});

/**
 * Refuses changes that a page of another site may have asked for in somebody's name: by what the browser says of where the request began;
 * and of whoever signed in, without the token that only a page of ours is told.
 * @throws `person.other_site`
 */
export function refuseForeign({ headers }: Pick<FastifyRequest, 'headers'>, who: Who | undefined, { token }: Http): void {
	const { 'sec-fetch-site': site, origin, host = '' } = headers;
	if (site !== undefined) {
		if (site !== 'same-origin' && site !== 'none') throw foreign(`Sec-Fetch-Site: ${String(site)}`);
	} else if (origin !== undefined && URL.parse(origin)?.host !== host.toLowerCase()) throw foreign(`Origin: ${origin}`);
	const given = headers['x-csrf'];
	if (who?.kind === 'person' && !csrfFits(token!, typeof given === 'string' ? given : undefined))
		throw foreign('no header x-csrf that fits');
}
