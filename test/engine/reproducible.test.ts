import { readFileSync, writeFileSync } from 'node:fs';
import type { IDataObject } from 'n8n-workflow';
import { chain, createEngine, disposeEngine, testFile, type Engine } from './engine.js';
import { fruit } from './models.js';

let engine: Engine;
const home = process.env.MLOPS_HOME!;
beforeAll(async () => {
	engine = await createEngine();
});
afterEach(() => {
	process.env.MLOPS_HOME = home;
});
afterAll(disposeEngine);

interface Dataset {
	id: string;
	version: number;
	rows: number;
	storeId: string;
}
const fromFile = { name: 'Ingest', type: 'mlopsIngest', parameters: { source: 'file', path: '', name: 'fruit', target: 'quality' } };
const datasetOf = (json: IDataObject) => json.dataset as unknown as Dataset;

describe('the same content', () => {
	it('is the same dataset version, read from CSV or from items, today or again', async () => {
		const path = fruit();
		const ingest = { ...fromFile, parameters: { ...fromFile.parameters, path } };
		const csv = datasetOf((await engine.execute(chain(ingest))).output('Ingest')[0].json);
		const items = readFileSync(path, 'utf8')
			.trim()
			.split('\n')
			.slice(1)
			.map((line) => {
				const [weight, colour, days, quality] = line.split(',');
				return { json: { weight: Number(weight), colour, days: Number(days), quality } };
			});
		const [out] = (
			await engine.execute(chain({ ...ingest, parameters: { source: 'items', name: 'fruit', target: 'quality' } }), { items })
		).output('Ingest');
		expect(datasetOf(out.json)).toMatchObject({ id: csv.id, version: 1 });
		expect(out.json.reused).toBe(true);
		expect(out.pairedItem).toHaveLength(300);
		// One value more is another version, the old one is still what it was.
		writeFileSync(path, `${readFileSync(path, 'utf8')}1,red,1,bad\n`);
		expect(datasetOf((await engine.execute(chain(ingest))).output('Ingest')[0].json)).toMatchObject({ version: 2, rows: 301 });
	});
});

describe('the same data and parameters give the same model, bit for bit, in two stores that know nothing of each other', () => {
	const learners: Array<[string, IDataObject]> = [
		['gradientBoosting', { params_gradientBoosting: { n_estimators: 20 } }],
		['randomForest', { params_randomForest: { n_estimators: 20 } }],
		['logisticRegression', {}],
		['neuralNetwork', { params_neuralNetwork: { epochs: 5 } }],
		['tabularNetwork', { params_tabularNetwork: { epochs: 2, hidden_layer_sizes: '8' } }],
	];
	for (const [learner, parameters] of learners) {
		it(learner, async () => {
			const made = [];
			for (const store of ['one', 'two']) {
				process.env.MLOPS_HOME = testFile(`store ${learner} ${store}`);
				const run = await engine.execute(
					chain(
						{ ...fromFile, parameters: { ...fromFile.parameters, path: fruit() } },
						{ name: 'Train', type: 'mlopsTrain', parameters: { learner, modelName: 'fruit', ...parameters } },
						{ name: 'Evaluate', type: 'mlopsEvaluate', parameters: {} },
					),
				);
				const [{ json }] = [...run.output('Evaluate', 0), ...run.output('Evaluate', 1)];
				made.push({
					store: datasetOf(json).storeId,
					digest: (json.model as IDataObject).digest,
					metrics: (json.evaluation as IDataObject).metrics,
					reused: (json.run as IDataObject).reused,
				});
			}
			const [a, b] = made;
			expect(a.store).not.toBe(b.store);
			expect([a.reused, b.reused]).toEqual([false, false]);
			expect(b.digest).toBe(a.digest);
			expect(b.metrics).toEqual(a.metrics);
		}, 180_000);
	}

	it('and another seed gives another model', async () => {
		const digests = [];
		for (const seed of [0, 1]) {
			const run = await engine.execute(
				chain(
					{ ...fromFile, parameters: { ...fromFile.parameters, path: fruit() } },
					{
						name: 'Train',
						type: 'mlopsTrain',
						parameters: { learner: 'randomForest', params_randomForest: { n_estimators: 5 }, options: { seed } },
					},
				),
			);
			digests.push((run.output('Train')[0].json.model as IDataObject).digest);
		}
		expect(digests[0]).not.toBe(digests[1]);
	});
});

it('a handle from another store is refused with what to do', async () => {
	process.env.MLOPS_HOME = testFile('store elsewhere');
	const items = (await engine.execute(chain({ ...fromFile, parameters: { ...fromFile.parameters, path: fruit() } }))).output('Ingest');
	process.env.MLOPS_HOME = home;
	const run = await engine.execute(chain({ name: 'Train', type: 'mlopsTrain', parameters: { learner: 'dummy' } }), { items });
	expect(run.error('Train')).toMatchObject({
		message: 'This handle was made on another n8n instance.',
		description: expect.stringContaining('Run MLOps Ingest and MLOps Train here'),
	});
});
