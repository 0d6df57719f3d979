import type { INodeExecutionData } from 'n8n-workflow';
import { closeServers, httpServer, smtpServer } from '../notify/servers.js';
import { chain, createEngine, disposeEngine, openBuiltStore, built, type Engine } from './engine.js';

let engine: Engine;
beforeAll(async () => {
	engine = await createEngine();
});
afterEach(closeServers);
afterAll(disposeEngine);

const ask = async (
	parameters: Record<string, unknown>,
	{
		items,
		credentials,
		typeVersion,
	}: { items?: INodeExecutionData[]; credentials?: Record<string, Record<string, unknown>>; typeVersion?: number } = {},
) => {
	const workflow = chain({
		name: 'Ask',
		type: 'mlopsNotify',
		typeVersion,
		parameters: { operation: 'sendAndWait', expiresHours: 1, title: 'May it go live?', ...parameters },
	});
	if (credentials) workflow.nodes[0].credentials = Object.fromEntries(Object.keys(credentials).map((name) => [name, { id: '1', name }]));
	return await engine.execute(workflow, { items, credentials });
};

/** The approvers in whose name the links of a text decide, checked by the store's own signature. */
async function deciders(text: string): Promise<string[]> {
	const { verifyLink } = built<typeof import('../../lib/store/seal/links.js')>('lib/store/seal/links.js');
	const store = await openBuiltStore();
	const tokens = [...text.matchAll(/[?&]token=([\w.-]+)/g)].map(([, token]) => token);
	const names = await Promise.all(tokens.map(async (token) => (await verifyLink(store, token)).approver));
	await store.close();
	return [...new Set(names)];
}

const SEVEN = ['ana', 'bo', 'cem', 'dana', 'eva', 'finn', 'gil'];

it.each([
	['slack', (url: string) => ({ webhookUrl: `${url}/services/T/B/x` })],
	['discord', (url: string) => ({ webhookUrl: `${url}/api/webhooks/1/x` })],
	['teams', (url: string) => ({ webhookUrl: `${url}/hook` })],
	['webhook', (url: string) => ({ url })],
])('%s: each approver has a message with the own link, and no other', async (channel, params) => {
	const server = await httpServer([{ status: 200 }]);
	const run = await ask({ channel, approvers: SEVEN.join(', '), ...params(server.url) });
	expect(run.run.status).toBe('waiting');
	const named = [];
	for (const { body } of server.received) named.push(await deciders(body));
	expect(named).toEqual(SEVEN.map((name) => [name]));
});

it('e-mail: goes to the approver\'s own address, without copies; a name is asked for where "To" says', async () => {
	const server = await smtpServer();
	const credentials = { smtp: { host: '127.0.0.1', port: server.port, secure: false, disableStartTls: true, user: '', password: '' } };
	await ask(
		{
			channel: 'email',
			from: 'mlops@example.com',
			to: 'team@example.com',
			options: { cc: 'boss@example.com' },
			approvers: 'ana@example.com, Bo, Cem <cem@example.com>',
		},
		{ credentials },
	);
	const plain = (data: string) => data.replace(/=\r\n/g, '').replace(/=3D/g, '=');
	const sent = [];
	for (const { to, data } of server.mails) sent.push([to, await deciders(plain(data))]);
	expect(sent).toEqual([
		[['ana@example.com'], ['ana@example.com']],
		[['team@example.com', 'boss@example.com'], ['Bo']],
		[['cem@example.com'], ['Cem <cem@example.com>']],
	]);
});

it('a model of another n8n is refused before anybody is asked', async () => {
	const server = await httpServer([{ status: 200 }]);
	const model = { kind: 'mlops.model', v: 1, storeId: 'somewhere else', id: 'r', name: 'm', digest: 'a'.repeat(64), runId: 'r', size: 1 };
	const run = await ask({ channel: 'webhook', url: server.url, approvers: 'ana' }, { items: [{ json: { model } }] });
	expect(run.error('Ask')!.message).toBe('This handle was made on another n8n instance.');
	expect(server.received).toEqual([]);
});

