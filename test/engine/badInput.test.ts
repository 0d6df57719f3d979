import { openSync, readFileSync, truncateSync, writeFileSync, writeSync, closeSync, copyFileSync, chmodSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { IDataObject, INode, INodeExecutionData, IWebhookFunctions, NodeOperationError } from 'n8n-workflow';
import { closeServers, httpServer } from '../notify/servers.js';
import { built, chain, createEngine, disposeEngine, openBuiltStore, testFile, type Engine, type EngineRun } from './engine.js';

let engine: Engine;
beforeAll(async () => {
	engine = await createEngine();
});
afterEach(closeServers);
afterAll(disposeEngine);

let files = 0;
function csv(text: string): string {
	const path = testFile(`bad${++files}.csv`);
	writeFileSync(path, text);
	return path;
}

const ingest = (path: string, parameters: Record<string, unknown> = {}) => ({
	name: 'Ingest',
	type: 'mlopsIngest',
	parameters: { source: 'file', path, ...parameters },
});
const train = (parameters: Record<string, unknown> = {}) => ({
	name: 'Train',
	type: 'mlopsTrain',
	parameters: { learner: 'dummy', ...parameters },
});
const read = async (path: string, parameters: Record<string, unknown> = {}) => await engine.execute(chain(ingest(path, parameters)));

/** What the person reads in n8n's error panel: the message, and what to do in the description. */
function told(run: EngineRun, node: string): { message: string; description: string } {
	const error = run.error(node) as NodeOperationError | undefined;
	if (!error) throw new Error(`${node} did not fail`);
	expect(error.message).not.toMatch(/\bat .*:\d+:\d+|undefined|\[object/);
	// The last line is the code; a remedy stands before it.
	expect(error.description).toMatch(/\S.*\n\([a-z_]+\.[a-z_]+\)$/s);
	return { message: error.message, description: error.description! };
}

const rows = (n: number, row: (i: number) => string): string => Array.from({ length: n }, (_, i) => row(i)).join('\n');
/** A port that nothing listens on. */
async function closedPort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => {
		server.listen(0, '127.0.0.1', resolve);
	});
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => {
		server.close(resolve);
	});
	return port;
}

describe('files', () => {
	it('an empty file', async () => {
		const { message, description } = told(await read(csv('')), 'Ingest');
		expect(message).toContain(`bad${files}.csv`);
		expect(message).toContain('empty');
		expect(description).toContain('data.empty');
	});

	it('a header without rows', async () => {
		expect(told(await read(csv('a,b\n')), 'Ingest').message).toBe(`"bad${files}.csv" has column names but no rows.`);
	});

	it('no such file, and a file that n8n may not read', async () => {
		expect(told(await read(testFile('nowhere.csv')), 'Ingest').message).toContain('nowhere.csv');
		const { message, description } = told(await read(join(__dirname, '../../package.json')), 'Ingest');
		expect(message).toContain('does not allow');
		expect(description).toContain('N8N_RESTRICT_FILE_ACCESS_TO');
	});

	it('ragged rows are kept apart and counted where people look', async () => {
		const run = await read(csv(`a,b,y\n${rows(20, (i) => `${i},${i * 2},${i % 2}`)}\n1,2\n3,4,5,6\n`));
		const [{ json }] = run.output('Ingest');
		expect(json.dataset).toMatchObject({ rows: 20, quarantined: 2 });
		expect(json.profile).toMatchObject({ quarantined: 2 });
		const html = (await run.binary('Ingest', 'report')).toString();
		expect(html).toContain('<b>2</b><span>rows that could not be read</span>');
	});

	it('a wrong delimiter is put right, and said', async () => {
		const path = csv(`a;b;y\n${rows(20, (i) => `${i};${i * 2};${i % 2}`)}\n`);
		const run = await read(path, { options: { delimiter: '|' } });
		expect(run.output('Ingest')[0].json.dataset).toMatchObject({ columnCount: 3 });
		expect(run.run.data.resultData.runData.Ingest[0].hints).toContainEqual(
			expect.objectContaining({ message: expect.stringContaining('semicolon') }),
		);
	});

	it('are named after themselves: two files are not two versions of one dataset', async () => {
		const names = [];
		for (const text of ['a\n1\n2\n', 'b\n1\n2\n']) names.push((await read(csv(text))).output('Ingest')[0].json.dataset);
		expect(names).toMatchObject([
			{ name: `bad${files - 1}`, version: 1 },
			{ name: `bad${files}`, version: 1 },
		]);
	});

	it('half of a Parquet file', async () => {
		const { exampleFolder } = built<typeof import('../../lib/data/sources/example.js')>('lib/data/sources/example.js');
		const path = testFile('half.parquet');
		copyFileSync(join(exampleFolder(), 'flights-3m.parquet'), path);
		chmodSync(path, 0o600);
		truncateSync(path, 1_000_000);
		const { message, description } = told(await read(path), 'Ingest');
		expect(message).toContain('half.parquet');
		expect(description).toContain('data.unreadable');
	});
});

