import { setTimeout as sleep } from 'node:timers/promises';
import { canaryParams, shadowParams } from '../../lib/app/rolloutParams.js';
import { findRollout, promoteRollout, startRollout } from '../../lib/app/rollouts.js';
import type { RolloutRecord } from '../../lib/domain/rollout.js';
import { openStore } from '../../lib/store/openStore.js';
import type { Store } from '../../lib/store/contract.js';
import { mlops } from '../cli/program.js';
import { removeFolders } from '../store/records.js';
import { ask, contraryPackage, fruitStore, registerPackage, ROW, startServe, type Served } from './served.js';

let home: string;
let store: Store;
const open: Served[] = [];
beforeAll(async () => {
	({ home, store } = await fruitStore(2));
	await store.setPolicy('fruit', { approvalRequired: false, gateRequired: false }, 'test');
	// Version 3 says the contrary of the others.
	await registerPackage(store, 'fruit', await contraryPackage());
});
afterEach(async () => {
	for (const server of open.splice(0)) await server.stop();
});
afterAll(async () => {
	await store.close();
	await removeFolders();
});

const serve = async (): Promise<Served> => {
	const served = await startServe(home);
	open.push(served);
	return served;
};
const start = async (kind: 'canary' | 'shadow', version: number, params: object): Promise<string> => {
	const { body } = (await store.find('modelVersion', 'fruit', version))!;
	const schema = kind === 'canary' ? canaryParams : shadowParams;
	const request = { kind, actor: 'ann', modelName: 'fruit', digest: body.digest, runId: body.runId, preview: false };
	return (await startRollout(store, { ...request, params: schema.parse(params) })).id;
};
const newest = async (id: string): Promise<RolloutRecord> => (await store.find('rollout', id))!.body;
const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
	for (let i = 0; i < 600; i++) {
		if (await holds()) return;
		await sleep(100);
	}
	throw new Error(`It took too long until ${what}.`);
};
const askMany = async (url: string, n: number) =>
	await Promise.all(
		Array.from({ length: n }, async (_, i) => (await ask(`${url}/v1/models/fruit/predict`, { row: ROW, key: `c${i}` })).body),
	);

