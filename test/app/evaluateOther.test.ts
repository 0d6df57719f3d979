import { GATE_VERSION } from '../../lib/domain/evaluation.js';
import { evaluateJob } from '../../lib/app/jobs/evaluateJob';
import { trainJob } from '../../lib/app/jobs/trainJob';
import type { Frame } from '../../lib/data/frame';
import { takeRows } from '../../lib/data/takeRows';
import { writeFrame } from '../../lib/data/writeFrame';
import type { ColumnSchema } from '../../lib/domain/column';
import { splitParams } from '../../lib/domain/split';
import { murmurTwice } from '../../lib/domain/random';
import type { Store } from '../../lib/store/contract';
import { openStore } from '../../lib/store/openStore';
import { taskContext } from '../learn/penguins';
import { freshFolder, removeFolders } from '../store/records';
import { frameContent, frameOf } from '../data/frames';

const DAY = 86_400_000;

/**
 * Patients of a hospital: the sicker the higher the marker. `yes` and `no` as this hospital writes them; `turned` where the marker means
 * the opposite.
 */
function patients(rows: number, seed: number, { yes = 'yes', no = 'no', wards = ['north', 'south'], turned = '', from = 0 } = {}): Frame {
	const random = murmurTwice(seed);
	const schema: ColumnSchema[] = [
		{ name: 'patient', type: 'integer', role: 'id' },
		{ name: 'marker', type: 'number', role: 'feature' },
		{ name: 'ward', type: 'category', role: 'feature' },
		{ name: 'seen', type: 'datetime', role: 'ignore' },
		{ name: 'sick', type: 'category', role: 'target' },
	];
	const ward = Array.from({ length: rows }, () => wards[Math.floor(random() * wards.length)]);
	const marker = ward.map(() => random());
	const sick = marker.map((m, i) => (random() < (ward[i] === turned ? 1 - m : m) ? yes : no));
	return frameOf(schema, {
		patient: ward.map((_, i) => from + i),
		marker,
		ward,
		seen: ward.map((_, i) => Math.floor((i / rows) * 90) * DAY),
		sick,
	});
}

let store: Store;
let trained: { runId: string };
beforeAll(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
	const datasetId = await add('hospital_a', patients(900, 1));
	const { run } = await trainJob.run(
		{
			store: store.ref,
			datasetId,
			recipe: { steps: [] },
			modelName: 'sickness',
			runAgain: false,
			spec: {
				target: 'sick',
				split: splitParams.parse({}),
				learner: 'logisticRegression',
				params: {},
				seed: 0,
				crossValidation: 0,
				classWeight: 'none',
				timeBudgetSeconds: 5,
				refit: true,
			},
		},
		taskContext(),
	);
	trained = { runId: run.id };
}, 60_000);
afterAll(async () => {
	await store.close();
	await removeFolders();
});

async function add(name: string, frame: Frame): Promise<string> {
	const path = await store.artifacts.temporary('parquet');
	await writeFrame(frame, path);
	const { digest: data } = await store.artifacts.putFile(path);
	return (
		await store.add(
			'dataset',
			name,
			{
				name,
				rows: frame.rows,
				columns: [...frame.schema],
				content: frameContent(frame),
				data,
				quarantined: 0,
				source: { type: 'items', description: 'test' },
			},
			{ parents: [] },
		)
	).id;
}

async function evaluated(more: Partial<Parameters<typeof evaluateJob.run>[0]> = {}) {
	const { evaluation } = await evaluateJob.run(
		{
			store: store.ref,
			runId: trained.runId,
			modelName: '',
			championAlias: 'champion',
			rules: [],
			importance: false,
			runAgain: false,
			...more,
		},
		taskContext(),
	);
	return { evaluation, record: (await store.get('evaluation', evaluation.id)).body };
}

