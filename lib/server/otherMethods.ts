import type { FastifyContextConfig, FastifyInstance, FastifyRequest } from 'fastify';
import { MlopsError } from '../domain/errors.js';
import { cutText } from '../domain/text.js';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY'] as const;

/** An address is asked by a method that it does not have. */
export class MethodRefused extends MlopsError {
	readonly status = 405;
	/** RFC 9110, 15.5.6: the answer says which methods there are. */
	readonly headers: Readonly<Record<string, string>>;

	constructor({ method, url }: FastifyRequest, methods: readonly string[]) {
		const allow = methods.join(', ');
		super('serve.request_invalid', `${cutText(url, 200)} is not there for ${method}.`, {
			expected: allow,
			found: method,
			remedy: 'Ask it by one of these methods.',
		});
		this.headers = { allow };
	}
}

/**
 * Registers `register`, and then each of its addresses once more for all methods that it does not have: whoever asks by one of these is
 * told which there are, rather than that there is nothing. The refusal comes before keys and bodies are looked at.
 */
export function withOtherMethods(app: FastifyInstance, register: (routes: FastifyInstance) => void): void {
	const known = new Map<string, { methods: Set<string>; config: FastifyContextConfig }>();
	app.register(async (routes) => {
		routes.addHook('onRoute', ({ method, url, config = {} }) => {
			const entry = known.get(url) ?? { methods: new Set<string>(), config };
			for (const one of [method].flat()) entry.methods.add(one);
			known.set(url, entry);
		});
		register(routes);
	});
	app.register(async (routes) => {
		for (const [url, { methods, config }] of known) {
			const others = METHODS.filter((method) => !methods.has(method));
			const allowed = METHODS.filter((method) => methods.has(method));
			const refuse = async (request: FastifyRequest): Promise<never> => {
				throw new MethodRefused(request, allowed);
			};
			routes.route({ method: others, url, config: { ...config, always: true }, onRequest: refuse, handler: refuse });
		}
	});
}
