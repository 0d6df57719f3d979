import { writeFileSync } from 'node:fs';
import type { IDataObject, INodeExecutionData, NodeOperationError } from 'n8n-workflow';
import type { ItemDrift } from '../../lib/domain/item.js';
import type { Store } from '../../lib/store/contract.js';
import { chain, createEngine, disposeEngine, openBuiltStore, testFile, type Engine, type EngineRun } from './engine.js';
import { ANY, fruit, train } from './models.js';

let engine: Engine;
let store: Store;
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

const DRIFTED = 0;
const STABLE = 1;
const watch = async (parameters: IDataObject, items?: INodeExecutionData[]): Promise<EngineRun> =>
	await engine.execute(chain({ name: 'Watch', type: 'mlopsMonitorDrift', parameters }), items ? { items } : {});
function drift(run: EngineRun, by: number): ItemDrift {
	const items = run.output('Watch', by);
	expect(items).toHaveLength(1);
	expect(run.output('Watch', 1 - by)).toEqual([]);
	return items[0].json.drift as unknown as ItemDrift;
}
/** Fruit as in the training data, or three times as heavy and of a colour never seen. */
const row = (i: number, changed = false) => ({
	weight: ((i * 61) % 100) * (changed ? 3 : 1),
	colour: changed && i % 2 ? 'violet' : ['red', 'green', 'blue'][i % 3],
	days: (i * 7) % 11,
});
const items = (n: number, changed = false): INodeExecutionData[] => Array.from({ length: n }, (_, i) => ({ json: row(i, changed) }));
const told = (run: EngineRun) => {
	const error = run.error('Watch') as NodeOperationError;
	expect(error.description).toMatch(/\S.*\n\([a-z_]+\.[a-z_]+\)$/s);
	return error.message;
};

describe('items against the training data of the deployed model', () => {
	for (const mode of ['default', 'evidently']) {
		it(`${mode}: the same kind of rows leave by Stable, changed ones by Drifted`, async () => {
			const same = drift(await watch({ current: 'items', referenceModel: 'fruit', mode, beside: true }, items(200)), STABLE);
			expect(same).toMatchObject({ drifted: false, mode, driftedColumns: [], rows: { current: 200 } });
			const changed = drift(await watch({ current: 'items', referenceModel: 'fruit', mode }, items(200, true)), DRIFTED);
			expect(changed).toMatchObject({ drifted: true, mode });
			expect([...changed.driftedColumns].sort()).toEqual(['colour', 'weight']);
			expect(Object.keys(changed.scores).sort()).toEqual(['colour', 'days', 'weight']);
			expect(changed.summary).toMatch(/weight|colour/);
		});
	}

	it('keeps a record and a report with the columns', async () => {
		const run = await watch({ current: 'items', referenceModel: 'fruit' }, items(200, true));
		const { id } = drift(run, DRIFTED);
		expect((await store.get('drift', id)).body).toMatchObject({ modelName: 'fruit', drifted: true });
		const html = (await run.binary('Watch', 'report', DRIFTED)).toString();
		expect(html).toContain('weight');
		expect(html).not.toMatch(/<script|<svg/);
		expect(JSON.stringify(run.output('Watch', DRIFTED)[0].json).length).toBeLessThan(32_000);
	});
});

describe('a dataset against a model that was trained on it', () => {
	it("with the model's own recipe: stable, also where steps change columns; a step of its own that changes a column shows", async () => {
		const ingest = { name: 'Ingest', type: 'mlopsIngest', parameters: { source: 'file', path: fruit(), name: 'fruit' } };
		const clean = {
			name: 'Clean',
			type: 'mlopsClean',
			parameters: { mode: 'manual', steps: { step: [{ step: 'filter_rows', expression: 'days < 9' }] } },
		};
		const features = {
			name: 'Features',
			type: 'mlopsFeatureEngineer',
			parameters: { steps: { step: [{ step: 'expression', expression: 'weight * 1000', name: 'weight' }] } },
		};
		const made = await engine.execute(
			chain(ingest, clean, features, {
				name: 'Train',
				type: 'mlopsTrain',
				parameters: { learner: 'dummy', target: 'quality', modelName: 'grams' },
			}),
		);
		await engine.execute(
			chain({ name: 'Deploy', type: 'mlopsDeploy', parameters: { modelName: 'grams', options: { gate: 'not_required' } } }),
			{ items: made.output('Train') },
		);
		for (const mode of ['default', 'evidently']) {
			const parameters = { referenceModel: 'grams', mode };
			const same = drift(await watch(parameters, made.output('Features')), STABLE);
			// The target was chosen in Train alone; callers never send it, so nobody misses it.
			expect(Object.keys(same.scores)).not.toContain('quality');
			const once = await engine.execute(
				chain({ ...features, parameters: { steps: { step: [{ step: 'expression', expression: 'weight * 3', name: 'weight' }] } } }),
				{ items: made.output('Features') },
			);
			expect(drift(await watch({ ...parameters, share: 0.1 }, once.output('Features')), DRIFTED).driftedColumns).toEqual(['weight']);
		}
	}, 120_000);
});