describe('a model is asked about another dataset', () => {
	test('that it never saw: all rows count, and the gate says which', async () => {
		const datasetId = await add('hospital_b', patients(600, 2, { from: 0 }));
		const { evaluation, record } = await evaluated({ datasetId });
		expect(evaluation.rows).toBe(600);
		expect(evaluation.gate).toMatchObject({ passed: true, judged: '600 rows of hospital_b version 1, none seen in training.' });
		expect(record).toMatchObject({ datasetId, runId: trained.runId, gateVersion: GATE_VERSION });
		expect((await store.evaluationOf(record.model))?.id).toBe(evaluation.id);
	});

	test('by default it is asked about the test rows, and says so', async () => {
		const { evaluation } = await evaluated();
		expect(evaluation.gate.judged).toBe(`${evaluation.rows} test rows of hospital_a version 1, kept apart by Train.`);
	});

	test('whose answers are spelled otherwise, typed otherwise, or not known', async () => {
		const frame = patients(500, 3, { yes: ' Yes', no: 'NO ' });
		(frame.vectors[4] as { codes: Uint32Array }).codes.fill(0, 0, 40);
		const { evaluation, record } = await evaluated({ datasetId: await add('hospital_c', frame) });
		expect(evaluation.rows).toBe(460);
		expect(evaluation.metrics.auc).toBeGreaterThan(0.75);
		expect(record.notes).toContainEqual({
			code: 'rows_unlabelled',
			text: expect.stringContaining('40 rows of hospital_c version 1 have no answer'),
		});
	});

	test('with rows that it was trained on among them: they are left out and counted', async () => {
		const old = takeRows(
			patients(900, 1),
			Uint32Array.from({ length: 300 }, (_, i) => i),
		);
		const fresh = patients(300, 4, { from: 5000 });
		const both = frameOf(
			fresh.schema,
			Object.fromEntries(
				fresh.schema.map((c, j) => [
					c.name,
					[old, fresh].flatMap(({ vectors: { [j]: v }, rows }) =>
						Array.from({ length: rows }, (_, i) => ('data' in v ? v.data[i] : v.dictionary[v.codes[i] - 1])),
					),
				]),
			),
		);
		const { evaluation, record } = await evaluated({ datasetId: await add('mixed', both) });
		expect(evaluation.rows).toBeGreaterThan(300); // the new ones, and those that Train kept apart
		expect(evaluation.rows).toBeLessThan(420);
		expect(evaluation.gate.judged).toMatch(/^\d+ rows of mixed version 1, none seen in training \(\d+ that were, left out\)\.$/);
		expect(record.notes).toContainEqual({
			code: 'rows_seen',
			text: expect.stringContaining('were left out, since the model was trained on them'),
		});
	});

	test('a new version of its own data: the rows that were learned from are left out', async () => {
		const grown = patients(900, 1);
		const more = patients(200, 5, { from: 900 });
		const both = frameOf(
			grown.schema,
			Object.fromEntries(
				grown.schema.map((c, j) => [
					c.name,
					[grown, more].flatMap(({ vectors: { [j]: v }, rows }) =>
						Array.from({ length: rows }, (_, i) => ('data' in v ? v.data[i] : v.dictionary[v.codes[i] - 1])),
					),
				]),
			),
		);
		const own = await evaluated();
		const { evaluation } = await evaluated({ datasetId: await add('hospital_a', both) });
		expect(evaluation.rows).toBe(own.evaluation.rows + 200);
	});

	test('a new version of data full of copies: a new copy of a row that was learned from is left out too', async () => {
		const again = (frames: Frame[]): Frame => {
			const { schema } = frames[0];
			const values = (j: number) =>
				frames.flatMap(({ vectors: { [j]: v }, rows }) =>
					Array.from({ length: rows }, (_, i) => ('data' in v ? v.data[i] : v.dictionary[v.codes[i] - 1])),
				);
			const all = frameOf(schema, Object.fromEntries(schema.map((c, j) => [c.name, values(j)])));
			return { ...all, vectors: all.vectors.with(0, { data: Float64Array.from({ length: all.rows }, (_, i) => i) }) };
		};
		const once = patients(200, 21);
		const five = [once, once, once, once, once];
		const { run } = await trainJob.run(
			{
				store: store.ref,
				datasetId: await add('copied', again(five)),
				recipe: { steps: [] },
				modelName: 'copied',
				runAgain: false,
				spec: {
					target: 'sick',
					split: splitParams.parse({}),
					learner: 'logisticRegression',
					params: {},
					seed: 0,
					crossValidation: 0,
					classWeight: 'none',
					timeBudgetSeconds: 5,
					refit: true,
				},
			},
			taskContext(),
		);
		const own = await evaluated({ runId: run.id });
		expect(own.record.resampled).toBe('copies');
		const datasetId = await add('copied', again([...five, once, patients(150, 22)]));
		expect((await evaluated({ runId: run.id, datasetId })).evaluation.rows).toBe((own.evaluation.rows / 5) * 6 + 150);
	});

	test.each<[string, () => Frame, RegExp]>([
		[
			'without the target',
			() => {
				const f = patients(50, 6);
				return { ...f, schema: f.schema.slice(0, 4), vectors: f.vectors.slice(0, 4) };
			},
			/No row of bad.* has an answer in "sick"/,
		],
		['with other answers', () => patients(50, 7, { yes: 'ill', no: 'well' }), /No row of bad.* has an answer in "sick"/],
		[
			'without a column that the model needs',
			() => {
				const f = patients(50, 8);
				return { ...f, schema: f.schema.filter((_, i) => i !== 1), vectors: f.vectors.filter((_, i) => i !== 1) };
			},
			/"marker"/,
		],
	])('%s: it says what is wrong', async (_what, make, text) => {
		const datasetId = await add(`bad ${Math.random()}`, make());
		await expect(evaluated({ datasetId })).rejects.toThrow(text);
	});
});

