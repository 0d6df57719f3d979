import { valueAt, vectorOf } from '../../lib/data/frame.js';
import { exportById, writeExport } from '../../lib/export/index.js';
import { writePackage } from '../../lib/formats/modelPackage.js';
import { ENSEMBLE, learnerById } from '../../lib/learn/learners/index.js';
import { fitModel } from '../../lib/learn/training/fitModel.js';
import { createLog } from '../../lib/learn/training/log.js';
import { manifestOf } from '../../lib/learn/training/manifest.js';
import { planTraining } from '../../lib/learn/training/plan.js';
import { createPredictor } from '../../lib/serve/predictor.js';
import { penguins, specOf, taskContext } from '../learn/penguins.js';
import { onnxRuntime } from '../learn/trees/helpers/onnxRuntime.js';
import { encodeBy, type Description } from './describedInputs.js';

const runtime = onnxRuntime();
afterAll(() => runtime.close());

type Setting = [learner: string, params: object, weight: number];
const TREES: Setting = ['gradientBoosting', { n_estimators: 20 }, 0.3];
const NETWORKS: Setting[] = [
	['tabularNetwork', { hidden_layer_sizes: [16, 16], epochs: 3 }, 0.3],
	['neuralNetwork', { hidden_layer_sizes: [16], epochs: 3 }, 0.2],
];
const frame = penguins();

/** The package of an ensemble of the penguins, trained as Train does. */
async function packaged(target: string, settings: readonly Setting[], calibration?: object): Promise<Uint8Array> {
	const log = createLog(1, taskContext());
	const plan = await planTraining(frame, specOf({ target }), log);
	const members = settings.map(([learner, params, weight]) => ({ learner, params: learnerById(learner).params.parse(params), weight }));
	const chosen = { learner: ENSEMBLE, params: { members, ...(calibration ? { calibration } : {}) } };
	const fit = await fitModel(plan.source, chosen, { train: plan.rows.learnable }, ['recipe', 'fit'], log, log.fitContext(0, 1, false));
	return writePackage(manifestOf(plan, fit, chosen, 0.5), fit.trial.fitted.state);
}

const exported = async (bytes: Uint8Array) => await writeExport(exportById('onnx'), { name: 'penguins@1', digest: '', bytes });

/** Some penguins, gaps and all, one of an island that nobody saw, and one of whom nothing is known. */
const asked = [
	...Array.from({ length: 60 }, (_, i) =>
		Object.fromEntries(frame.schema.map(({ name }) => [name, valueAt(vectorOf(frame, name), (i * 17) % frame.rows)])),
	),
	{
		...Object.fromEntries(frame.schema.map(({ name }) => [name, valueAt(vectorOf(frame, name), 7)])),
		Island: 'Elsewhere',
		Species: 'Emperor',
	},
	Object.fromEntries(frame.schema.map(({ name }) => [name, null])),
] as Array<Record<string, string | number | null>>;

it.each([
	['Sex', 'logisticRegression', { kind: 'temperature', t: 1.4 }],
	['Sex', 'logisticRegression', { kind: 'isotonic', x: [0.2, 0.5, 0.7], y: [0.05, 0.4, 0.95] }],
	['Species', 'logisticRegression', { kind: 'temperature', t: 0.8 }],
	['Body Mass (g)', 'linearRegression', undefined],
])(
	'%s: an ensemble goes out as one file that answers as Predict does, also of gaps and of what nobody saw (%#)',
	async (target, linear, how) => {
		const bytes = await packaged(target, [TREES, ...NETWORKS, [linear, {}, 0.2]], how);
		const { files, facts } = await exported(bytes);
		expect(files.map(({ name }) => name)).toEqual(['model.onnx', 'description.json']);
		const description = JSON.parse(new TextDecoder().decode(files[1].bytes)) as Description;
		const { columns } = description.input;
		expect(facts).toMatchObject({ inputs: columns.length, outputs: description.output.columns.length });
		// Trees take numbers with their gaps, the plain network scaled ones.
		expect(new Set(columns.map(({ holds, source }) => `${holds} ${source}`)).size).toBeLessThan(columns.length);

		const rows = asked.map((row) => encodeBy(description, row));
		const theirs = await runtime.run(files[0].bytes, Float64Array.from(rows.flat()), columns.length);
		const predictor = await createPredictor(bytes, '');
		const ours = asked.flatMap((row) => Array.from(predictor.answer(row, 0).score));
		expect(theirs).toHaveLength(ours.length);
		expect(new Set(ours).size).toBeGreaterThan(30);
		ours.forEach((v, i) => expect(Math.abs(theirs[i] - v)).toBeLessThan(1e-5 * Math.max(1, Math.abs(v))));
	},
);

it('an ensemble with a member that has no such form is refused by that name, and nothing is written', async () => {
	const bytes = await packaged('Sex', [TREES, ['dummy', {}, 0.7]]);
	await expect(exported(bytes)).rejects.toMatchObject({
		code: 'learn.no_onnx',
		message: expect.stringContaining('its members of the kind "Baseline (no learning)"') as string,
	});
	expect((await writeExport(exportById('mlflow'), { name: 'penguins@1', digest: '', bytes })).files.length).toBeGreaterThan(3);
});
