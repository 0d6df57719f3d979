import { connect } from 'node:net';
import { makeKey, withdrawKey } from '../../lib/app/apiKeys.js';
import type { KeyWish } from '../../lib/app/apiKeys.js';
import type { Store } from '../../lib/store/contract.js';
import { mlops } from '../cli/program.js';
import { removeFolders } from '../store/records.js';
import { ask, fruitStore, registerPackage, fruitPackage, ROW, startServe, type Served } from './served.js';

let home: string;
let store: Store;
let server: Served;
const keyFor = async (wish: Partial<KeyWish> = {}) =>
	await makeKey({ store, actor: 'ann' }, { label: 'shop', scopes: ['predict'], ...wish });
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const predict = async (headers: Record<string, string>, model = 'fruit') =>
	await ask(`${server.url}/v1/models/${model}/predict`, { row: ROW }, headers);
const whoami = async (headers: Record<string, string> = {}) => await ask(`${server.url}/v1/whoami`, undefined, headers);

/** A change of keys is known to every listener within two seconds. */
async function until(key: string, status: number): Promise<void> {
	let right = 0;
	for (const end = Date.now() + 60_000; right < 10; ) {
		right = (await whoami({ ...bearer(key), connection: 'close' })).status === status ? right + 1 : 0;
		if (Date.now() > end) throw new Error(`the key does not get ${status}`);
		if (right === 0) await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

beforeAll(async () => {
	({ home, store } = await fruitStore());
	await registerPackage(store, 'price', await fruitPackage('price'));
	await store.moveAlias('price', 'champion', 1, { actor: 'test' });
	server = await startServe(home, []);
}, 60_000);
afterAll(async () => {
	expect(await server.stop()).toBe(0);
	await store.close();
	await removeFolders();
});

describe('a model server with keys', () => {
	it('lets nobody in without one, but for its health; says how, and repeats no key', async () => {
		for (const path of ['v1/models', 'v1/models/fruit', 'v1/whoami', 'metrics']) {
			const { status, headers, body } = await ask(`${server.url}/${path}`);
			expect([path, status, body.error.code]).toEqual([path, 401, 'serve.key_missing']);
			expect(headers.get('www-authenticate')).toContain('Bearer');
		}
		expect((await predict({})).status).toBe(401);
		expect((await ask(`${server.url}/health/live`)).status).toBe(200);
		const foreign = `mlops_0123456789abcdef_${'x'.repeat(43)}`;
		const { status, body } = await predict(bearer(foreign));
		expect([status, body.error.code]).toEqual([401, 'serve.key_invalid']);
		expect(JSON.stringify(body)).not.toContain(foreign);
	});

	it('knows a key that was made while it runs, and forgets one that was withdrawn', async () => {
		const { key, made } = await keyFor();
		await until(key, 200);
		expect((await predict(bearer(key))).body).toMatchObject({ model: 'fruit', version: 1 });
		const others: Array<Record<string, string>> = [
			{ 'x-api-key': key },
			{ authorization: `Basic ${Buffer.from(`any:${key}`).toString('base64')}` },
		];
		for (const headers of others) expect((await predict(headers)).status).toBe(200);
		await withdrawKey({ store, actor: 'ann' }, made.id);
		await until(key, 401);
		expect((await predict(bearer(key))).body.error.message).toMatch(/^The API key was withdrawn on/);
	}, 30_000);

	it('opens what a key is for and nothing else', async () => {
		const { key, made } = await keyFor({ models: ['fruit'] });
		const reader = await keyFor({ scopes: ['read'], models: ['price'], expiresAt: 'never' });
		await until(reader.key, 200);
		expect((await whoami(bearer(key))).body).toEqual({
			keys: true,
			id: made.id,
			label: 'shop',
			scopes: ['predict'],
			models: ['fruit'],
			expiresAt: made.expiresAt,
		});
		expect((await predict(bearer(key))).status).toBe(200);
		const other = await predict(bearer(key), 'price');
		expect([other.status, other.body.error.code]).toEqual([403, 'serve.scope_missing']);
		// Whether there is such a model is nobody's business either.
		expect((await predict(bearer(key), 'nobody')).status).toBe(403);
		const unread = await ask(`${server.url}/metrics`, undefined, bearer(key));
		expect([unread.status, unread.body.error.message]).toEqual([403, 'The API key does not have the scope "read".']);
		expect(unread.headers.get('www-authenticate')).toContain('scope="read"');
		expect((await predict(bearer(reader.key), 'price')).status).toBe(403);
		const { body } = await ask(`${server.url}/v1/models`, undefined, bearer(reader.key));
		expect(body.models).toEqual([expect.objectContaining({ name: 'price' })]);
		// The same by the addresses of other protocols.
		expect((await ask(`${server.url}/v2/models`, undefined, bearer(key))).body).toEqual({ models: ['fruit'] });
	}, 30_000);

	it('shows the figures of the models that a key is good for', async () => {
		const reader = await keyFor({ scopes: ['predict', 'read'], models: ['price'] });
		const all = await keyFor({ scopes: ['predict', 'read'] });
		for (const { key } of [reader, all]) await until(key, 200);
		for (const model of ['price', 'fruit']) await predict(bearer(all.key), model);
		const [some, every] = await Promise.all(
			[reader, all].map(async ({ key }) => String((await ask(`${server.url}/metrics`, undefined, bearer(key))).body)),
		);
		const named = (text: string) => [...new Set([...text.matchAll(/[{,]model="([^"]*)"/g)].map(([, model]) => model))].sort();
		expect(named(every)).toEqual(['fruit', 'price']);
		expect(named(some)).toEqual(['price']);
		expect(some).toContain('\nmlops_listeners ');
	}, 30_000);

	it('says nothing of a model that a key is not good for, where the address names none', async () => {
		const { key } = await keyFor({ models: ['price'] });
		const other = await startServe(home, ['--model', 'fruit']);
		try {
			for (const body of [{ instances: [{}] }, { dataframe_split: { columns: [], data: [[1]] } }, { inputs: 3 }, {}]) {
				const { status, body: said } = await ask(`${other.url}/invocations`, body, bearer(key));
				expect([status, said.code]).toEqual([403, 'serve.scope_missing']);
				expect(JSON.stringify(said)).not.toContain('weight');
			}
		} finally {
			await other.stop();
		}
	}, 30_000);

	it('cuts off a header that has no end, and goes on answering others', async () => {
		const { port, hostname } = new URL(server.url);
		const answer = await new Promise<string>((resolve, reject) => {
			const socket = connect({ port: Number(port), host: hostname }, () =>
				socket.write(`GET /v1/whoami HTTP/1.1\r\nHost: x\r\nX-API-Key: ${'k'.repeat(100_000)}\r\n\r\n`),
			);
			let text = '';
			socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
			socket.on('close', () => resolve(text)).on('error', reject);
		});
		expect(answer).toMatch(/^HTTP\/1\.1 431 /);
		expect((await whoami()).status).toBe(401);
	});

	it('is not started without keys where others reach it', async () => {
		const { exit, stderr } = await mlops(['serve', '--no-keys', '--host', '0.0.0.0', '--port', '0'], { home });
		expect([exit, stderr]).toEqual([expect.any(Number), expect.stringMatching(/keys/i)]);
		expect(exit).not.toBe(0);
	}, 30_000);
});

describe('a model server without keys', () => {
	let open: Served;
	beforeAll(async () => {
		open = await startServe(home, ['--no-keys']);
	}, 30_000);
	afterAll(async () => void (await open.stop()));

	it('says so, and answers no web page whose name leads to this machine', async () => {
		expect((await ask(`${open.url}/v1/whoami`)).body).toMatchObject({ keys: false });
		const { port } = new URL(open.url);
		const answer = await new Promise<string>((resolve, reject) => {
			const socket = connect({ port: Number(port), host: '127.0.0.1' }, () =>
				socket.write('GET /v1/models HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n'),
			);
			let text = '';
			socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
			socket.on('close', () => resolve(text)).on('error', reject);
		});
		expect(answer).toMatch(/^HTTP\/1\.1 403 /);
	});
});
