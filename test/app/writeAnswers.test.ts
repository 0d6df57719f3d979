import { readFile } from 'node:fs/promises';
import { DatasetLog } from '../../lib/app/logDataset.js';
import { rowsToAnswer, writeAnswers, type WrittenAnswers } from '../../lib/app/writeAnswers.js';
import type { Frame } from '../../lib/data/frame.js';
import { writeFrame } from '../../lib/data/writeFrame.js';
import type { ColumnSchema } from '../../lib/domain/column.js';
import { splitParams } from '../../lib/domain/split.js';
import type { RecipeStep } from '../../lib/domain/recipe.js';
import { trainJob } from '../../lib/app/jobs/trainJob.js';
import { loadModel, type LoadedModel } from '../../lib/learn/score.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { frameContent, frameOf } from '../data/frames.js';
import { taskContext } from '../learn/penguins.js';
import { freshFolder, removeFolders } from '../store/records.js';

const ROWS = 5_000;

let store: Store;
beforeAll(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
});
afterAll(async () => {
	await store.close();
	await removeFolders();
});

const step = (id: string, params: Record<string, unknown> = {}): RecipeStep => ({ step: id, version: 1, params });

/** Orders: amounts with gaps, towns, a date, and whether they came late. `odd`: rows from there on hold values that the model never saw. */
function orders(rows: number, odd = Infinity): Frame {
	const mixed = (i: number, k: number): number => Math.abs(Math.sin((i + 1) * (k + 0.618)) * 1e4) % 1;
	const schema: ColumnSchema[] = [
		{ name: 'order', type: 'integer', role: 'id' },
		{ name: 'amount', type: 'number', role: 'feature' },
		{ name: 'town', type: 'category', role: 'feature' },
		{ name: 'placed', type: 'datetime', role: 'feature' },
		{ name: 'late', type: 'category', role: 'target' },
	];
	const at = Array.from({ length: rows }, (_, i) => i);
	return frameOf(schema, {
		order: at.map((i) => 1000 + i),
		amount: at.map((i) => (mixed(i, 1) < 0.05 ? null : i >= odd && i % 3 === 0 ? 1e9 : Math.round(mixed(i, 2) * 1e5) / 100)),
		town: at.map((i) => (i >= odd && i % 4 === 0 ? `new, "${i % 7}"` : `town ${Math.floor(mixed(i, 3) * 12)}`)),
		placed: at.map((i) => Date.UTC(2026, 0, 1) + Math.floor(mixed(i, 4) * 8e9)),
		late: at.map((i) => (mixed(i, 5) < 0.1 ? null : mixed(i, 2) + mixed(i, 3) > 1 ? 'yes' : 'no')),
	});
}

async function add(name: string, frame: Frame): Promise<string> {
	const path = await store.artifacts.temporary('parquet');
	await writeFrame(frame, path);
	const { digest: data } = await store.artifacts.putFile(path);
	const columns = [...frame.schema];
	const record = {
		name,
		rows: frame.rows,
		columns,
		content: frameContent(frame),
		data,
		quarantined: 0,
		source: { type: 'items', description: 'test' },
	};
	return (await store.add('dataset', name, record, { parents: [] })).id;
}

async function trained(datasetId: string, learner: string, params: Record<string, unknown>, steps: RecipeStep[], task?: 'anomaly') {
	const { run } = await trainJob.run(
		{
			store: store.ref,
			datasetId,
			recipe: { steps },
			modelName: `${learner}_${steps.length}`,
			runAgain: false,
			spec: {
				target: task ? '' : 'late',
				...(task ? { task } : {}),
				learner,
				params,
				split: splitParams.parse({}),
				seed: 1,
				crossValidation: 0,
				classWeight: 'none',
				timeBudgetSeconds: 5,
				refit: true,
			},
		},
		taskContext(),
	);
	const record = await store.get('run', run.id);
	return { runId: run.id, model: await loadModel(await store.artifacts.get(record.body.model)), digest: record.body.model };
}

interface Answered {
	file: string;
	written: WrittenAnswers;
	logged: number;
}

