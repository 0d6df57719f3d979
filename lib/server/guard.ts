import type { ApiKeyRecord, Scope } from '../domain/apiKey.js';
import { MlopsError } from '../domain/errors.js';
import { createKeyCheck, type KeyCheck, type KeyHeaders } from './auth.js';
import type { Guard } from './contract.js';
import { isLoopbackHost } from './loopback.js';
import type { ServeOptions } from '../domain/serveOptions.js';
import type { ServeTable } from './serveTable.js';
import { cutText } from '../domain/text.js';

export interface GuardParts {
	options: ServeOptions;
	table(): ServeTable;
	/** When the store was seen last (ms). */
	seenAt(): number;
}

/** What of a request says who asks, and for which model. */
export interface Caller {
	headers: KeyHeaders & { host?: string };
	params: unknown;
	/** The caller's key, once it was found good. */
	apiKey: ApiKeyRecord | undefined;
}

/** Looks at a request before anything else does. @throws KeyRefused, `serve.scope_missing` */
export type Check = (request: Caller, scope?: Scope) => void;

/**
 * Who may come in. Without keys, which only a server on the machine's own address may be, the caller must have meant this machine: a web
 * page whose name was pointed here (DNS rebinding) did not. With keys, the key's record is noted in the request.
 */
export function createCheck({ options, table, seenAt }: GuardParts): Check {
	if (!options.keys) {
		return ({ headers: { host = '' } }) => {
			if (isLoopbackHost(host)) return;
			throw new MlopsError('serve.scope_missing', 'Without API keys, this server answers its own machine alone.', {
				found: `Host: ${cutText(host, 100)}`,
				remedy: 'Ask at 127.0.0.1 or localhost, or start the server with keys.',
			});
		};
	}
	let keys: ServeTable['keys'] | undefined;
	let check: KeyCheck;
	/** Made anew where keys were made or withdrawn; what it had verified of the others is forgotten. */
	const current = (): KeyCheck => {
		const now = table().keys;
		if (now !== keys) {
			keys = now;
			check = createKeyCheck({
				keys,
				get seenAt() {
					return seenAt();
				},
			});
		}
		return check;
	};
	return (request, scope) => {
		const { model } = (request.params ?? {}) as { model?: unknown };
		request.apiKey = current()(request.headers, scope, typeof model === 'string' ? model : undefined);
	};
}

/** The same as an option of routes. */
export const guardBy =
	(check: Check): Guard =>
	(scope) => ({
		onRequest: (request, _reply, done) => {
			try {
				check(request, scope);
				done();
			} catch (thrown) {
				done(thrown as Error);
			}
		},
	});
