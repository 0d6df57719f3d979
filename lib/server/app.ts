import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { ApiKeyRecord } from '../domain/apiKey.js';
import { MlopsError } from '../domain/errors.js';
import { registerApprovals } from './api/registerApprovals.js';
import { registerFeedback } from './api/registerFeedback.js';
import { registerDocs } from './api/docs.js';
import { registerHealth } from './api/health.js';
import { registerMetrics } from './api/metrics.js';
import { registerModels } from './api/registerModels.js';
import { registerWhoami } from './api/whoami.js';
import { registerRollouts } from './api/registerRollouts.js';
import { registerConsolePage } from './console/consolePage.js';
import { registerConsoleApi } from './console/pipe.js';
import type { Certificate } from './certificate.js';
import type { Serving } from './contract.js';
import { answerDirectly } from './direct/answerDirectly.js';
import { KEEP_ALIVE_MS } from './direct/directDoor.js';
import { createPlainRequests } from './direct/plainRequests.js';
import { doors } from './doors/index.js';
import { endsConnections } from './endsConnections.js';
import { failureJson, httpFailure, overloaded } from './failures.js';
import { watchLag } from './lag.js';
import { AT, countRequest, type Counters } from './metrics/counters.js';
import type { ServeOptions } from '../domain/serveOptions.js';
import { assertOneMeaning } from './oneMeaning.js';
import type { OwnLog } from './ownLog.js';
import { withOtherMethods } from './otherMethods.js';
import { guardBy, type Check } from './guard.js';
import { LARGE_BODY, readJson } from './readJson.js';
import { cutText } from '../domain/text.js';

declare module 'fastify' {
	interface FastifyRequest {
		/** When its head was read (`performance.now()`). */
		startedAt: number;
		/** The caller's key, once the guard let it in; none where the server asks for none. */
		apiKey: ApiKeyRecord | undefined;
	}
	interface FastifyContextConfig {
		/** Id of the door, for counters. */
		door?: string;
		/** Answers although the server is under pressure: what watches it must see it. */
		always?: boolean;
		/** How this door's protocol says that something failed. */
		failure?: (error: MlopsError, status: number) => unknown;
	}
}

/** Bytes of large bodies that may be on their way at once: a thousand callers must not take all memory. */
const MOST_ON_THE_WAY = 256 * 1024 * 1024;
/** Names in addresses may be this long. */
const LONGEST_NAME = 500;

export interface AppParts {
	serving: Serving;
	options: ServeOptions;
	storeId: string;
	/** Who may come in. */
	check: Check;
	counters: Counters;
	nextId(): string;
	/** Where whoever runs the server reads why it failed. */
	ownLog: OwnLog;
	/** When the store was seen last (ms). */
	seenAt(): number;
	/** Since when the log cannot be written (ms); 0 while it can, or nothing is logged. */
	unloggedSince(): number;
	/** What it speaks https with; absent: http. */
	certificate?: Certificate;
}

/** What Node's parser is told, over TLS as without. */
const limitsOf = (timeout: number) => ({
	headersTimeout: Math.min(timeout, 15_000),
	connectionsCheckingInterval: 1_000,
	maxHeaderSize: 16_384,
	// Node's own refusal has no body: `assertOneMeaning` refuses it.
	requireHostHeader: false,
});

