import type { INodeExecutionData } from 'n8n-workflow';
import type { ItemDrift } from '../../lib/domain/item.js';
import type { Store } from '../../lib/store/contract.js';
import { chain, createEngine, disposeEngine, openBuiltStore, type Engine } from './engine.js';
import { ANY, train, type Trained } from './models.js';

let engine: Engine;
let store: Store;
let model: Trained;
beforeAll(async () => {
	engine = await createEngine();
	store = await openBuiltStore();
	model = await train(engine, {}, { rules: ANY });
	await engine.execute(chain({ name: 'Deploy', type: 'mlopsDeploy', parameters: { modelName: 'fruit' } }), { items: model.items });
}, 120_000);
afterAll(async () => {
	await store.close();
	await disposeEngine();
});

const circle: Record<string, unknown> = {};
circle.self = [circle];
function nested(depth: number): unknown {
	let value: unknown = 1;
	for (let i = 0; i < depth; i++) value = [value];
	return value;
}
const BAD: Array<[string, unknown]> = [
	['circular', circle],
	['nested 100,000 deep', nested(100_000)],
	['with a BigInt in it', { n: 1n }],
];
const row = (i: number) => ({ weight: (i * 61) % 100, colour: ['red', 'green', 'blue'][i % 3], days: (i * 7) % 11 });
const withBad = (n: number, value: unknown): INodeExecutionData[] =>
	Array.from({ length: n }, (_, i) => ({ json: { ...row(i), ...(i === 1 ? { colour: value } : {}) } as never }));

it.each(BAD)('one item %s costs Predict at most that item, and the answers are in the log', async (name, value) => {
	const before = (await store.predictions({ model: 'fruit' })).length;
	const run = await engine.execute(
		chain({
			name: 'Predict',
			type: 'mlopsPredict',
			parameters: { modelSource: 'registry', model: 'fruit' },
			onError: 'continueRegularOutput',
		}),
		{ items: withBad(4, value) },
	);
	const out = run.output('Predict');
	expect(out).toHaveLength(4);
	for (const at of [0, 2, 3]) expect(out[at].json.error).toBeUndefined();
	// What n8n cannot even hand over has its own error; a BigInt is kept as JSON can.
	if (!name.includes('BigInt'))
		expect(out[1].json.error).toMatchObject({ code: 'predict.input_invalid', message: expect.stringMatching(/nested too deep/) });
	const logged = (await store.predictions({ model: 'fruit' })).slice(before);
	expect(logged.filter((e) => e.error === undefined).length).toBeGreaterThanOrEqual(3);
});

it.each(BAD)('a new Predict answers the others, too, and says of one item %s that its value means nothing', async (_, value) => {
	for (const more of [{}, { rowAs: 'json' }, { outputField: 'answer' }]) {
		const run = await engine.execute(
			chain({
				name: 'Predict',
				type: 'mlopsPredict',
				typeVersion: 2,
				parameters: { modelSource: 'registry', model: 'fruit', ...more },
				onError: 'continueRegularOutput',
			}),
			{ items: withBad(4, value) },
		);
		const out = run
			.output('Predict')
			.map(({ json }) => (json.answer ?? json) as { error?: unknown; prediction?: unknown; warnings?: unknown });
		expect(out.map(({ error, prediction }) => [error === undefined, prediction !== undefined])).toEqual(
			out.map((_item, i) => (i === 1 ? [expect.anything(), expect.anything()] : [true, true])),
		);
		expect(out[1].error ?? out[1].warnings).toBeDefined();
	}
});

it.each(BAD.slice(0, 2))('one item %s is a gap in what Monitor compares, and it is said', async (_, value) => {
	const run = await engine.execute(
		chain({ name: 'Watch', type: 'mlopsMonitorDrift', parameters: { current: 'items', referenceModel: 'fruit' } }),
		{ items: withBad(200, value) },
	);
	const [{ json }] = [...run.output('Watch', 0), ...run.output('Watch', 1)];
	expect((json.drift as unknown as ItemDrift).rows).toMatchObject({ current: 200 });
});

it.each(BAD.slice(0, 2))('one item %s is a missing value of the dataset that Ingest makes', async (_, value) => {
	const run = await engine.execute(chain({ name: 'Ingest', type: 'mlopsIngest', parameters: { source: 'items', name: 'hard' } }), {
		items: withBad(50, value),
	});
	expect(run.output('Ingest')[0].json).toMatchObject({ dataset: { rows: 50 }, profile: { missingCells: 1 } });
});

it('infinite numbers are missing in the dataset that Ingest makes, and it is said which', async () => {
	const items = Array.from({ length: 50 }, (_, i) => ({
		json: { ...row(i), ...(i === 7 ? { weight: Infinity, days: -Infinity } : i === 9 ? { weight: NaN } : {}) },
	}));
	const run = await engine.execute(chain({ name: 'Ingest', type: 'mlopsIngest', parameters: { source: 'items', name: 'endless' } }), {
		items,
	});
	expect(run.output('Ingest')[0].json).toMatchObject({ dataset: { rows: 50 }, profile: { missingCells: 3 } });
	expect((run.run.data.resultData.runData.Ingest[0].hints ?? []).map((h) => h.message)).toEqual(
		expect.arrayContaining([
			expect.stringMatching(/^2 values were infinite.* missing: "weight" of item 8, "days" of item 8\. .*division by 0/),
		]),
	);
});

it('Evaluate keeps with whose alias it compared, for those who are asked to approve', async () => {
	for (const [championAlias, modelName] of [
		['shadow', 'fruit'],
		['champion', 'another'],
	]) {
		const run = await engine.execute(
			chain({ name: 'Evaluate', type: 'mlopsEvaluate', parameters: { modelName, options: { championAlias }, championAlias } }),
			{ items: model.items.map(({ json }) => ({ json })) },
		);
		const [{ json }] = [...run.output('Evaluate', 0), ...run.output('Evaluate', 1)];
		expect((await store.get('evaluation', (json.evaluation as { id: string }).id)).body.champion).toEqual({
			model: modelName,
			alias: championAlias,
		});
	}
	await store.verify();
});
