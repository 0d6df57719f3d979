import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { TriggerContext } from 'n8n-core';
import { Workflow, type IDataObject, type INodeExecutionData, type INodeType, type ITriggerResponse } from 'n8n-workflow';
import { actOnIncident, findIncident } from '../../lib/app/incidents.js';
import { keepVerdict } from '../../lib/app/keepVerdict.js';
import { makeMonitor } from '../../lib/app/monitors.js';
import type { ItemEvent, ItemServer } from '../../lib/domain/serverEvent.js';
import type { Store } from '../../lib/store/contract.js';
import { freePort } from '../../scripts/n8nHost.mts';
import { ask, fruitPackage, registerPackage, ROW } from '../server/served.js';
import { closeServers, smtpServer } from '../notify/servers.js';
import { built, chain, createEngine, disposeEngine, openBuiltStore, template, type Engine } from './engine.js';

type Given = INodeExecutionData & { json: { event: ItemEvent; server: ItemServer } };
interface Started {
	response: ITriggerResponse;
	/** What started the workflow, with n8n's key of the execution. */
	given: Array<Given & { key?: string }>;
	/** What n8n keeps with the workflow. */
	staticData: IDataObject;
}

let store: Store;
let server: INodeType;
let engine: Engine;
const open: ITriggerResponse[] = [];
beforeAll(async () => {
	engine = await createEngine();
	store = await openBuiltStore();
	for (const trees of [10, 20]) await registerPackage(store, 'fruit', await fruitPackage('quality', trees));
	await store.moveAlias('fruit', 'champion', 1, { actor: 'test' });
	server = new (built<{ MlopsServer: new () => INodeType }>('nodes/Server/MlopsServer.node.js').MlopsServer)();
}, 60_000);
afterEach(async () => {
	for (const response of open.splice(0)) await response.closeFunction?.();
});
afterAll(async () => {
	await store.close();
	await disposeEngine();
});

/** Calls the node's trigger as n8n does. What n8n would keep over a restart goes in and comes out. */
async function start(
	parameters: IDataObject,
	{ mode = 'trigger', kept = {}, id = 'w1' }: { mode?: 'trigger' | 'manual'; kept?: IDataObject; id?: string } = {},
): Promise<Started> {
	const given: Started['given'] = [];
	const nodeTypes = { getByName: () => server, getByNameAndVersion: () => server, getKnownTypes: () => ({}) };
	const node = {
		id: 'server',
		name: 'Model server',
		type: 'n8n-nodes-mlops.mlopsServer',
		typeVersion: 1,
		position: [0, 0] as [number, number],
		parameters: { keys: false, options: { listeners: 1, maxDelay: 60_000 }, ...parameters } as never,
	};
	const workflow = new Workflow({ id, name: 'Serving', nodes: [node], connections: {}, active: true, nodeTypes, staticData: kept });
	const emit = (data: INodeExecutionData[][], _response?: unknown, _done?: unknown, key?: string): void => {
		given.push(...(data[0] as Given[]).map((item) => (key === undefined ? item : { ...item, key })));
	};
	const context = new TriggerContext(workflow, workflow.getNode('Model server')!, {} as never, mode, 'activate', emit as never);
	const response = (await server.trigger!.call(context))!;
	open.push(response);
	if (mode === 'manual') await response.manualTriggerFunction!();
	return { response, given, staticData: workflow.staticData };
}
const close = async ({ response }: Started): Promise<void> => {
	open.splice(open.indexOf(response), 1);
	await response.closeFunction!();
};
async function until(what: () => boolean): Promise<void> {
	while (!what()) await sleep(50);
}
const kinds = ({ given }: Started) => given.map(({ json }) => [json.event.kind, json.event.version]);
const move = async (to: number) => await store.moveAlias('fruit', 'champion', to, { actor: 'ann@example.com', kind: 'deploy' });

