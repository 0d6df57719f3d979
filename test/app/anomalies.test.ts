import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deploy, deployParams } from '../../lib/app/deploy.js';
import { evaluateJob } from '../../lib/app/jobs/evaluateJob.js';
import { exportModelJob } from '../../lib/app/jobs/exportModelJob.js';
import { monitorJob } from '../../lib/app/jobs/monitorJob.js';
import { predictJob } from '../../lib/app/jobs/predictJob.js';
import { trainJob } from '../../lib/app/jobs/trainJob.js';
import { predictRows } from '../../lib/app/predictRows.js';
import type { Frame } from '../../lib/data/frame.js';
import { writeFrame } from '../../lib/data/writeFrame.js';
import type { Approval } from '../../lib/domain/approval.js';
import type { ColumnSchema } from '../../lib/domain/column.js';
import { splitParams } from '../../lib/domain/split.js';
import { exportById, writeExport } from '../../lib/export/index.js';
import { driftParams } from '../../lib/monitor/index.js';
import { approvalPage } from '../../lib/notify/approvalPage.js';
import { approvalView } from '../../lib/notify/approvalView.js';
import { composeMessage } from '../../lib/notify/composeMessage.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { murmurTwice } from '../../lib/domain/random.js';
import { taskContext } from '../learn/penguins.js';
import { freshFolder, removeFolders } from '../store/records.js';
import { frameContent, frameOf } from '../data/frames.js';

const REQUEST: Approval = {
	id: 'x',
	status: 'pending',
	createdAt: '2026-11-23T21:00:00Z',
	subject: { title: 'odd_payments version 1', modelName: 'odd_payments' },
	approvers: ['Dana'],
	expiresAt: '2026-11-26T21:00:00Z',
	items: 'x',
};

let store: Store;
beforeAll(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
});
afterAll(async () => {
	await store.close();
	await removeFolders();
});

/**
 * Payments of a shop, one in fifty of them odd: far too large, from a land that hardly occurs, or without an amount. `fraud` says which.
 */
function payments(rows: number, seed: number, { truth = true, dear = 1, from = 1000 } = {}): Frame {
	const random = murmurTwice(seed);
	const schema: ColumnSchema[] = [
		{ name: 'payment', type: 'integer', role: 'id' },
		{ name: 'amount', type: 'number', role: 'feature' },
		{ name: 'hour', type: 'integer', role: 'feature' },
		{ name: 'land', type: 'category', role: 'feature' },
		...(truth ? [{ name: 'fraud', type: 'category', role: 'target' } as const] : []),
	];
	const odd = Array.from({ length: rows }, (_, i) => i % 50 === 7);
	const lands = ['DE', 'FR', 'IT', 'ES'];
	return frameOf(schema, {
		payment: odd.map((_, i) => from + i),
		amount: odd.map((o, i) => (o && i % 100 === 7 ? 4000 + 1000 * random() : o && i % 150 === 57 ? null : dear * (20 + 60 * random()))),
		hour: odd.map((o) => (o ? 3 : 8 + Math.floor(12 * random()))),
		land: odd.map((o) => (o && random() < 0.7 ? 'XX' : lands[Math.floor(4 * random())])),
		...(truth ? { fraud: odd.map((o) => (o ? 'yes' : 'no')) } : {}),
	});
}

async function add(name: string, frame: Frame): Promise<string> {
	const path = await store.artifacts.temporary('parquet');
	await writeFrame(frame, path);
	const { digest: data } = await store.artifacts.putFile(path);
	const record = {
		name,
		rows: frame.rows,
		columns: [...frame.schema],
		content: frameContent(frame),
		data,
		quarantined: 0,
		source: { type: 'items', description: 'test' },
	};
	return (await store.add('dataset', name, record, { parents: [] })).id;
}

type Spec = Parameters<typeof trainJob.run>[0]['spec'];
const trained = async (datasetId: string, modelName: string, spec: Partial<Spec> = {}) =>
	await trainJob.run(
		{
			store: store.ref,
			datasetId,
			recipe: { steps: [] },
			modelName,
			runAgain: false,
			spec: {
				target: '',
				task: 'anomaly',
				split: splitParams.parse({}),
				learner: 'isolationForest',
				params: {},
				seed: 1,
				crossValidation: 0,
				classWeight: 'none',
				timeBudgetSeconds: 5,
				refit: true,
				...spec,
			},
		},
		taskContext(),
	);

