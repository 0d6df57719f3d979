import { writeFileSync } from 'node:fs';
import type { IDataObject } from 'n8n-workflow';
import { own } from '../../lib/domain/dictionary.js';
import { EVIL_NAMES } from '../evilNames.js';
import { chain, createEngine, disposeEngine, testFile, type Engine, type EngineRun } from './engine.js';

let engine: Engine;
beforeAll(async () => {
	engine = await createEngine();
});
afterAll(disposeEngine);

/**
 * Names that Ingest keeps; n8n itself cannot hand on an item with a field called "__proto__" or "constructor" everywhere, a dataset can.
 */
const NAMES = [...new Set(EVIL_NAMES.map((n) => n.trim()).filter((n) => n !== ''))];
const TARGET = 'valueOf';
const FEATURES = NAMES.filter((n) => n !== TARGET);
const ROWS = 240;
const random = (() => {
	let state = 7;
	return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
})();

/** Classes by the first two columns; text in every third column, numbers in the others. */
function write(name: string, classes: readonly string[], rows = ROWS): string {
	const path = testFile(`${name}.ndjson`);
	const lines = Array.from({ length: rows }, (_, i) => {
		const kind = i % classes.length;
		const field = (n: string, j: number) =>
			`${JSON.stringify(n)}:${JSON.stringify(j % 3 === 2 ? EVIL_NAMES[Math.floor(random() * 8)] : j < 2 ? kind * 10 + Math.floor(random() * 12) : Math.floor(random() * 1000) / 8)}`;
		return `{${FEATURES.map(field).join(',')},${JSON.stringify(TARGET)}:${JSON.stringify(classes[kind])}}`;
	});
	writeFileSync(path, lines.join('\n'));
	return path;
}

const said = (run: EngineRun, ...nodes: string[]) =>
	nodes
		.map((node) => {
			const error = run.error(node);
			return error ? `${node}: ${error.message} ${(error as { description?: string }).description}` : undefined;
		})
		.filter(Boolean);
interface Answer {
	prediction: string;
	probabilities: Record<string, number>;
	reasons?: Array<{ feature: string }>;
}

describe.each([
	['two classes', ['__proto__', 'constructor'], 'gradientBoosting'],
	['several classes', ['__proto__', 'constructor', 'toString', 'hasOwnProperty'], 'logisticRegression'],
])('%s', (title, classes, learner) => {
	const name = classes.length === 2 ? '__proto__' : 'constructor';

	it('from a file through Clean, Feature Engineer, Train, Evaluate and Deploy to answers, and to the watch over them', async () => {
		const run = await engine.execute(
			chain(
				{
					name: 'Ingest',
					type: 'mlopsIngest',
					typeVersion: 2,
					parameters: {
						source: 'file',
						path: write(title.replace(/ /g, ''), classes),
						name,
						target: TARGET,
						columns: { column: [{ name: '__proto__', role: 'feature', type: 'category' }] },
					},
				},
				{ name: 'Clean', type: 'mlopsClean', parameters: {} },
				{
					name: 'Features',
					type: 'mlopsFeatureEngineer',
					parameters: { steps: { step: [{ step: 'expression', expression: '`constructor` + 1', name: 'isPrototypeOf' }] } },
				},
				{
					name: 'Train',
					type: 'mlopsTrain',
					parameters: {
						learner,
						modelName: name,
						...(learner === 'gradientBoosting' ? { params_gradientBoosting: { n_estimators: 10 } } : {}),
					},
				},
				{ name: 'Evaluate', type: 'mlopsEvaluate', parameters: { modelName: name } },
			),
		);
		expect(said(run, 'Ingest', 'Clean', 'Features', 'Train', 'Evaluate')).toEqual([]);
		const items = [...run.output('Evaluate', 0), ...run.output('Evaluate', 1)];
		const dataset = run.output('Ingest')[0].json.dataset as unknown as { columns: Array<{ name: string }> };
		// An item carries as many columns as fit; the record has all.
		expect(dataset.columns.map((c) => c.name)).toEqual(FEATURES.filter((n) => n.length < 100));
		const deployed = await engine.execute(
			chain({ name: 'Deploy', type: 'mlopsDeploy', parameters: { modelName: name, options: { gate: 'not_required' } } }),
			{ items },
		);
		expect(said(deployed, 'Deploy')).toEqual([]);

		// One row, as JSON text.
		const row = (kind: number) =>
			`{${FEATURES.map((n, j) => `${JSON.stringify(n)}:${JSON.stringify(j % 3 === 2 ? 'constructor' : j < 2 ? kind * 10 + 4 : 60)}`).join(',')}}`;
		const asked = await engine.execute(
			chain({ name: 'Predict', type: 'mlopsPredict', parameters: { model: name, row: `[${classes.map((_, k) => row(k)).join(',')}]` } }),
			{ items: [{ json: {} }] },
		);
		expect(said(asked, 'Predict')).toEqual([]);
		const answers = asked.output('Predict')[0].json.prediction as unknown as Answer[];
		expect(answers).toHaveLength(classes.length);
		for (const answer of answers) {
			expect(classes).toContain(answer.prediction);
			expect(Object.keys(answer.probabilities).sort()).toEqual([...classes].sort());
			expect(classes.reduce((sum, c) => sum + own(answer.probabilities, c)!, 0)).toBeCloseTo(1, 9);
			for (const { feature } of answer.reasons ?? []) expect([...FEATURES, 'isPrototypeOf']).toContain(feature);
		}
		expect([answers[0].prediction, answers.at(-1)!.prediction]).toEqual([classes[0], classes.at(-1)]);

		// A whole dataset, and the watch.
		const later = `${name} later`;
		const watched = await engine.execute(
			chain({
				name: 'Ingest',
				type: 'mlopsIngest',
				typeVersion: 2,
				parameters: { source: 'file', path: write(`later${classes.length}`, classes, 120), name: later },
			}),
		);
		expect(said(watched, 'Ingest')).toEqual([]);
		const batch = await engine.execute(
			chain({
				name: 'Predict',
				type: 'mlopsPredict',
				parameters: { model: name, input: 'dataset', datasetSource: 'name', datasetName: later },
			}),
		);
		expect(said(batch, 'Predict')).toEqual([]);
		expect(batch.output('Predict')[0].json.predictions as IDataObject).toMatchObject({ rows: 120, failed: 0 });
		for (const mode of ['default', 'evidently']) {
			const parameters = { referenceModel: name, current: 'dataset', datasetSource: 'name', datasetName: later, mode };
			const drift = await engine.execute(chain({ name: 'Watch', type: 'mlopsMonitorDrift', parameters }), {
				items: watched.output('Ingest'),
			});
			expect([mode, said(drift, 'Watch')]).toEqual([mode, []]);
		}
	}, 120_000);
});
