import { writeFileSync } from 'node:fs';
import type { IDataObject, INode } from 'n8n-workflow';
import { chain, createEngine, disposeEngine, openBuiltStore, testFile, type Engine, type EngineRun } from './engine.js';
import { ANY, train } from './models.js';

let engine: Engine;
beforeAll(async () => {
	engine = await createEngine();
	const { items } = await train(engine, {}, { rules: ANY });
	await engine.execute(chain({ name: 'Deploy', type: 'mlopsDeploy', parameters: { modelName: 'fruit' } }), { items });
}, 120_000);
afterAll(disposeEngine);

const tell = async (items: IDataObject[], parameters: IDataObject = {}, onError?: INode['onError']): Promise<EngineRun> =>
	await engine.execute(chain({ name: 'Feedback', type: 'mlopsFeedback', parameters, onError }), { items: items.map((json) => ({ json })) });
const feedbacks = (run: EngineRun) => run.output('Feedback').map(({ json }) => json.feedback as IDataObject);
const predict = async (rows: IDataObject[], parameters: IDataObject = {}) =>
	(
		await engine.execute(
			chain({
				name: 'Predict',
				type: 'mlopsPredict',
				typeVersion: 2,
				parameters: { modelSource: 'registry', model: 'fruit', rowAs: 'json', ...parameters },
			}),
			{
				items: rows.map((json) => ({ json })),
			},
		)
	)
		.output('Predict')
		.map(({ json }) => json);
const fruits = (n: number): IDataObject[] =>
	Array.from({ length: n }, (_, i) => ({
		customer: 1000 + i,
		weight: (i * 41) % 100,
		colour: ['red', 'green', 'blue'][i % 3],
		days: i % 11,
	}));

it('Predict, Feedback, Ingest and Train: the next model learns what really happened', async () => {
	const answers = await predict(fruits(200), { key: '={{ $json.customer }}' });
	expect(new Set(answers.map(({ answerId }) => answerId)).size).toBe(200);
	// What really happened is another rule than that of the first training.
	const truths = answers.map(({ answerId, weight }) => ({ answerId, truth: (weight as number) < 50 ? 'good' : 'bad' }));
	const told = await tell(truths);
	expect(feedbacks(told)[0]).toMatchObject({ rows: 1, taken: 1, refused: 0 });
	expect(told.output('Feedback').map(({ pairedItem }) => pairedItem)).toEqual(truths.map((_, item) => ({ item })));
	expect(feedbacks(await tell(truths)).every(({ same }) => same === 1)).toBe(true);
	const run = await engine.execute(
		chain(
			{ name: 'Ingest', type: 'mlopsIngest', parameters: { source: 'answers', model: 'fruit' }, typeVersion: 2 },
			{ name: 'Train', type: 'mlopsTrain', parameters: { learner: 'logisticRegression', modelName: 'fruit' }, typeVersion: 2 },
		),
	);
	expect(run.output('Ingest')[0].json.dataset).toMatchObject({ name: 'fruit-answers', rows: 200, target: 'quality', task: 'binary' });
	const { metrics } = run.output('Train')[0].json.run as { metrics: { auc: number } };
	expect(metrics.auc).toBeGreaterThan(0.95);
});

it('tells by key and time, from what a webhook receives, a list in one item', async () => {
	const [answer] = await predict([{ weight: 95, colour: 'red', days: 3 }], { key: 'order 7' });
	const body = [
		{ order: 'order 7', truth: 'bad' },
		{ order: 'order 7', truth: { very: 'bad' } },
		{ order: 'order 8', truth: 'bad' },
	];
	const [told] = feedbacks(
		await tell([{ headers: {}, body } as IDataObject], { row: '={{ $json.body }}', findBy: 'key', keyField: 'order', model: 'fruit' }),
	);
	expect(told).toMatchObject({ rows: 3, taken: 1, unknown: 1, refused: 1, refusals: [{ row: 2, code: 'truth.invalid', column: 'truth' }] });
	expect(feedbacks(await tell([{ answerId: answer.answerId, truth: 'bad' }]))[0]).toMatchObject({ same: 1 });
});

it('a truth that is refused is its own item, and the others are taken', async () => {
	const [one, two] = await predict(fruits(2));
	const items = [{ answerId: one.answerId, truth: 'good' }, { truth: 'good' }, { answerId: two.answerId, truth: 'good' }];
	const stopped = await tell(items);
	expect(stopped.error('Feedback')).toMatchObject({ message: expect.stringContaining('"answerId"'), context: { itemIndex: 1 } });
	const out = (await tell(items, {}, 'continueRegularOutput')).output('Feedback');
	expect(out.map(({ json }) => (json.feedback as IDataObject | undefined)?.same)).toEqual([1, undefined, 1]);
	expect(out[1]).toMatchObject({ json: { error: { code: 'truth.invalid', column: 'answerId' } }, pairedItem: { item: 1 } });
});

it('tells a whole dataset, whose empty cells are not known yet', async () => {
	const answers = await predict(fruits(40), { key: '={{ $json.customer }}' });
	const asked = new Date(Date.now() + 1_000).toISOString();
	const path = testFile('truths.csv');
	writeFileSync(path, `customer,asked,outcome\n${answers.map((_, i) => `${1000 + i},${asked},${i % 10 ? 'good' : ''}`).join('\n')}\n`);
	const run = await engine.execute(
		chain(
			{ name: 'Ingest', type: 'mlopsIngest', parameters: { source: 'file', path, name: 'outcomes' }, typeVersion: 2 },
			{
				name: 'Feedback',
				type: 'mlopsFeedback',
				parameters: { input: 'dataset', findBy: 'key', keyField: 'customer', timeField: 'asked', truthField: 'outcome', model: 'fruit' },
			},
		),
	);
	expect(feedbacks(run)[0]).toMatchObject({ rows: 40, taken: 36, empty: 4, refused: 0 });
	const store = await openBuiltStore();
	const [event] = (await store.auditLog({ subject: 'fruit' })).filter(({ action }) => action === 'truth.told');
	expect(event).toMatchObject({ actor: expect.stringContaining('test workflow'), details: { rows: 36 } });
	await store.close();
});