describe('columns', () => {
	it('an unknown target, and no target at all', async () => {
		const path = csv(`a,b,c\n${rows(40, (i) => `${i},${i % 7},${i % 2}`)}\n`);
		const unknown = await engine.execute(chain(ingest(path), train({ target: 'churned' })));
		expect(told(unknown, 'Train').message).toContain('"churned"');
		const none = await engine.execute(chain(ingest(path), train()));
		expect(told(none, 'Train').description).toContain('one of: a, b, c');
		expect(told(await read(path, { target: 'churned' }), 'Ingest').message).toContain('"churned"');
	});

	it('a target with one class', async () => {
		const run = await engine.execute(chain(ingest(csv(`a,b\n${rows(40, (i) => `${i % 9},no`)}\n`)), train({ target: 'b' })));
		const { message, description } = told(run, 'Train');
		expect(message).toContain('"b"');
		expect(description).toContain('learn.target_one_class');
	});

	it('a column without a single value stops nothing', async () => {
		const run = await engine.execute(
			chain(
				ingest(csv(`a,empty,y\n${rows(60, (i) => `${i % 9},,${i % 2 ? 'yes' : 'no'}`)}\n`)),
				{ name: 'Clean', type: 'mlopsClean', parameters: {} },
				train({ target: 'y', learner: 'logisticRegression' }),
			),
		);
		expect((run.output('Ingest')[0].json.profile as IDataObject).warnings).toContainEqual({
			code: 'all_missing',
			column: 'empty',
			text: '"empty" holds no value at all.',
		});
		expect(run.output('Train')[0].json.run).toMatchObject({ learner: 'logisticRegression' });
	});

	it('10,000 levels train', async () => {
		const path = csv(`id,y\n${rows(20_000, (i) => `level ${i % 10_000},${i % 3 ? 'yes' : 'no'}`)}\n`);
		const run = await engine.execute(
			chain(
				ingest(path, { columns: { column: [{ name: 'id', role: 'feature', type: 'category' }] } }),
				train({ target: 'y', learner: 'gradientBoosting', params_gradientBoosting: { n_estimators: 5 } }),
			),
		);
		expect(run.output('Train')[0].json.run).toMatchObject({ learner: 'gradientBoosting' });
	}, 120_000);

	it('a column that is called like an attack goes through the whole chain', async () => {
		const name = 'select "x"; --';
		const path = csv(`"select ""x""; --",b,y\n${rows(200, (i) => `${i % 2 ? 10 + (i % 5) : i % 5},${i % 7},${i % 2 ? 'good' : 'bad'}`)}\n`);
		const run = await engine.execute(
			chain(
				ingest(path, { name: 'attack' }),
				{ name: 'Clean', type: 'mlopsClean', parameters: { mode: 'manual', steps: { step: [{ step: 'impute', columns: [name] }] } } },
				{ name: 'Features', type: 'mlopsFeatureEngineer', parameters: { steps: { step: [{ step: 'scale', columns: [name] }] } } },
				train({ target: 'y', learner: 'logisticRegression', modelName: 'attack' }),
				{ name: 'Evaluate', type: 'mlopsEvaluate', parameters: {}, from: 1 },
				{ name: 'Deploy', type: 'mlopsDeploy', parameters: { modelName: 'attack' } },
				{ name: 'Predict', type: 'mlopsPredict', parameters: { model: 'attack', row: JSON.stringify({ [name]: 12, b: 3 }) } },
				{
					name: 'Drift',
					type: 'mlopsMonitorDrift',
					parameters: { datasetSource: 'name', datasetName: 'attack', referenceModel: 'attack' },
				},
			),
		);
		expect(run.run.data.resultData.error).toBeUndefined();
		const { prediction, reasons } = run.output('Predict')[0].json.prediction as { prediction: string; reasons: Array<{ feature: string }> };
		expect(prediction).toBe('good');
		expect(reasons[0].feature).toBe(name);
		expect(Object.keys((run.output('Drift', 1)[0].json.drift as { scores: object }).scores)).toContain(name);
		expect((await run.binary('Evaluate', 'report', 1)).toString()).toContain('select &quot;x&quot;; --');
	}, 120_000);

	it('5,000 columns with gaps go from Ingest to Train in small items, and no step is lost on the way', async () => {
		const names = Array.from({ length: 5_000 }, (_, j) => `a_column_with_a_rather_long_name_${j}`);
		const path = csv(
			`${names.join(',')},y\n${rows(60, (i) => `${names.map((_, j) => ((i + j) % 10 === 0 ? '' : (i * 31 + j * 17) % 101)).join(',')},${i % 2 ? 'yes' : 'no'}`)}\n`,
		);
		const run = await engine.execute(
			chain(
				ingest(path, { target: 'y' }),
				{ name: 'Clean', type: 'mlopsClean', parameters: {} },
				train({ target: 'y', learner: 'gradientBoosting', params_gradientBoosting: { n_estimators: 3 } }),
			),
		);
		expect(run.output('Ingest')[0].json.dataset).toMatchObject({ columnCount: 5_001, rows: 60 });
		for (const node of ['Ingest', 'Clean', 'Train'])
			expect([node, JSON.stringify(run.output(node)[0].json).length < 32_000]).toEqual([node, true]);
		const store = await openBuiltStore();
		const { recipe } = (await store.get('run', (run.output('Train')[0].json.run as { id: string }).id)).body;
		await store.close();
		expect(recipe.steps).toMatchObject([{ step: 'impute' }]);
		expect(recipe.steps[0].params.columns).toEqual(names);
	}, 300_000);
});

