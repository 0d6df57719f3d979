import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { IDataObject, NodeOperationError } from 'n8n-workflow';
import type { Store } from '../../lib/store/contract.js';
import { chain, createEngine, disposeEngine, openBuiltStore, testFile, type Engine, type EngineRun } from './engine.js';
import { ANY, train } from './models.js';

let engine: Engine;
let store: Store;

beforeAll(async () => {
	engine = await createEngine();
	store = await openBuiltStore();
	const { items } = await train(engine, {}, { rules: ANY });
	await engine.execute(chain({ name: 'Deploy', type: 'mlopsDeploy', parameters: { modelName: 'fruit' } }), { items });
}, 120_000);
afterAll(async () => {
	await store.close();
	await disposeEngine();
});

interface Predictions {
	model: string;
	version?: number;
	rows: number;
	failed: number;
	file: string;
	bytes: number;
	path?: string;
	seconds: number;
}
const ingest = async (name: string, csv: string): Promise<void> => {
	const path = testFile(`${name}.csv`);
	writeFileSync(path, csv);
	await engine.execute(chain({ name: 'Ingest', type: 'mlopsIngest', parameters: { source: 'file', path, name } }));
};
const predict = async (datasetName: string, parameters: IDataObject = {}): Promise<EngineRun> =>
	await engine.execute(
		chain({
			name: 'Predict',
			type: 'mlopsPredict',
			parameters: { model: 'fruit', input: 'dataset', datasetSource: 'name', datasetName, ...parameters },
		}),
	);
const predictionsOf = (run: EngineRun): Predictions => run.output('Predict')[0].json.predictions as unknown as Predictions;
const hints = (run: EngineRun): string => (run.run.data.resultData.runData.Predict[0].hints ?? []).map((h) => h.message).join('\n');
const table = (csv: Buffer) => {
	const [header, ...lines] = csv
		.toString()
		.trim()
		.split('\n')
		.map((l) => l.split(','));
	return lines.map((cells) => Object.fromEntries(header.map((name, j) => [name, cells[j]])));
};
/** Trains and deploys on a CSV; the target is its last column. */
async function deploy(modelName: string, csv: string, learner: IDataObject): Promise<void> {
	await ingest(`${modelName} learned`, csv);
	const target = csv.slice(0, csv.indexOf('\n')).split(',').at(-1);
	const trained = await engine.execute(
		chain({
			name: 'Train',
			type: 'mlopsTrain',
			parameters: { datasetSource: 'name', datasetName: `${modelName} learned`, target, modelName, ...learner },
		}),
	);
	await engine.execute(chain({ name: 'Deploy', type: 'mlopsDeploy', parameters: { modelName, options: { gate: 'not_required' } } }), {
		items: trained.output('Train'),
	});
}

describe('the file', () => {
	it('comes along as a binary, the same bytes as in the store', async () => {
		const run = await predict('fruit', { rows: 'test' });
		const predictions = predictionsOf(run);
		const csv = await run.binary('Predict', 'predictions');
		expect(createHash('sha256').update(csv).digest('hex')).toBe(predictions.file);
		expect(predictions.bytes).toBe(csv.length);
		expect(predictions.path).toBeUndefined();
		expect(run.output('Predict')[0].binary!.predictions).toMatchObject({ fileName: 'predictions.csv', mimeType: 'text/csv' });
		expect(table(csv)).toHaveLength(predictions.rows);
	});

	it('stays in the store when it is large, and the item and a hint say where', async () => {
		// A class with a long name makes a large file of few rows.
		const long = 'x'.repeat(2_000);
		await deploy('long', `size,kind\n${Array.from({ length: 60 }, (_, i) => `${i % 20},${i % 2 ? long : `${long}y`}`).join('\n')}\n`, {
			learner: 'logisticRegression',
		});
		await ingest('many', `size\n${Array.from({ length: 40_000 }, (_, i) => i % 20).join('\n')}\n`);
		const run = await predict('many', { model: 'long' });
		const { bytes, path, file } = predictionsOf(run);
		expect(bytes).toBeGreaterThan(64 * 2 ** 20);
		expect(run.output('Predict')[0].binary?.predictions).toBeUndefined();
		expect(path).toBe(await store.artifacts.materialise(file));
		expect(hints(run)).toContain(path);
	}, 60_000);

	it('names the reasons of each row when asked, the same as for single items', async () => {
		const run = await predict('fruit', { rows: 'test', reasonColumns: 2 });
		const rows = table(await run.binary('Predict', 'predictions'));
		expect(Object.keys(rows[0])).toEqual([
			'row',
			'label',
			'prediction',
			'probability',
			'reason 1',
			'reason 1 value',
			'reason 1 contribution',
			'reason 2',
			'reason 2 value',
			'reason 2 contribution',
		]);
		const fruit = (i: number) => ({ weight: (i * 37) % 100, colour: ['red', 'green', 'blue'][i % 3], days: (i * 7) % 11 });
		const single = await engine.execute(
			chain({ name: 'Predict', type: 'mlopsPredict', parameters: { model: 'fruit', reasons: 2, log: false } }),
			{ items: rows.map(({ row }) => ({ json: fruit(Number(row)) })) },
		);
		single.output('Predict').forEach((item, k) => {
			const { reasons } = item.json.prediction as unknown as { reasons: Array<{ feature: string; value: unknown; contribution: number }> };
			reasons.forEach((reason, r) => {
				expect([rows[k][`reason ${r + 1}`], rows[k][`reason ${r + 1} value`]]).toEqual([reason.feature, String(reason.value)]);
				expect(Number(rows[k][`reason ${r + 1} contribution`])).toBeCloseTo(reason.contribution, 9);
			});
		});
	});

	it('has the reasons of a network with their errors, and says how many rows have them where not all do', async () => {
		await deploy('network', `size,kind\n${Array.from({ length: 60 }, (_, i) => `${i % 20},${i % 2 ? 'a' : 'b'}`).join('\n')}\n`, {
			learner: 'neuralNetwork',
			params_neuralNetwork: { epochs: 2 },
		});
		const run = await predict('network learned', { model: 'network', reasonColumns: 2 });
		const [first] = table(await run.binary('Predict', 'predictions'));
		expect(Object.keys(first).slice(4)).toEqual(['reason 1', 'reason 1 value', 'reason 1 contribution', 'reason 1 error']);
		expect(first['reason 1']).toBe('size');
		expect(hints(run)).not.toMatch(/reasons/);
		await ingest('many', `size\n${Array.from({ length: 2_001 }, (_, i) => i % 20).join('\n')}\n`);
		const many = await predict('many', { model: 'network', reasonColumns: 1 });
		const rows = table(await many.binary('Predict', 'predictions'));
		expect([rows[1_999]['reason 1'], rows[2_000]['reason 1']]).toEqual(['size', '']);
		expect(hints(many)).toMatch(/first 2,000 of 2,001 rows have reasons/);
	});
});

