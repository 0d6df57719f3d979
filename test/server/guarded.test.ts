import { request } from 'node:http';
import type { RouteOptions } from 'fastify';
import { createIdSource } from '../../lib/domain/answerId.js';
import { createApp } from '../../lib/server/app.js';
import { createCheck } from '../../lib/server/guard.js';
import { blockBytes, createCounters } from '../../lib/server/metrics/counters.js';
import { serveOptions } from '../../lib/domain/serveOptions.js';
import { createOwnLog } from '../../lib/server/ownLog.js';
import { createPackages } from '../../lib/server/packages.js';
import { createServing } from '../../lib/server/serving.js';

/**
 * What answers without a key: what watches the server has none, an approver's link is a key itself, and the page that says what there is
 * holds nothing of the store.
 */
const OPEN = [
	'/',
	'/approvals',
	'/health',
	'/health/live',
	'/health/ready',
	'/ping',
	'/version',
	'/v2/health/live',
	'/v2/health/ready',
	'/v2/models/:model/ready',
	'/v2/models/:model/versions/:version/ready',
	'/docs',
	// The console's page holds nothing of the store: what it shows it asks `/api/v1` for.
	'/console',
	'/console/*',
	'/console/LICENSES.txt',
	'/console/assets/:name',
	// Asks itself who it is: console/guarded.test.ts has its addresses.
	'/api/v1/*',
];

/** An address with something in each of its places; `::` is a colon. */
const pathOf = (url: string): string =>
	url
		.replace(/\(.*?\)/g, '')
		.replace(/(?<!:):[A-Za-z]+/g, '1')
		.replace(/::/g, ':');

/** The whole server as a listener makes it, and every address that any door or page of it has. */
async function everyAddress() {
	const options = serveOptions.parse({});
	const none = (): Promise<never> => Promise.reject(new Error('nobody comes that far'));
	const counters = createCounters(new SharedArrayBuffer(blockBytes), () => {});
	const nextId = createIdSource();
	const packages = createPackages(2 ** 20, none);
	const { serving } = createServing({ packages, counters, log: undefined, nextId, main: 'm', maxRows: 10, call: none });
	const seenAt = () => Date.now();
	const table = () => ({ seq: 0, seenAt: seenAt(), readFrom: 0, models: [], keys: [] });
	const check = createCheck({ options, table, seenAt });
	const own = { ownLog: createOwnLog(), unloggedSince: () => 0 };
	const app = createApp({ serving, options, storeId: 'none', check, counters, nextId, seenAt, ...own });
	const routes: Array<{ method: string; url: string }> = [];
	app.addHook('onRoute', ({ method, url }: RouteOptions) => {
		for (const one of [method].flat()) routes.push({ method: one, url });
	});
	const { port, hostname: host } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
	/** The status of an answer; the path goes over the wire as it is written here. */
	const status = async (method: string, path: string): Promise<number> =>
		await new Promise((resolve, reject) => {
			const body = method === 'POST' ? '{}' : undefined;
			const headers = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length };
			const asking = request({ host, port, method, path, headers: { ...headers, connection: 'close' } }, (answer) => {
				answer.resume().once('end', () => resolve(answer.statusCode!));
			});
			asking.once('error', reject).end(body);
		});
	return { app, routes, status };
}

it('every address of every door asks for a key, but for those that must not', async () => {
	const { app, routes, status } = await everyAddress();
	const asked = routes.filter(({ url }) => !OPEN.includes(url) && !url.startsWith('/docs/'));
	expect(asked.length).toBeGreaterThan(20);
	const open: string[] = [];
	for (const { method, url } of asked) {
		const got = await status(method, pathOf(url));
		// By another method than it has, an address says which it has, which its description says as well.
		if (got !== 401 && got !== 405) open.push(`${method} ${url} ${got}`);
	}
	await app.close();
	expect(open).toEqual([]);
});

it('is not fooled by how an address is written', async () => {
	const { app, status } = await everyAddress();
	for (const url of [
		'//v1/models',
		'/v1//models',
		'/V1/models',
		'/v1/models/',
		'/v1/%6dodels',
		'/v1/models;x',
		'/health/live/../../v1/models',
		'/v1/models?x=/health/live',
	]) {
		expect([401, 404].map((no) => [url, no])).toContainEqual([url, await status('GET', url)]);
	}
	await app.close();
});
