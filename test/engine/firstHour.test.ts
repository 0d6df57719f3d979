import { NodeHelpers, type IDataObject, type INode, type INodeExecutionData, type IWorkflowBase } from 'n8n-workflow';
import { MlopsDeploy } from '../../nodes/Deploy/MlopsDeploy.node.js';
import type { Store } from '../../lib/store/contract.js';
import { built, chain, createEngine, disposeEngine, openBuiltStore, type Engine, type EngineRun } from './engine.js';

/**
 * What a newcomer gets who puts nodes in a row and presses the button, with nothing set but where the data are; n8n gives new nodes the
 * newest version.
 */

let engine: Engine;
let store: Store;

type Workflow = Pick<IWorkflowBase, 'nodes' | 'connections'>;
/** A node as the editor makes it now, or as workflows that were saved before have it. */
const node = (type: string, parameters: IDataObject = {}, typeVersion = 2, more: Partial<INode> & { from?: number } = {}) => ({
	name: type,
	type: `mlops${type}`,
	parameters,
	typeVersion: ['Ingest', 'Deploy', 'Predict', 'MonitorDrift', 'Notify'].includes(type) ? typeVersion : 1,
	...more,
});
const byHand = async (workflow: Workflow, items?: INodeExecutionData[]): Promise<EngineRun> =>
	await engine.execute(workflow, { mode: 'manual', ...(items ? { items } : {}) });
const hints = (run: EngineRun, name: string): string =>
	(run.run.data.resultData.runData[name]?.at(-1)?.hints ?? []).map((h) => h.message).join('\n');
const champion = async (name: string) => await store.alias(name, 'champion');

let whole: EngineRun;
beforeAll(async () => {
	engine = await createEngine();
	store = await openBuiltStore();
	whole = await byHand(
		chain(
			node('Ingest'),
			node('Clean'),
			node('FeatureEngineer'),
			node('Train', { options: { timeBudgetSeconds: 5 } }),
			node('Evaluate', {}, 2, { from: 1 }),
			node('Deploy'),
			node('Predict'),
			node('MonitorDrift', {}, 2, { from: 1 }),
			node('Notify'),
		),
	);
}, 240_000);
afterAll(async () => {
	await store.close();
	await disposeEngine();
});

describe('one press, from an empty canvas', () => {
	it('goes from the data to a deployed model, an answer, a look at drift and a message', async () => {
		expect(whole.run.data.resultData.error).toBeUndefined();
		expect(whole.output('Deploy')[0].json.deployment).toMatchObject({ alias: 'champion', preview: false, moved: true, version: 1 });
		expect(whole.output('MonitorDrift', 1)[0].json.drift).toMatchObject({ drifted: false });
		expect(whole.output('Notify')[0].json.notification).toMatchObject({ sent: true });
		expect(await champion('penguins')).toBe(1);
	});

	it("Predict's answer comes first, then the row that was asked, an example, and it says so", () => {
		const [{ json, binary }] = whole.output('Predict');
		expect(Object.keys(json).slice(0, 3)).toEqual(['prediction', 'probability', 'reasons']);
		expect(['Adelie', 'Chinstrap', 'Gentoo']).toContain(json.prediction);
		expect(json).toMatchObject({ answeredBy: 'penguins@1', 'Body Mass (g)': expect.any(Number), Island: expect.any(String) });
		expect([json.reasons].flat().join('\n')).toMatch(/= .*: [+-]/);
		// What nodes before drew is not the work of Predict.
		expect(binary).toBeUndefined();
		expect(json.report).toBeUndefined();
		expect(hints(whole, 'Predict')).toMatch(/example row/);
	});

	it('an answer to the example is no entry in the prediction log', async () => {
		expect(await store.predictions({ model: 'penguins' })).toEqual([]);
	});

	it('Deploy is the first operation, and is what a new node does', () => {
		const { properties, defaultVersion } = new MlopsDeploy().description;
		const operation = properties.find((p) => p.name === 'operation')!;
		expect([operation.default, (operation.options![0] as { value: string }).value, defaultVersion]).toEqual(['deploy', 'deploy', 2]);
	});

	it('where a test run only previews, the form says so before', () => {
		const { properties } = new MlopsDeploy().description;
		expect(properties.find((p) => p.type === 'notice' && p.displayOptions?.show?.alsoInTestRuns)).toMatchObject({
			displayName: expect.stringMatching(/only shows/),
			displayOptions: { show: { alsoInTestRuns: [false] } },
		});
	});

	it('rolling back or archiving by hand still needs the switch', () => {
		const { properties } = new MlopsDeploy().description;
		const switchOf = (operation: string) => {
			const own = { name: 'Deploy', type: 'mlopsDeploy', typeVersion: 2, position: [0, 0], id: 'd', parameters: { operation } } as INode;
			return NodeHelpers.getNodeParameters(properties, own.parameters, true, false, own, new MlopsDeploy().description)!.alsoInTestRuns;
		};
		expect(['deploy', 'archive', 'rollback'].map(switchOf)).toEqual([true, false, false]);
	});
});

