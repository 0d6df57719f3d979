import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PredictionLogEntry, Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { removeFolders } from '../store/records.js';
import { ask, fruitStore, ROW, startServe } from './served.js';

let home: string;
let store: Store;
beforeEach(async () => {
	({ home, store } = await fruitStore());
});
afterEach(async () => await store.close());
afterAll(removeFolders);

/** What the log holds, once it holds so many answers. */
async function logged(count: number, from: Store = store): Promise<PredictionLogEntry[]> {
	let entries: PredictionLogEntry[] = [];
	for (const until = Date.now() + 60_000; entries.length < count && Date.now() < until; await sleep(50))
		entries = await from.predictions({ model: 'fruit' });
	return entries;
}

describe("the model server's log", () => {
	it('keeps each row with its answer, by the id that its caller got, with door, alias and key', async () => {
		const server = await startServe(home);
		const url = `${server.url}/v1/models/fruit/predict`;
		const one = await ask(url, { row: { ...ROW, shoe: 44 }, key: 'order 7' });
		const two = await ask(url, { rows: [ROW, { ...ROW, weight: 'heavy' }], keys: ['a', null] });
		await server.stop();
		const entries = await logged(3);
		const base = { model: 'fruit@1', alias: 'champion', door: 'own' };
		expect(entries).toMatchObject([
			{ ...base, requestId: one.body.id, key: 'order 7', input: ROW, prediction: one.body.prediction },
			{ ...base, requestId: `${String(two.body.requestId)}-0`, key: 'a', input: ROW },
			{
				...base,
				requestId: `${String(two.body.requestId)}-1`,
				prediction: null,
				error: expect.stringMatching(/"weight" should be a number/),
			},
		]);
		expect(entries[0].input).not.toHaveProperty('shoe');
		expect(entries[0].score).toHaveLength(1);
		await expect(store.verify()).resolves.toMatchObject({ events: expect.any(Number) });
	});

	it('keeps nothing where it is off', async () => {
		const server = await startServe(home, ['--no-keys', '--log', 'off']);
		await ask(`${server.url}/v1/models/fruit/predict`, { row: ROW });
		await server.stop();
		expect(await store.predictions({ model: 'fruit' })).toEqual([]);
	});

	it('durable: what was answered is there although the server was killed at any moment, and it starts again', async () => {
		const answered = new Set<string>();
		for (let round = 0; round < 3; round++) {
			const server = await startServe(home, ['--no-keys', '--log', 'durable']);
			const url = `${server.url}/v1/models/fruit/predict`;
			const caller = async (): Promise<void> => {
				for (;;) {
					const got = await ask(url, { row: ROW }).catch(() => undefined);
					if (!got) return;
					if (got.status === 200) answered.add(String(got.body.id));
				}
			};
			const callers = Array.from({ length: 8 }, caller);
			// At some moment under load, whatever the machine is doing besides.
			const enough = answered.size + 20 + 7 * round;
			for (const until = Date.now() + 60_000; answered.size < enough && Date.now() < until; ) await sleep(5);
			server.child.kill('SIGKILL');
			await once(server.child, 'exit');
			await Promise.all(callers);
		}
		await store.close();
		store = await openStore({ kind: 'folder', home });
		const there = new Set((await logged(answered.size)).map(({ requestId }) => requestId));
		expect(answered.size).toBeGreaterThan(20);
		expect([...answered].filter((id) => !there.has(id))).toEqual([]);
	});
});
