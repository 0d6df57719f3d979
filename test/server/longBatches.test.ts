import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../../lib/store/contract.js';
import { removeFolders } from '../store/records.js';
import { addRollout, ask, fruitPackage, fruitStore, registerPackage, ROW, startServe, type Served } from './served.js';

/** As many rows as one request may have, which the slow model answers in some hundred times the length of a turn. */
const ROWS = 10_000;
const rows = Array.from({ length: ROWS }, (_, i) => ({ ...ROW, weight: i % 100 }));
let store: Store;
let server: Served;
beforeAll(async () => {
	const made = await fruitStore();
	store = made.store;
	for (const name of ['slow', 'shadowed']) await registerPackage(store, name, await fruitPackage('quality', 10));
	await registerPackage(store, 'slow', await fruitPackage('quality', 6_000));
	await registerPackage(store, 'shadowed', await fruitPackage('quality', 1_500));
	await store.moveAlias('slow', 'champion', 2, { actor: 'test' });
	await store.moveAlias('shadowed', 'champion', 1, { actor: 'test' });
	server = await startServe(made.home, ['--no-keys', '--listeners', '1']);
});
afterAll(async () => {
	expect(await server.stop()).toBe(0);
	await store.close();
	await removeFolders();
});

const predict = async (model: string, body: object) => await ask(`${server.url}/v1/models/${model}/predict`, body);
const weights = (answers: unknown): number[] => (answers as Array<{ probability: number }>).map(({ probability }) => probability);

it('while many rows are answered, health checks and callers of single rows are, too; the many get what each gets alone', async () => {
	await predict('slow', { row: ROW });
	let over = false;
	const many = predict('slow', { rows }).finally(() => (over = true));
	const beside: unknown[] = [];
	for (let asked = 0; !over; asked++) {
		const { status } = asked % 2 ? await predict('fruit', { row: ROW }) : await ask(`${server.url}/health/live`);
		if (!over) beside.push(status);
	}
	expect(beside.length).toBeGreaterThan(10);
	expect(new Set(beside)).toEqual(new Set([200]));
	const { status, body } = await many;
	expect([status, weights(body.answers).length]).toEqual([200, ROWS]);
	const alone = await Promise.all(rows.slice(0, 100).map(async (row) => (await predict('slow', { row })).body.probability));
	expect(weights(body.answers)).toEqual(rows.map((_, i) => alone[i % 100]));
});

it('many such requests go on side by side, and what is more than can wait is refused early, each whole or not at all', async () => {
	const got = await Promise.all(Array.from({ length: 24 }, async () => await predict('slow', { rows })));
	const statuses = got.map(({ status }) => status);
	expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(16);
	for (const { status, headers, body } of got) {
		if (status === 200) expect(weights(body.answers)).toHaveLength(ROWS);
		else expect([status, headers.get('retry-after'), body.error.code]).toEqual([503, '1', 'serve.overloaded']);
	}
});

it('a shadow that is slow keeps nobody waiting, and of each row it is counted whether it had time', async () => {
	await addRollout(store, {
		...{ id: 'slowly', kind: 'shadow', alias: 'champion', stable: 1 },
		candidates: [{ version: 2, share: 1 }],
	});
	await store.add('rollout', 'slowly', { ...(await store.find('rollout', 'slowly'))!.body, model: 'shadowed' });
	while ((await predict('shadowed', { row: ROW })).body.rollout === undefined) await sleep(50);
	const shadow = async (name: string): Promise<number> => {
		const text = String((await ask(`${server.url}/metrics`)).body);
		return Number(new RegExp(`^mlops_shadow_${name}_total\\{model="shadowed".*\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
	};
	const before = (await shadow('pairs')) + (await shadow('skipped'));
	for (let i = 0; i < 6; i++) expect((await predict('shadowed', { rows })).body.answers).toHaveLength(ROWS);
	let seen = 0;
	while (seen < 6 * ROWS) {
		expect((await ask(`${server.url}/health/live`)).status).toBe(200);
		seen = (await shadow('pairs')) + (await shadow('skipped')) - before;
	}
	expect(await shadow('pairs')).toBeGreaterThanOrEqual(ROWS);
});
