import { writeFileSync } from 'node:fs';
import type { IDataObject } from 'n8n-workflow';
import type { ItemDrift } from '../../lib/domain/item.js';
import type { Store } from '../../lib/store/contract.js';
import { chain, createEngine, disposeEngine, openBuiltStore, template, testFile, type Engine, type EngineRun } from './engine.js';

let engine: Engine;
let store: Store;

const HEADER = ['member', 'plan', 'zip', 'visits', 'amount', 'rebate'];
const usual = (i: number): IDataObject => ({
	member: (i * 7) % 3 ? 'no' : 'yes',
	plan: ['Silver', 'Gold', 'Basic'][(i * 5) % 3],
	zip: ['01067', '80331', '50667', '20095'][(i * 11) % 4],
	visits: (i * 13) % 3,
	amount: (i * 37) % 101,
	rebate: (i * 3) % 4 ? '' : (i * 7) % 13,
});
const csv = (rows: IDataObject[], columns = HEADER) =>
	`${columns.join(',')}\n${rows.map((r) => columns.map((c) => r[c] ?? '').join(',')).join('\n')}\n`;
const batch = (n: number, more: IDataObject = {}) => Array.from({ length: n }, (_, i) => ({ ...usual(i + 5_000), ...more }));
const ingest = async (name: string, text: string) => {
	writeFileSync(testFile(`${name}.csv`), text);
	await engine.execute(chain({ name: 'Ingest', type: 'mlopsIngest', parameters: { source: 'file', path: testFile(`${name}.csv`), name } }));
};
let counter = 0;
/** Reads a batch as a dataset of its own and watches it. */
const watch = async (text: string, parameters: IDataObject = {}): Promise<EngineRun> => {
	const name = `batch ${++counter}`;
	await ingest(name, text);
	return await engine.execute(
		chain({
			name: 'Watch',
			type: 'mlopsMonitorDrift',
			parameters: { datasetSource: 'name', datasetName: name, reference: 'model', referenceModel: 'leaving', ...parameters },
		}),
	);
};
const drift = (run: EngineRun, by: 0 | 1): ItemDrift => {
	expect(run.output('Watch', 1 - by)).toEqual([]);
	return run.output('Watch', by)[0].json.drift as unknown as ItemDrift;
};
const AGAINST: Array<[string, IDataObject]> = [
	['the training data of a model', {}],
	['a dataset', { reference: 'dataset', referenceDataset: 'customers' }],
];

beforeAll(async () => {
	engine = await createEngine();
	store = await openBuiltStore();
	const rows = Array.from({ length: 600 }, (_, i) => ({
		...usual(i),
		left:
			Number(usual(i).amount) + (usual(i).plan === 'Gold' ? 40 : 0) + (usual(i).member === 'yes' ? 20 : 0) + ((i * 17) % 30) > 80
				? 'gone'
				: 'stays',
	}));
	await ingest('customers', csv(rows, [...HEADER, 'left']));
	const trained = await engine.execute(
		chain({
			name: 'Train',
			type: 'mlopsTrain',
			parameters: { datasetSource: 'name', datasetName: 'customers', target: 'left', modelName: 'leaving', learner: 'logisticRegression' },
		}),
	);
	await engine.execute(
		chain({ name: 'Deploy', type: 'mlopsDeploy', parameters: { modelName: 'leaving', options: { gate: 'not_required' } } }),
		{ items: trained.output('Train') },
	);
}, 120_000);
afterAll(async () => {
	await store.close();
	await disposeEngine();
});

describe.each(AGAINST)('a batch against %s', (_, against) => {
	it('as usual, though typed by itself, is stable', async () => {
		const small = Array.from({ length: 120 }, (_, i) => usual(i + 7_000));
		const gone = 'reference' in against ? ['left'] : [];
		expect(drift(await watch(csv(small), against), 1)).toMatchObject({ drifted: false, driftedColumns: gone });
		// Zips that lost their zero, and yes and no in other words.
		const changed = small.map((r) => ({ ...r, member: r.member === 'yes' ? 'True' : 'False' }));
		expect(drift(await watch(csv(changed), against), 1)).toMatchObject({ drifted: false, driftedColumns: gone });
	});

	it('constant and empty columns are drift', async () => {
		const dead = drift(await watch(csv(batch(80, { member: 'no', plan: 'Gold', zip: '', visits: 0, amount: 7, rebate: '' })), against), 0);
		expect(dead.drifted).toBe(true);
		expect([...dead.driftedColumns].sort()).toEqual(expect.arrayContaining(['amount', 'member', 'plan', 'visits', 'zip']));
		expect(dead.dead).toEqual(
			expect.arrayContaining([
				{ column: 'zip', how: 'empty' },
				{ column: 'amount', how: 'stuck' },
			]),
		);
		expect(dead.summary).toMatch(/^Drift: /);
	});

	it('one dead column among six is drift', async () => {
		expect(drift(await watch(csv(batch(80, { zip: '' })), against), 0)).toMatchObject({
			drifted: true,
			dead: [{ column: 'zip', how: 'empty' }],
		});
		expect(drift(await watch(csv(batch(80, { amount: 0 })), against), 0)).toMatchObject({
			drifted: true,
			dead: [{ column: 'amount', how: 'stuck' }],
		});
	});

	it('another table, and too few rows, are errors that say so', async () => {
		expect((await watch(csv(batch(80)).replace(HEADER.join(','), 'a,b,c,d,e,f'), against)).error('Watch')).toMatchObject({
			message: expect.stringMatching(/^This is another table: none of/) as string,
		});
		expect((await watch(csv(batch(80)).replace(HEADER.join(','), HEADER.join(',').toUpperCase()), against)).error('Watch')).toMatchObject({
			description: expect.stringContaining('"MEMBER" (for "member")') as string,
		});
		expect((await watch(csv(batch(3)), against)).error('Watch')).toMatchObject({
			message: '3 current rows are too few to judge: it takes at least 10.',
		});
	});
});

