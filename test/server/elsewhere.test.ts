import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Store } from '../../lib/store/contract.js';
import { freshFolder, removeFolders } from '../store/records.js';
import { ask, fruitStore, ROW, startServe, type Served } from './served.js';

/*
 * Where a port cannot be shared. Told that it runs on macOS, the program takes the way of macOS on any machine; DuckDB, whose binary is
 * chosen by the same word, is loaded before.
 */
let home: string;
let store: Store;
let server: Served;
let settings: Record<string, string>;
beforeAll(async () => {
	({ home, store } = await fruitStore());
	const told = path.join(await freshFolder(), 'told.cjs');
	const duck = JSON.stringify(require.resolve('@duckdb/node-api'));
	writeFileSync(told, `require(${duck}); Object.defineProperty(process, 'platform', { value: 'darwin' });`);
	settings = { NODE_OPTIONS: `--require=${JSON.stringify(told)}` };
	server = await startServe(home, ['--no-keys'], settings);
});
afterAll(async () => {
	await store.close();
	await removeFolders();
});

it('one listener answers all connections, and whoever wanted more is told', async () => {
	const url = `${server.url}/v1/models/fruit/predict`;
	const got = await Promise.all(Array.from({ length: 200 }, async () => (await ask(url, { row: ROW })).status));
	expect(new Set(got)).toEqual(new Set([200]));
	expect(String((await ask(`${server.url}/metrics`)).body)).toMatch(/^mlops_listeners 1$/m);
	expect(server.said()).toContain('This system lets one listener alone have a port: there is one, not 2.');
});

it('it follows an alias that moves', async () => {
	await store.moveAlias('fruit', 'stable', 1, { actor: 'test' });
	const asked = async () => (await ask(`${server.url}/v1/models/fruit/aliases/stable/predict`, { row: ROW })).status;
	while ((await asked()) !== 200) await new Promise((resolve) => setTimeout(resolve, 100));
});

it('a second server at its port is refused in words, and the first one ends as it should', async () => {
	const { port } = new URL(server.url);
	const again = startServe(home, ['--no-keys', '--port', port], settings);
	await expect(again).rejects.toThrow(/Port \d+ is taken by another program/);
	expect((await ask(`${server.url}/v1/models/fruit/predict`, { row: ROW })).status).toBe(200);
	expect(await server.stop()).toBe(0);
});
