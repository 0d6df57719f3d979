import type { IDataObject, INode, INodeExecutionData } from 'n8n-workflow';
import type { Store } from '../../lib/store/contract.js';
import { built, chain, createEngine, disposeEngine, openBuiltStore, type Engine, type EngineRun } from './engine.js';
import { ANY, train, type Trained } from './models.js';

let engine: Engine;
let store: Store;
let first: Trained;
let second: Trained;

const predict = (parameters: IDataObject = {}, onError?: INode['onError']) =>
	chain({ name: 'Predict', type: 'mlopsPredict', parameters: { model: 'fruit', ...parameters }, onError });
const deploy = async (parameters: IDataObject, items?: INodeExecutionData[]) =>
	await engine.execute(
		chain({ name: 'Deploy', type: 'mlopsDeploy', parameters: { modelName: 'fruit', ...parameters } }),
		items ? { items } : {},
	);
const ask = async (rows: IDataObject[], parameters: IDataObject = {}, onError?: INode['onError']): Promise<EngineRun> =>
	await engine.execute(predict(parameters, onError), { items: rows.map((json) => ({ json })) });
const good = { weight: 95, colour: 'red', days: 3 };
const bad = { weight: 5, colour: 'blue', days: 3 };
interface Answer {
	prediction: string;
	probability: number;
	probabilities: Record<string, number>;
	reasons?: Array<{ feature: string; value: unknown; contribution: number }>;
	model: string;
}
const answers = (run: EngineRun) => run.output('Predict').map((i) => i.json.prediction as unknown as Answer);

beforeAll(async () => {
	engine = await createEngine();
	store = await openBuiltStore();
	first = await train(engine, {}, { rules: ANY });
	second = await train(engine, { learner: 'gradientBoosting', params_gradientBoosting: { n_estimators: 20 } }, { rules: ANY });
	await deploy({}, first.items);
}, 120_000);
afterAll(async () => {
	await store.close();
	await disposeEngine();
});

it("answers each item, with probability and reasons in people's column names", async () => {
	const run = await ask([good, bad, { ...good, colour: 'violet' }, { weight: 50, colour: null, days: null }]);
	const [yes, no, unseen, sparse] = answers(run);
	expect([yes.prediction, no.prediction, unseen.prediction]).toEqual(['good', 'bad', 'good']);
	expect(['good', 'bad']).toContain(sparse.prediction);
	expect(yes.probability).toBeGreaterThan(0.9);
	expect(yes.probabilities.good + yes.probabilities.bad).toBeCloseTo(1, 9);
	expect(yes.model).toBe('fruit@1');
	expect(yes.reasons).toHaveLength(3);
	expect(yes.reasons![0]).toMatchObject({ feature: 'weight', value: 95 });
	for (const { feature } of yes.reasons!) expect(['weight', 'colour', 'days']).toContain(feature);
	expect(run.output('Predict').map((i) => i.pairedItem)).toEqual([0, 1, 2, 3].map((item) => ({ item })));
	expect(run.output('Predict')[1].json).toMatchObject(bad);
});

it('refuses a number for a key whose last digits are lost: it would be the key of another', async () => {
	const run = await ask(
		[
			{ ...good, customer: 2 ** 53 },
			{ ...good, customer: '9007199254740993' },
		],
		{ key: '={{ $json.customer }}' },
		'continueErrorOutput',
	);
	expect(run.output('Predict').map(({ json }) => json.customer)).toEqual(['9007199254740993']);
	expect(JSON.stringify(run.output('Predict', 1))).toContain('more digits than numbers in n8n keep');
	const keys = (await store.predictions({ model: 'fruit' })).map(({ key }) => key);
	expect(keys).toContain('9007199254740993');
	expect(keys).not.toContain('9007199254740992');
});

