import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../../lib/store/contract.js';
import { removeFolders } from '../store/records.js';
import { ask, fruitStore, ROW, startServe, type Served } from './served.js';

let home: string;
let store: Store;
let server: Served;
beforeAll(async () => {
	({ home, store } = await fruitStore());
	server = await startServe(home, ['--no-keys', '--timeout', '1', '--max-body', '1', '--max-rows', '500']);
});
afterAll(async () => {
	expect(await server.stop()).toBe(0);
	await store.close();
	await removeFolders();
});

const sockets: Socket[] = [];
afterEach(() => {
	for (const socket of sockets.splice(0)) socket.destroy();
});

/** What comes back on a bare connection until the server ends it, or for so many seconds. */
async function raw(text: string | Buffer, seconds = 60): Promise<{ answer: string; closed: boolean }> {
	const { hostname, port } = new URL(server.url);
	const socket = connect(Number(port), hostname);
	sockets.push(socket);
	let answer = '';
	const closed = new Promise<boolean>((resolve) => {
		socket.on('close', () => resolve(true)).on('error', () => resolve(true));
	});
	socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
	socket.write(text);
	return { closed: await Promise.race([closed, sleep(seconds * 1000, false, { ref: false })]), answer };
}

const PATH = '/v1/models/fruit/predict';
const head = (more: string): string => `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${more}\r\n\r\n`;
const stillAnswers = async (): Promise<void> => expect((await ask(server.url + PATH, { row: ROW })).status).toBe(200);

