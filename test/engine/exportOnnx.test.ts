import type { IDataObject, INodeExecutionData, NodeOperationError } from 'n8n-workflow';
import type { Store } from '../../lib/store/contract.js';
import { encodeBy, type Description } from '../export/describedInputs.js';
import { onnxRuntime } from '../learn/trees/helpers/onnxRuntime.js';
import { chain, createEngine, disposeEngine, openBuiltStore, type Engine, type EngineRun } from './engine.js';
import { ANY, train } from './models.js';

let engine: Engine;
let store: Store;
const runtime = onnxRuntime();

beforeAll(async () => {
	engine = await createEngine();
	store = await openBuiltStore();
}, 120_000);
afterAll(async () => {
	await runtime.close();
	await store.close();
	await disposeEngine();
});

const rows: Array<Record<string, string | number | null>> = [
	{ weight: 80, colour: 'red', days: 3 },
	{ weight: 12, colour: 'green', days: 10 },
	{ weight: 66, colour: 'purple', days: 0 },
	{ weight: 41, colour: null, days: 5 },
	{ weight: null, colour: 'blue', days: null },
];

const exportOf = async (parameters: IDataObject, items?: INodeExecutionData[]): Promise<EngineRun> =>
	await engine.execute(
		chain({ name: 'Deploy', type: 'mlopsDeploy', parameters: { operation: 'exportOnnx', ...parameters } }),
		items ? { items } : {},
	);

it.each([
	['gradientBoosting', {}],
	['randomForest', {}],
	['decisionTree', {}],
	['logisticRegression', {}],
	['neuralNetwork', { params_neuralNetwork: { epochs: 4 } }],
	['tabularNetwork', { params_tabularNetwork: { epochs: 4 } }],
])(
	'a %s goes out as a file that ONNX Runtime answers from as Predict does, with inputs made as its description says',
	async (learner, params) => {
		const { items, digest } = await train(engine, { learner, ...params }, { rules: ANY });
		await engine.execute(chain({ name: 'Deploy', type: 'mlopsDeploy', parameters: { modelName: learner } }), { items });
		const run = await exportOf({ modelSource: 'registry', model: learner, modelVersion: 'champion' }, [{ json: { ok: true } }]);
		expect(run.error('Deploy')).toBeUndefined();
		const [item] = run.output('Deploy');
		const file = await run.binary('Deploy', 'onnx');
		expect(item.json).toMatchObject({
			ok: true,
			model: { name: learner, version: 1, digest },
			onnx: { model: `${learner}@1`, outputs: 1, bytes: file.length },
		});
		expect(item.binary).toMatchObject({
			onnx: { fileName: `${learner}-1.onnx` },
			inputs: { fileName: `${learner}-1-inputs.json`, mimeType: 'application/json' },
		});
		const description = JSON.parse((await run.binary('Deploy', 'inputs')).toString()) as Description;
		expect(description).toMatchObject({
			task: 'binary',
			classes: ['bad', 'good'],
			output: { columns: ['probability that quality is good'] },
			input: { shape: ['rows', (item.json.onnx as IDataObject).inputs] },
		});
		expect(description.steps.list).toEqual([]);

		const answers = await runtime.run(
			file,
			Float64Array.from(rows.flatMap((row) => encodeBy(description, row))),
			description.input.columns.length,
		);
		const asked = await engine.execute(chain({ name: 'Predict', type: 'mlopsPredict', parameters: { model: learner, log: false } }), {
			items: rows.map((json) => ({ json })),
		});
		asked
			.output('Predict')
			.forEach(({ json }, i) =>
				expect(answers[i]).toBeCloseTo((json.prediction as { probabilities: { good: number } }).probabilities.good, 5),
			);
		expect(await store.auditLog({ subject: `${learner}@1` })).toEqual(
			expect.arrayContaining([
				expect.objectContaining({
					action: 'model.exported',
					details: expect.objectContaining({ format: 'onnx', model: digest }) as object,
				}),
			]),
		);
	},
);

it('takes the model that the item carries, registered or not', async () => {
	const { items } = await train(
		engine,
		{ learner: 'decisionTree', modelName: 'Größe / Güte' },
		{ evaluate: false, modelName: 'Größe / Güte' },
	);
	const run = await exportOf({}, items);
	expect(run.output('Deploy')[0].binary!.onnx.fileName).toBe('Größe-Güte.onnx');
});

it('says which kinds of models can be written, where this one cannot', async () => {
	const { items } = await train(engine, { learner: 'dummy' }, { evaluate: false });
	const run = await exportOf({}, items);
	expect(run.error('Deploy')!.message).toBe('A model of the kind "Baseline (no learning)" cannot be written as ONNX.');
	expect((run.error('Deploy') as NodeOperationError).description).toContain('Expected: one of: Gradient boosting');
});