it('says what would change the answer over columns that a person marks, where that is asked', async () => {
	const options = { changeableColumns: 'weight, colour', wish: 'good' };
	const [item] = (await ask([bad], { options })).output('Predict');
	const { changes, prediction } = item.json.prediction as { changes: Array<{ text: string; set?: IDataObject }>; prediction: string };
	expect(prediction).toBe('bad');
	expect(changes[0].text).toMatch(/^With (weight|colour) = .* instead of .* the answer would be good \(probability /);
	const [again] = answers(await ask([{ ...bad, ...changes[0].set }]));
	expect(again).toMatchObject({ prediction: 'good' });
	expect(again).not.toHaveProperty('changes');
	const unknown = await ask([bad], { options: { changeableColumns: 'wage' } });
	expect(unknown.error('Predict')).toMatchObject({ message: expect.stringContaining('does not look at a column "wage"') });
});

it('asks for a column that was not sent; null says that a value is not known', async () => {
	const run = await ask([{ weight: 50, colour: null }]);
	expect(run.error('Predict')).toMatchObject({ message: 'The row lacks the column "days".' });
});

it('a bad row among good ones has its own error, and no other is lost', async () => {
	const rows = [good, { ...good, weight: 'heavy' }, bad];
	const stopped = await ask(rows);
	expect(stopped.error('Predict')).toMatchObject({ message: expect.stringContaining('weight'), context: { itemIndex: 1 } });
	const [a, b, c] = (await ask(rows, {}, 'continueRegularOutput')).output('Predict');
	expect([(a.json.prediction as IDataObject).prediction, (c.json.prediction as IDataObject).prediction]).toEqual(['good', 'bad']);
	expect(b).toMatchObject({
		json: { weight: 'heavy', error: { code: 'predict.input_invalid', column: 'weight', remedy: expect.any(String) } },
		pairedItem: { item: 1 },
	});
	expect(b.json.prediction).toBeUndefined();
});

it('takes a list, and JSON as text', async () => {
	const [list] = (await ask([{ rows: [good, { weight: 'heavy' }, bad] as never }], { row: '={{ $json.rows }}' })).output('Predict');
	const [x, broken, y] = list.json.prediction as unknown as Array<Answer & { error?: { message: string } }>;
	expect([x.prediction, y.prediction]).toEqual(['good', 'bad']);
	expect(broken.error!.message).toContain('weight');
	expect(answers(await ask([{}], { row: JSON.stringify(good) }))[0].prediction).toBe('good');
	const [text] = (await ask([{}], { row: JSON.stringify([good, bad]) })).output('Predict');
	expect((text.json.prediction as unknown as Answer[]).map((r) => r.prediction)).toEqual(['good', 'bad']);
	for (const row of ['{ weight: ', '[]', '[1]', '"text"', '={{ null }}']) {
		const run = await ask([{}], { row });
		expect([row, run.error('Predict')]).toEqual([
			row,
			expect.objectContaining({ description: expect.stringContaining('predict.input_invalid') }),
		]);
	}
});

it('writes one log entry a row, errors included, that lead back to the training data', async () => {
	const since = new Date().toISOString();
	await ask([good, { weight: 'heavy' }, bad], {}, 'continueRegularOutput');
	await ask([good], { log: false });
	const entries = await store.predictions({ model: 'fruit@1', since });
	expect(entries).toMatchObject([
		{ input: good, prediction: 'good', digest: first.digest, alias: 'champion' },
		{ input: { weight: 'heavy' }, prediction: null, error: expect.stringContaining('weight') },
		{ input: bad, prediction: 'bad' },
	]);
	expect(new Set(entries.map((e) => e.requestId)).size).toBe(3);
	const version = await store.find('modelVersion', 'fruit', 1);
	expect(version!.body.digest).toBe(entries[0].digest);
	expect((await store.lineage(version!.id, 'up')).map((r) => r.kind)).toEqual(expect.arrayContaining(['run', 'dataset']));
});

it('items for two models in one execution are answered by their own', async () => {
	await deploy({ alias: 'challenger' }, second.items);
	const rows = [
		{ ...good, alias: 'champion' },
		{ ...bad, alias: 'challenger' },
		{ ...bad, alias: 'champion' },
		{ ...good, alias: 'nobody' },
		{ ...good, alias: '2' },
	];
	const out = (await ask(rows, { alias: '={{ $json.alias }}' }, 'continueRegularOutput')).output('Predict');
	expect(out.map((i) => (i.json.prediction as unknown as Answer | undefined)?.model)).toEqual([
		'fruit@1',
		'fruit@2',
		'fruit@1',
		undefined,
		'fruit@2',
	]);
	expect(out[3].json.error).toMatchObject({ code: 'store.not_found', message: 'The model "fruit" has no alias "nobody".' });
});

it('after a new deploy the new model answers, after a roll back the old one, without a restart', async () => {
	const who = async () => answers(await ask([good]))[0].model;
	expect(await who()).toBe('fruit@1');
	await deploy({}, second.items);
	expect(await who()).toBe('fruit@2');
	await deploy({ operation: 'rollback' });
	expect(await who()).toBe('fruit@1');
	expect(answers(await ask([good], { alias: '2' }))[0].model).toBe('fruit@2');
});

describe('as a tool of an agent', () => {
	const asTool = async (
		parameters: IDataObject,
		items: INodeExecutionData[] = [{ json: { long: 'x'.repeat(10_000) }, binary: { file: { data: '', mimeType: 'text/plain' } } }],
	) =>
		(
			await engine.execute(chain({ name: 'Predict', type: 'mlopsPredictTool', parameters: { model: 'fruit', ...parameters } }), { items })
		).output('Predict');
	const bytes = (items: INodeExecutionData[]) => items.reduce((sum, { json }) => sum + JSON.stringify(json).length, 0);

	it('gives one small item with the answer alone', async () => {
		const { MlopsPredict } = built<typeof import('../../nodes/Predict/MlopsPredict.node.js')>('nodes/Predict/MlopsPredict.node.js');
		expect(new MlopsPredict().description.usableAsTool).toBe(true);
		const out = await asTool({ row: JSON.stringify(good) });
		expect(out).toHaveLength(1);
		expect(Object.keys(out[0].json)).toEqual(['prediction']);
		expect(out[0].json.prediction).toMatchObject({ prediction: 'good', model: 'fruit@1' });
		expect(out[0].binary).toBeUndefined();
	});

	it('cuts the answers to many rows, and says so', async () => {
		const out = await asTool({ row: JSON.stringify(Array.from({ length: 500 }, () => good)) });
		expect(out).toHaveLength(1);
		expect(bytes(out)).toBeLessThanOrEqual(4096);
		expect(out[0].json.shortened).toMatch(/^Cut to 4096 bytes/);
		expect((out[0].json.prediction as unknown as Answer[])[0].prediction).toBe('good');
	});

	it('of a whole dataset tells the figures alone', async () => {
		const out = await asTool({ input: 'dataset', datasetSource: 'name', datasetName: 'fruit' });
		expect(Object.keys(out[0].json)).toEqual(['predictions']);
		expect(out[0].json.predictions).toMatchObject({ rows: 300, failed: 0 });
		expect(out[0].binary).toBeUndefined();
	});
});

it('a whole dataset gives the same answers as its rows one by one', async () => {
	const flow = predict({ input: 'dataset', datasetSource: 'name', datasetName: 'fruit', rows: 'test' });
	const { predictions } = (await engine.execute(flow)).output('Predict')[0].json as {
		predictions: { rows: number; file: string; model: string };
	};
	expect(predictions).toMatchObject({ model: 'fruit@1', failed: 0 });
	const [header, ...lines] = (await store.artifacts.get(predictions.file))
		.toString()
		.trim()
		.split('\n')
		.map((l) => l.split(','));
	expect(lines).toHaveLength(predictions.rows);
	expect(header).toEqual(['row', 'label', 'prediction', 'probability']);
	const row = (i: number) => ({ weight: (i * 37) % 100, colour: ['red', 'green', 'blue'][i % 3], days: (i * 7) % 11 });
	const single = answers(
		await ask(
			lines.map(([id]) => row(Number(id))),
			{ log: false, reasons: 0 },
		),
	);
	single.forEach((answer, k) => {
		expect(answer.prediction).toBe(lines[k][2]);
		expect(answer.probabilities.good).toBeCloseTo(Number(lines[k][header.indexOf('probability')]), 9);
	});
});

it("many items leave n8n's thread free while they are read", async () => {
	// What the thread works in one turn of its loop, in milliseconds; what other programs keep it from does not count.
	const worked: number[] = [];
	let last = process.threadCpuUsage();
	let counting = true;
	const turn = () => {
		const now = process.threadCpuUsage();
		worked.push((now.user + now.system - last.user - last.system) / 1000);
		last = now;
		if (counting) setImmediate(turn);
	};
	setImmediate(turn);
	const rows = Array.from({ length: 6_000 }, () => ({ ...good, alias: 'champion' }));
	const run = await ask(rows, { alias: '={{ $json.alias }}', log: false, reasons: 0 });
	counting = false;
	expect(run.output('Predict')).toHaveLength(6_000);
	expect(new Set(answers(run).map((a) => a.model)).size).toBe(1);
	// Reading is most of the work; in one go it would be most of it in one turn.
	expect(Math.max(...worked)).toBeLessThan(worked.reduce((sum, work) => sum + work, 0) / 10);
});

it('is quick: the time of one row is shown, not judged', async () => {
	const { predictRows } = built<typeof import('../../lib/app/predictRows.js')>('lib/app/predictRows.js');
	const model = { name: 'fruit', version: 2, digest: second.digest };
	const time = async (rows: number, log: boolean) => {
		await predictRows(store, model, [good], { reasons: 3, log });
		const from = performance.now();
		await predictRows(
			store,
			model,
			Array.from({ length: rows }, () => good),
			{ reasons: 3, log },
		);
		return (performance.now() - from) / rows;
	};
	process.stdout.write(
		`one row of boosted trees with 3 reasons: ${((await time(2_000, false)) * 1000).toFixed(0)} us; alone with its log entry: ${(await time(1, true)).toFixed(2)} ms\n`,
	);
	const from = performance.now();
	const many = await ask(Array.from({ length: 1_000 }, () => good));
	expect(many.output('Predict')).toHaveLength(1_000);
	process.stdout.write(`1,000 items through the engine: ${(performance.now() - from).toFixed(0)} ms\n`);
});