describe('a model server among strangers', () => {
	it.each([
		['a body that never comes', head('Content-Length: 50')],
		['a body that comes to a stop', `${head('Content-Length: 50')}{"row":`],
		['a chunked body that never ends', `${head('Transfer-Encoding: chunked')}5\r\n{"row\r\n`],
		['a head that never ends', `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nX-Slow: `],
	])('cuts off %s, with 408', async (_what, text) => {
		const { answer, closed } = await raw(text);
		expect(closed).toBe(true);
		expect(answer).toMatch(/^HTTP\/1\.1 408 /);
		await stillAnswers();
	});

	it.each([
		['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', 400],
		['a head of 100 KB', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`, 431],
		['two lengths', `${head('Content-Length: 5\r\nContent-Length: 6')}{}`, 400],
		['a length and chunks (smuggling)', `${head('Content-Length: 5\r\nTransfer-Encoding: chunked')}0\r\n\r\n`, 400],
		['a length that is none', `${head('Content-Length: -5')}{}`, 400],
		['a chunk whose size is none', `${head('Transfer-Encoding: chunked')}zz\r\n{}\r\n0\r\n\r\n`, 400],
	])('answers %s by a failure and closes', async (_what, text, status) => {
		const { answer, closed } = await raw(text);
		expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
		expect(closed).toBe(true);
		await stillAnswers();
	});

	it('counts what they did as theirs, and nothing as a failure of its own', async () => {
		await raw(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`);
		await raw('SSH-2.0-OpenSSH_9.2\r\n\r\n');
		const { body } = await ask(`${server.url}/metrics`);
		expect(body.toString()).toMatch(/^http_requests_total\{code="431"\} [1-9]/m);
		expect(body.toString()).not.toMatch(/code="5/);
	});

	it('goes on while a thousand connections send nothing, and ends those', async () => {
		const { hostname, port } = new URL(server.url);
		let closed = 0;
		for (let i = 0; i < 1_000; i++) {
			const socket = connect(Number(port), hostname)
				.on('close', () => closed++)
				.on('error', () => {});
			// Who does not read does not see that the other side is gone.
			sockets.push(socket.resume());
		}
		await Promise.all(sockets.map(async (socket) => socket.readyState === 'opening' && (await once(socket, 'connect'))));
		await stillAnswers();
		for (const until = Date.now() + 60_000; closed < 1_000 && Date.now() < until; ) await sleep(200);
		expect(closed).toBe(1_000);
		await stillAnswers();
	});

	it.each([
		['a body larger than allowed', JSON.stringify({ row: { ...ROW, colour: 'x'.repeat(2_000_000) } }), 413, 'serve.body_too_large'],
		['more rows than allowed', JSON.stringify({ rows: Array.from({ length: 501 }, () => ROW) }), 413, 'serve.body_too_large'],
		['an empty body', '', 400, 'serve.request_invalid'],
		['a body in UTF-16', Buffer.from(JSON.stringify({ row: ROW }), 'utf16le').toString('latin1'), 400, 'serve.request_invalid'],
		['a prototype', '{"row":{"__proto__":{"weight":1},"days":1}}', 400, 'predict.input_invalid'],
	])('refuses %s', async (_what, body, status, code) => {
		const got = await ask(server.url + PATH, body);
		expect([got.status, got.body.error.code]).toEqual([status, code]);
		await stillAnswers();
	});

	it('refuses another type of body, and other methods, by the right status', async () => {
		expect((await ask(server.url + PATH, 'weight=1', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415);
		expect((await ask(server.url + PATH, '<row/>', { 'content-type': 'application/xml' })).status).toBe(415);
		const got = await ask(server.url + PATH);
		expect([got.status, got.headers.get('allow'), got.body.error.code]).toEqual([405, 'POST', 'serve.request_invalid']);
		expect((await fetch(`${server.url}/v1/models`, { method: 'DELETE' })).headers.get('allow')).toBe('GET, HEAD');
	});

	it('answers JSON that nests a hundred thousand times without falling over', async () => {
		const deep = `{"row":${'{"weight":'.repeat(100_000)}1${'}'.repeat(100_000)}}`;
		expect((await ask(server.url + PATH, deep)).status).toBe(413);
		const less = `{"row":{"weight":${'['.repeat(20_000)}${']'.repeat(20_000)},"days":1,"colour":"red","ripe":true}}`;
		expect((await ask(server.url + PATH, less)).status).toBe(400);
		await stillAnswers();
	});

	it('does not parse megabytes of brackets', async () => {
		const { status, body } = await ask(server.url + PATH, `{"row":{"weight":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`);
		expect([status, body.error.message]).toEqual([400, 'The body nests more than 64 times.']);
	});

	it('keeps no series of Prometheus for names that nobody has', async () => {
		const series = async (): Promise<string[]> =>
			(await (await fetch(`${server.url}/metrics`)).text())
				.split('\n')
				.filter((line) => /^(http_requests_total|mlops_errors_total)\{/.test(line));
		const askAll = async (name: string): Promise<void> => {
			for (const path of [
				`/v1/models/${name}/predict`,
				`/v1/models/${name}:predict`,
				`/v2/models/${name}/infer`,
				`/v1/models/fruit/aliases/${name}/predict`,
				`/v1/models/fruit/labels/${name}:predict`,
				`/v2/models/fruit/versions/${name}/infer`,
				`/${name}`,
			])
				expect([400, 404]).toContain((await ask(`${server.url}${path}`, { instances: [ROW] })).status);
		};
		await askAll('nobody0');
		const before = await series();
		for (let i = 1; i < 20; i++) await askAll(`nobody${i}`);
		const after = await series();
		expect(after).toHaveLength(before.length);
		expect(after.join()).not.toContain('nobody');
	});

	it('without keys, answers only who meant this machine (DNS rebinding), and no page of another origin', async () => {
		const foreign = await raw(`GET /v1/models HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`);
		expect(foreign.answer).toMatch(/^HTTP\/1\.1 403 /);
		const got = await ask(server.url + PATH, { row: ROW }, { origin: 'https://evil.example' });
		expect(got.headers.get('access-control-allow-origin')).toBeNull();
	});
});

it('is not started without keys where others could reach it', async () => {
	await expect(startServe(home, ['--no-keys', '--host', '0.0.0.0'])).rejects.toThrow('own address alone');
});

it('says that a port is taken', async () => {
	const { port } = new URL(server.url);
	const other = await fruitStore();
	await other.store.close();
	// Of another store: Linux would let both listen, and callers would get either.
	await expect(startServe(other.home, ['--no-keys', '--port', port])).rejects.toThrow(`Port ${port} is taken by another program.`);
});
