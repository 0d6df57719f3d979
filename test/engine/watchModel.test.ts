import type { IDataObject } from 'n8n-workflow';
import type { Store } from '../../lib/store/contract.js';
import { chain, createEngine, disposeEngine, openBuiltStore, type Engine } from './engine.js';
import { ANY, train } from './models.js';

let engine: Engine;
let store: Store;
beforeAll(async () => {
	engine = await createEngine();
	store = await openBuiltStore();
}, 120_000);
afterAll(async () => {
	await store.close();
	await disposeEngine();
});

it('an analyst switches on all that can be watched of a model behind Deploy; a test run only says so', async () => {
	const { items } = await train(engine, { params_logisticRegression: { C: 1 } }, { rules: ANY });
	const run = async (parameters: IDataObject, mode?: 'manual') =>
		await engine.execute(chain({ name: 'Deploy', type: 'mlopsDeploy', parameters: { modelName: 'watched', ...parameters } }), {
			items,
			mode,
		});
	await run({ operation: 'deploy', alias: 'champion' });
	const asked = { operation: 'watchModel', alias: 'champion' };
	const watching = (r: Awaited<ReturnType<typeof run>>) => r.output('Deploy')[0].json.watching as IDataObject;
	const preview = watching(await run(asked, 'manual'));
	expect(preview).toMatchObject({ preview: true, text: expect.stringMatching(/^In a real run: from now on watched: /) as string });
	expect(await store.list('monitor')).toEqual([]);
	const made = watching(await run(asked));
	expect(made).toMatchObject({ model: 'watched', preview: false });
	const records = await store.list('monitor');
	expect(records.map(({ name }) => name)).toEqual(expect.arrayContaining(['watched-quality', 'watched-service']));
	expect(records[0].body.madeBy).toContain('test workflow');
	expect(watching(await run({ ...asked, watch: ['service'] })).text).toBe('Watched already: Service.');
}, 120_000);
