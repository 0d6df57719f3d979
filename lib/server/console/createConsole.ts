import { setTimeout as sleep } from 'node:timers/promises';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type z } from 'zod/v4';
import { createIdSource } from '../../domain/answerId.js';
import { MlopsError, type ErrorCode } from '../../domain/errors.js';
import { mayAct } from '../../domain/role.js';
import { assertHome } from '../../store/home.js';
import { failureJson, httpFailure } from '../failures.js';
import { withOtherMethods } from '../otherMethods.js';
import { createCheck } from '../guard.js';
import type { MainState } from '../start.js';
import type { ConsoleRoute, Who } from './contract.js';
import { heldOf } from './held/held.js';
import { createIdentify, httpOf, refuseForeign } from './identify.js';
import { API_BODY_LIMIT, API_PREFIX, pipedRequest, type PipedAnswer } from './piped.js';
import { consoleRoutes } from './routes/index.js';
import { cutText } from '../../domain/text.js';

/** How often it is looked whether nothing is to be answered any more. */
const QUIET_MS = 10;

/**
 * The console's API, in the thread that has the store. It listens nowhere: listeners hand over what they are asked (`pipe.ts`), so that all
 * of Fastify's routing and reading is there, and theirs stays free of the store.
 */
export function createConsole(state: MainState): FastifyInstance {
	const nextId = createIdSource();
	const app = fastify({
		logger: false,
		bodyLimit: API_BODY_LIMIT,
		routerOptions: { maxParamLength: 500 },
		// Addresses that cannot be decoded, or hold names that are too long, reach no route.
		frameworkErrors: (thrown, _request, reply) => {
			const { status, error } = httpFailure(thrown);
			return (reply as FastifyReply).code(status).send(failureJson(error, nextId()));
		},
	});
	app.decorateRequest('apiKey', undefined);
	app.decorateRequest('who');
	app.decorateRequest('http');
	// JSON alone: what a form of another site can send is refused before it is read.
	app.removeContentTypeParser('text/plain');
	app.setErrorHandler((thrown, _request, reply) => {
		const { status, error, headers } = httpFailure(thrown);
		const id = nextId();
		state.ownLog.failed(thrown, status, error.code, id);
		return reply.code(status).headers(headers).send(failureJson(error, id));
	});
	app.setNotFoundHandler((request, reply) => {
		const error = new MlopsError('serve.request_invalid', `There is nothing at ${request.method} ${cutText(request.url, 200)}.`, {
			remedy: '/openapi.json describes what there is.',
		});
		return reply.code(404).send(failureJson(error, nextId()));
	});
	const check = createCheck({ options: state.options, table: () => state.table, seenAt: () => state.table.seenAt });
	const identify = createIdentify(state, check);
	// Whoever comes to the console is about to ask for lists: what they are made of is read while nothing else is to be answered.
	let answering = 0;
	const quiet = async (): Promise<void> => {
		do await sleep(answering > 0 ? QUIET_MS : 0, undefined, { ref: false });
		while (answering > 0);
	};
	void heldOf(state)
		.runs.readAhead(quiet)
		.catch(() => {});
	withOtherMethods(app, (routes) => {
		for (const route of consoleRoutes) {
			routes.route({
				method: route.method,
				url: `${API_PREFIX}${route.path}`,
				onRequest: async (request) => {
					if (!state.options.keys) check(request);
					request.http = httpOf(state, request);
					request.who = await whoAsks(route, request, identify);
					if (route.method !== 'GET') refuseForeign(request, route.role === 'none' ? undefined : request.who, request.http);
				},
				handler: async (request, reply) => {
					answering++;
					try {
						const asked = readAsked(route, request);
						if (route.method !== 'GET') await assertHome(state.store.home);
						const answer = route.answer.parse(await route.does(state, asked));
						return await reply
							.code(route.status ?? 200)
							.headers({ 'cache-control': 'no-store', ...request.http.headers, ...route.page })
							.send(answer);
					} finally {
						answering--;
					}
				},
			});
		}
	});
	return app;
}

/** Nobody is known here, or known for nothing here. */
const UNKNOWN: readonly ErrorCode[] = ['person.signed_out', 'serve.scope_missing'];

/** Who asks, and may. @throws `person.role_missing`, what `identify` throws */
async function whoAsks(route: ConsoleRoute, request: FastifyRequest, identify: ReturnType<typeof createIdentify>): Promise<Who> {
	const who = await identify(request, request.http).catch((thrown: unknown) => {
		if (route.role === 'none' && UNKNOWN.includes(MlopsError.from(thrown).code)) return NOBODY;
		throw thrown;
	});
	if (route.role === 'none' || mayAct(who.role, route.role)) return who;
	throw new MlopsError('person.role_missing', `This takes the role "${route.role}".`, {
		expected: route.role,
		found: who.role,
		remedy: 'Ask an administrator.',
	});
}

/** Who asks where nobody needs to be signed in, and nobody is. */
export const NOBODY: Who = { kind: 'person', id: '', name: 'nobody', role: 'viewer' };

/** @throws `input.invalid` */
function readAsked(route: ConsoleRoute, request: FastifyRequest) {
	const read = <T>(schema: z.ZodType<T> | undefined, given: unknown, where: string): T | undefined => {
		if (!schema) return undefined;
		const parsed = schema.safeParse(given);
		if (parsed.success) return parsed.data;
		const [issue] = parsed.error.issues;
		throw new MlopsError('input.invalid', `${where} cannot be read: ${issue.path.join('.') || 'it'}: ${issue.message}.`, {
			remedy: '/openapi.json says what is expected.',
		});
	};
	return {
		params: read(route.params, request.params, 'The address'),
		query: read(route.query, request.query, 'What follows "?" in the address'),
		body: read(route.body, request.body ?? {}, 'The body'),
		who: request.who,
		http: request.http,
	} as Parameters<ConsoleRoute['does']>[1];
}

/** Asks the console's API what a listener was asked. */
export async function askConsole(app: FastifyInstance, given: unknown): Promise<PipedAnswer> {
	const { method, url, headers, body, from } = pipedRequest.parse(given);
	const {
		statusCode,
		headers: sent,
		payload,
	} = await app.inject({ method, url, headers, remoteAddress: from, ...(body ? { payload: body } : {}) });
	const own = Object.entries(sent).flatMap(([name, value]) =>
		value === undefined || name === 'connection' || name === 'content-length'
			? []
			: [[name, typeof value === 'number' ? String(value) : value] as const],
	);
	return { status: statusCode, headers: Object.fromEntries(own), body: payload };
}
