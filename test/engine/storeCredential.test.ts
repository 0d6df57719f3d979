import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ICredentialTestFunctions, INodeType } from 'n8n-workflow';
import { accessRef } from '../../lib/app/storeAccess.js';
import { openStore } from '../../lib/store/openStore.js';
import { describeServer, noPostgres, startPostgres, type TestServer } from '../data/servers.js';
import { built, chain, createEngine, disposeEngine, type Engine } from './engine.js';

describeServer('the credential of a store that several machines share', noPostgres(), () => {
	let engine: Engine;
	let server: TestServer;
	let artifacts: string;
	beforeAll(async () => {
		[engine, server] = [await createEngine(), await startPostgres()];
		artifacts = mkdtempSync(join(tmpdir(), 'mlops-artifacts-'));
		process.env.MLOPS_STORE_ARTIFACTS = artifacts;
	}, 120_000);
	afterAll(async () => {
		delete process.env.MLOPS_STORE_ARTIFACTS;
		delete process.env.EXECUTIONS_MODE;
		rmSync(artifacts, { recursive: true });
		await disposeEngine();
		await server.stop();
	});

	const entered = (more: object = {}) => ({
		host: 'localhost',
		port: server.port,
		database: server.database,
		user: server.user,
		password: server.password,
		ssl: 'disable',
		schema: 'team',
		secret: 'a secret of tests alone',
		artifacts: '',
		...more,
	});
	/** What n8n's screen of credentials shows after saving. */
	async function tested(more: object = {}): Promise<{ status: string; message: string }> {
		const { MlopsTrain } = built<{ MlopsTrain: new () => INodeType }>('nodes/Train/MlopsTrain.node.js');
		const { description, methods } = new MlopsTrain();
		const { testedBy } = description.credentials!.find(({ name }) => name === 'mlopsStoreApi')!;
		const test = methods!.credentialTest![testedBy as string];
		const credential = { id: '1', name: 'store', type: 'mlopsStoreApi', data: entered(more) };
		return await test.call({} as ICredentialTestFunctions, credential as never);
	}

	it('is tested without making anything; what is wrong is said in a sentence without secrets', async () => {
		expect(await tested()).toEqual({ status: 'OK', message: expect.stringContaining('There is no store yet') });
		expect(await server.admin("SELECT 1 FROM pg_namespace WHERE nspname = 'team'")).toEqual([]);
		for (const [more, words] of [
			[{ password: 'wrong' }, /refuses this user/],
			[{ port: 1 }, /does not answer/],
			[{ host: '' }, /"host"/],
			[{ secret: 'short' }, /too short/],
			[{ schema: 'Team "A"' }, /schema/],
			[{ artifacts: '/etc' }, /where n8n does not let nodes write/],
			[{ artifacts: join(artifacts, '..') }, /where n8n does not let nodes write/],
			[{ artifacts: join(artifacts, 'not', 'there') }, /not there/],
		] as const) {
			const { status, message } = await tested(more);
			expect([more, status, message]).toEqual([more, 'Error', expect.stringMatching(words)]);
			expect(message).not.toContain(server.password);
		}
	});

	it('gives a node that store, in queue mode too; other nodes keep the one of the settings; no item holds a secret', async () => {
		const workflow = chain({
			name: 'Ingest',
			type: 'mlopsIngest',
			parameters: { source: 'example', example: 'penguins', store: 'credential' },
		});
		workflow.nodes[0].credentials = { mlopsStoreApi: { id: '1', name: 'store' } };
		process.env.EXECUTIONS_MODE = 'queue';
		const run = await engine.execute(workflow, { credentials: { mlopsStoreApi: entered() } });
		const [{ json }] = run.output('Ingest');
		delete process.env.EXECUTIONS_MODE;
		const store = await openStore(accessRef(entered()));
		expect(json).toMatchObject({ dataset: { storeId: store.id, name: 'penguins', rows: 344 } });
		expect((await store.list('dataset')).map((d) => d.name)).toEqual(['penguins']);
		await store.verify();
		await store.close();
		for (const secret of [server.password, entered().secret]) expect(JSON.stringify(run.run)).not.toContain(secret);
		expect(await tested()).toEqual({ status: 'OK', message: `Connected to the store ${store.id}.` });
		expect(await tested({ secret: 'another secret, long enough' })).toEqual({
			status: 'Error',
			message: expect.stringContaining('does not open its keys'),
		});

		// A credential that was chosen before counts for nothing where the node is to work on n8n's own store again.
		delete workflow.nodes[0].parameters.store;
		const own = await engine.execute(workflow);
		expect((own.output('Ingest')[0].json.dataset as { storeId: string }).storeId).not.toBe(store.id);

		workflow.nodes[0].parameters.store = 'credential';
		delete workflow.nodes[0].credentials;
		const without = await engine.execute(workflow);
		expect(() => without.output('Ingest')).toThrow('does not have any credentials set');
	}, 120_000);
});