it('a request that not everybody could be told of is closed, also for those who have their link', async () => {
	const server = await httpServer([{ status: 200 }, { status: 400 }]);
	const store = await openBuiltStore();
	const digest = 'b'.repeat(64);
	const model = { kind: 'mlops.model', v: 1, storeId: store.id, id: 'r', name: 'm', digest, runId: 'r', size: 1 };
	const run = await ask({ channel: 'webhook', url: server.url, approvers: 'ana, bo' }, { items: [{ json: { model } }] });
	expect(run.error('Ask')).toBeDefined();
	expect(server.received).toHaveLength(2);
	expect(await store.approvalsFor(digest)).toMatchObject([{ status: 'closed' }]);
	const [, token] = /[?&]token=([\w.-]+)/.exec(server.received[0].body)!;
	const { openApprovalPage } = built<typeof import('../../lib/app/approval.js')>('lib/app/approval.js');
	expect((await openApprovalPage(store, token)).html).not.toContain('method="post"');
	await store.close();
});

it('an e-mail brings the charts that the item carries', async () => {
	const server = await smtpServer();
	const credentials = { smtp: { host: '127.0.0.1', port: server.port, secure: false, disableStartTls: true, user: '', password: '' } };
	const workflow = chain(
		{ name: 'Ingest', type: 'mlopsIngest', parameters: { example: 'penguins' } },
		{ name: 'Tell', type: 'mlopsNotify', parameters: { channel: 'email', from: 'mlops@example.com', to: 'team@example.com' } },
	);
	workflow.nodes[1].credentials = { smtp: { id: '1', name: 'smtp' } };
	const run = await engine.execute(workflow, { credentials });
	const charts = Object.keys(run.output('Ingest')[0].binary!)
		.filter((key) => key.startsWith('chart_'))
		.map((key) => key.slice('chart_'.length));
	expect(charts.length).toBeGreaterThan(0);
	const [{ data }] = server.mails;
	for (const [i, name] of charts.entries()) {
		expect(data).toMatch(new RegExp(`Content-Type: image/png; name=${name}\\.png`));
		expect(data).toContain(`Content-ID: <chart${i}>`);
		expect(data.replace(/=\r\n/g, '')).toContain(`cid:chart${i}`);
	}
	expect(data).toContain('iVBORw0KGgo');
});

it('links lead through the model server where its address is given', async () => {
	const server = await httpServer([{ status: 200 }]);
	await ask({ channel: 'webhook', url: server.url, approvers: 'ana, bo', serverUrl: 'https://models.example.com' });
	for (const { body } of server.received) expect(body).toMatch(/https:\/\/models\.example\.com\/approvals\?token=/);
	expect(await deciders(server.received.map(({ body }) => body).join(' '))).toEqual(['ana', 'bo']);
});

it('links lead through a server that runs beside this n8n', async () => {
	const server = await httpServer([{ status: 200 }]);
	const store = await openBuiltStore();
	const { announceServer } = built<typeof import('../../lib/app/runningServers.js')>('lib/app/runningServers.js');
	const stop = await announceServer(store, 'http://127.0.0.1:8097');
	await ask({ channel: 'webhook', url: server.url, approvers: 'ana' });
	await stop();
	await store.close();
	expect(server.received[0].body).toMatch(/http:\/\/127\.0\.0\.1:8097\/approvals\?token=/);
	expect(await deciders(server.received[0].body)).toEqual(['ana']);
});

it('asks the people accountable for the model, where that is wished; nobody where there are none', async () => {
	const store = await openBuiltStore();
	const people = { responsible: ['r@example.com'], accountable: ['a@example.com', 'b@example.com'], consulted: [], informed: [] };
	await store.add('people', 'm', people);
	const model = { kind: 'mlops.model', v: 1, storeId: store.id, id: 'r', name: 'm', digest: 'a'.repeat(64), runId: 'r', size: 1 };
	await store.close();
	for (const [parameters, expected] of [
		[{ approvers: '', askAccountable: true }, ['a@example.com', 'b@example.com']],
		[{ approvers: 'ana, b@example.com', askAccountable: true }, ['ana', 'b@example.com', 'a@example.com']],
		[{ approvers: 'ana' }, ['ana']],
	] as const) {
		const server = await httpServer([{ status: 200 }]);
		await ask({ channel: 'webhook', url: server.url, ...parameters }, { items: [{ json: { model } }], typeVersion: 2 });
		const named = [];
		for (const { body } of server.received) named.push(...(await deciders(body)));
		expect(named).toEqual(expected);
	}
	const server = await httpServer([{ status: 200 }]);
	const run = await ask(
		{ channel: 'webhook', url: server.url, approvers: '', askAccountable: true },
		{ items: [{ json: { model: { ...model, name: 'n' } } }], typeVersion: 2 },
	);
	expect(run.error('Ask')!.message).toBe('Nobody is named who may approve.');
	expect(server.received).toEqual([]);
});