it('Evaluate says where the item went, when nothing comes after it there', async () => {
	const ends = async (parameters: IDataObject, from: number) =>
		hints(await byHand(chain(node('Evaluate', parameters, 1, { from }), node('Deploy')), whole.output('Train')), 'Evaluate');
	expect(await ends({}, 0)).toMatch(/nothing is connected there.*"Passed"/);
	expect(await ends({}, 1)).not.toMatch(/connected/);
	expect(await ends({ rules: { rule: [{ metric: 'accuracy', kind: 'min', value: 1.01 }] } }, 1)).toMatch(
		/did not pass, so the item leaves by "Failed": .*accuracy/i,
	);
}, 60_000);

describe('a node that cannot do its work yet', () => {
	const named = { modelSource: 'registry', model: 'whales' };
	it.each<[string, IDataObject, RegExp]>([
		['Predict', {}, /carries no model/],
		['Predict', named, /no registered model named "whales"/],
		['Predict', { ...named, model: 'penguins', alias: 'shadow' }, /no alias "shadow"/],
		[
			'Predict',
			{ modelSource: 'registry', model: 'penguins', input: 'dataset', datasetSource: 'name', datasetName: 'next month' },
			/next month/,
		],
		['MonitorDrift', {}, /No model is chosen/],
		['MonitorDrift', { referenceModel: 'whales' }, /no registered model named "whales"/],
		['MonitorDrift', { reference: 'dataset', referenceDataset: 'whales' }, /whales/],
	])(
		'%s with %j says what to do first, and the rest runs',
		async (type, parameters, message) => {
			const run = await byHand(chain(node('Ingest'), node(type, parameters), node('Notify')));
			const [{ json }] = run.output(type);
			expect(Object.keys(json)[0]).toBe('notYet');
			expect(json.notYet).toMatch(message);
			expect(json.dataset).toBeDefined();
			expect(hints(run, type)).toMatch(message);
			expect(run.output('Notify')[0].json.notification).toMatchObject({ title: 'A node could not do its work yet' });
			// Nobody looks at a real run: there it is an error, as it always was.
			expect((await engine.execute(chain(node('Ingest'), node(type, parameters)))).error(type)).toBeDefined();
		},
		60_000,
	);

	it('a prediction log that is still empty is nothing to compare with yet', async () => {
		const run = await byHand(chain(node('MonitorDrift', { current: 'log', referenceModel: 'penguins' })));
		expect(run.output('MonitorDrift')[0].json.notYet).toMatch(/no entries/);
	}, 60_000);

	it('an approval that nobody was named for leaves by "Not approved"', async () => {
		const ask = (mode: 'manual' | 'trigger') =>
			engine.execute(chain(node('Ingest'), node('Notify', { operation: 'sendAndWait' })), { mode });
		const run = await ask('manual');
		expect(run.output('Notify')[0].json.notYet).toMatch(/Nobody is named/);
		expect(run.output('Notify', 1)).toEqual([]);
		expect((await ask('trigger')).error('Notify')).toBeDefined();
	});

	it('what is wrong is still an error', async () => {
		const run = await byHand(chain(node('Ingest'), node('Train', { target: 'Colour' })));
		expect(run.error('Train')).toBeDefined();
	});
});