describe('the prediction log', () => {
	it('says so when it is empty, then finds what was asked within the window', async () => {
		const log = { current: 'log', referenceModel: 'fruit' };
		expect(told(await watch(log))).toContain('has no entries in this window');
		const ask = async (rows: INodeExecutionData[]) =>
			await engine.execute(chain({ name: 'Predict', type: 'mlopsPredict', parameters: { model: 'fruit' } }), { items: rows });
		await ask(items(200));
		const middle = new Date(Date.now() + 1).toISOString();
		await new Promise((resolve) => {
			setTimeout(resolve, 5);
		});
		await ask(items(200, true));
		expect(drift(await watch({ ...log, currentUntil: middle }), STABLE).rows.current).toBe(200);
		expect(drift(await watch({ ...log, currentFrom: middle }), DRIFTED).driftedColumns.sort()).toEqual(['colour', 'weight']);
		expect(drift(await watch(log), DRIFTED).rows.current).toBe(400);
	});

	it('against a dataset', async () => {
		const run = await watch({
			current: 'log',
			reference: 'dataset',
			referenceDataset: 'fruit',
			logModel: 'fruit',
			columns: ['weight', 'colour', 'days'],
		});
		expect(drift(run, DRIFTED).rows).toEqual({ reference: 300, current: 400 });
	});
});

describe('near the limit', () => {
	/** More different values than a sketch keeps exactly. */
	const value = (i: number) => ((i * 48_271) % 65_521) / 65.521;
	const watched = (limit: number | undefined, change: (x: number) => number = (x) => x + 45) =>
		watch(
			{
				current: 'items',
				referenceModel: 'wide',
				share: 0.1,
				options: { ...(limit === undefined ? {} : { thresholds: { pairs: [{ key: 'x', value: String(limit) }] } }) },
			},
			Array.from({ length: 3_000 }, (_, i) => ({ json: { x: change(value(i * 7 + 3)), y: i % 3 } })),
		);
	const outcome = async (run: EngineRun) => {
		const [item] = [...run.output('Watch', 0), ...run.output('Watch', 1)];
		return (await store.get('drift', (item.json.drift as unknown as ItemDrift).id)).body;
	};
	beforeAll(async () => {
		const path = testFile('wide.csv');
		writeFileSync(
			path,
			`x,y,answer\n${Array.from({ length: 9_000 }, (_, i) => `${value(i)},${i % 3},${value(i) > 500 ? 'more' : 'less'}`).join('\n')}\n`,
		);
		const trained = await engine.execute(
			chain(
				{ name: 'Ingest', type: 'mlopsIngest', parameters: { source: 'file', path, name: 'wide', target: 'answer' } },
				{ name: 'Train', type: 'mlopsTrain', parameters: { learner: 'logisticRegression', modelName: 'wide' } },
			),
		);
		await engine.execute(
			chain({ name: 'Deploy', type: 'mlopsDeploy', parameters: { modelName: 'wide', options: { gate: 'not_required' } } }),
			{ items: trained.output('Train') },
		);
	}, 60_000);

	it('the training rows themselves decide; far from it the sketch does', async () => {
		const far = await outcome(await watched(undefined));
		expect(far.notes.map((n) => n.code)).not.toContain('rows_read');
		const { score } = far.columns.find((c) => c.column === 'x')!;
		const near = await outcome(await watched(score));
		expect(near.notes.map((n) => n.code)).toContain('rows_read');
		expect(near.notes.map((n) => n.code)).not.toContain('near_threshold');
		// The rows' own score, which the sketch had only nearly.
		const exact = near.columns.find((c) => c.column === 'x')!;
		expect(exact.score).not.toBe(score);
		expect(exact.score).toBeCloseTo(score, 3);
		expect(exact.drifted).toBe(exact.score >= score);
	}, 60_000);
});

