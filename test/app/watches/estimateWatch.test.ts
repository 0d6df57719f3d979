import { estimateAnswers } from '../../../lib/app/estimateAnswers.js';
import { estimatorOf } from '../../../lib/app/estimator.js';
import type { Looked, Watched } from '../../../lib/app/watches/contract.js';
import { estimate } from '../../../lib/app/watches/estimateWatch.js';
import type { Finding } from '../../../lib/domain/monitor.js';
import { murmurTwice } from '../../../lib/domain/random.js';
import { estimateParams } from '../../../lib/monitor/estimate/estimateParams.js';
import { readPackage } from '../../../lib/formats/modelPackage.js';
import { closeEngines } from '../../../lib/app/jobEngine.js';
import { silentContext } from '../../../lib/domain/progress.js';
import type { PredictionLogEntry, Store } from '../../../lib/store/contract.js';
import { openStore } from '../../../lib/store/openStore.js';
import { taskContext } from '../../learn/penguins.js';
import { freshFolder, removeFolders } from '../../store/records.js';
import { ask, deployed, patients, row, type Deployed } from '../truthModels.js';

let store: Store;
let illness: Deployed;
let days: Deployed;
beforeAll(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
	illness = await deployed(store, 'illness', patients(3000, ['no', 'yes']));
	days = await deployed(store, 'days', patients(1000, 'days'));
}, 120_000);
afterAll(async () => {
	await store.close();
	await removeFolders();
});

const soon = () => new Date(Date.now() + 1).toISOString();
const pause = async () => await new Promise((done) => setTimeout(done, 5));

interface More {
	segments?: string[];
	params?: object;
	/** Answers in the log besides. */
	also?: Array<Omit<PredictionLogEntry, 'at' | 'requestId'>>;
}

async function estimated(watched: Watched, from: string, params: object = {}): Promise<Looked> {
	const [looked] = await estimateAnswers(store, watched, [{ from, until: soon() }], estimateParams.parse(params), taskContext());
	return looked;
}

/** Asks about such rows, and estimates how good the answers were. */
async function look(
	model: Deployed,
	rows: Array<Record<string, unknown>>,
	{ segments = [], params, also = [] }: More = {},
): Promise<Looked> {
	await pause();
	const from = new Date().toISOString();
	await ask(store, model, rows);
	await store.logPredictions(also.map((entry, i) => ({ ...entry, at: new Date().toISOString(), requestId: `also-${i}` })));
	await pause();
	return await estimated({ model: model.name, segments }, from, params);
}

const about = ({ findings }: Looked, id: string, segment?: string): Finding =>
	findings.find((f) => f.about === id && f.segment === segment)!;
const drawn = (count: number, of: (u: number) => number, seed = 3) => {
	const random = murmurTwice(seed);
	return Array.from({ length: count }, () => row(of(random())));
};

