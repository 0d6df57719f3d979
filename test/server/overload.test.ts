import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../../lib/store/contract.js';
import { removeFolders } from '../store/records.js';
import { ask, fruitStore, ROW, startServe, type Got, type Served } from './served.js';

let home: string;
let store: Store;
let server: Served | undefined;
beforeAll(async () => {
	({ home, store } = await fruitStore());
});
afterEach(async () => {
	await server?.stop();
	server = undefined;
});
afterAll(async () => {
	await store.close();
	await removeFolders();
});

it('under more than it can answer, refuses early and says when to come again; what watches it is answered', async () => {
	server = await startServe(home, ['--no-keys', '--listeners', '1', '--max-delay', '10', '--log', 'off']);
	const url = `${server.url}/v1/models/fruit/predict`;
	const heavy = JSON.stringify({ rows: Array.from({ length: 5_000 }, () => ROW) });
	const got: Got[] = [];
	const caller = async (): Promise<void> => {
		for (const until = Date.now() + 60_000; Date.now() < until && !got.some(({ status }) => status === 503); )
			got.push(await ask(url, heavy));
	};
	const callers = Array.from({ length: 12 }, caller);
	const live: number[] = [];
	const watch = async (): Promise<void> => {
		while (!got.some(({ status }) => status === 503) && live.length < 2_000) {
			live.push((await ask(`${server!.url}/health/live`)).status);
			await sleep(20);
		}
	};
	await Promise.all([...callers, watch()]);
	const refused = got.find(({ status }) => status === 503)!;
	expect(refused.body).toMatchObject({ error: { code: 'serve.overloaded' } });
	expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
	expect(got.filter(({ status }) => status !== 200 && status !== 503)).toEqual([]);
	expect(new Set(live)).toEqual(new Set([200]));
	// Later, when there is time again, it answers.
	let status = 0;
	for (const until = Date.now() + 60_000; status !== 200 && Date.now() < until; await sleep(100))
		({ status } = await ask(url, { row: ROW }));
	expect(status).toBe(200);
});
