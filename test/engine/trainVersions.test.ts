import type { IDataObject } from 'n8n-workflow';
import { chain, createEngine, disposeEngine, type Engine } from './engine.js';
import { fruit } from './models.js';

let engine: Engine;
beforeAll(async () => {
	engine = await createEngine();
});
afterAll(disposeEngine);

/** Whether Automatic in a node of this version comes to a training that was done before. */
async function reused(typeVersion: number, options: IDataObject): Promise<unknown> {
	const run = await engine.execute(
		chain(
			{ name: 'Ingest', type: 'mlopsIngest', parameters: { source: 'file', path: fruit(), name: 'fruit', target: 'quality' } },
			{
				name: 'Train',
				type: 'mlopsTrain',
				typeVersion,
				parameters: { modelName: 'fruit', options: { timeBudgetSeconds: 5, ...options } },
			},
		),
	);
	return (run.output('Train')[0].json.run as IDataObject).reused;
}

it('in a workflow of before, Automatic gives one learner, unless somebody chose otherwise; in a new node it may take the mean', async () => {
	expect(await reused(1, {})).toBe(false);
	expect(await reused(2, { oneModelOnly: true })).toBe(true);
	expect(await reused(2, {})).toBe(false);
	expect(await reused(1, { oneModelOnly: false })).toBe(true);
}, 120_000);
