import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deploy } from '../../lib/app/calls/deployCall.js';
import { evaluate } from '../../lib/app/calls/evaluateCall.js';
import { ingest } from '../../lib/app/calls/ingestCall.js';
import { train, type TrainRequest } from '../../lib/app/calls/trainCall.js';
import { machineLimits } from '../../lib/compute/engines/limits.js';
import { runJob } from '../../lib/compute/runJob.js';
import { silentContext } from '../../lib/domain/progress.js';
import { trainJob } from '../../lib/app/jobs/trainJob.js';
import { closeEngines, jobEngine } from '../../lib/app/jobEngine.js';
import { drawSample, sampleSize, withRareClasses } from '../../lib/app/rowsToLearn.js';
import { sessionOn } from '../../lib/app/session.js';
import { PART, splitParams } from '../../lib/domain/split.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { freshFolder, removeFolders } from '../store/records.js';

const ROWS = 60_000;
let store: Store;
const session = () => sessionOn(store, { actor: 'ann' });
const asked: TrainRequest = { dataset: 'many', learner: 'gradientBoosting', params: { n_estimators: 20 }, runAgain: true };

beforeAll(async () => {
	const home = await freshFolder();
	store = await openStore({ kind: 'folder', home });
	const file = join(home, 'many.csv');
	const line = (i: number) => `${(i * 7919) % 10_007},${(i * 104_729) % 997},${(i * 7919) % 10_007 > 5_000 ? 'yes' : 'no'}`;
	writeFileSync(file, `a,b,answer\n${Array.from({ length: ROWS }, (_, i) => line(i)).join('\n')}\n`);
	await ingest(session(), { file, name: 'many', target: 'answer' });
}, 120_000);
afterAll(async () => {
	await closeEngines();
	await store.close();
	await removeFolders();
});

describe('a training of more rows than it may learn from', () => {
	it('learns from as many as were asked for, says so, and is judged on rows of the sample that it never saw', async () => {
		const { fields, notes } = await train(session(), { ...asked, modelName: 'asked', mostRows: 20_000 });
		const { rows } = fields.run;
		expect(rows.train + rows.validation + rows.test).toBe(20_000);
		expect(rows.leftOut).toBe(40_000);
		expect(notes.map(({ text }) => text).join('\n')).toMatch(/40,000 rows were left out: a sample of 20,000 rows was asked for/);
		const { body } = await store.get('run', fields.run.id);
		const marks = await store.artifacts.get(body.split.artifact);
		expect(marks).toHaveLength(ROWS);
		expect(marks.filter((mark) => mark === PART.test)).toHaveLength(rows.test);
		// The sample comes from all over the table.
		for (let part = 0; part < 6; part++) {
			const learned = marks.subarray(part * 10_000, (part + 1) * 10_000).filter((mark) => mark !== PART.none).length;
			expect(Math.abs(learned - 20_000 / 6)).toBeLessThan(300);
		}
		const judged = await evaluate(session(), { model: fields.model });
		expect(judged.fields.evaluation.metrics.auc).toBeGreaterThan(0.9);
		expect((await store.get('evaluation', judged.fields.evaluation.id)).body.rows).toBe(rows.test);
		await deploy(session(), { model: fields.model });
	}, 120_000);

	it('learns from as many as fit where jobs may use little memory, the same ones each time, and says what to do', async () => {
		const [{ id: datasetId }] = await store.list('dataset');
		const spec = {
			...{ target: 'answer', learner: 'gradientBoosting', params: { n_estimators: 20 }, seed: 0, crossValidation: 0 },
			...{ split: splitParams.parse({}), classWeight: 'none' as const, timeBudgetSeconds: 60, refit: true },
		};
		const once = async () =>
			await runJob(
				jobEngine(store),
				trainJob,
				{ store: store.ref, datasetId, recipe: { steps: [] }, spec, modelName: 'little', runAgain: true },
				{ context: silentContext(), memoryBytes: 470e6 },
			);
		const first = await once();
		const { rows, notes } = first.run;
		expect(rows.leftOut).toBeGreaterThan(0);
		expect(rows.leftOut).toBeLessThan(ROWS);
		expect(notes.map(({ text }) => text).join('\n')).toMatch(/all rows need more than the 0\.4 GB.*MLOPS_JOB_MEMORY/);
		expect((await once()).model.digest).toBe(first.model.digest);
	}, 120_000);
});