describe('classes', () => {
	it('rows as in training: as good as on the test rows, with the assumption said', async () => {
		const looked = await look(
			illness,
			drawn(600, (u) => u),
		);
		const accuracy = about(looked, 'accuracy');
		expect(looked).toMatchObject({ rows: 600, versions: [1] });
		expect(looked.waiting).toBeUndefined();
		expect(Math.abs(accuracy.value! - 0.75)).toBeLessThan(0.06);
		expect(accuracy.interval![0]).toBeLessThan(accuracy.reference!);
		expect(accuracy.interval![1]).toBeGreaterThan(accuracy.reference!);
		expect(looked.findings.filter((f) => f.why)).toEqual([]);
		expect(looked.findings.filter((f) => f.weight! > 0)).toHaveLength(1);
		expect(looked.notes.map(({ code }) => code)).toEqual(['estimate_assumption']);
	});

	it('rows that nobody can be sure about: estimated to be worse, though no truth is known', async () => {
		const looked = await look(
			illness,
			drawn(600, (u) => 0.4 + 0.2 * u),
			{ params: { metric: 'accuracy' } },
		);
		const accuracy = about(looked, 'accuracy');
		expect(accuracy.value!).toBeLessThan(0.6);
		expect(accuracy).toMatchObject({ weight: 1, why: expect.stringContaining('is estimated at') });
		expect(accuracy.pValue!).toBeLessThan(1e-6);
		expect(accuracy.effect!).toBeGreaterThan(1);
		expect(looked.reference).toBeDefined();
	});

	it('rows that are easy: better is no reason for an alarm', async () => {
		const looked = await look(
			illness,
			drawn(600, (u) => (u < 0.5 ? 0.02 : 0.98)),
			{ params: { metric: 'accuracy' } },
		);
		expect(about(looked, 'accuracy').value!).toBeGreaterThan(0.9);
		expect(about(looked, 'accuracy').pValue!).toBeGreaterThan(0.99);
		expect(looked.findings.filter((f) => f.why)).toEqual([]);
	});

	it('few answers wait, none too', async () => {
		expect(
			(
				await look(
					illness,
					drawn(20, (u) => u),
				)
			).waiting,
		).toMatch(/^There are only 20.answers, and 50 are needed to judge\.$/);
		expect(await look(illness, [])).toMatchObject({ rows: 0, findings: [], waiting: 'Nobody was given an answer in this time.' });
	});

	it('is learned once, and the same then', async () => {
		const rows = drawn(100, (u) => u);
		const first = await look(illness, rows);
		const again = await look(illness, rows);
		expect(again.findings).toEqual(first.findings);
		expect(await store.progressUnder('estimator:')).toHaveLength(1);
	});

	it('answers without a probability, and those that failed or nobody saw, are left out', async () => {
		const line = { model: 'illness@1', digest: illness.digest, input: row(0.5), prediction: 'no' };
		const looked = await look(
			illness,
			drawn(60, (u) => u),
			{
				also: [
					{ ...line, score: [] },
					{ ...line, score: [0.2, 0.8] },
					{ ...line, score: [], error: 'lost' },
					{ ...line, score: [0.5], arm: 'shadow-2' },
				],
			},
		);
		expect(looked.rows).toBe(62);
		expect(looked.notes[0]).toMatchObject({
			code: 'estimate_unreadable',
			text: expect.stringMatching(/^2.answers of illness version 1 had no score/),
		});
		expect(Number.isFinite(about(looked, 'accuracy').value)).toBe(true);
	});

	it('two versions side by side are estimated each by its own test rows', async () => {
		const second = await deployed(store, 'illness', patients(2000, ['no', 'yes'], 9));
		await pause();
		const from = new Date().toISOString();
		await ask(
			store,
			illness,
			drawn(200, (u) => u),
		);
		await ask(
			store,
			second,
			drawn(100, (u) => u),
		);
		await pause();
		const looked = await estimated({ model: 'illness', segments: [] }, from);
		expect(looked.versions).toEqual([1, 2]);
		expect(about(looked, 'accuracy')).toMatchObject({ version: 1 });
		expect(about(looked, 'accuracy', 'version 2')).toMatchObject({ version: 2 });
		const weights = looked.findings.filter((f) => f.weight! > 0).map((f) => [f.version, Math.round(300 * f.weight!)]);
		expect(weights).toEqual([
			[1, 200],
			[2, 100],
		]);
	});

	it('refuses a metric of another task', async () => {
		await expect(
			look(
				illness,
				drawn(60, (u) => u),
				{ params: { metric: 'mae' } },
			),
		).rejects.toMatchObject({
			code: 'learn.parameter_invalid',
		});
	});
});

describe('segments', () => {
	it('are estimated by themselves, against the same rows of the test; half of the weight is theirs', async () => {
		const unsure = drawn(300, (u) => 0.4 + 0.2 * u).map((r) => ({ ...r, ward: 'south' }));
		const looked = await look(illness, [...drawn(300, (u) => u), ...unsure], {
			segments: ['ward', 'visits', 'hospital'],
			params: { metric: 'accuracy' },
		});
		const [north, south] = ['ward = north', 'ward = south'].map((segment) => about(looked, 'accuracy', segment));
		expect(north.value! - south.value!).toBeGreaterThan(0.1);
		expect(Math.abs(north.reference! - 0.75)).toBeLessThan(0.08);
		expect(south.why).toContain('for ward = south');
		expect(north.why).toBeUndefined();
		const shown = looked.findings.filter((f) => f.weight! > 0);
		expect(shown.map((f) => f.about)).toEqual(shown.map(() => 'accuracy'));
		expect(shown.reduce((sum, f) => sum + f.weight!, 0)).toBeCloseTo(1, 9);
		expect(looked.findings.some((f) => f.segment?.startsWith('visits '))).toBe(true);
		expect(looked.notes).toContainEqual({ code: 'no_segments', text: 'Answers of illness version 1 cannot be divided by hospital.' });
		expect(looked.summary).toContain('for ward = south');
	});
});