describe('results stand side by side', () => {
	test('by a category: the ward where the marker means the opposite shows', async () => {
		const datasetId = await add('hospital_d', patients(1200, 9, { wards: ['north', 'south', 'attic'], turned: 'attic' }));
		const { evaluation, record } = await evaluated({ datasetId, side: { column: 'ward', period: 'month' } });
		expect(evaluation.sideBySide?.map((p) => p.value).sort()).toEqual(['attic', 'north', 'south']);
		const of = (value: string) => record.side!.parts.find((p) => p.value === value)!;
		expect(of('attic').high).toBeLessThan(0.4);
		expect(of('north').low).toBeGreaterThan(0.7);
		expect(record.side!.parts.reduce((n, p) => n + p.rows, 0)).toBe(1200);
		expect(of('north').classRows!.reduce((a, b) => a + b, 0)).toBe(of('north').rows);
	});

	test('by the month of a time, in order; asking again gives the stored answer, another column does not', async () => {
		const datasetId = await add('hospital_e', patients(900, 10));
		const byMonth = await evaluated({ datasetId, side: { column: 'seen', period: 'month' } });
		expect(byMonth.record.side).toMatchObject({ column: 'seen', period: 'month', metric: 'auc', leftOut: 0 });
		expect(byMonth.record.side!.parts.map((p) => p.value)).toEqual(['1970-01', '1970-02', '1970-03']);
		expect((await evaluated({ datasetId, side: { column: 'seen', period: 'month' } })).evaluation).toMatchObject({
			reused: true,
			id: byMonth.evaluation.id,
		});
		const byQuarter = await evaluated({ datasetId, side: { column: 'seen', period: 'quarter' } });
		expect(byQuarter.evaluation.reused).toBe(false);
		expect(byQuarter.record.side!.parts.map((p) => p.value)).toEqual(['1970 Q1']);
	});

	test('a part with too few of a class has its rows and no figure', async () => {
		const frame = patients(300, 11, { wards: ['north', 'south'] });
		const ward = frame.vectors[2] as { codes: Uint32Array; dictionary: readonly string[] };
		const codes = ward.codes.map((code, i) => (i < 6 ? 3 : code));
		const rare = { ...frame, vectors: frame.vectors.with(2, { codes, dictionary: [...ward.dictionary, 'attic'] }) };
		const { record } = await evaluated({ datasetId: await add('hospital_f', rare), side: { column: 'ward', period: 'month' } });
		expect(record.side!.parts.find((p) => p.value === 'attic')).toEqual({ value: 'attic', rows: 6, classRows: expect.any(Array) });
	});

	test('of a column of too many values it says so', async () => {
		await expect(
			evaluated({ datasetId: await add('hospital_g', patients(700, 12)), side: { column: 'patient', period: 'month' } }),
		).rejects.toThrow(/too many to stand side by side/);
	});
});
