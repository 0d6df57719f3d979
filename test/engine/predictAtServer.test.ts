import type { ICredentialTestFunctions, ICredentialType, IDataObject, INode, INodeExecutionData, INodeType } from 'n8n-workflow';
import { makeKey } from '../../lib/app/apiKeys.js';
import type { Store } from '../../lib/store/contract.js';
import { startServe, type Served } from '../server/served.js';
import { built, chain, createEngine, disposeEngine, openBuiltStore, type Engine, type EngineRun } from './engine.js';
import { ANY, train, type Trained } from './models.js';

let engine: Engine;
let store: Store;
let server: Served;
let trained: Trained;
let apiKey: string;
let readKey: string;

const good = { weight: 95, colour: 'red', days: 3 };
const bad = { weight: 5, colour: 'blue', days: 3 };
const rows: IDataObject[] = [good, bad, { ...good, colour: 'violet' }, { weight: 50, colour: null, days: null }];

async function ask(
	items: IDataObject[],
	parameters: IDataObject = {},
	{ onError, credential = {}, typeVersion = 2 }: { onError?: INode['onError']; credential?: object; typeVersion?: number } = {},
): Promise<EngineRun> {
	const workflow = chain({
		name: 'Predict',
		type: 'mlopsPredict',
		typeVersion,
		onError,
		parameters: { modelSource: 'registry', model: 'fruit', rowAs: 'json', answeredBy: 'server', ...parameters },
	});
	workflow.nodes[0].credentials = { mlopsServerApi: { id: '1', name: 'server' } };
	return await engine.execute(workflow, {
		items: items.map((json) => ({ json })),
		credentials: { mlopsServerApi: { url: server.url, apiKey, ca: '', ...credential } },
	});
}
const out = (run: EngineRun): IDataObject[] => run.output('Predict').map(({ json }) => json);
/** Without what only a server says. */
const plain = (items: IDataObject[]): IDataObject[] => items.map(({ server: _server, answerId: _id, ...json }) => json);

beforeAll(async () => {
	engine = await createEngine();
	store = await openBuiltStore();
	trained = await train(engine, {}, { rules: ANY });
	await engine.execute(chain({ name: 'Deploy', type: 'mlopsDeploy', parameters: { modelName: 'fruit' } }), { items: trained.items });
	apiKey = (await makeKey({ store, actor: 'test' }, { label: 'n8n', scopes: ['predict'] })).key;
	readKey = (await makeKey({ store, actor: 'test' }, { label: 'form', scopes: ['predict', 'read'] })).key;
	server = await startServe(engine.home, ['--max-rows', '500']);
}, 180_000);
afterAll(async () => {
	await server.stop();
	await store.close();
	await disposeEngine();
});

it('gives the items that this n8n would give, and what the server says besides', async () => {
	const there = out(await ask(rows));
	const here = out(await ask(rows, { answeredBy: 'here' }));
	expect(plain(there)).toEqual(plain(here));
	expect(there.map(({ prediction }) => prediction)).toEqual(['good', 'bad', 'good', here[3].prediction]);
	expect(there[0]).toMatchObject({ answeredBy: 'fruit@1', server: { version: 1 }, answerId: expect.any(String) as string });
	expect(new Set(there.map((item) => item.answerId)).size).toBe(4);
});

it('does so in version 1 of the node, too, in a field of its own', async () => {
	const first = (items: IDataObject[]) => items.map(({ prediction }) => prediction as IDataObject);
	const parameters = { outputField: 'answer' };
	const [there, here] = [
		(await ask(rows, parameters, { typeVersion: 1 })).output('Predict').map(({ json }) => json.answer as IDataObject),
		(await ask(rows, { ...parameters, answeredBy: 'here' }, { typeVersion: 1 }))
			.output('Predict')
			.map(({ json }) => json.answer as IDataObject),
	];
	expect(plain(there)).toEqual(plain(here));
	expect(first([{ prediction: there[0] }])[0]).toMatchObject({ prediction: 'good', model: 'fruit@1', server: { version: 1 } });
});