describe('numbers', () => {
	it('errors are expected where they were on the test rows', async () => {
		const looked = await look(
			days,
			drawn(200, (u) => u),
		);
		expect(looked.findings.map((f) => f.about).sort()).toEqual(['mae', 'mape', 'rmse']);
		const mae = about(looked, 'mae');
		expect(mae.value!).toBeGreaterThanOrEqual(0);
		expect(mae.interval![0]).toBeGreaterThanOrEqual(0);
		expect(Math.abs(mae.value! - mae.reference!)).toBeLessThan(0.05);
		expect(looked.findings.filter((f) => f.why)).toEqual([]);
		expect(looked.summary).toMatch(/^Mean absolute error|^Typical error/);
	});

	it('models of errors are packages that an install which cannot read their trees refuses by their layout', async () => {
		const version = await versionOf(days);
		expect(version.manifest.v).toBe(2);
		const { inner = {} } = await estimatorOf(store, version, [], taskContext());
		expect(Object.keys(inner).sort()).toEqual(['mae', 'mape', 'rmse']);
		for (const digest of Object.values(inner)) expect((await store.artifacts.get(digest)).readUInt32LE(8)).toBe(6);
	});

	it('of very many answers an even sample is estimated, and said', async () => {
		const at = '2026-01-01T00:00:00.000Z';
		const line = { at, model: 'days', version: 1, digest: days.digest, input: row(0.5), prediction: 5, score: [5] };
		const lines = Array.from({ length: 110_000 }, (_, i) => `${JSON.stringify({ ...line, id: `many-${i}` })}\n`);
		await store.log.append('answers', Buffer.from(lines.join('')));
		const [looked] = await estimateAnswers(
			store,
			{ model: 'days', segments: [] },
			[{ from: at, until: '2026-01-02T00:00:00.000Z' }],
			estimateParams.parse({}),
			taskContext(),
		);
		expect(looked.rows).toBe(110_000);
		expect(looked.notes[0]).toMatchObject({
			code: 'sampled',
			text: expect.stringMatching(/^Of 110,000.answers of days version 1 an even sample of (99|100),\d+.answers is/),
		});
	}, 60_000);

	it('a category that no test row had is unknown to the model of errors, and no harm', async () => {
		const looked = await look(
			days,
			drawn(60, (u) => u).map((r) => ({ ...r, ward: 'moon' })),
		);
		expect(Number.isFinite(about(looked, 'mae').value)).toBe(true);
	});
});

const versionOf = async (model: Deployed) => {
	const { manifest } = readPackage(await store.artifacts.get(model.digest));
	return { label: 'x version 1', digest: model.digest, runId: (await store.find('modelVersion', model.name))!.body.runId, manifest };
};

describe('what cannot be estimated', () => {
	it('scores of anomalies, which are no probabilities', async () => {
		const version = await versionOf(days);
		const odd = { ...version, manifest: { ...version.manifest, task: 'anomaly' as const } };
		await expect(estimatorOf(store, odd, [], taskContext())).rejects.toMatchObject({
			code: 'monitor.no_estimate',
			details: { remedy: expect.stringContaining('Watch "Answers"') },
		});
	});

	it('a version with few test rows', async () => {
		const few = await deployed(store, 'few', patients(100, ['no', 'yes']));
		await expect(
			look(
				few,
				drawn(60, (u) => u),
			),
		).rejects.toMatchObject({
			code: 'monitor.no_estimate',
			message: expect.stringMatching(/^Only \d+ rows tell how good few version 1 was/),
		});
	});
});

it('runs in a job, windows in a row', async () => {
	await pause();
	const from = new Date().toISOString();
	await ask(
		store,
		days,
		drawn(60, (u) => u),
	);
	await pause();
	const until = soon();
	const windows = [
		{ from: '2001-01-01T00:00:00.000Z', until: '2001-01-02T00:00:00.000Z' },
		{ from, until },
	];
	const params = estimate.params.parse({});
	const watched = { model: 'days', segments: [] };
	const [none, some] = await estimate.lookOver!(store, watched, windows, params, silentContext());
	expect(none).toMatchObject({ rows: 0, waiting: 'Nobody was given an answer in this time.' });
	expect(some).toMatchObject({ rows: 60, versions: [1] });
	expect(await estimate.look(store, { ...watched, from, until }, params, silentContext())).toEqual(some);
	await closeEngines();
}, 60_000);
