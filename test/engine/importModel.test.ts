import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { IDataObject, INodeExecutionData, NodeOperationError } from 'n8n-workflow';
import type { Store } from '../../lib/store/contract.js';
import expected from '../learn/trees/expected/foreign.json';
import { chain, createEngine, disposeEngine, openBuiltStore, testFile, type Engine, type EngineRun } from './engine.js';

type Row = Record<string, string | number | boolean | null>;

let engine: Engine;
let store: Store;
/** An item with the example table, and one with a later table with answers. */
let example: INodeExecutionData;
let later: INodeExecutionData;

const file = (program: string, name: string): Buffer =>
	gunzipSync(Buffer.from(expected.models.find((m) => m.program === program && m.name === name)!.file, 'base64'));
const answersOf = (program: string, name: string): number[][] => expected.models.find((m) => m.program === program && m.name === name)!.p;

async function ingested(name: string, rows: readonly Row[]): Promise<INodeExecutionData> {
	const columns = Object.keys(rows[0]);
	const path = testFile(`${name}.csv`);
	writeFileSync(path, `${[columns, ...rows.map((row) => columns.map((c) => row[c] ?? ''))].map((line) => line.join(',')).join('\n')}\n`);
	const run = await engine.execute(
		chain({ name: 'Ingest', type: 'mlopsIngest', parameters: { source: 'file', path, name, target: 'good' } }),
	);
	return { json: { dataset: run.output('Ingest')[0].json.dataset } };
}

beforeAll(async () => {
	engine = await createEngine();
	store = await openBuiltStore();
	const rows = expected.table as Row[];
	example = await ingested('stall', rows.slice(0, 150));
	later = await ingested('market', rows.slice(150));
}, 120_000);
afterAll(async () => {
	await store.close();
	await disposeEngine();
});

const withFile = (bytes: Buffer, fileName: string): INodeExecutionData => ({
	json: example.json,
	binary: { data: { data: bytes.toString('base64'), mimeType: 'application/octet-stream', fileName } },
});
const deploy = async (parameters: IDataObject, items: INodeExecutionData[]): Promise<EngineRun> =>
	await engine.execute(chain({ name: 'Deploy', type: 'mlopsDeploy', parameters }), { items });
const imported = async (parameters: IDataObject, items: INodeExecutionData[]): Promise<EngineRun> =>
	await deploy({ operation: 'importModel', ...parameters }, items);
const told = (run: EngineRun): string => run.error('Deploy')!.message;

