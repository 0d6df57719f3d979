import type { IDataObject } from 'n8n-workflow';
import type { ItemWatched } from '../../lib/domain/watched.js';
import type { Store } from '../../lib/store/contract.js';
import { watchChoices } from '../../lib/app/catalogue.js';
import { chain, createEngine, disposeEngine, openBuiltStore, type Engine } from './engine.js';
import { ANY, train } from './models.js';

let engine: Engine;
let store: Store;
beforeAll(async () => {
	engine = await createEngine();
	store = await openBuiltStore();
	const model = await train(engine, { split: { testShare: 0.4 } }, { rules: ANY });
	await engine.execute(chain({ name: 'Deploy', type: 'mlopsDeploy', parameters: { modelName: 'fruit' } }), { items: model.items });
	const { version, body } = (await store.find('modelVersion', 'fruit'))!;
	const from = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 3 * 86_400_000;
	await store.logPredictions(
		Array.from({ length: 600 }, (_, i) => ({
			at: new Date(from + i * 400_000).toISOString(),
			model: `fruit@${version}`,
			digest: body.digest,
			requestId: `o${i}`,
			input: { weight: (i * 61) % 100, colour: ['red', 'green', 'blue'][i % 3], days: (i * 7) % 11 },
			prediction: 'yes',
			score: [((i * 37) % 100) / 100],
			alias: 'champion',
		})),
	);
}, 120_000);
afterAll(async () => {
	await store.close();
	await disposeEngine();
});

it('every other watch looks over the model’s answers, and gives what it found with a report', async () => {
	const others = watchChoices.filter(({ id }) => id !== 'data' && id !== 'quality');
	expect(others.map(({ id }) => id)).toEqual(expect.arrayContaining(['estimate', 'service']));
	for (const { id } of others) {
		const parameters: IDataObject = { watch: id, watchedModel: 'fruit' };
		const run = await engine.execute(chain({ name: 'Watch', type: 'mlopsMonitorDrift', parameters }), {});
		const [item] = [...run.output('Watch', 0), ...run.output('Watch', 1)];
		const watched = item.json.watched as unknown as ItemWatched;
		expect(watched).toMatchObject({ watch: id, model: 'fruit', alias: 'champion' });
		expect(watched.windows.length).toBeGreaterThan(25);
		expect(watched.windows.some(({ rows }) => rows > 100)).toBe(true);
		expect(watched.summary.length).toBeGreaterThan(10);
		expect(Object.keys(item.binary ?? {})).toEqual(expect.arrayContaining(['report', 'fullReport']));
	}
}, 180_000);