describe('the form of a row', () => {
	const asked = async (rowForm: IDataObject | undefined, json: IDataObject = {}, more: IDataObject = {}) =>
		await byHand(chain(node('Predict', { modelSource: 'registry', model: 'penguins', ...(rowForm ? { rowForm } : {}), ...more })), [
			{ json },
		]);
	const small = {
		Island: 'Torgersen',
		'Beak Length (mm)': 38,
		'Beak Depth (mm)': 18.5,
		'Flipper Length (mm)': 185,
		'Body Mass (g)': 3500,
		Sex: 'FEMALE',
	};
	const large = {
		Island: 'Biscoe',
		'Beak Length (mm)': 48,
		'Beak Depth (mm)': 14,
		'Flipper Length (mm)': 220,
		'Body Mass (g)': 5400,
		Sex: 'MALE',
	};
	let fields: Array<{ id: string; type: string; options?: unknown; defaultValue?: unknown; required: boolean }>;
	const untouched = () => ({
		mappingMode: 'defineBelow',
		value: Object.fromEntries(fields.map((f) => [f.id, f.defaultValue ?? null])),
		schema: fields,
		matchingColumns: [],
	});

	beforeAll(async () => {
		const { MlopsPredict } = built<typeof import('../../nodes/Predict/MlopsPredict.node.js')>('nodes/Predict/MlopsPredict.node.js');
		const now: IDataObject = { modelSource: 'registry', model: 'penguins', alias: 'champion' };
		const { getRowFields } = new MlopsPredict().methods.resourceMapping;
		fields = (
			await getRowFields.call({ getNode: () => ({ parameters: {} }), getCurrentNodeParameter: (name: string) => now[name] } as never)
		).fields as typeof fields;
		// Before anything is known it says what to do.
		expect(
			await getRowFields.call({ getNode: () => ({ parameters: {} }), getCurrentNodeParameter: () => undefined } as never),
		).toMatchObject({
			fields: [],
			emptyFieldsNotice: expect.stringMatching(/run the nodes before/i),
		});
	});

	it('has one field a column of the model, filled with an example', () => {
		expect(fields.map((f) => f.id).sort()).toEqual(expect.arrayContaining(['Body Mass (g)', 'Flipper Length (mm)', 'Island']));
		expect(fields.find((f) => f.id === 'Species')).toBeUndefined();
		for (const field of fields) expect([field.id, field.required, field.defaultValue]).toEqual([field.id, false, expect.anything()]);
		expect(fields.find((f) => f.id === 'Body Mass (g)')!.type).toBe('number');
		// Few words are a list to choose from.
		expect(fields.find((f) => f.id === 'Island')).toMatchObject({
			type: 'options',
			options: ['Biscoe', 'Dream', 'Torgersen'].map((value) => ({ name: value, value })),
		});
	});

	it('what a person enters is asked, and what they leave empty is not known', async () => {
		const run = await asked({ ...untouched(), value: { ...large, Sex: null } });
		expect(run.output('Predict')[0].json).toMatchObject({ prediction: 'Gentoo', ...large, Sex: null });
		expect(hints(run, 'Predict')).not.toMatch(/example/);
	});

	it("items with the model's columns are asked themselves as long as the example was not changed", async () => {
		for (const form of [undefined, untouched(), { ...untouched(), mappingMode: 'autoMapInputData', value: null }]) {
			expect((await asked(form, large)).output('Predict')[0].json.prediction).toBe('Gentoo');
			expect((await asked(form, small)).output('Predict')[0].json.prediction).toBe('Adelie');
		}
		const other = await asked({ ...untouched(), value: large }, small);
		expect(other.output('Predict')[0].json).toMatchObject({ prediction: 'Gentoo', Island: 'Biscoe', input_Island: 'Torgersen' });
		expect(hints(other, 'Predict')).toMatch(/Map Automatically/);
	});

	it('what the model does not know is said right behind the reasons', async () => {
		const [{ json }] = (await asked({ ...untouched(), mappingMode: 'autoMapInputData' }, { ...large, Island: 'Elephant' })).output(
			'Predict',
		);
		expect(Object.keys(json).slice(0, 4)).toEqual(['prediction', 'probability', 'reasons', 'warnings']);
		expect(json.warnings).toEqual([expect.stringMatching(/Elephant/)]);
	});

	it('in a real run nobody is answered with the example', async () => {
		const run = await engine.execute(chain(node('Predict', { modelSource: 'registry', model: 'penguins', rowForm: untouched() })), {
			items: [{ json: { body: large } }],
		});
		expect(run.error('Predict')).toMatchObject({ message: expect.stringMatching(/lacks the column/) });
	});

	it('JSON goes as before; a list gives one item a row, a bad row with its error', async () => {
		const body = { rows: [large, { ...small, 'Body Mass (g)': 'heavy' }, small] };
		const out = (await asked(undefined, body as never, { rowAs: 'json', row: '={{ $json.rows }}' })).output('Predict');
		expect(out.map((i) => i.json.prediction)).toEqual(['Gentoo', undefined, 'Adelie']);
		expect(out[1].json).toMatchObject({ error: { column: 'Body Mass (g)' }, Island: 'Torgersen' });
		const [one] = (await asked(undefined, { body: large } as never, { rowAs: 'json', row: '={{ $json.body }}' })).output('Predict');
		expect(one.json).toMatchObject({ prediction: 'Gentoo', Island: 'Biscoe', body: large });
	});

	it('with an output field the answer is one object, and files of the item go on', async () => {
		const [{ json }] = (await asked(undefined, large, { outputField: 'species' })).output('Predict');
		expect(Object.keys(json)[0]).toBe('species');
		expect(json).toMatchObject({ species: { prediction: 'Gentoo', model: 'penguins@1' }, ...large });
	});

	it("columns of the same name as the answer's are kept beside it", async () => {
		const [{ json }] = (await asked(undefined, { ...large, prediction: 'mine', probability: 2 })).output('Predict');
		expect(json).toMatchObject({ prediction: 'Gentoo', input_prediction: 'mine', input_probability: 2 });
	});
});