describe('how many rows', () => {
	const columns = Array.from({ length: 20 }, (_, i) => ({ name: `c${i}`, type: 'number' as const, role: 'feature' as const }));
	const of = (rows: number, gigabytes: number, learner = 'automatic', mostRows?: number) =>
		sampleSize({ rows, columns } as never, { learner, params: {}, seed: 0, mostRows }, { threads: 2, memoryBytes: gigabytes * 2 ** 30 });

	it('are all where they fit, of a small table always; else the more the more memory there is', () => {
		expect(of(1e6, 4)).toBeUndefined();
		expect(of(40_000, 0.3)).toBeUndefined();
		const [two, four, eight] = [2, 4, 8].map((gigabytes) => of(60e6, gigabytes)!);
		expect(two).toBeGreaterThan(1e6);
		expect(four).toBeGreaterThan(2 * two);
		expect(eight).toBeGreaterThan(2 * four);
		expect(eight).toBeLessThan(60e6);
		// A search, and steps, need more than one learner alone.
		expect(four).toBeLessThan(of(60e6, 4, 'gradientBoosting')!);
	});

	it('are as many as a person says, whatever the memory', () => {
		expect(of(1e6, 4, 'gradientBoosting', 1000)).toBe(1000);
		expect(of(1e6, 4, 'gradientBoosting', 2e6)).toBeUndefined();
	});

	it('too little memory for any sample is said', () => {
		expect(() => of(60e6, 0.3)).toThrow(expect.objectContaining({ code: 'learn.memory' }) as Error);
	});

	it('hold a class that is rare in the table, whether it was drawn or not; gaps, and a target of numbers, add none', async () => {
		const sample = drawSample(100_000, 1000, 0, '');
		const codes = Uint32Array.from({ length: 100_000 }, (_, i) => (i % 20_000 === 7 ? 2 : i % 100 === 0 ? 0 : 1));
		const dictionary = ['usual', 'rare'];
		const rare = await withRareClasses(sample, async function* () {
			for (let from = 0; from < codes.length; from += 30_000) yield { codes: codes.subarray(from, from + 30_000), dictionary };
		});
		expect(codes.filter((code, i) => code === 2 && rare.keep[i])).toHaveLength(5);
		expect(rare.rows).toBe(rare.keep.reduce((a, b) => a + b, 0));
		expect(rare.leftOut.rows).toBe(100_000 - rare.rows);
		expect(rare.rows - sample.rows).toBeLessThanOrEqual(5);
		const numbers = async function* () {
			yield { data: Float64Array.from(codes, (_, i) => i / 3) };
		};
		expect(await withRareClasses(sample, numbers)).toEqual(sample);
	});

	it('each row is as likely as any other, and exactly so many are drawn', () => {
		const times = new Uint32Array(50);
		for (let seed = 0; seed < 4000; seed++) {
			const { keep } = drawSample(50, 20, seed, '');
			expect(keep.reduce((a, b) => a + b)).toBe(20);
			keep.forEach((kept, i) => (times[i] += kept));
		}
		// 1,600 of 4,000, standard deviation 31.
		for (const n of times) expect(Math.abs(n - 1600)).toBeLessThan(140);
	});
});

describe('MLOPS_JOB_MEMORY', () => {
	const before = process.env['MLOPS_JOB_MEMORY'];
	afterEach(() => {
		if (before === undefined) delete process.env['MLOPS_JOB_MEMORY'];
		else process.env['MLOPS_JOB_MEMORY'] = before;
	});

	it.each([
		['2GB', 2e9],
		[' 1.5 gb', 1.5e9],
		['4GiB', 2 ** 32],
		['512m', 512e6],
		['4294967296', 2 ** 32],
	])('%p is how much one job may use', (text, bytes) => {
		process.env['MLOPS_JOB_MEMORY'] = text;
		expect(machineLimits().memoryBytes).toBe(bytes);
	});

	it.each(['plenty', '2 XB', '-4GB', '100MB', '0'])('%p is refused, with what it should be', (text) => {
		process.env['MLOPS_JOB_MEMORY'] = text;
		expect(() => machineLimits()).toThrow(
			expect.objectContaining({ code: 'input.invalid', details: expect.objectContaining({ found: text }) as object }) as Error,
		);
	});
});