describe('what others do', () => {
	it('a URL that nobody answers', async () => {
		const port = await closedPort();
		const run = await engine.execute(
			chain({
				name: 'Ingest',
				type: 'mlopsIngest',
				parameters: { source: 'url', url: `http://127.0.0.1:${port}/data.csv?token=secret`, options: { retries: 0 } },
			}),
		);
		const { message, description } = told(run, 'Ingest');
		expect(message).toContain(`127.0.0.1:${port}`);
		expect(message + description).not.toContain('secret');
	});

	it('a database that refuses', async () => {
		const port = await closedPort();
		const credentials = { postgres: { host: '127.0.0.1', port, user: 'ana', password: 'hunter2', database: 'shop', ssl: 'disable' } };
		const flow = chain({ name: 'Ingest', type: 'mlopsIngest', parameters: { source: 'sql', database: 'postgres', query: 'SELECT 1' } });
		flow.nodes[0].credentials = { postgres: { id: '1', name: 'Shop' } };
		const { message, description } = told(await engine.execute(flow, { credentials }), 'Ingest');
		expect(message).toContain(`127.0.0.1:${port}`);
		expect(description).toContain('credential');
		expect(message + description).not.toContain('hunter2');
	});

	it('Slack that answers 500', async () => {
		const slack = await httpServer([{ status: 500, body: 'server_error' }]);
		const flow = (onError?: INode['onError']) =>
			chain({
				name: 'Notify',
				type: 'mlopsNotify',
				parameters: { channel: 'slack', webhookUrl: `${slack.url}/services/T/B/secret`, title: 'Hello' },
				onError,
			});
		const { message, description } = told(await engine.execute(flow()), 'Notify');
		expect(message).toContain('Slack');
		expect(message).toContain('500');
		expect(message + description).not.toContain('secret');
		const [item] = (await engine.execute(flow('continueRegularOutput'), { items: [{ json: { kept: 1 } }] })).output('Notify');
		expect(item.json).toMatchObject({ kept: 1, error: { code: 'notify.channel_failed' } });
	}, 120_000);

	it('an approval link whose time is over', async () => {
		const store = await openBuiltStore();
		const { signLink } = built<typeof import('../../lib/store/seal/links.js')>('lib/store/seal/links.js');
		const approval = await store.createApproval({
			subject: { title: 'Old question' },
			approvers: ['ana'],
			expiresAt: new Date(Date.now() - 1_000).toISOString(),
			items: await store.artifacts.put('[]'),
		});
		const token = await signLink(store, { approvalId: approval.id, approver: 'ana', expires: approval.expiresAt });
		await store.close();
		for (const [method, body] of [
			['GET', {}],
			['POST', { decision: 'approved' }],
		] as const) {
			const { status, html, result } = await openLink(method, token, body);
			expect(status).toBe(410);
			expect(html).toContain('This request has run out');
			expect(result).toEqual({ noWebhookResponse: true });
		}
		expect((await openLink('GET', `${token}x`)).status).toBe(401);
	});
});

