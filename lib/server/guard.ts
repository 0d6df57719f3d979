import { MlopsError } from '../domain/errors.js';
import { createKeyCheck, type KeyCheck } from './auth.js';
import type { Guard } from './contract.js';
import { isLoopbackHost } from './loopback.js';
import type { ServeOptions } from '../domain/serveOptions.js';
import type { ServeTable } from './table.js';

export interface GuardParts {
	options: ServeOptions;
	table(): ServeTable;
	/** When the store was seen last (ms). */
	seenAt(): number;
}

/**
 * Who may come in. Without keys, which only a server on the machine's own address may be, the caller must have meant this machine: a web
 * page whose name was pointed here (DNS rebinding) did not.
 */
export function createGuard({ options, table, seenAt }: GuardParts): Guard {
	if (!options.keys) {
		return () => ({
			onRequest: (request, _reply, done) => {
				const { host = '' } = request.headers;
				done(
					isLoopbackHost(host)
						? undefined
						: new MlopsError('serve.scope_missing', 'Without API keys, this server answers its own machine alone.', {
								found: `Host: ${host.slice(0, 100)}`,
								remedy: 'Ask at 127.0.0.1 or localhost, or start the server with keys.',
							}),
				);
			},
		});
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
	return (scope) => ({
		onRequest: (request, _reply, done) => {
			const { model } = (request.params ?? {}) as { model?: unknown };
			try {
				request.apiKey = current()(request.headers, scope, typeof model === 'string' ? model : undefined);
				done();
			} catch (thrown) {
				done(thrown as Error);
			}
		},
	});
}