it('answers a list of rows with one item each; a bad row is its own error and stops no other', async () => {
	const run = await ask([{ rows: [good, { ...good, weight: 'heavy' }, bad] }], { row: '={{ $json.rows }}' });
	const [first, second, third] = out(run);
	expect([first.prediction, third.prediction]).toEqual(['good', 'bad']);
	expect(second.error).toMatchObject({ code: 'predict.input_invalid', column: 'weight', found: '"heavy"' });
});

it('lets one bad item fail alone where the node is to continue, and fails with the sentence where it is not', async () => {
	const items = [good, { ...good, weight: 'heavy' }, bad];
	const going = out(await ask(items, {}, { onError: 'continueRegularOutput' }));
	expect(going.map(({ prediction, error }) => prediction ?? (error as IDataObject).code)).toEqual(['good', 'predict.input_invalid', 'bad']);
	const run = await ask(items);
	expect(run.error('Predict')?.message).toMatch(/weight/);
});

it('answers more items than go into one call or than the server takes, in their order', async () => {
	const many = Array.from({ length: 1_300 }, (_, i) => ({ weight: (i * 37) % 100, colour: 'red', days: i % 11, number: i }));
	const there = out(await ask(many, { reasons: 0 }));
	expect(there.map(({ number }) => number)).toEqual(many.map(({ number }) => number));
	expect(plain(there)).toEqual(plain(out(await ask(many, { reasons: 0, answeredBy: 'here' }))));
}, 60_000);

it('keeps a key with each of its answers, and asks by version', async () => {
	const there = out(
		await ask(
			[
				{ ...good, customer: 7 },
				{ ...bad, customer: 8 },
			],
			{ key: '={{ $json.customer }}', alias: '1' },
		),
	);
	expect(there.map(({ prediction, answeredBy }) => [prediction, answeredBy])).toEqual([
		['good', 'fruit@1'],
		['bad', 'fruit@1'],
	]);
});

it('asks for the model that the item carries, if a server can know it', async () => {
	const deployed = await engine.execute(chain({ name: 'Deploy', type: 'mlopsDeploy', parameters: { modelName: 'fruit' } }), {
		items: trained.items,
	});
	const item = { ...deployed.output('Deploy')[0].json, ...good };
	expect(out(await ask([item], { modelSource: 'previous' }))[0]).toMatchObject({ prediction: 'good', answeredBy: 'fruit@1' });
	const run = await ask([{ ...trained.items[0].json, ...good }], { modelSource: 'previous' });
	expect(run.error('Predict')?.message).toMatch(/not deployed|carries no model/);
});

it('asks with the form, and with the item itself where nobody filled it in', async () => {
	const form = (value: IDataObject | null) => ({ mappingMode: 'defineBelow', value, schema: Object.keys(good).map((id) => ({ id })) });
	const parameters = { rowAs: 'form' };
	expect(out(await ask([{ note: 'x' }], { ...parameters, rowForm: form(bad) }))[0]).toMatchObject({ prediction: 'bad', note: 'x' });
	expect(out(await ask([good], { ...parameters, rowForm: { mappingMode: 'defineBelow', value: null } }))[0]).toMatchObject({
		prediction: 'good',
	});
});

it.each<[string, object, RegExp]>([
	['a key that is not good', { apiKey: `mlops_0123456789abcdef_${'z'.repeat(43)}` }, /^The API key is not known here/],
	['a server that is away', { url: 'http://127.0.0.1:1' }, /^No model server answers at 127\.0\.0\.1:1/],
	['no address', { url: '' }, /no web address/],
])(
	'says it in a sentence where there is %s',
	async (_, credential, words) => {
		const run = await ask([good], {}, { credential });
		expect(run.error('Predict')?.message).toMatch(words);
		expect(JSON.stringify(run.run)).not.toContain('zzzzzz');
	},
	30_000,
);

