import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { tellTruth } from '../../lib/app/truth.js';
import { silentContext } from '../../lib/domain/progress.js';
import type { ItemWatched } from '../../lib/domain/watched.js';
import type { Store } from '../../lib/store/contract.js';
import { chain, createEngine, disposeEngine, openBuiltStore, type Engine, type EngineRun } from './engine.js';
import { ANY, train } from './models.js';

let engine: Engine;
let store: Store;
const DAY = 86_400_000;
/** Days that have closed by now, the first of these answers ten days ago. */
const midnight = Math.floor(Date.now() / DAY) * DAY;
const day = (n: number): string => new Date(midnight + (n - 10) * DAY).toISOString();

beforeAll(async () => {
	engine = await createEngine();
	store = await openBuiltStore();
	const model = await train(engine, {}, { rules: ANY });
	await engine.execute(chain({ name: 'Deploy', type: 'mlopsDeploy', parameters: { modelName: 'fruit' } }), { items: model.items });
}, 120_000);
afterAll(async () => {
	await store.close();
	await disposeEngine();
});

const watch = async (parameters: IDataObject, items?: INodeExecutionData[]): Promise<EngineRun> =>
	await engine.execute(chain({ name: 'Watch', type: 'mlopsMonitorDrift', parameters }), items ? { items } : {});
const watched = (run: EngineRun, by: number): ItemWatched => {
	const items = run.output('Watch', by);
	expect(items).toHaveLength(1);
	expect(run.output('Watch', 1 - by)).toEqual([]);
	expect(Object.keys(items[0].binary ?? {})).toEqual(expect.arrayContaining(['report', 'fullReport']));
	return items[0].json.watched as unknown as ItemWatched;
};

/** So many answers on each of ten days, of which some turn out to be right; from day seven on nearly none is. */
async function served(): Promise<void> {
	const { version, body } = (await store.find('modelVersion', 'fruit'))!;
	const { readPackage } = await import('../../lib/formats/modelPackage.js');
	const { classes } = readPackage(await store.artifacts.get(body.digest)).manifest;
	const truths: object[] = [];
	for (let n = 0; n < 10; n++) {
		const answers = Array.from({ length: 120 }, (_, i) => {
			const yes = i % 2;
			const right = n < 7 ? i % 10 > 0 : i % 10 === 0;
			truths.push({ id: `w${n}-${i}`, truth: classes[right ? yes : 1 - yes] });
			return {
				at: new Date(Date.parse(day(n)) + (i + 1) * 60_000).toISOString(),
				model: `fruit@${version}`,
				digest: body.digest,
				requestId: `w${n}-${i}`,
				input: { weight: i, colour: 'red', days: 3 },
				prediction: classes[yes],
				score: [yes ? 0.8 + i / 1000 : 0.2 - i / 1000],
				alias: 'champion',
			};
		});
		await store.logPredictions(answers);
	}
	await tellTruth({ store, context: silentContext() }, { truths: truths.slice(0, 1_140), by: 'a test' });
}

it('Watch = Quality: what is as it was leaves by Stable, what is no longer by Drifted, with what was found', async () => {
	const quality = { watch: 'quality', watchedModel: 'fruit', metric: 'accuracy', from: day(0), against: 'limit', limit: 0.8 };
	// Nobody has told any truth yet: a test run goes on, a real one says what to do.
	const early = await watch(quality);
	expect(early.error('Watch')!.message + JSON.stringify(early.error('Watch'))).toMatch(/Nobody has told yet/);
	await served();
	const good = watched(await watch({ ...quality, until: day(6) }), 1);
	expect(good).toMatchObject({ watch: 'quality', model: 'fruit', drifted: false, verdict: 'ok' });
	expect(good.windows).toHaveLength(6);
	expect(good.windows.every(({ known, rows }) => known === 120 && rows === 120)).toBe(true);
	expect(good.summary).toMatch(/^Accuracy is 90/);
	expect(good.findings[0]).toMatchObject({ about: 'accuracy', value: 0.9, reference: 0.8 });
	const bad = watched(await watch({ ...quality, until: day(10) }), 0);
	expect(bad).toMatchObject({ drifted: true, verdict: 'alarm', since: day(7) });
	expect(bad.findings[0].why).toMatch(/^Accuracy is 1/);
	// A week whose truth has hardly come waits: no alarm.
	const waits = watched(await watch({ ...quality, from: day(9), until: day(10), options: { leastKnown: 0.9 } }), 1);
	expect(waits).toMatchObject({ drifted: false, verdict: 'waiting' });
	expect(waits.summary).toMatch(/50.% of 120.answers/);
}, 120_000);

it('the item’s own model, segments, and windows of answers', async () => {
	const { id, name, version, body } = (await store.find('modelVersion', 'fruit'))!;
	const model = { kind: 'mlops.model', v: 1, storeId: store.id, id, name, version, digest: body.digest, runId: body.runId, size: 1 };
	const run = await watch(
		{
			watch: 'quality',
			from: day(0),
			until: day(6),
			window: 'rows',
			windowRows: 240,
			metric: 'accuracy',
			segments: ['weight'],
			smallestChange: 0.5,
		},
		[{ json: { model } as IDataObject }],
	);
	const items = [...run.output('Watch', 0), ...run.output('Watch', 1)];
	const found = items[0].json.watched as unknown as ItemWatched;
	expect(found.windows.map(({ rows }) => rows)).toEqual([240, 240, 240]);
	expect(found.findings.some(({ segment }) => segment?.startsWith('weight '))).toBe(true);
}, 120_000);
