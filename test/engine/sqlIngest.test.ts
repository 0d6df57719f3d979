import { setTimeout as delay } from 'node:timers/promises';
import { describeServer, noPostgres, startPostgres, type TestServer } from '../data/servers.js';
import { chain, createEngine, disposeEngine, openBuiltStore, type Engine } from './engine.js';

/** The Ingest node on a live PostgreSQL, with n8n's own credential, through n8n's real engine. */
describeServer('Ingest from PostgreSQL', noPostgres(), () => {
	let engine: Engine;
	let server: TestServer;
	beforeAll(async () => {
		[engine, server] = await Promise.all([createEngine(), startPostgres()]);
		await server.admin(
			`CREATE TABLE customers AS SELECT i AS id, i % 7 AS visits, 'city ' || i % 5 AS city, i % 3 = 0 AS churned FROM generate_series(1, 3000) AS i`,
		);
	}, 120_000);
	afterAll(async () => {
		await server?.stop();
		await disposeEngine();
	});

	const ingest = async (query: string, credential: object = {}, onCancel?: (cancel: () => void) => void) => {
		const workflow = chain({
			name: 'Ingest',
			type: 'mlopsIngest',
			parameters: { source: 'sql', database: 'postgres', query, name: 'customers', target: 'churned' },
		});
		workflow.nodes[0].credentials = { postgres: { id: '1', name: 'Postgres' } };
		const postgres = {
			host: 'localhost',
			port: server.port,
			user: server.user,
			password: server.password,
			database: server.database,
			maxConnections: 100,
			allowUnauthorizedCerts: false,
			ssl: 'disable',
			sshTunnel: false,
			...credential,
		};
		return await engine.execute(workflow, { credentials: { postgres }, onCancel });
	};

	it('makes a dataset of a query, the same one again while nothing changed', async () => {
		const query = 'SELECT * FROM customers ORDER BY id';
		const [first] = (await ingest(query)).output('Ingest');
		expect(first.json.dataset).toMatchObject({ kind: 'mlops.dataset', name: 'customers', rows: 3000, target: 'churned', task: 'binary' });
		const [again] = (await ingest(query, { allowUnauthorizedCerts: true, ssl: undefined })).output('Ingest');
		expect([again.json.reused, (again.json.dataset as { id: string }).id]).toEqual([true, (first.json.dataset as { id: string }).id]);
		const record = await (await openBuiltStore()).find('dataset', 'customers');
		expect(JSON.stringify([record, first.json])).not.toContain(server.password);
	});
	it('tells what is wrong with the credential, never the password', async () => {
		const wrong = (await ingest('SELECT 1', { password: 'Wr0ng-word' })).error('Ingest')!;
		expect(wrong.message).toContain('did not let "owner" in');
		expect(JSON.stringify(wrong)).not.toContain('Wr0ng-word');
		expect((await ingest('SELECT 1', { sshTunnel: true })).error('Ingest')!.message).toContain('SSH tunnel');
		expect((await ingest('DELETE FROM customers')).error('Ingest')!.message).toContain('does not only read');
	});
	it("ends the query, at the server too, when n8n's stop button is pressed", async () => {
		const asleep = async () =>
			Number(
				(
					await server.admin(
						`SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = 'n8n-nodes-mlops' AND wait_event = 'PgSleep'`,
					)
				)[0].n,
			);
		const until = async (wanted: number) => {
			while ((await asleep()) !== wanted) await delay(100);
		};
		let stop = () => {};
		const running = ingest('SELECT pg_sleep(300)', {}, (cancel) => {
			stop = cancel;
		});
		await until(1);
		stop();
		expect((await running).run.status).toBe('canceled');
		await until(0);
	});
});