it.each([
	['LightGBM', 'two classes', 'asked', 'fruit.txt'],
	['XGBoost', 'two classes', 'askedPlain', 'fruit.json'],
] as const)(
	'%s, %s: imported, evaluated on rows with answers, gated, deployed; answers as the original does',
	async (program, name, asked, fileName) => {
		const modelName = `stand ${program}`;
		const run = await imported({ importName: modelName }, [withFile(file(program, name), fileName)]);
		expect(run.error('Deploy')).toBeUndefined();
		const [item] = run.output('Deploy');
		expect(item.json).toMatchObject({
			model: { kind: 'mlops.model', name: modelName, version: 1 },
			imported: { program, fileName, task: 'binary', target: 'good', trees: 12 },
		});
		const { id: datasetId } = example.json.dataset as { id: string };
		const { runId, digest } = item.json.model as { runId: string; digest: string };
		const { body } = await store.get('run', runId);
		expect(body).toMatchObject({
			datasetId,
			imported: { program, fileName, trees: 12 },
			metrics: {},
			split: { used: 'none', rows: { train: 0, validation: 0, test: 0, none: 150 } },
		});
		expect(Buffer.from(await store.artifacts.get(body.imported!.file))).toEqual(file(program, name));
		expect(body.notes.map((n) => n.code)).toEqual(expect.arrayContaining(['import.classes', 'import.unknown']));
		expect(await store.aliases(modelName)).toEqual({});
		expect(await store.auditLog({ subject: `${modelName}@1` })).toEqual(
			expect.arrayContaining([expect.objectContaining({ action: 'model.imported' })]),
		);

		const unproved = await deploy({ modelName }, [item]);
		expect(told(unproved)).toBe('This model has not been evaluated, so its gate has not been passed.');
		const own = await engine.execute(chain({ name: 'Evaluate', type: 'mlopsEvaluate', parameters: {} }), { items: [item] });
		expect(own.error('Evaluate')!.message).toBe(`No rows were kept apart for this model, since it was imported from ${program}.`);
		const evaluated = await engine.execute(chain({ name: 'Evaluate', type: 'mlopsEvaluate', parameters: { rows: 'dataset' } }), {
			items: [{ json: { ...item.json, ...later.json } }],
		});
		const [judged] = evaluated.output('Evaluate', 1);
		expect(judged.json.evaluation).toMatchObject({
			rows: 250,
			gate: { passed: true, judged: '250 rows of market version 1, it is not known whether some were seen in training.' },
		});
		const html = (await evaluated.binary('Evaluate', 'fullReport', 1)).toString();
		expect(html).toContain('The model was imported: which rows it learned from is not known.');

		const deployed = await deploy({ modelName }, [judged]);
		expect(deployed.output('Deploy')[0].json.deployment).toMatchObject({ model: modelName, version: 1, alias: 'champion', moved: true });
		const rows = expected[asked] as Row[];
		const predicted = await engine.execute(chain({ name: 'Predict', type: 'mlopsPredict', parameters: { model: modelName } }), {
			items: rows.map((json) => ({ json })),
		});
		predicted.output('Predict').forEach(({ json }, i) => {
			const { probabilities } = json.prediction as { probabilities: Record<string, number> };
			// Ingest has read yes and no as what they are: the classes are false and true.
			for (const [k, label] of ['false', 'true'].entries())
				expect(Math.abs(probabilities[label] - answersOf(program, name)[i][k])).toBeLessThan(1e-6);
		});

		for (const mode of ['default', 'evidently']) {
			const watched = await engine.execute(
				chain({ name: 'Watch', type: 'mlopsMonitorDrift', parameters: { current: 'items', referenceModel: modelName, mode } }),
				{ items: (expected.table as Row[]).slice(150).map((json) => ({ json: json as IDataObject })) },
			);
			const [drift] = [...watched.output('Watch', 0), ...watched.output('Watch', 1)];
			const record = await store.get('drift', (drift.json.drift as { id: string }).id);
			expect(record.body.reference).toMatchObject({ description: `example table of ${modelName}@1`, rows: 150 });
			expect(record.body.columns.map((c) => c.column).sort()).toEqual(['colour', 'days', 'fresh', 'grade', 'weight kg']);
		}

		const out = await deploy({ operation: 'exportOnnx', format: 'mlflow', modelSource: 'registry', model: modelName }, [{ json: {} }]);
		expect(out.output('Deploy')[0].json.exported).toMatchObject({ format: 'mlflow', label: 'MLflow', model: `${modelName}@1` });
		expect((await out.binary('Deploy', 'mlflow')).subarray(0, 2).toString()).toBe('PK');
		expect(out.output('Deploy')[0].json.onnx).toBeUndefined();

		const again = await imported({ importName: modelName }, [withFile(file(program, name), fileName)]);
		expect(again.output('Deploy')[0].json.model).toMatchObject({ version: 1, digest, runId });
		await store.verify();
	},
	300_000,
);

it('reads a file on this machine where n8n may, under the name of the file, and predicts a whole dataset', async () => {
	const path = testFile('prices.ubj');
	writeFileSync(path, file('XGBoost', 'three classes as UBJSON'));
	const run = await imported({ modelFile: 'path', path, target: 'class' }, [example]);
	expect(run.output('Deploy')[0].json).toMatchObject({ model: { name: 'prices', version: 1 }, imported: { task: 'multiclass' } });
	const predicted = await engine.execute(
		chain({ name: 'Predict', type: 'mlopsPredict', parameters: { input: 'dataset', modelSource: 'previous' } }),
		{
			items: run.output('Deploy'),
		},
	);
	expect(predicted.output('Predict')[0].json.predictions).toMatchObject({ rows: 150, failed: 0 });
	const outside = join(mkdtempSync(join(tmpdir(), 'mlops-outside-')), 'model.txt');
	writeFileSync(outside, file('LightGBM', 'a number'));
	expect(told(await imported({ modelFile: 'path', path: outside, target: 'price' }, [example]))).toBe(
		`n8n does not allow reading "${outside}".`,
	);
});

it('says what does not fit, and registers nothing', async () => {
	const narrow = await ingested(
		'narrow',
		(expected.table as Row[]).slice(0, 50).map(({ colour: _, ...row }) => row),
	);
	const run = await imported({ importName: 'never' }, [{ ...withFile(file('LightGBM', 'two classes'), 'x.txt'), json: narrow.json }]);
	expect(told(run)).toBe('The example table lacks a column of the LightGBM model: colour.');
	expect((run.error('Deploy') as NodeOperationError).description).toMatch(/Expected: weight_kg, colour, grade, fresh, days/);
	expect(told(await imported({ importName: 'never' }, [withFile(Buffer.from('PK\x03\x04'), 'x.zip')]))).toBe(
		'This file is no model that can be imported: it looks like a compressed file.',
	);
	expect(told(await imported({ importName: 'never', target: 'class' }, [withFile(file('LightGBM', 'two classes'), 'x.txt')]))).toBe(
		'The target "class" does not fit the LightGBM model.',
	);
	expect(await store.names('modelVersion')).not.toContain('never');
});