async function evaluated(runId: string, more: Partial<Parameters<typeof evaluateJob.run>[0]> = {}) {
	const { evaluation, report } = await evaluateJob.run(
		{ store: store.ref, runId, modelName: '', championAlias: 'champion', rules: [], importance: true, runAgain: false, ...more },
		taskContext(),
	);
	return { evaluation, report, record: (await store.get('evaluation', evaluation.id)).body };
}

interface Figures {
	shares: { judged: number; learned: number };
	oddest: Array<{ id?: string; score: number; anomaly: boolean; truth?: boolean; reasons: string[] }>;
}

describe('payments without any answers', () => {
	let run: Awaited<ReturnType<typeof trained>>;
	let datasetId: string;
	beforeAll(async () => {
		datasetId = await add('payments', payments(2000, 1, { truth: false }));
		run = await trained(datasetId, 'odd_payments', { params: { contamination: 0.02 } });
	}, 60_000);

	it('are learned from without a target, all columns but the id', async () => {
		expect(run.run).toMatchObject({ learner: 'isolationForest', primary: 'flagged', rows: { leftOut: 0 } });
		expect(run.run.metrics.flagged).toBeLessThan(0.06);
		expect(Object.keys(run.run.metrics)).toEqual(['flagged']);
		expect(run.run.notes).toContainEqual({
			code: 'learn.threshold',
			text: expect.stringMatching(/: 2(\.\d+)? % of the rows learned from have a higher score, as was asked/),
		});
	});

	it('are judged by how many are flagged and how alike halves of the forest order them', async () => {
		const { evaluation, record, report } = await evaluated(run.model.runId);
		expect(evaluation.gate.passed).toBe(true);
		expect(evaluation.gate.reasons.map((r) => r.text).join(' ')).toMatch(/Share of anomalies is .*Agreement of halves is/);
		expect(Object.keys(record.metrics).sort()).toEqual(['agreement', 'flagged']);
		expect(record.metrics.agreement.value).toBeGreaterThan(0.6);
		for (const { value, low, high } of Object.values(record.metrics)) expect(low < value && value < high).toBe(true);
		const { shares, oddest } = record.panels!.anomalies as Figures;
		expect(shares.learned).toBeCloseTo(0.02, 2);
		expect(oddest).toHaveLength(20);
		// The odd payments of the shop are the oddest rows, and amount, hour or land says why.
		for (const { id, reasons } of oddest.slice(0, 5)) {
			expect((Number(id) - 1000) % 50).toBe(7);
			expect(reasons[0]).toMatch(/^(amount|hour|land) = .* \((usually|in|so in) /);
		}
		const page = (await store.artifacts.get(report.html)).toString('utf8');
		expect(page).toContain('The oddest rows');
		expect(page).toContain('Evaluation of anomalies');
		expect(page).toContain('finds anomalies');
		expect(page).not.toMatch(/“”|undefined|NaN|guessing/i);
		// Whoever approves sees the same, and a message says what was found.
		const stored = await store.get('run', run.model.runId);
		const asked = approvalPage(await approvalView(REQUEST, record, stored.body, { approver: 'Dana' }));
		expect(asked).toContain('Finds');
		expect(asked).toContain('score above the threshold');
		expect(asked).not.toMatch(/“”|undefined|NaN/);
		const { text, facts } = composeMessage({ run: run.run, model: run.model, evaluation });
		expect(text).toContain('Share called anomalies is');
		expect(JSON.stringify(facts)).not.toMatch(/guessing|undefined|NaN/);
	});

	it('are deployed, answered one by one and as a table, alike', async () => {
		await evaluated(run.model.runId, { modelName: 'odd_payments' });
		const deployed = await deploy({
			store,
			actor: 'ann@example.com',
			modelName: 'odd_payments',
			digest: run.model.digest,
			runId: run.model.runId,
			preview: false,
			params: deployParams.parse({}),
		});
		expect(deployed).toMatchObject({ moved: true, version: 1, alias: 'champion' });
		const model = { name: 'odd_payments', version: 1, digest: run.model.digest, alias: 'champion' };
		const asked = [
			{ amount: 50, hour: 12, land: 'DE' },
			{ amount: 4800, hour: 3, land: 'XX' },
			{ amount: null, hour: 12, land: 'QQ' },
		];
		const results = await predictRows(store, model, asked, { reasons: 2, log: true });
		const answers = results.map((r) => ('answer' in r ? r.answer : undefined));
		expect(answers[0]).toMatchObject({ prediction: 'normal', own: { anomaly: false } });
		expect(answers[1]).toMatchObject({ prediction: 'anomaly', own: { anomaly: true, anomaly_score: answers[1]!.score[0] } });
		expect(answers[1]!.reasons![0].usual).toMatch(/usually|of the rows learned from/);
		expect(answers[2]!.warnings).toHaveLength(1);

		const whole = await predictJob.run(
			{
				store: store.ref,
				datasetId,
				model: { ...model, runId: run.model.runId },
				rows: 'test',
				reasons: 1,
				log: true,
				report: true,
				forSpreadsheets: false,
			},
			taskContext(),
		);
		const [head, ...lines] = (await store.artifacts.get(whole.file)).toString('utf8').trim().split('\n');
		expect(head).toMatch(/^.*anomaly_score,anomaly,reason 1,/);
		expect(lines).toHaveLength(run.run.rows.test);
		const flagged = lines.filter((line) => line.includes(',yes,')).length;
		expect(flagged).toBeGreaterThan(2);
		expect(flagged).toBeLessThan(30);
	});

	it('are watched: the same shop is stable, one that got dear has drifted', async () => {
		const drift = async (frame: Frame) =>
			await monitorJob.run(
				{
					store: store.ref,
					reference: { kind: 'model', runId: run.model.runId, name: 'odd_payments' },
					current: { kind: 'dataset', datasetId: await add('now', frame) },
					params: driftParams.parse({}),
					beside: false,
				},
				taskContext(),
			);
		expect((await drift(payments(1500, 5, { truth: false }))).drift.driftedColumns).toEqual([]);
		expect((await drift(payments(1500, 6, { truth: false, dear: 3 }))).drift.driftedColumns).toEqual(['amount']);
	});

	it('go out as ONNX, and as an MLflow folder whose answer has the score', async () => {
		const { exported } = await exportModelJob.run(
			{ store: store.ref, model: 'odd_payments@1', digest: run.model.digest, actor: 'ann', format: 'onnx' },
			taskContext(),
		);
		expect(exported.facts).toEqual({ inputs: 3, outputs: 1 });
		const folder = await writeExport(exportById('mlflow'), {
			name: 'odd_payments@1',
			digest: run.model.digest,
			bytes: await store.artifacts.get(run.model.digest),
		});
		const text = (name: string): string => Buffer.from(folder.files.find((f) => f.name === name)!.bytes).toString('utf8');
		expect(JSON.parse(text('data/outputs.json'))).toEqual({ type: 'object', probabilities: ['anomaly_score'] });
		expect(text('README.md')).toContain('It finds anomalies.');
		// The program inside the folder answers as Predict does.
		const place = await freshFolder();
		for (const name of ['predictor.cjs', 'model.mlopsmodel'])
			await writeFile(join(place, name), folder.files.find((f) => f.name === `data/${name}`)!.bytes);
		const rows = [
			{ amount: 50, hour: 12, land: 'DE' },
			{ amount: 4800, hour: 3, land: 'XX' },
		];
		const said = execFileSync(process.execPath, [join(place, 'predictor.cjs'), join(place, 'model.mlopsmodel')], {
			input: `${JSON.stringify(rows)}\n`,
			encoding: 'utf8',
		});
		const answers = JSON.parse(said) as Array<{ p: string; q: number[] }>;
		const ours = await predictRows(store, { name: 'odd_payments', digest: run.model.digest }, rows, { reasons: 0, log: false });
		expect(answers.map(({ p, q }) => [p, q])).toEqual(
			ours.map((r) => 'answer' in r && [r.answer.prediction, [r.answer.own!.anomaly_score]]),
		);
	});

	it('are learned from by Automatic too, which has nothing to rank by and says so', async () => {
		const { run: automatic } = await trained(datasetId, 'automatic', { learner: 'automatic' });
		expect(automatic.learner).toBe('isolationForest');
		expect(automatic.notes).toContainEqual({ code: 'learn.unranked', text: expect.stringContaining('Isolation forest was taken') });
	});
});

describe('payments of which it is known what was fraud', () => {
	it('are learned from without that column, and judged by it', async () => {
		const datasetId = await add('labelled', payments(3000, 3));
		const run = await trained(datasetId, 'labelled', { target: 'fraud' });
		expect(run.run.metrics.flagged).toBeGreaterThan(0);
		expect(run.run.notes).toContainEqual({ code: 'learn.truth', text: expect.stringContaining('"fraud" was not learned from') });
		const { evaluation, record } = await evaluated(run.model.runId);
		expect(evaluation.gate.passed).toBe(true);
		expect(record.metrics.auc.value).toBeGreaterThan(0.95);
		expect(record.metrics.auc.low).toBeLessThan(record.metrics.auc.value);
		expect(record.metrics.average_precision.value).toBeGreaterThan(0.6);
		expect(record.baseline.auc).toBe(0.5);
		expect((record.panels!.anomalies as Figures).oddest[0].truth).toBe(true);
		const whole = await predictJob.run(
			{
				store: store.ref,
				datasetId,
				model: { name: 'labelled', digest: run.model.digest, runId: run.model.runId },
				rows: 'test',
				reasons: 0,
				log: false,
				forSpreadsheets: false,
			},
			taskContext(),
		);
		const [head, first] = (await store.artifacts.get(whole.file)).toString('utf8').split('\n');
		expect(head.trim()).toMatch(/label,anomaly_score,anomaly$/);
		expect(first).toMatch(/,(yes|no),0\.\d+,(yes|no)\s*$/);
		// Nothing of the answer is needed to ask the model.
		const results = await predictRows(store, { name: 'labelled', digest: run.model.digest }, [{ amount: 50, hour: 12, land: 'DE' }], {
			reasons: 0,
			log: false,
		});
		expect(results[0]).toMatchObject({ answer: { prediction: 'normal' } });
	});

	it('are judged by the truth of another table, and by nothing where that says nothing', async () => {
		const run = await trained(await add('one', payments(1500, 3)), 'one', { target: 'fraud' });
		const { record } = await evaluated(run.model.runId, { datasetId: await add('other', payments(1000, 9, { from: 9000 })) });
		expect(record.rows).toBe(1000);
		expect(record.metrics.auc.value).toBeGreaterThan(0.95);
		const bare = await evaluated(run.model.runId, { datasetId: await add('bare', payments(1000, 10, { truth: false, from: 9000 })) });
		expect(bare.record.rows).toBe(1000);
		expect(bare.record.metrics.auc).toBeUndefined();
	});
});

describe('tables that strangers bring', () => {
	const numbers = (rows: number, value: (i: number) => number | null): Frame =>
		frameOf([{ name: 'x', type: 'number', role: 'feature' }], { x: Array.from({ length: rows }, (_, i) => value(i)) });

	it.each<[string, Frame]>([
		['one column', numbers(300, (i) => (i === 5 ? 1e6 : i % 17))],
		['a constant column', numbers(300, () => 4)],
		['gaps', numbers(300, (i) => (i % 3 ? null : i))],
		[
			'categories only',
			frameOf([{ name: 'c', type: 'category', role: 'feature' }], {
				c: Array.from({ length: 300 }, (_, i) => (i === 9 ? 'z' : 'abc'[i % 3])),
			}),
		],
		['ten rows', numbers(10, (i) => i)],
	])('%s: trained, judged and answered, or refused by a sentence', async (name, frame) => {
		const { model } = await trained(await add(name, frame), name);
		const { evaluation } = await evaluated(model.runId);
		expect(evaluation.metrics.flagged).toBeGreaterThanOrEqual(0);
		if (frame.rows === 10) expect(evaluation.gate).toMatchObject({ refused: true, passed: false });
		const column = frame.schema[0].name;
		const [result] = await predictRows(store, { name, digest: model.digest }, [{ [column]: null }], { reasons: 1, log: false });
		expect(result).toMatchObject({ answer: { own: { anomaly_score: expect.any(Number) } } });
	});

	it('one row is too few, and a step that learns from a target has none', async () => {
		await expect(
			trained(
				await add(
					'single',
					numbers(1, () => 1),
				),
				'single',
			),
		).rejects.toMatchObject({ code: 'learn.too_few_rows' });
		await expect(
			trained(
				await add(
					'learner',
					numbers(50, (i) => i),
				),
				'learner',
				{ learner: 'randomForest' },
			),
		).rejects.toMatchObject({
			code: 'learn.parameter_invalid',
		});
	});
});
