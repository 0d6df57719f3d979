import { writeFileSync } from 'node:fs';
import type { IDataObject } from 'n8n-workflow';
import { chain, createEngine, disposeEngine, openBuiltStore, testFile, type Engine } from './engine.js';
import { fruit } from './models.js';

let engine: Engine;
beforeAll(async () => {
	engine = await createEngine();
}, 60_000);
afterAll(disposeEngine);

const trained = async (columns: IDataObject[]) => {
	const run = await engine.execute(
		chain(
			{
				name: 'Ingest',
				type: 'mlopsIngest',
				parameters: { source: 'file', path: fruit(), name: 'fruit', target: 'quality', columns: { column: columns } },
			},
			{ name: 'Train', type: 'mlopsTrain', parameters: { learner: 'logisticRegression', modelName: 'fruit' } },
		),
	);
	return run.output('Train')[0].json as { run: { reused: boolean }; model: { digest: string } };
};

it('another role for a column is another question, though no value changed', async () => {
	const leaky = await trained([]);
	const careful = await trained([{ name: 'weight', role: 'ignore' }]);
	expect(careful.run.reused).toBe(false);
	expect(careful.model.digest).not.toBe(leaky.model.digest);
	expect((await trained([{ name: 'weight', role: 'ignore' }])).run.reused).toBe(true);
}, 120_000);

it('a churn file with a date of leaving, e-mails and customer numbers: all rows are used, and none of these columns', async () => {
	const random = (i: number) => (Math.abs(Math.imul(i + 11, 0x9e3779b1) ^ (Math.imul(i + 11, 0x85ebca6b) >>> 13)) % 10_007) / 10_007;
	const row = (i: number) => {
		const usage = Math.round(random(i) * 1_000) / 10;
		const left = usage + random(i * 3 + 1) * 60 < 62;
		const day = left ? `${1 + (i % 28)}.${1 + (i % 12)}.2024` : '';
		return [
			`K-${100_000 + Math.floor(random(i * 7) * 899_999)}`,
			`kunde${i}@post.example`,
			usage,
			1 + Math.floor(random(i * 5 + 2) * 70),
			day,
			left ? 'yes' : 'no',
		].join(',');
	};
	const path = testFile('churn.csv');
	writeFileSync(path, `customer,contact,usage,months,cancelled,churn\n${Array.from({ length: 3_045 }, (_, i) => row(i)).join('\n')}\n`);
	const run = await engine.execute(
		chain(
			{ name: 'Ingest', type: 'mlopsIngest', parameters: { source: 'file', path, name: 'churners' } },
			{ name: 'Clean', type: 'mlopsClean', parameters: {} },
			{ name: 'Train', type: 'mlopsTrain', parameters: { learner: 'logisticRegression', modelName: 'churners' } },
			{ name: 'Evaluate', type: 'mlopsEvaluate', parameters: { importance: false } },
		),
	);
	const { rows, leftOut } = run.output('Train')[0].json.run as { rows: Record<string, number>; leftOut?: unknown };
	expect([rows.train + rows.validation + rows.test, rows.leftOut, leftOut]).toEqual([3_045, 0, undefined]);
	const { steps } = run.output('Clean')[0].json.clean as { steps: Array<{ step: string; reason: string }> };
	expect(steps.find((s) => s.step === 'drop_columns')!.reason).toMatch(
		/"cancelled" has a value in [\d,]+ rows, and in all of them "churn" is "yes"/,
	);
	const warnings = (run.output('Ingest')[0].json.profile as { warnings: Array<{ code: string; column?: string }> }).warnings.map((w) => [
		w.code,
		w.column,
	]);
	expect(warnings).toEqual(
		expect.arrayContaining([
			['id_like', 'customer'],
			['personal', 'contact'],
			['leakage', 'cancelled'],
		]),
	);
	const store = await openBuiltStore();
	const bytes = await store.artifacts.get((run.output('Train')[0].json.model as { digest: string }).digest);
	await store.close();
	const { readPackage } = await import('../../lib/formats/modelPackage.js');
	expect(readPackage(bytes).manifest.signature.map((c) => c.name)).toEqual(['usage', 'months']);
	const [{ json }] = [...run.output('Evaluate', 0), ...run.output('Evaluate', 1)];
	const { auc } = (json.evaluation as { metrics: Record<string, number> }).metrics;
	expect(auc).toBeGreaterThan(0.8);
	expect(auc).toBeLessThan(0.98);
}, 120_000);
