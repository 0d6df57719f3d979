import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../../lib/store/contract.js';
import { removeFolders } from '../store/records.js';
import { ask, fruitModel, fruitStore, registerPackage, ROW, startServe, type Loose, type Served } from './served.js';

/*
 * Models that do not all fit into the memory they may have, of which one cannot be read again. In the manner of reports about model servers
 * that say of such a model that it is ready (kserve/kserve#1791, openclaw/openclaw#141450), and of canaries that answer with 503 in the
 * place of the stable version (kserve/kserve#5983).
 */
let store: Store;
let home: string;
let server: Served;
beforeAll(async () => {
	({ home, store } = await fruitStore());
	// About 11 MB in memory each, of the 16 that there are.
	const forest = async (trees: number) => await fruitModel('quality', { learner: 'randomForest', params: { n_estimators: trees } });
	await registerPackage(store, 'wide', await forest(1_000));
	await registerPackage(store, 'other', await forest(990));
	await registerPackage(store, 'fruit', await forest(980));
	for (const name of ['wide', 'other']) await store.moveAlias(name, 'champion', 1, { actor: 'test' });
	// One listener, so that all questions come to the same memory.
	server = await startServe(home, ['--no-keys', '--memory', '16', '--listeners', '1']);
});
afterAll(async () => {
	expect(await server.stop()).toBe(0);
	await store.close();
	await removeFolders();
});

const predict = async (model: string) => await ask(`${server.url}/v1/models/${model}/predict`, { row: ROW });
const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
	for (let i = 0; i < 600; i++) {
		if (await holds()) return;
		await sleep(50);
	}
	throw new Error(`It took too long until ${what}.`);
};

/** Makes a version's package unreadable; gives what makes it readable again. */
async function spoil(model: string, version: number): Promise<() => void> {
	const { digest } = (await store.find('modelVersion', model, version))!.body;
	const file = await store.artifacts.materialise(digest);
	const bytes = readFileSync(file);
	writeFileSync(file, 'spoilt');
	return () => writeFileSync(file, bytes);
}

it('what is in memory is what was asked last, and is told', async () => {
	const bytes = async (model: string): Promise<number> => {
		expect((await predict(model)).status).toBe(200);
		return Number(/^mlops_model_memory_bytes (\d+)$/m.exec(String((await ask(`${server.url}/metrics`)).body))![1]);
	};
	const [other, wide] = [await bytes('other'), await bytes('wide')];
	expect(wide).toBeGreaterThan(other);
	expect(await bytes('other')).toBe(other);
});

it('a model that cannot be read again is not ready, by name, until it can; the others are untouched', async () => {
	const repair = await spoil('wide', 1);
	const ready = async (model: string) => (await ask(`${server.url}/v2/models/${model}/ready`)).status;
	await until('it is not ready', async () => {
		expect((await predict('other')).status).toBe(200);
		await predict('wide');
		return (await ready('wide')) === 503;
	});
	let health: Loose | undefined;
	await until('it is named', async () => {
		health = (await ask(`${server.url}/health/ready`)).body;
		return health.failed !== undefined;
	});
	expect(health).toMatchObject({ ready: true, failed: [{ model: 'wide', version: 1, serving: false, why: expect.any(String) }] });
	expect(String((await ask(`${server.url}/metrics`)).body)).toContain('mlops_model_failed{model="wide",version="1"} 1');
	expect(await ready('other')).toBe(200);
	repair();
	// Nobody asks it: it is tried again by itself.
	await until('it is ready', async () => {
		const { body } = await ask(`${server.url}/health/ready`);
		return body.failed === undefined && (await ready('wide')) === 200;
	});
	await until('it answers', async () => (await predict('wide')).status === 200);
});

it('a candidate that cannot be read again is answered for by the stable version, and is taken out', async () => {
	const now = new Date().toISOString();
	const step = { steps: [{ share: 1 }], step: 0, stepSince: now, startedAt: now, startedBy: 'test' };
	const division = { id: 'all', kind: 'canary' as const, alias: 'champion', stable: 1, candidates: [{ version: 2, share: 1 }] };
	await store.add('rollout', 'all', { ...division, model: 'fruit', state: 'running', ...step });
	await until('it has callers', async () => (await predict('fruit')).body.version === (2 as unknown));
	await spoil('fruit', 2);
	await until('it is taken out', async () => {
		await predict('other');
		await predict('wide');
		expect((await predict('fruit')).status).toBe(200);
		return (await store.find('rollout', 'all'))!.body.state === 'aborted';
	});
	expect((await predict('fruit')).body).toMatchObject({ version: 1 });
	const [event] = (await store.auditLog({ subject: 'fruit' })).filter(({ action }) => action === 'rollout.aborted');
	expect(event.details.reason).toMatch(/Version 2 cannot be loaded/);
});