it('writes no key into what n8n keeps of an execution', async () => {
	expect(JSON.stringify((await ask([good])).run)).not.toContain(apiKey.slice(23));
});

describe('the credential MLOps Server API', () => {
	const { MlopsServerApi } = built<{ MlopsServerApi: new () => ICredentialType }>('credentials/MlopsServerApi.credentials.js');
	const { MlopsPredict } = built<{ MlopsPredict: new () => INodeType }>('nodes/Predict/MlopsPredict.node.js');

	it("is found by n8n's loader, with its pictures, and sends the key as a bearer token", async () => {
		const { PackageDirectoryLoader } = await import('n8n-core');
		const loader = new PackageDirectoryLoader(process.cwd());
		await loader.loadAll();
		expect(Object.keys(loader.credentialTypes)).toContain('mlopsServerApi');
		expect(loader.credentialTypes.mlopsServerApi.type.iconUrl).toEqual({
			light: expect.stringMatching(/mlopsServer\.svg$/) as string,
			dark: expect.stringMatching(/mlopsServer\.dark\.svg$/) as string,
		});
		expect(new MlopsServerApi().authenticate).toMatchObject({
			type: 'generic',
			properties: { headers: { Authorization: expect.any(String) as string } },
		});
	});

	it("is tested by n8n's own screen against the running server", async () => {
		const { description, methods } = new MlopsPredict();
		const { testedBy } = description.credentials!.find(({ name }) => name === 'mlopsServerApi')!;
		const test = async (data: object) =>
			await methods!.credentialTest![testedBy as string].call({} as ICredentialTestFunctions, { data } as never);
		expect(await test({ url: server.url, apiKey })).toEqual({
			status: 'OK',
			message: expect.stringMatching(/^Connected\. The key "n8n" opens predict/) as string,
		});
		expect(await test({ url: server.url, apiKey: '' })).toEqual({
			status: 'Error',
			message: expect.stringMatching(/^This server wants an API key, and none came\. Send a key as/) as string,
		});
	});

	it('fills lists and form of the editor from the server, or says why it cannot', async () => {
		const { methods } = new MlopsPredict();
		const editor = (key: string) => {
			const now: Record<string, unknown> = { input: 'items', answeredBy: 'server', modelSource: 'registry', model: 'fruit' };
			return {
				getCurrentNodeParameter: (name: string) => now[name],
				getCredentials: async () => ({ url: server.url, apiKey: key }),
			} as never;
		};
		expect(await methods!.loadOptions!.getModels.call(editor(readKey))).toEqual([{ name: 'fruit', value: 'fruit' }]);
		const { fields } = await methods!.resourceMapping!.getRowFields.call(editor(readKey));
		expect(fields.map(({ id }) => id)).toEqual(Object.keys(good));
		expect(fields[0].defaultValue).toEqual(expect.any(Number));
		const unknown = `mlops_0123456789abcdef_${'z'.repeat(43)}`;
		const [line] = await methods!.loadOptions!.getModels.call(editor(unknown));
		expect(line).toMatchObject({ value: '', description: expect.stringMatching(/not known here/) as string });
		const unread = await methods!.resourceMapping!.getRowFields.call(editor(unknown));
		expect(unread).toMatchObject({ fields: [], emptyFieldsNotice: expect.stringMatching(/not known here/) as string });
	});
});

it('leaves workflows of before as they were: without the field, this n8n answers', async () => {
	const workflow = chain({
		name: 'Predict',
		type: 'mlopsPredict',
		parameters: { modelSource: 'registry', model: 'fruit', rowAs: 'json' },
		typeVersion: 2,
	});
	const items: INodeExecutionData[] = [{ json: good }];
	const [{ json }] = (await engine.execute(workflow, { items })).output('Predict');
	expect(json).toMatchObject({ prediction: 'good', answeredBy: 'fruit@1' });
	expect(json).not.toHaveProperty('server');
});