it("the link to approve is in the panel of the waiting node and in its item, in a test run whose links go to n8n's log alone", async () => {
	const wait = async (parameters: IDataObject, mode: 'manual' | 'trigger') => {
		const run = await engine.execute(chain(node('Notify', { operation: 'sendAndWait', approvers: 'ana, bo', ...parameters })), { mode });
		const [task] = run.run.data.resultData.runData.Notify;
		return { panel: task.metadata?.resumeUrl ?? '', approval: run.output('Notify')[0].json.approval };
	};
	const shown = await wait({}, 'manual');
	expect(shown.panel).toMatch(/token=/);
	expect(shown.approval).toMatchObject({
		status: 'pending',
		links: [
			{ approver: 'ana', url: shown.panel },
			{ approver: 'bo', url: expect.stringMatching(/token=/) },
		],
	});
	// In a real run nobody but the approver gets a link that decides in their name.
	const real = await wait({}, 'trigger');
	expect([real.panel, real.approval]).toEqual(['', expect.not.objectContaining({ links: expect.anything() })]);
});

it('a network tells its reasons, with their standard errors where they have one', async () => {
	const run = await byHand(
		chain(
			node('Ingest'),
			node('Train', { learner: 'neuralNetwork', modelName: 'net', params_neuralNetwork: { epochs: 2 } }),
			node('Predict'),
		),
	);
	const { reasons } = run.output('Predict')[0].json;
	expect(reasons).toHaveLength(3);
	expect(reasons).toEqual(expect.arrayContaining([expect.stringMatching(/ = .*: [+-]\d/)]));
}, 120_000);

it("of a whole dataset the report is Predict's own", async () => {
	const run = await byHand(chain(node('Ingest'), node('Predict', { modelSource: 'registry', model: 'penguins', input: 'dataset' })));
	const [{ json, binary }] = run.output('Predict');
	expect(Object.keys(json)[0]).toBe('predictions');
	expect(Object.keys(binary!)).toEqual(expect.arrayContaining(['report', 'predictions']));
	const report = (await run.binary('Predict', 'report')).toString();
	expect(report).toMatch(/344 rows got an answer/);
	expect(report).toMatch(/Gentoo/);
}, 60_000);

describe('a workflow that was saved before, without default values', () => {
	it('does what it did: Deploy only previews by hand, Predict and Monitor Drift want a name', async () => {
		const run = await byHand(
			chain(
				node('Ingest'),
				node('Train', { learner: 'logisticRegression', modelName: 'old-ways' }),
				node('Evaluate', {}, 1, { from: 1 }),
				node('Deploy', { modelName: 'old-ways' }, 1),
			),
		);
		expect(run.output('Deploy')[0].json.deployment).toMatchObject({ preview: true, moved: false });
		expect(await champion('old-ways')).toBeNull();
		const items = run.output('Deploy');
		for (const parameters of [{}, { current: 'log' }]) {
			expect((await byHand(chain(node('MonitorDrift', parameters, 1)), items)).error('MonitorDrift')).toMatchObject({
				message: 'No model is chosen.',
			});
		}
		// A field that must be filled in keeps n8n from starting at all: what new nodes no longer do.
		await expect(byHand(chain(node('Predict', {}, 1)), items)).rejects.toThrow(/required/);
		expect((await byHand(chain(node('Predict', { modelSource: 'registry' })), items)).output('Predict')[0].json.answeredBy).toBe(
			'old-ways',
		);
	}, 120_000);

	it('Predict asks the item\'s own fields and writes one object under "prediction"', async () => {
		const row = {
			Island: 'Biscoe',
			'Beak Length (mm)': 48,
			'Beak Depth (mm)': 14,
			'Flipper Length (mm)': 220,
			'Body Mass (g)': 5400,
			Sex: 'MALE',
		};
		const run = await byHand(chain(node('Predict', { model: 'penguins' }, 1)), [
			{ json: row, binary: { report: { data: '', mimeType: 'text/plain' } } },
		]);
		const [{ json, binary }] = run.output('Predict');
		expect(Object.keys(json)).toEqual([...Object.keys(row), 'prediction']);
		expect(json.prediction).toMatchObject({ prediction: 'Gentoo', model: 'penguins@1' });
		expect(Object.keys(binary!)).toEqual(['report']);
	});
});