describe('values as people write them elsewhere', () => {
	const line = (i: number) => ({
		Preis: `${1 + (i % 7)}.${String((i * 37) % 1000).padStart(3, '0')},5`,
		Mitglied: i % 3 ? 'ja' : 'nein',
		Seit: `${String(1 + (i % 28)).padStart(2, '0')}.0${1 + Math.floor(i / 34)}.2001`,
		Note: ['gut', 'NA', 'mittel'][i % 5] ?? 'gut',
	});
	const csv = () => testFile('german.csv');
	beforeAll(async () => {
		const rows = Array.from({ length: 300 }, (_, i) => [...Object.values(line(i)), i % 7 > 3 ? 'teuer' : 'billig'].join(';'));
		writeFileSync(csv(), `Preis;Mitglied;Seit;Note;Urteil\n${rows.join('\n')}\n`);
		const trained = await engine.execute(
			chain(
				{ name: 'Ingest', type: 'mlopsIngest', parameters: { source: 'file', path: csv(), name: 'german', target: 'Urteil' } },
				{ name: 'Train', type: 'mlopsTrain', parameters: { learner: 'logisticRegression', modelName: 'german' } },
			),
		);
		await engine.execute(
			chain({ name: 'Deploy', type: 'mlopsDeploy', parameters: { modelName: 'german', options: { gate: 'not_required' } } }),
			{ items: trained.output('Train') },
		);
	}, 60_000);
	const sent = (): INodeExecutionData[] => Array.from({ length: 300 }, (_, i) => ({ json: line(i) }));

	it.each(['default', 'evidently'])(
		'are the same to drift as to Predict: items and the prediction log are stable (%s)',
		async (mode) => {
			const expected = { drifted: false, driftedColumns: [], rows: { current: 300 } };
			expect(drift(await watch({ current: 'items', referenceModel: 'german', mode }, sent()), STABLE)).toMatchObject(expected);
			const since = new Date().toISOString();
			const asked = await engine.execute(chain({ name: 'Predict', type: 'mlopsPredict', parameters: { model: 'german' } }), {
				items: sent(),
			});
			expect(asked.output('Predict')).toHaveLength(300);
			expect(drift(await watch({ current: 'log', referenceModel: 'german', currentFrom: since, mode }), STABLE)).toMatchObject(expected);
		},
		60_000,
	);
});

describe('windows of a dataset', () => {
	const path = () => testFile('days.csv');
	beforeAll(async () => {
		const day = (i: number) => new Date(Date.UTC(2026, 0, 1 + Math.floor(i / 20))).toISOString().slice(0, 10);
		// 60 days of 20 rows; from the 41st the sensor counts in other units.
		writeFileSync(
			path(),
			`day,warm,place\n${Array.from({ length: 1200 }, (_, i) => `${day(i)},${((i * 37) % 50) + (i >= 800 ? 80 : 0)},${['a', 'b'][i % 2]}`).join('\n')}\n`,
		);
		await engine.execute(
			chain({
				name: 'Ingest',
				type: 'mlopsIngest',
				parameters: { source: 'file', path: path(), name: 'days', columns: { column: [{ name: 'day', role: 'time' }] } },
			}),
		);
	});
	const window = {
		datasetSource: 'name',
		datasetName: 'days',
		reference: 'dataset',
		referenceDataset: 'days',
		referenceFrom: '2026-01-01',
		referenceUntil: '2026-01-21',
	};

	it('stable before the change, drifted after it', async () => {
		const before = drift(await watch({ ...window, currentFrom: '2026-01-21', currentUntil: '2026-02-10' }), STABLE);
		expect(before.rows).toEqual({ reference: 400, current: 400 });
		const after = drift(await watch({ ...window, currentFrom: '2026-02-10' }), DRIFTED);
		expect(after.driftedColumns).toEqual(['warm']);
	});

	it('of no rows, of no dates, and not a date', async () => {
		expect(told(await watch({ ...window, currentFrom: '2027-01-01' }))).toMatch(/no rows|row/i);
		expect(told(await watch({ ...window, currentFrom: 'yesterday' }))).toBe('"yesterday" is not a date.');
		expect(told(await watch({ ...window, referenceDataset: 'fruit', currentFrom: '2026-01-21' }))).toContain('no column with dates');
	});
});

describe('what is not there', () => {
	it('an unknown model or dataset is named, with those that there are', async () => {
		const model = await watch({ current: 'items', referenceModel: 'nobody' }, items(3));
		expect(told(model)).toBe('There is no registered model named "nobody".');
		expect(model.error('Watch')).toMatchObject({ description: expect.stringContaining('fruit') });
		expect(told(await watch({ datasetSource: 'name', datasetName: 'nothing', referenceModel: 'fruit' }))).toBe(
			'There is no dataset named "nothing".',
		);
		expect(told(await watch({ current: 'items', referenceModel: '' }, items(3)))).toBe('No model is chosen.');
	});

	it('a few rows are too few to judge: neither drifted nor stable', async () => {
		expect(told(await watch({ current: 'items', referenceModel: 'fruit' }, items(1)))).toBe(
			'1 current row is too few to judge: it takes at least 10.',
		);
		expect(told(await watch({ current: 'items', referenceModel: 'fruit' }, items(9, true)))).toBe(
			'9 current rows are too few to judge: it takes at least 10.',
		);
		expect(drift(await watch({ current: 'items', referenceModel: 'fruit' }, items(10)), STABLE)).toMatchObject({
			drifted: false,
			rows: { current: 10 },
		});
	});

	it('rows of something else', async () => {
		expect(told(await watch({ current: 'items', referenceModel: 'fruit' }, [{ json: { x: 1 } }, { json: { x: 2 } }]))).toBe(
			"None of the model's columns is in the incoming items.",
		);
	});
});