it('a column that is gone is drift where a model needs it; a dataset has columns that nobody sends, such as the answers: those count', async () => {
	const without = csv(
		batch(80),
		HEADER.filter((c) => c !== 'plan'),
	);
	expect(drift(await watch(without), 0)).toMatchObject({ drifted: true, dead: [{ column: 'plan', how: 'gone' }] });
	const counted = drift(await watch(without, { reference: 'dataset', referenceDataset: 'customers', share: 0.2 }), 0);
	expect([...counted.driftedColumns].sort()).toEqual(['left', 'plan']);
});

it('what the model does not know is counted, and the report shows it', async () => {
	const rows = batch(100).map((r, i) => ({ ...r, plan: i % 10 ? r.plan : 'Platinum', amount: i === 1 ? 'lots' : r.amount }));
	const run = await watch(csv(rows));
	const by = run.output('Watch', 0).length ? 0 : 1;
	const { reading, id } = drift(run, by);
	expect(reading).toEqual([
		{ column: 'plan', unread: 0, unknown: 10, outside: 0 },
		{ column: 'amount', unread: 1, unknown: 0, outside: 0 },
	]);
	const { body } = await store.get('drift', id);
	expect(body.columns.find((c) => c.column === 'plan')!.newValues).toMatchObject({ share: 0.1, values: ['Platinum'], drifted: true });
	const html = (await run.binary('Watch', 'report', by)).toString();
	expect(html).toContain('Values the model does not know');
	expect(html).toContain('Platinum');
});

it('the same goes for what a model was asked: spellings are those of training, and requests that failed are counted', async () => {
	const since = new Date().toISOString();
	const rows = batch(60).map((r) => ({
		...r,
		plan: `${String(r.plan)} `,
		zip: Number(r.zip),
		member: r.member === 'yes',
		rebate: r.rebate === '' ? null : r.rebate,
	}));
	const ask = async (json: IDataObject[]) =>
		await engine.execute(
			chain({ name: 'Predict', type: 'mlopsPredict', parameters: { model: 'leaving' }, onError: 'continueRegularOutput' }),
			{ items: json.map((r) => ({ json: r })) },
		);
	const log = { current: 'log', referenceModel: 'leaving', currentFrom: since };
	const watchLog = async () => await engine.execute(chain({ name: 'Watch', type: 'mlopsMonitorDrift', parameters: log }));
	await ask(rows);
	expect(drift(await watchLog(), 1)).toMatchObject({ drifted: false, driftedColumns: [] });
	// An upstream field that was renamed: every request is refused from then on.
	await ask(Array.from({ length: 100 }, () => ({ ...rows[0], amount: 'n.n.' })));
	expect(drift(await watchLog(), 0).summary).toMatch(/^Drift: most requests got an error/);
});

it('a watch every night: a quiet night leaves by the error output with a code, for which the template has a line in the log instead of a failed execution', async () => {
	await ingest('quiet', csv(batch(3)));
	const watch = {
		name: 'Watch',
		type: 'mlopsMonitorDrift',
		parameters: { datasetSource: 'name', datasetName: 'quiet', reference: 'model', referenceModel: 'leaving' },
		onError: 'continueErrorOutput',
	} as const;
	const run = await engine.execute(chain(watch));
	expect([run.output('Watch', 0), run.output('Watch', 1)]).toEqual([[], []]);
	const [{ json }] = run.output('Watch', 2);
	const { nodes, connections } = template('nightly-drift-watch.json');
	const next = (name: string, output: number) => connections[name].main[output]!.map(({ node }) => nodes.find((n) => n.name === node)!);
	expect(nodes.find((n) => /MonitorDrift$/.test(n.type))!.onError).toBe('continueErrorOutput');
	const [asked] = next('Drift since training?', 2);
	expect((asked.parameters.conditions as IDataObject).conditions).toMatchObject([
		{ leftValue: '={{ $json.error.code }}', rightValue: (json.error as IDataObject).code },
	]);
	expect([next(asked.name, 0), next(asked.name, 1)].map(([node]) => node.type)).toEqual([
		'n8n-nodes-mlops.mlopsNotify',
		'n8n-nodes-base.stopAndError',
	]);
});

it('a log in which all requests failed is drift, not a quiet night', async () => {
	const since = new Date().toISOString();
	await engine.execute(
		chain({ name: 'Predict', type: 'mlopsPredict', parameters: { model: 'leaving' }, onError: 'continueRegularOutput' }),
		{ items: batch(40, { amount: 'n.n.' }).map((json) => ({ json })) },
	);
	const run = await engine.execute(
		chain({
			name: 'Watch',
			type: 'mlopsMonitorDrift',
			parameters: { current: 'log', reference: 'model', referenceModel: 'leaving', currentFrom: since },
			onError: 'continueErrorOutput',
		}),
	);
	expect(drift(run, 0)).toMatchObject({
		drifted: true,
		summary: expect.stringMatching(/^Drift: most requests got an error/) as string,
		rows: { current: 0 },
	});
});