/** The HTTP side of a listener: limits, failures, doors and our own addresses. */
export function createApp(parts: AppParts): FastifyInstance {
	const { serving, options, check, counters, nextId, certificate, ownLog } = parts;
	const guard = guardBy(check);
	const bodyLimit = Math.round(options.maxBody * 2 ** 20);
	const timeout = options.timeout * 1000;
	// A connection on which nothing happens; later than a request's own limit, which can still say so.
	const connectionTimeout = 2 * timeout + 1_000;
	const app = fastify({
		bodyLimit,
		logger: false,
		genReqId: () => '',
		requestIdHeader: false,
		routerOptions: { maxParamLength: LONGEST_NAME },
		requestTimeout: timeout,
		keepAliveTimeout: KEEP_ALIVE_MS,
		connectionTimeout,
		forceCloseConnections: 'idle',
		return503OnClosing: false,
		...(certificate ? { https: { ...limitsOf(timeout), cert: certificate.cert, key: certificate.key } } : { http: limitsOf(timeout) }),
		// Addresses that cannot be decoded reach no route.
		frameworkErrors: (thrown, _request, reply) => {
			const { status, error } = httpFailure(thrown);
			return (reply as FastifyReply).code(status).send(failureJson(error, nextId()));
		},
		clientErrorHandler(error, socket) {
			const { code } = error as { code?: string };
			if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
			const [status, words] =
				code === 'ERR_HTTP_REQUEST_TIMEOUT'
					? [408, 'Request Timeout']
					: code === 'HPE_HEADER_OVERFLOW'
						? [431, 'Header Fields Too Large']
						: [400, 'Bad Request'];
			const body = JSON.stringify(failureJson(new MlopsError('serve.request_invalid', `The request cannot be read: ${words}.`), nextId()));
			socket.end(
				`HTTP/1.1 ${status} ${words}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
					`Connection: close\r\n\r\n${body}`,
			);
			countRequest(counters.slot({ model: '', version: '', arm: '', door: '' }), status, 0);
		},
	});
	app.decorateRequest('startedAt', 0);
	app.decorateRequest('apiKey', undefined);
	endsConnections(app);
	const assertTime = timeLimit(app, options.maxDelay);
	limit(app, bodyLimit, assertTime);
	readJson(app);
	app.setErrorHandler((thrown, request, reply) => {
		const { status, error, headers } = httpFailure(thrown);
		countFailure(parts, failingOf(request), status, error.code);
		const id = nextId();
		ownLog.failed(thrown, status, error.code, id);
		const { failure } = request.routeOptions.config;
		return reply
			.code(status)
			.headers(headers)
			.send(failure ? failure(error, status) : failureJson(error, id));
	});
	app.setNotFoundHandler((request, reply) => {
		countFailure(parts, failingOf(request), 404, 'serve.request_invalid');
		const error = new MlopsError('serve.request_invalid', `There is nothing at ${request.method} ${cutText(request.url, 200)}.`, {
			remedy: `${/\/(?:\?|$)/.test(request.url) ? 'Leave out the slash at its end. ' : ''}GET / shows what there is.`,
		});
		const own = doors.find(({ under }) => under && request.url.startsWith(under.path))?.under;
		return reply.code(404).send(own ? own.failure(error, 404) : failureJson(error, nextId()));
	});
	withOtherMethods(app, (routes) => {
		registerHealth(routes, parts);
		registerMetrics(routes, serving, guard);
		registerModels(routes, serving, guard);
		registerRollouts(routes, serving, guard);
		registerApprovals(routes, serving);
		registerConsoleApi(routes, serving);
		registerConsolePage(routes);
		registerFeedback(routes, serving, guard);
		registerWhoami(routes, guard);
		registerDocs(routes, serving, guard);
		for (const door of doors) door.register(routes, serving, guard);
	});
	answerPlain(app, parts, bodyLimit, assertTime, connectionTimeout);
	return app;
}

/** Plain requests are answered where they come in. */
function answerPlain(app: FastifyInstance, parts: AppParts, bodyLimit: number, assertTime: () => void, stillMs: number): void {
	const { serving, check, nextId, certificate, ownLog } = parts;
	const plain = createPlainRequests({
		routes: doors.flatMap(({ direct }) => direct?.(serving) ?? []),
		check,
		bodyLimit,
		nextId,
		assertTime,
		failed: ({ door, params }, startedAt, { status, error: { code } }, thrown, id) => {
			countFailure(parts, { door, params, startedAt }, status, code);
			ownLog.failed(thrown, status, code, id);
		},
	});
	answerDirectly(app, certificate ? 'secureConnection' : 'connection', stillMs, plain);
}

/** Gives the check whether the server is so far behind that it should take nothing more. */
function timeLimit(app: FastifyInstance, maxDelay: number): () => void {
	const lag = watchLag();
	app.addHook('onClose', () => lag.stop());
	return () => {
		if (lag.now() > maxDelay) throw overloaded();
	};
}

/** Notes when a request began; refuses what would wait too long, and large bodies beyond what memory is meant for. */
function limit(app: FastifyInstance, bodyLimit: number, assertTime: () => void): void {
	let onTheWay = 0;
	app.addHook('onRequest', (request, reply, done) => {
		request.startedAt = performance.now();
		try {
			assertOneMeaning(request.raw, () => reply.header('connection', 'close'));
			if (!request.routeOptions.config.always) assertTime();
		} catch (thrown) {
			return done(thrown as Error);
		}
		const { 'content-length': length, 'transfer-encoding': transfer } = request.headers;
		const bytes = length !== undefined ? Number(length) : transfer === undefined ? 0 : bodyLimit;
		if (bytes > LARGE_BODY && bytes <= bodyLimit) {
			if (onTheWay + bytes > Math.max(MOST_ON_THE_WAY, bodyLimit)) return done(overloaded());
			onTheWay += bytes;
			reply.raw.once('close', () => {
				onTheWay -= bytes;
			});
		}
		done();
	});
}

/** What is counted of a request that failed. */
interface Failing {
	door: string;
	params: unknown;
	startedAt: number;
}

const failingOf = ({ routeOptions, params, startedAt }: FastifyRequest): Failing => ({
	door: routeOptions?.config?.door ?? '',
	params,
	startedAt,
});

function countFailure({ counters, serving }: AppParts, { door, params, startedAt }: Failing, status: number, code: string): void {
	const asked = (params as { model?: unknown } | undefined)?.model;
	// Names that nobody serves would fill the counters.
	const model = typeof asked === 'string' && serving.models().some(({ name }) => name === asked) ? asked : '';
	countRequest(counters.slot({ model, version: '', arm: '', door }), status, (performance.now() - startedAt) / 1000);
	counters.slot({ model, version: '', arm: '', door, error: code })[AT.errors]++;
}
