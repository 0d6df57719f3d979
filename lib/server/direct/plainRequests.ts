import { STATUS_CODES } from 'node:http';
import { dictionary } from '../../domain/dictionary.js';
import { failureJson, httpFailure, type HttpFailure } from '../failures.js';
import type { Caller, Check } from '../guard.js';
import { jsonIn } from '../readJson.js';
import { JSON_TYPE, KEEP_ALIVE_MS, type DirectRequest, type DirectRoute, type DirectRoutes } from './directDoor.js';
import { createKnownHeads } from './knownHeads.js';
import { plainHead, type PlainHead } from './plainHead.js';

/** A plain request that a door answers. */
export interface PlainRequest {
	headers: PlainHead['headers'];
	length: number;
	route: DirectRoute;
}

/** Addresses whose routes are remembered: a model's callers all ask at the same few. */
const REMEMBERED = 1_024;

export interface PlainParts {
	routes: readonly DirectRoutes[];
	check: Check;
	/** Larger bodies are refused, which is not done here. */
	bodyLimit: number;
	nextId(): string;
	/** @throws `serve.overloaded` */
	assertTime(): void;
	failed(route: DirectRoute, startedAt: number, told: HttpFailure, thrown: unknown, requestId: string): void;
}

/** Reads heads, and answers requests with all that goes back over the connection: what the framework answers, byte for byte. */
export function createPlainRequests({ routes, check, bodyLimit, nextId, assertTime, failed }: PlainParts) {
	const found = new Map<string, DirectRoute>();
	const heads = createKnownHeads<PlainRequest>();

	function routeOf(target: string): DirectRoute | undefined {
		const seen = found.get(target);
		if (seen) return seen;
		for (const find of routes) {
			const route = find(target);
			if (!route) continue;
			if (found.size >= REMEMBERED) found.delete(found.keys().next().value!);
			found.set(target, route);
			return route;
		}
		return undefined;
	}

	function read(text: string): PlainRequest | undefined {
		const head = plainHead(text);
		if (!head || head.length > bodyLimit) return undefined;
		const route = routeOf(head.target);
		return route && { headers: head.headers, length: head.length, route };
	}

	function find(text: string): PlainRequest | undefined {
		const known = heads.get(text);
		if (known) return known;
		const request = read(text);
		if (request) heads.add(text, request);
		return request;
	}

	function refused(thrown: unknown, route: DirectRoute, startedAt: number, last: boolean): string {
		const told = httpFailure(thrown);
		const id = nextId();
		failed(route, startedAt, told, thrown, id);
		return responseText(told.status, told.headers, JSON.stringify(failureJson(told.error, id)), last);
	}

	function answer({ headers, route }: PlainRequest, bytes: Buffer, startedAt: number, last: boolean): string | Promise<string> {
		try {
			assertTime();
			const caller: Caller = { headers, params: route.params, apiKey: undefined };
			check(caller, route.scope);
			const request: DirectRequest = { body: jsonIn(bytes), startedAt, apiKey: caller.apiKey, requestId: headers['x-request-id'] };
			const said = route.answer(request);
			if (typeof said === 'string') return responseText(200, NONE, said, last);
			return said.then(
				(text) => responseText(200, NONE, text, last),
				(thrown: unknown) => refused(thrown, route, startedAt, last),
			);
		} catch (thrown) {
			return refused(thrown, route, startedAt, last);
		}
	}
	return { find, answer };
}

const NONE = Object.freeze(dictionary<string>());

/** The headers at the end of each answer. */
const END = `Connection: keep-alive\r\nKeep-Alive: timeout=${KEEP_ALIVE_MS / 1_000}\r\n\r\n`;
const LAST = 'Connection: close\r\n\r\n';

let dateUntil = 0;
let date = '';
/** The header Date, which says seconds. */
function dateLine(): string {
	const now = Date.now();
	if (now >= dateUntil || now < dateUntil - 1_000) {
		dateUntil = now - (now % 1_000) + 1_000;
		date = `Date: ${new Date(now).toUTCString()}\r\n`;
	}
	return date;
}

/** @param last the connection ends with it */
function responseText(status: number, headers: Readonly<Record<string, string>>, text: string, last: boolean): string {
	let more = '';
	for (const [name, value] of Object.entries(headers)) more += `${name}: ${value}\r\n`;
	return (
		`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${more}content-type: ${JSON_TYPE}\r\ncontent-length: ${Buffer.byteLength(text)}\r\n` +
		`${dateLine()}${last ? LAST : END}${text}`
	);
}