it('executed by hand it starts the server and gives its address and a call that works', async () => {
	const started = await start({ port: await freePort() }, { mode: 'manual' });
	const [{ json }] = started.given;
	expect(json.event).toMatchObject({ kind: 'serverStarted', what: expect.stringMatching(/answers at http:\/\/127\.0\.0\.1:\d+/) });
	expect(json.server.curl).toMatch(/^curl http/);
	const { stdout } = await promisify(execFile)('sh', ['-c', json.server.curl!]);
	expect(JSON.parse(stdout)).toMatchObject({ model: 'fruit', version: 1 });
	// It stays for a while, so that a person can try the call after the execution.
	await close(started);
	expect((await ask(`${json.server.url}/health/live`)).status).toBe(200);
});

it('while it is active the server runs, and each event that was ticked starts the workflow once, over restarts', async () => {
	const port = await freePort();
	const parameters = { port, events: ['aliasMoved'] };
	const first = await start(parameters);
	const url = `http://127.0.0.1:${port}`;
	const predict = async () => (await ask(`${url}/v1/models/fruit/predict`, { row: ROW })).body as unknown as { version: number };
	expect((await predict()).version).toBe(1);
	await sleep(1_200);
	expect(first.given).toEqual([]);
	await move(2);
	await until(() => first.given.length > 0);
	expect(first.given[0]).toMatchObject({
		json: { event: { kind: 'aliasMoved', model: 'fruit', version: 2, previousVersion: 1, actor: 'ann@example.com' }, server: { url } },
		key: expect.stringMatching(/^mlops:.*:events\/w1\/server:\d+$/),
	});
	while ((await predict()).version !== 2) await sleep(100);

	// n8n is stopped and started: what happened meanwhile is told, and what it began before it has the same key again at most.
	const kept = JSON.parse(JSON.stringify(first.staticData)) as IDataObject;
	await close(first);
	await move(1);
	const second = await start(parameters, { kept });
	await until(() => second.given.some(({ json }) => json.event.version === 1));
	const told = [...first.given, ...second.given].map(({ key, json }) => [key, json.event.version]);
	expect([...new Map(told as Array<[string, number]>)].map(([, version]) => version)).toEqual([2, 1]);
});

it('what is ticked later is not told of the past', async () => {
	const first = await start({ run: 'subscribe', events: [] });
	await move(2);
	await sleep(1_200);
	const kept = JSON.parse(JSON.stringify(first.staticData)) as IDataObject;
	await close(first);
	const second = await start({ run: 'subscribe', events: ['aliasMoved'] }, { kept });
	await move(1);
	await until(() => second.given.length > 0);
	expect(kinds(second)).toEqual([['aliasMoved', 1]]);
});

it('the model that was not picked is not heard of', async () => {
	const started = await start({ run: 'subscribe', events: ['aliasMoved'], models: ['vegetables'] });
	await move(2);
	await move(1);
	await sleep(1_200);
	expect(started.given).toEqual([]);
});

