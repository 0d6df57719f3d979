import type { IDataObject } from 'n8n-workflow';
import { chain, createEngine, disposeEngine, type Engine } from './engine.js';
import { fruit } from './models.js';

let engine: Engine;
beforeAll(async () => { engine = await createEngine(); }, 60_000);
afterAll(disposeEngine);

const trained = async (columns: IDataObject[]) => {
	const run = await engine.execute(chain(
		{ name: 'Ingest', type: 'mlopsIngest', parameters: { source: 'file', path: fruit(), name: 'fruit', target: 'quality', columns: { column: columns } } },
		{ name: 'Train', type: 'mlopsTrain', parameters: { learner: 'logisticRegression', modelName: 'fruit' } },
	));
	return run.output('Train')[0].json as { run: { reused: boolean }; model: { digest: string } };
};

it('another role for a column is another question, though no value changed', async () => {
	const leaky = await trained([]);
	const careful = await trained([{ name: 'weight', role: 'ignore' }]);
	expect(careful.run.reused).toBe(false);
	expect(careful.model.digest).not.toBe(leaky.model.digest);
	expect((await trained([{ name: 'weight', role: 'ignore' }])).run.reused).toBe(true);
}, 120_000);
