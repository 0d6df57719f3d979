import { writeFileSync } from 'node:fs';
import type { IDataObject } from 'n8n-workflow';
import { writeFlats } from '../cli/flats.js';
import { mlops } from '../cli/program.js';
import { chain, createEngine, disposeEngine, testFile, type Engine } from './engine.js';

let engine: Engine;
beforeAll(async () => {
	engine = await createEngine();
});
afterAll(disposeEngine);

const PARAMS = { n_estimators: 10 };
const ROW = { city: 'Oslo', size: 140, rooms: 5 };

/** The same work on the canvas. */
async function onTheCanvas(path: string): Promise<Record<string, IDataObject>> {
	const run = await engine.execute(
		chain(
			{ name: 'Ingest', type: 'mlopsIngest', typeVersion: 2, parameters: { source: 'file', path, name: 'flats', target: 'sold' } },
			{
				name: 'Train',
				type: 'mlopsTrain',
				parameters: { target: 'sold', learner: 'gradientBoosting', params_gradientBoosting: PARAMS, modelName: 'flats' },
			},
			{ name: 'Evaluate', type: 'mlopsEvaluate', parameters: { modelName: '' }, from: 1 },
			{ name: 'Deploy', type: 'mlopsDeploy', typeVersion: 2, parameters: { operation: 'deploy', alsoInTestRuns: true } },
		),
	);
	const first = (node: string, output = 0) => run.output(node, output)[0].json;
	const asked = await engine.execute(
		chain({
			name: 'Predict',
			type: 'mlopsPredict',
			typeVersion: 2,
			parameters: { modelSource: 'registry', model: 'flats', rowAs: 'json', row: JSON.stringify(ROW) },
		}),
		{ items: [{ json: {} }] },
	);
	return {
		ingest: first('Ingest'),
		train: first('Train'),
		evaluate: first('Evaluate', 1),
		deploy: first('Deploy'),
		predict: asked.output('Predict')[0].json,
	};
}

it('mlops prints with --json the item that the node gives, command by command', async () => {
	const path = writeFlats(testFile('flats.csv'));
	await onTheCanvas(path);
	// A second time, since the first one says that all is new.
	const canvas = await onTheCanvas(path);
	const run = async (...args: string[]): Promise<unknown> => {
		const { stdout, stderr } = await mlops([...args, '--json', '--quiet'], { home: engine.home });
		return JSON.parse(stdout || JSON.stringify({ stderr })) as unknown;
	};
	const item = (name: string, value: unknown): string => {
		writeFileSync(testFile(name), JSON.stringify(value));
		return testFile(name);
	};
	expect(await run('ingest', path, '--name', 'flats', '--target', 'sold')).toEqual(canvas.ingest);
	const train = ['--target', 'sold', '--learner', 'gradientBoosting', '--params', JSON.stringify(PARAMS), '--model-name', 'flats'];
	expect(await run('train', '--item', item('ingest.json', canvas.ingest), ...train)).toEqual(canvas.train);
	expect(await run('evaluate', '--item', item('train.json', canvas.train))).toEqual(canvas.evaluate);
	const deployed = (await run('deploy', '--item', item('evaluate.json', canvas.evaluate))) as IDataObject;
	// The report names who acted: the workflow here, the command line there.
	expect({ ...deployed, report: canvas.deploy.report }).toEqual(canvas.deploy);
	// Each answer has an id of its own.
	const predicted = (await run('predict', 'flats', '--row', JSON.stringify(ROW))) as IDataObject;
	expect({ ...predicted, answerId: canvas.predict.answerId }).toEqual(canvas.predict);
	expect(predicted.answerId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
}, 240_000);