async function answered(
	of: { runId: string; model: LoadedModel; digest: string },
	datasetId: string,
	rows: 'all' | 'test',
	together: number,
	reasons = 0,
): Promise<Answered> {
	const source = await rowsToAnswer(store, { datasetId, runId: of.runId, rows }, of.model, together);
	const path = await store.artifacts.temporary('csv');
	const chosen = { name: 'orders', digest: of.digest };
	const logged = () => new DatasetLog(chosen, of.model.manifest, source.rows);
	const written = await writeAnswers(source, of.model, path, { reasons, forSpreadsheets: true, keepAnswers: true, logged }, taskContext());
	return { file: await readFile(path, 'utf8'), written, logged: (await written.log!.write(store)).rows };
}

const STEPS = [step('impute'), step('date_parts', { columns: ['placed'] }), step('target_encode', { columns: ['town'] })];

describe('Answers to a dataset in parts', () => {
	it.each<['all' | 'test', number]>([
		['all', 0],
		['all', 2],
		['test', 2],
	])('are the same to the byte as in one, for %s rows with %i reasons', async (rows, reasons) => {
		const datasetId = await add('orders', orders(ROWS));
		const model = await trained(datasetId, 'gradientBoosting', { n_estimators: 5 }, STEPS);
		const whole = await answered(model, datasetId, rows, ROWS, reasons);
		expect(whole.file.split('\n').length).toBeGreaterThan(rows === 'all' ? ROWS : ROWS / 10);
		for (const together of [700, 2048, 4999]) {
			const parts = await answered(model, datasetId, rows, together, reasons);
			expect(parts.file === whole.file).toBe(true);
			expect(parts.written.failed).toBe(whole.written.failed);
			expect(parts.written.findings).toEqual(whole.written.findings);
			expect(parts.written.answers).toEqual(whole.written.answers);
			expect(parts.logged).toBe(whole.logged);
		}
	});

	it('have the column of warnings where a later part alone has any, with the examples that the whole has', async () => {
		const datasetId = await add('orders', orders(ROWS));
		const model = await trained(datasetId, 'logisticRegression', {}, [step('impute')]);
		const other = await add('odd orders', orders(ROWS, 3000));
		const whole = await answered(model, other, 'all', ROWS);
		expect(whole.file.split('\n')[0]).toMatch(/,warnings$/);
		expect(whole.written.findings.map((f) => f.column.name)).toEqual(['amount', 'town']);
		const parts = await answered(model, other, 'all', 1000);
		expect(parts.file === whole.file).toBe(true);
		expect(parts.written.findings).toEqual(whole.written.findings);
	});

	it('say of models without answers what the rarer of two words means in all rows, not in a part', async () => {
		const frame = orders(ROWS);
		// In the first part the word is the more frequent one.
		const late = frameOf(frame.schema, {
			...Object.fromEntries(frame.schema.map((c) => [c.name, Array.from({ length: ROWS }, () => null)])),
			late: Array.from({ length: ROWS }, (_, i) => (i < 600 || i % 97 === 0 ? 'strange' : 'plain')),
		});
		frame.vectors[4] = late.vectors[4];
		const datasetId = await add('marked orders', frame);
		const model = await trained(datasetId, 'isolationForest', {}, [step('impute')], 'anomaly');
		const whole = await answered(model, datasetId, 'all', ROWS);
		const parts = await answered(model, datasetId, 'all', 500);
		expect(whole.file.split('\n')[0]).toMatch(/^row,label,/);
		expect(parts.file === whole.file).toBe(true);
	});

	it('go through a recipe that looks at whole tables in one piece', async () => {
		const datasetId = await add('orders', orders(600));
		for (const [wholeTables, sizes] of [
			[true, [600]],
			[false, [250, 250, 100]],
		] as const) {
			const source = await rowsToAnswer(store, { datasetId, runId: '', rows: 'all' }, { wholeTables }, 250);
			expect(source.whole).toBe(wholeTables);
			const seen: number[] = [];
			for await (const part of source.parts()) seen.push(part.rows);
			expect(seen).toEqual(sizes);
		}
	});
});