describe('a rollout while servers answer', () => {
	it('a canary goes its steps by its answers, by the sums of all servers; then people are told once; promoted, all get it', async () => {
		const servers = [await serve(), await serve()];
		const id = await start('canary', 2, { shares: [50, 100], answers: 60, minutes: 0, guards: ['errorRate'], min_answers: 20 });
		await until('it is ready', async () => {
			for (const { url } of servers) await askMany(url, 25);
			return (await newest(id)).ready !== undefined;
		});
		const record = await newest(id);
		expect(record).toMatchObject({ step: 1, state: 'running', ready: { version: 2 } });
		expect(record.stepFrom).toBeGreaterThanOrEqual(60);
		await promoteRollout(store, { id, actor: 'ann' });
		expect(await store.alias('fruit', 'champion')).toBe(2);
		await until('all get it', async () => (await askMany(servers[1].url, 10)).every((b) => (b.version as unknown as number) === 2));
		const events = (await store.auditLog({ subject: 'fruit' })).filter((e) => e.action.startsWith('rollout.') && e.details.rollout === id);
		expect(events.map((e) => e.action).reverse()).toEqual(['rollout.started', 'rollout.stepped', 'rollout.ready', 'rollout.promoted']);
		expect(events[2]).toMatchObject({
			actor: 'system',
			details: { step: 1, numbers: { answers: { stable: expect.any(Number) as number } } },
		});
		await store.moveAlias('fruit', 'champion', 1, { actor: 'ann' });
	}, 60_000);

	it('a candidate whose answers lie elsewhere is taken out by itself; a moment later nobody gets it, on any server', async () => {
		const servers = [await serve(), await serve()];
		const id = await start('canary', 3, { shares: [50], minutes: 60, guards: ['answers'], min_answers: 20 });
		await until('it is aborted', async () => {
			for (const { url } of servers) await askMany(url, 20);
			return (await newest(id)).state === 'aborted';
		});
		const getsIt = async ({ url }: Served) => (await askMany(url, 30)).some((b) => (b.version as unknown as number) !== 1);
		for (const server of servers) await until('nobody gets it', async () => !(await getsIt(server)));
		// Nor does it come back.
		for (const server of servers) expect(await getsIt(server)).toBe(false);
		const ended = (await newest(id)).ended!;
		expect(ended).toMatchObject({ by: 'system', version: 1 });
		expect(ended.reason).toMatch(/^The answers of version 3 lie/);
		await store.verify();
	}, 60_000);

	it('a shadow answers unseen and is judged by how often it agrees', async () => {
		const { url } = await serve();
		const id = await start('shadow', 3, { minutes: 60, guards: ['agreement'], min_answers: 20 });
		await until('it is aborted', async () => {
			expect(new Set((await askMany(url, 20)).map((b) => b.version as unknown as number))).toEqual(new Set([1]));
			return (await newest(id)).state === 'aborted';
		});
		expect((await newest(id)).ended!.reason).toMatch(/of version 3's answers are version 1's: at most/);
	}, 60_000);

	it('when the server that decides is killed, another one takes over', async () => {
		const servers = [await serve()];
		await start('canary', 2, { shares: [50], minutes: 60, guards: [] });
		const lease = async () => (await store.progress('lease:rollouts')) as { holder: string; beat: number } | undefined;
		const holder = async () => (await lease())?.holder.split('-')[0];
		await until('the first one decides', async () => (await holder()) === String(servers[0].child.pid));
		servers.push(await serve());
		const { beat } = (await lease())!;
		await until('the first one has gone on deciding', async () => (await lease())!.beat > beat + 2);
		expect(await holder()).toBe(String(servers[0].child.pid));
		servers[0].child.kill('SIGKILL');
		await until('the other one decides', async () => (await holder()) === String(servers[1].child.pid));
		await store.moveAlias('fruit', 'champion', 2, { actor: 'someone' });
		await until('it ends what runs beneath an alias that was moved', async () => {
			const { body } = await findRollout(store, { model: 'fruit' });
			return body.state === 'aborted' && body.ended!.reason === '"champion" does not point to version 1 any more.';
		});
		const other = await openStore({ kind: 'folder', home });
		await other.verify();
		await other.close();
	}, 60_000);

	it('is started, looked at, stepped, promoted and aborted over HTTP, by keys with their scope, by the same decisions', async () => {
		await store.moveAlias('fruit', 'champion', 1, { actor: 'ann' });
		const { url } = await serve();
		const at = `${url}/v1/models/fruit/rollouts`;
		const started = await ask(at, { kind: 'canary', version: 2, shares: [10, 100], guards: [] });
		expect(started).toMatchObject({ status: 201, body: { state: 'running', candidates: [{ version: 2, share: 0.1 }] } });
		const { id } = started.body as unknown as { id: string };
		expect(await ask(at, { kind: 'canary', version: 3 })).toMatchObject({ status: 409, body: { error: { code: 'rollout.running' } } });
		expect(await ask(at, { kind: 'blue', version: 3 })).toMatchObject({ status: 400 });
		expect(await ask(at, { kind: 'canary' })).toMatchObject({
			status: 400,
			body: { error: { code: 'input.invalid', message: expect.stringContaining('version: it should be the number') as string } },
		});
		for (const another of [{ name: 'price' }, { model: 'price@1' }])
			expect(await ask(at, { kind: 'canary', version: 2, ...another })).toMatchObject({
				status: 400,
				body: { error: { expected: 'fruit' } },
			});
		// Nothing happens by a word that is misspelt, or that asks for less than would be done.
		for (const [what, body] of [
			['step', { reasn: 'as agreed' }],
			['abort', { preview: true }],
			['abort', { version: 2 }],
			['promote', { overrideReason: 'as agreed' }],
		] as const)
			expect(await ask(`${at}/${id}/${what}`, body)).toMatchObject({
				status: 400,
				body: { error: { code: 'input.invalid', expected: expect.stringContaining('reason') as string } },
			});
		expect(await ask(`${at}/${id}`)).toMatchObject({ body: { state: 'running', step: 1 } });
		expect(await ask(`${at}/${id}`)).toMatchObject({ status: 200, body: { id, next: 'continue' } });
		expect(await ask(`${at}/${id}/step`, {})).toMatchObject({ status: 200, body: { step: 2 } });
		expect(await ask(`${at}/${id}/step`, {})).toMatchObject({ status: 409, body: { error: { code: 'rollout.refused' } } });
		expect(await ask(`${at}/${id}/explode`, {})).toMatchObject({ status: 400 });
		expect(await ask(`${at}/nobody/abort`, {})).toMatchObject({ status: 404 });
		expect(await ask(`${at}/${id}/abort`, { reason: 'seen enough' })).toMatchObject({
			status: 200,
			body: { state: 'aborted', reason: 'seen enough' },
		});
		expect(await ask(`${at}/${id}/promote`, {})).toMatchObject({ status: 409, body: { error: { code: 'rollout.not_running' } } });
		const all = (await ask(at)).body.rollouts as unknown as Array<{ id: string; state: string }>;
		expect(all[0]).toMatchObject({ id, state: 'aborted' });
		const events = (await store.auditLog({ subject: 'fruit' })).filter((e) => e.details.rollout === id);
		expect(new Set(events.map((e) => e.actor))).toEqual(new Set(['model server']));
		const canary = await mlops(['rollout', 'start', 'canary', 'fruit@2', '--shares', '[5,50]', '--answers', '10', '--json'], { home });
		expect(canary.exit).toBe(0);
		expect(JSON.parse(canary.stdout)).toMatchObject({ rollout: { steps: 2, candidates: [{ version: 2, share: 0.05 }] } });
		expect((await mlops(['rollout', 'status', 'fruit'], { home })).stdout).toContain('0 of 10 answers of this step are given.');
		expect((await mlops(['rollout', 'status'], { home })).stdout).toMatch(/canary +fruit@1 +2 +running +1 of 2/);
		expect((await mlops(['rollout', 'promote', 'fruit', '--preview'], { home })).stdout).toContain(
			'In a real run: the canary of version 2 of fruit was promoted',
		);
		expect((await mlops(['rollout', 'promote', 'fruit', '--reason', 'it holds'], { home })).exit).toBe(0);
		expect(await store.alias('fruit', 'champion')).toBe(2);
		const none = await mlops(['rollout', 'abort', 'fruit'], { home });
		expect(none).toMatchObject({ exit: 1, stderr: expect.stringContaining('rollout.not_running') as string });
	}, 90_000);
});