/** The node's own webhook with the parts of n8n's webhook context that it uses. */
async function openLink(method: string, token: string, body: IDataObject = {}) {
	const { MlopsNotify } = built<typeof import('../../nodes/Notify/MlopsNotify.node.js')>('nodes/Notify/MlopsNotify.node.js');
	const sent = { status: 0, html: '' };
	const response = {
		status: (status: number) => {
			sent.status = status;
			return response;
		},
		set: () => response,
		send: (html: string) => {
			sent.html = html;
			return response;
		},
	};
	const result = await new MlopsNotify().webhook.call({
		getNode: () => ({ parameters: {} }),
		getRequestObject: () => ({ method, query: { token } }),
		getResponseObject: () => response,
		getBodyData: () => body,
	} as unknown as IWebhookFunctions);
	return { ...sent, result };
}

describe('stored models', () => {
	it('a package with one changed byte is refused', async () => {
		const run = await engine.execute(
			chain(ingest(csv(`a,y\n${rows(60, (i) => `${i % 9},${i % 2 ? 'yes' : 'no'}`)}\n`)), train({ target: 'y' })),
		);
		const items = run.output('Train');
		const store = await openBuiltStore();
		const path = await store.artifacts.materialise((items[0].json.model as { digest: string }).digest);
		await store.close();
		chmodSync(path, 0o600);
		const bytes = readFileSync(path);
		const file = openSync(path, 'r+');
		writeSync(file, Buffer.from([bytes[bytes.length >> 1] ^ 1]), 0, 1, bytes.length >> 1);
		closeSync(file);
		const predict = (input: string) =>
			engine.execute(chain({ name: 'Predict', type: 'mlopsPredict', parameters: { modelSource: 'previous', input, row: '{"a": 1}' } }), {
				items,
			});
		expect(told(await predict('items'), 'Predict').description).toContain('store.digest_mismatch');
		expect(told(await predict('dataset'), 'Predict').description).toContain('store.digest_mismatch');
	});

	it('a model that is not there, with the names that are', async () => {
		const run = await engine.execute(chain({ name: 'Predict', type: 'mlopsPredict', parameters: { model: 'nobody', row: '{}' } }));
		expect(told(run, 'Predict').message).toContain('"nobody"');
		expect(told(await engine.execute(chain({ name: 'Evaluate', type: 'mlopsEvaluate', parameters: {} })), 'Evaluate').message).toBe(
			'The item that came in carries no model.',
		);
		expect(told(await engine.execute(chain(train())), 'Train').message).toBe('The item that came in carries no dataset.');
	});
});

describe('one bad item among good ones', () => {
	const items = (): INodeExecutionData[] =>
		[csv('a\n1\n2\n'), testFile('nowhere.csv'), csv('a\n3\n4\n')].map((path, i) => ({ json: { path, at: i }, pairedItem: { item: 0 } }));
	const flow = (onError?: INode['onError']) => chain({ ...ingest('={{ $json.path }}', { name: '={{ "item " + $json.at }}' }), onError });

	it('ends the node, and the error says which item it was', async () => {
		const run = await engine.execute(flow(), { items: items() });
		told(run, 'Ingest');
		expect((run.error('Ingest') as NodeOperationError).context.itemIndex).toBe(1);
	});

	it('with "continue": has its error in its own item, on output 0, the others are done', async () => {
		const out = (await engine.execute(flow('continueRegularOutput'), { items: items() })).output('Ingest');
		expect(out.map((i) => i.pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
		expect(out.map((i) => (i.json.dataset as IDataObject | undefined)?.name)).toEqual(['item 0', undefined, 'item 2']);
		expect(out[1].json).toMatchObject({
			at: 1,
			error: { code: 'data.source_unreachable', message: expect.stringContaining('nowhere.csv'), remedy: expect.any(String) },
		});
	});

	it('with "continue using error output": leaves by the error output', async () => {
		const run = await engine.execute(flow('continueErrorOutput'), { items: items() });
		expect(run.output('Ingest', 0).map((i) => i.json.at)).toEqual([0, 2]);
		expect(run.output('Ingest', 1)).toMatchObject([{ json: { error: { code: 'data.source_unreachable' } }, pairedItem: { item: 1 } }]);
	});

	it('of a node with two outputs, with "continue": the error never leaves by Passed or Stable', async () => {
		for (const type of ['mlopsEvaluate', 'mlopsMonitorDrift']) {
			const run = await engine.execute(
				chain({ name: 'Node', type, parameters: { referenceModel: 'nobody' }, onError: 'continueRegularOutput' }),
			);
			expect(run.output('Node', 0)).toMatchObject([{ json: { error: { message: expect.any(String) } }, pairedItem: { item: 0 } }]);
			expect(run.output('Node', 1)).toEqual([]);
		}
	});
});