describe('rows that do not fit', () => {
	it('a dataset without columns that the model needs is refused by their names', async () => {
		await ingest('bare', 'weight\n1\n2\n');
		const error = (await predict('bare')).error('Predict') as NodeOperationError;
		expect(error.message).toBe('The dataset lacks the columns "colour", "days" that the model needs.');
		expect(error.description).toMatch(/Expected: all of: weight, colour, days[\s\S]*\(data\.schema_mismatch\)$/);
	});

	it('further columns, another order and no answers do no harm', async () => {
		await ingest('further', 'days,more,colour,weight\n3,1,red,95\n3,2,blue,5\n');
		const run = await predict('further');
		expect(table(await run.binary('Predict', 'predictions')).map((r) => r.prediction)).toEqual(['good', 'bad']);
		expect(predictionsOf(run)).toMatchObject({ rows: 2, failed: 0 });
	});

	it("a row for which the model gives no number is counted and left empty; alone it is its item's error", async () => {
		const size = (i: number) => ((i * 7) % 41) / 1000;
		await deploy(
			'line',
			`size,price\n${Array.from({ length: 80 }, (_, i) => `${size(i)},${3000 * size(i) + ((i * 3) % 5)}`).join('\n')}\n`,
			{ learner: 'linearRegression' },
		);
		await ingest('huge', 'size\n0.01\n1.7e308\n0.02\n');
		const run = await predict('huge', { model: 'line' });
		expect(predictionsOf(run)).toMatchObject({ rows: 3, failed: 1 });
		const answers = table(await run.binary('Predict', 'predictions')).map((r) => r.prediction);
		expect(answers[1]).toBe('');
		expect(Number(answers[0])).toBeLessThan(Number(answers[2]));
		expect(hints(run)).toMatch(/^1 of 3 rows/m);
		const single = await engine.execute(chain({ name: 'Predict', type: 'mlopsPredict', parameters: { model: 'line' } }), {
			items: [{ json: { size: 1.7e308 } }],
		});
		expect(single.error('Predict')).toMatchObject({ message: 'The model gave no number for this row.' });
	});
});

describe('the prediction log', () => {
	it('gets all rows of a small dataset as a caller would send them, unless it is off or they are test rows', async () => {
		await ingest('logged', 'weight,colour,days\n95,red,3\n5,,2\n');
		const since = new Date().toISOString();
		await predict('logged', { logDataset: false });
		await predict('fruit', { rows: 'test' });
		expect(await store.predictions({ model: 'fruit@1', since })).toEqual([]);
		await predict('logged');
		const entries = await store.predictions({ model: 'fruit@1', since });
		expect(entries).toMatchObject([
			{ input: { weight: 95, colour: 'red', days: 3 }, prediction: 'good', alias: 'champion', score: [expect.any(Number)] },
			{ input: { weight: 5, colour: null, days: 2 }, prediction: 'bad' },
		]);
	});

	it('gets an even sample of a large one, and a hint says so', async () => {
		await ingest('large', `weight,colour,days\n${Array.from({ length: 25_000 }, (_, i) => `${i % 100},red,3`).join('\n')}\n`);
		const since = new Date().toISOString();
		const run = await predict('large');
		const entries = await store.predictions({ model: 'fruit@1', since });
		expect(entries).toHaveLength(10_000);
		const half = entries.filter((e) => (e.input.weight as number) < 50).length;
		expect(Math.abs(half - 5_000)).toBeLessThan(100);
		expect(hints(run)).toMatch(/10,000 of 25,000 rows/);
	});
});
