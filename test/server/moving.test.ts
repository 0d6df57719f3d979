import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPredictor } from '../../lib/serve/predictor.js';
import type { Store } from '../../lib/store/contract.js';
import { removeFolders } from '../store/records.js';
import { ask, fruitPackage, fruitStore, registerPackage, ROW, startServe, type Loose, type Served } from './served.js';

let home: string;
let store: Store;
let server: Served;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
beforeEach(async () => {
	({ home, store } = await fruitStore(2));
	server = await startServe(home);
});
afterEach(async () => {
	await server.stop();
	await store.close();
});
afterAll(async () => {
	agent.destroy();
	await removeFolders();
});

/** One question over a kept connection. */
function post(body: string): Promise<{ status: number; text: string }> {
	return new Promise((resolve, reject) => {
		const sent = request(
			`${server.url}/v1/models/fruit/predict`,
			{ agent, method: 'POST', headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } },
			(response) => {
				let text = '';
				response
					.setEncoding('utf8')
					.on('data', (chunk: string) => (text += chunk))
					.on('end', () => resolve({ status: response.statusCode!, text }))
					.on('error', reject);
			},
		);
		sent.on('error', reject).end(body);
	});
}

describe('a model server whose store moves on', () => {
	it('answers over 10,000 requests while an alias moves fifty times, each whole and by one of the two versions, which it names', async () => {
		const right = await Promise.all(
			[10, 20].map(async (trees) => (await createPredictor(await fruitPackage('quality', trees), 'x')).answer(ROW, 0).probability),
		);
		const body = JSON.stringify({ row: ROW });
		const wrong: string[] = [];
		const seen = new Map<number, number>();
		let left = 10_000;
		let moving = true;
		const caller = async (): Promise<void> => {
			while (left-- > 0 || moving) {
				const { status, text } = await post(body).catch((error: Error) => ({ status: 0, text: error.message }));
				const { version, probability } =
					status === 200 ? (JSON.parse(text) as { version: number; probability: number }) : { version: 0, probability: 0 };
				seen.set(version, (seen.get(version) ?? 0) + 1);
				if (probability !== right[version - 1]) wrong.push(text);
			}
		};
		const mover = async (): Promise<void> => {
			for (let i = 0; i < 50; i++) {
				const version = 2 - (i % 2);
				await store.moveAlias('fruit', 'champion', version, { actor: 'test' });
				// Most moves are undone before a server could see them; some stay until they answer.
				const before = seen.get(version) ?? 0;
				if (i % 7 === 0) while ((seen.get(version) ?? 0) === before) await sleep(20);
				else await sleep(30);
			}
			moving = false;
		};
		await Promise.all([mover(), ...Array.from({ length: 64 }, caller)]);
		expect(wrong).toEqual([]);
		expect([...seen.keys()].sort()).toEqual([1, 2]);
	});

	it('keeps the version before where a new one cannot be loaded, says so by its name, and leaves other models alone', async () => {
		await registerPackage(store, 'price', await fruitPackage('price'));
		await store.moveAlias('price', 'champion', 1, { actor: 'test' });
		const broken = await registerPackage(store, 'fruit', Buffer.from('this is no package'));
		await store.moveAlias('fruit', 'champion', broken, { actor: 'test' });
		let ready: Loose = { ready: true } as unknown as Loose;
		for (const until = Date.now() + 60_000; !ready.failed && Date.now() < until; await sleep(100))
			ready = (await ask(`${server.url}/health/ready`)).body;
		expect(ready).toMatchObject({ ready: true, failed: [{ model: 'fruit', version: broken, serving: true, why: expect.any(String) }] });
		expect((await ask(`${server.url}/v1/models/fruit/predict`, { row: ROW })).body).toMatchObject({ version: 1 });
		expect((await ask(`${server.url}/v1/models/price/predict`, { row: ROW })).status).toBe(200);
		const { status, body } = await ask(`${server.url}/v1/models/fruit/versions/${broken}/predict`, { row: ROW });
		expect([status, body.error.code]).toEqual([503, 'serve.model_unready']);
		expect((await ask(`${server.url}/metrics`)).body).toMatch(`mlops_model_failed{model="fruit",version="${broken}"} 1`);
		await store.moveAlias('fruit', 'champion', 2, { actor: 'test' });
		let version: unknown = 1;
		for (const until = Date.now() + 60_000; version !== 2 && Date.now() < until; await sleep(50))
			version = (await ask(`${server.url}/v1/models/fruit/predict`, { row: ROW })).body.version;
		expect(version).toBe(2);
	});

	it('refuses a version that was archived, by its name, and goes on answering by the others', async () => {
		const path = `${server.url}/v1/models/fruit`;
		expect((await ask(`${path}/versions/2/predict`, { row: ROW })).status).toBe(200);
		await store.archive('fruit', 2, 'test');
		let got = await ask(`${path}/versions/2/predict`, { row: ROW });
		for (const until = Date.now() + 60_000; got.status === 200 && Date.now() < until; await sleep(50))
			got = await ask(`${path}/versions/2/predict`, { row: ROW });
		expect([got.status, got.body.error.code]).toEqual([410, 'serve.version_archived']);
		expect((await ask(`${path}/predict`, { row: ROW })).status).toBe(200);
	});

	it('answers what was asked before it stops', async () => {
		const body = JSON.stringify({ rows: Array.from({ length: 2_000 }, () => ROW) });
		const answers = Array.from({ length: 8 }, async () => await post(body));
		// All of them are on their way, and it has come to the first: the others wait, or are being answered.
		await Promise.race(answers);
		const code = server.stop();
		const got = await Promise.allSettled(answers);
		for (const one of got) {
			// A connection that had not been taken is refused, which a caller may try again; none is cut off within an answer.
			if (one.status === 'rejected') expect(String(one.reason)).toMatch(/ECONNREFUSED|ECONNRESET|socket hang up/);
			else expect((JSON.parse(one.value.text) as { answers: unknown[] }).answers).toHaveLength(2_000);
		}
		expect(got.some(({ status }) => status === 'fulfilled')).toBe(true);
		expect(await code).toBe(0);
	});
});
