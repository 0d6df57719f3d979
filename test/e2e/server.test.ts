import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../scripts/n8nHost.mts';
import type { ItemEvent } from '../../lib/domain/serverEvent.js';
import { ask, fruitPackage, registerPackage, ROW } from '../server/served.js';
import { itemsOf, ran, TestN8n, type WorkflowFile } from './n8n.js';

/** The template "Real-time scoring" with a model of the test's own, in full n8n. */
describe('a model server in full n8n', () => {
	let n8n: TestN8n;
	let port: number;
	let id: string;
	let file: WorkflowFile;
	beforeAll(async () => {
		n8n = await TestN8n.start();
		port = await freePort();
		await n8n.store(async (store) => {
			for (const trees of [10, 20]) await registerPackage(store, 'fruit', await fruitPackage('quality', trees));
			await store.moveAlias('fruit', 'champion', 1, { actor: 'test' });
		});
		file = JSON.parse(readFileSync('workflows/real-time-scoring.json', 'utf8')) as WorkflowFile;
		const server = file.nodes.find(({ name }) => name === 'Model server')!;
		server.parameters = { ...server.parameters, port, models: ['fruit'], options: { listeners: 1, maxDelay: 60_000 } };
		id = await n8n.add(file);
	}, 300_000);
	afterAll(async () => await n8n.dispose());

	const predict = async () => await ask(`http://127.0.0.1:${port}/v1/models/fruit/predict`, { row: ROW });
	const isUp = async (): Promise<boolean> =>
		await predict().then(
			() => true,
			() => false,
		);
	const workflow = async () => (await n8n.call('GET', `/rest/workflows/${id}`)) as { versionId: string };
	const activate = async (active: boolean): Promise<void> => {
		const { versionId } = await workflow();
		await n8n.call('POST', `/rest/workflows/${id}/${active ? 'activate' : 'deactivate'}`, { versionId });
		// n8n answers before its triggers have started.
		while (active && !(await isUp())) await sleep(100);
	};
	/** Command lines of model servers at the test's port. */
	const processes = (): string[] =>
		execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
			.split('\n')
			.filter((line) => line.includes('mlops.js serve') && line.includes(`--port=${port}`));
	const move = async (to: number) =>
		await n8n.store(async (store) => await store.moveAlias('fruit', 'champion', to, { actor: 'ann@example.com', kind: 'deploy' }));
	/** The first execution that began and is not among those that are known, once it has ended; it is known from then on. */
	const nextOf = async (known: string[]) => {
		for (; ; await sleep(200)) {
			const next = (await n8n.executionsOf(id)).filter((other) => !known.includes(other)).at(-1);
			if (next === undefined) continue;
			known.push(next);
			return await n8n.until(next, ['success', 'error']);
		}
	};

	it('activated it answers; an alias that moves changes the answers and starts the workflow, which tells people', async () => {
		await activate(true);
		expect((await predict()).body).toMatchObject({ model: 'fruit', version: 1 });
		expect(processes()).toHaveLength(1);
		const before = await n8n.executionsOf(id);
		await move(2);
		const execution = await nextOf(before);
		expect(execution.status).toBe('success');
		const [{ json }] = itemsOf(execution, 'Model server');
		expect(json.event).toMatchObject({ kind: 'aliasMoved', model: 'fruit', version: 2, previousVersion: 1, actor: 'ann@example.com' });
		expect(ran(execution, 'Note it in the log')).toBe(true);
		while (((await predict()).body as unknown as { version: number }).version !== 2) await sleep(100);
	});

	it('what turned out to be true comes in by the webhook, and starts the workflow', async () => {
		const { id: answerId } = (await predict()).body as unknown as { id: string };
		const before = await n8n.executionsOf(id);
		const told = await ask(`${n8n.host.url}/webhook/flight-truth`, { answerId, truth: 'good' });
		expect(told.status).toBe(200);
		for (let event: ItemEvent | undefined; event?.kind !== 'truthReceived'; ) {
			// The webhook's own execution is one of them, and the event's may begin at any moment after it.
			const execution = await nextOf(before);
			event = itemsOf(execution, 'Model server')[0]?.json.event as ItemEvent | undefined;
		}
	});

	it('published anew it goes on without a failed call', async () => {
		let on = true;
		const statuses = new Set<unknown>();
		const calling = (async () => {
			while (on) statuses.add(await predict().then(({ status }) => status, String));
		})();
		const { versionId } = await workflow();
		const nodes = file.nodes.map((node) => (node.name === 'Tell people' ? { ...node, position: [460, -20] } : node));
		await n8n.call('PATCH', `/rest/workflows/${id}`, { nodes, connections: file.connections, versionId });
		await activate(true);
		await sleep(7_000);
		on = false;
		await calling;
		expect([...statuses]).toEqual([200]);
		expect(processes()).toHaveLength(1);
	});

	it('deactivated it leaves nothing running, and what happened meanwhile is told once it is active again', async () => {
		await activate(false);
		while (processes().length > 0) await sleep(200);
		expect(await isUp()).toBe(false);
		const before = await n8n.executionsOf(id);
		await move(1);
		await sleep(1_500);
		expect(await n8n.executionsOf(id)).toEqual(before);
		await activate(true);
		const [{ json }] = itemsOf(await nextOf(before), 'Model server');
		expect(json.event).toMatchObject({ kind: 'aliasMoved', version: 1, previousVersion: 2 });
	}, 120_000);

	it('goes when n8n is killed', async () => {
		expect(processes()).toHaveLength(1);
		process.kill(n8n.host.pid, 'SIGKILL');
		while (processes().length > 0) await sleep(200);
		expect(await isUp()).toBe(false);
	});
});