it('an incident starts the workflow once, with those who look after the model, and its history says so', async () => {
	await store.add('people', 'fruit', {
		responsible: ['ann@example.com'],
		accountable: ['bob@example.com'],
		consulted: ['cy@example.com'],
		informed: ['di@example.com'],
	});
	const started = await start({ run: 'subscribe', events: ['incidentOpened', 'incidentClosed'], models: ['fruit'] });
	const { name } = await makeMonitor(store, { model: 'fruit', watch: 'service', tell: ['eve@example.com'] }, { actor: 'ann@example.com' });
	const about = { monitor: name, model: 'fruit', watch: 'service', rows: 0, verdict: 'alarm', summary: 'No answers at all.' } as const;
	for (const hour of ['10', '11', '12'])
		await keepVerdict(
			store,
			{
				...about,
				versions: [1],
				findings: [],
				notes: [],
				from: `2026-06-01T${hour}:00:00.000Z`,
				until: `2026-06-01T${hour}:59:00.000Z`,
			},
			(await store.find('verdict', name))?.version ?? 0,
			new Date(),
		);
	await until(() => started.given.length > 0);
	let history: string[] = [];
	while (history.length < 2) {
		await sleep(50);
		history = (await findIncident(store, 'fruit-1')).body.history.map(({ what, text }) => `${what}: ${text}`);
	}
	expect(history[1]).toBe('told: The workflow "Serving" (w1) was started.');
	await actOnIncident(store, { id: 'fruit-1', action: 'close', actor: 'ann@example.com', text: 'The line was cut.' });
	await until(() => started.given.length > 1);
	const events = started.given.map(({ json }) => json.event);
	const responsible = ['ann@example.com', 'eve@example.com'];
	const tell = [...responsible, 'bob@example.com'];
	expect(events).toMatchObject([
		{ kind: 'incidentOpened', model: 'fruit', incident: 'fruit-1', severity: 'page', responsible, tell },
		{ kind: 'incidentClosed', incident: 'fruit-1', reason: 'The line was cut.', responsible, tell },
	]);

	// The template's node, as it is shipped, with nothing but a mail server.
	const mail = { ...template('watch-and-retrain.json').nodes.find(({ name: called }) => called === 'Mail those whom it concerns')! };
	expect(JSON.stringify(mail.parameters)).not.toContain('@');
	const smtp = await smtpServer();
	const credentials = {
		smtp: { host: '127.0.0.1', port: smtp.port, secure: false, disableStartTls: true, user: 'mlops@example.com', password: 'x' },
	};
	const workflow = chain({ name: mail.name, type: 'mlopsNotify', typeVersion: mail.typeVersion, parameters: mail.parameters });
	workflow.nodes[0].credentials = { smtp: { id: '1', name: 'smtp' } };
	const run = await engine.execute(workflow, { items: started.given.slice(0, 1).map(({ json }) => ({ json: { ...json } })), credentials });
	expect(run.output(mail.name)).toHaveLength(1);
	expect(smtp.mails.map(({ to }) => to)).toEqual([tell]);
	expect(smtp.mails[0].data).toContain('Something is the matter with a model: fruit');
	await closeServers();
});

it('copies of the node in two workflows are both told', async () => {
	const copies = [
		await start({ run: 'subscribe', events: ['aliasMoved'] }),
		await start({ run: 'subscribe', events: ['aliasMoved'] }, { id: 'w2' }),
	];
	await move(2);
	await until(() => copies.every(({ given }) => given.length > 0));
	expect(new Set(copies.map(({ given }) => given[0].key)).size).toBe(2);
	await move(1);
});

it('where n8n has several processes it only subscribes, and says so', async () => {
	process.env.N8N_MULTI_MAIN_SETUP_ENABLED = 'true';
	try {
		const port = await freePort();
		const active = await start({ port, events: ['aliasMoved'] });
		await expect(ask(`http://127.0.0.1:${port}/health/live`)).rejects.toThrow();
		await move(2);
		await until(() => active.given.length > 0);
		expect(active.given[0].json.server).toEqual({ note: expect.stringMatching(/only hears of events.*"mlops serve"/) });
		const manual = await start({ port }, { mode: 'manual' });
		expect(manual.given[0].json.event.what).toMatch(/queue or multi-main mode/);
	} finally {
		delete process.env.N8N_MULTI_MAIN_SETUP_ENABLED;
		await move(1);
	}
});

it('what hinders it is a sentence, and leaves nothing behind', async () => {
	await expect(start({ port: 0, host: '0.0.0.0' })).rejects.toThrow(/keys/);
	await expect(start({ port: 99_999 })).rejects.toThrow(/port/i);
	process.env.EXECUTIONS_MODE = 'queue';
	try {
		await expect(start({})).rejects.toThrow(/queue mode/);
	} finally {
		delete process.env.EXECUTIONS_MODE;
	}
});
