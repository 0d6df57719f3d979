import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeFolders } from '../store/records.js';
import { openStore } from '../../lib/store/openStore.js';
import { ask, fruitStore, ROW, startServe } from './served.js';

afterAll(removeFolders);

it.each([
	['moved away', async () => {}],
	['not mounted: an empty one is in its place', async (home: string) => void (await mkdir(home))],
])('a store whose folder is %s: answers go on, truths are refused and not lost, and all goes on once it is back', async (_, leave) => {
	const { home, store } = await fruitStore();
	await store.close();
	const server = await startServe(home, ['--no-keys', '--log', 'durable']);
	const predict = async () => await ask(`${server.url}/v1/models/fruit/predict`, { row: ROW });
	const { id } = (await predict()).body as unknown as { id: string };
	await rename(home, `${home}-away`);
	await leave(home);
	expect((await predict()).status).toBe(200);
	// Each form in which truths come.
	for (const [type, text] of [
		['application/json', JSON.stringify({ id, truth: 'good' })],
		['application/x-ndjson', `${JSON.stringify({ id, truth: 'good' })}\n`],
		['text/csv', `id,truth\n${id},good\n`],
	]) {
		const told = await ask(`${server.url}/v1/feedback`, text, { 'content-type': type });
		expect([type, told.status, told.headers.get('retry-after')]).toEqual([type, 503, '1']);
		expect(told.body.error).toMatchObject({ code: 'store.unreachable', remedy: expect.stringContaining('Nothing was kept.') as string });
		expect(JSON.stringify(told.body)).not.toContain(home);
	}
	// Nor is anything changed in what is left open of it, which nobody would find again.
	for (const [path, body] of [
		['v1/models/fruit/rollouts', { kind: 'shadow', version: 1 }],
		['v1/models/fruit/rollouts/one/abort', {}],
		['api/v1/keys', { label: 'shop', scopes: ['predict'] }],
	] as const) {
		const { status, body: said, headers } = await ask(`${server.url}/${path}`, body);
		expect([path, status, said.error.code, headers.get('retry-after')]).toEqual([path, 503, 'store.unreachable', '1']);
	}
	while (!(await ask(`${server.url}/metrics`)).body.toString().includes('\nmlops_store_away 1\n')) await sleep(50);
	// Nothing was made where nobody would look for it.
	expect(await readdir(home).catch(() => [])).toEqual([]);
	await rm(home, { recursive: true, force: true });
	await rename(`${home}-away`, home);
	const told = await ask(`${server.url}/v1/feedback`, { id, truth: 'good' });
	expect([told.status, told.body.taken]).toEqual([200, 1]);
	while (!(await ask(`${server.url}/metrics`)).body.toString().includes('\nmlops_store_away 0\n')) await sleep(50);
	expect(await server.stop()).toBe(0);
	const again = await openStore({ kind: 'folder', home });
	expect(await again.predictions({})).toHaveLength(2);
	await again.close();
});
