import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Serving } from '../contract.js';
import { assertUnpacked } from '../readJson.js';
import { API_BODY_LIMIT, API_PREFIX, type PipedAnswer, type PipedRequest } from './piped.js';

/** Headers that the console's API looks at. */
const HANDED_OVER = [
	'host',
	'origin',
	'content-type',
	'cookie',
	'authorization',
	'x-api-key',
	'x-csrf',
	'sec-fetch-site',
	'x-forwarded-proto',
];

/** `/api/v1/...` of a listener: what is asked goes to the thread that has the store, what it says comes back. It asks for keys itself. */
export function registerConsoleApi(app: FastifyInstance, serving: Serving): void {
	app.register(async (routes) => {
		// Its bodies are read once, over there.
		routes.removeAllContentTypeParsers();
		routes.addContentTypeParser(
			'*',
			{ parseAs: 'string', bodyLimit: API_BODY_LIMIT },
			async ({ headers }: FastifyRequest, body: string | Buffer) => {
				assertUnpacked(headers);
				return body;
			},
		);
		routes.route({
			method: ['GET', 'POST', 'PUT', 'DELETE'],
			url: `${API_PREFIX}/*`,
			handler: async ({ method, url, headers, body, ip }, reply) => {
				const handed = HANDED_OVER.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]] as const]));
				const asked = { method, url, headers: Object.fromEntries(handed), body: body as string | undefined, from: ip };
				const answer = (await serving.call('console', asked satisfies Omit<PipedRequest, 'method'> & { method: string })) as PipedAnswer;
				return reply.code(answer.status).headers(answer.headers).send(answer.body);
			},
		});
	});
}
