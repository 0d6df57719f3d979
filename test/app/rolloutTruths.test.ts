import { canaryParams, abParams } from '../../lib/app/rolloutParams.js';
import { publishCounts } from '../../lib/app/rolloutCounts.js';
import { abortRollout, startRollout } from '../../lib/app/rollouts.js';
import { truthReaderOf } from '../../lib/app/truthReader.js';
import { rolloutReportJob } from '../../lib/app/jobs/rolloutReportJob.js';
import { rolloutItem } from '../../lib/app/rollouts.js';
import { tellTruth } from '../../lib/app/truth.js';
import { silentContext } from '../../lib/domain/progress.js';
import { murmurTwice } from '../../lib/domain/random.js';
import type { RolloutRecord } from '../../lib/domain/rollout.js';
import { noCounts } from '../../lib/serve/rollout/counts.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { taskContext } from '../learn/penguins.js';
import { freshFolder, removeFolders } from '../store/records.js';
import { deployed, patients, row, type Deployed } from './truthModels.js';

let store: Store;
const models: Deployed[] = [];
beforeAll(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
	for (const seed of [1, 2]) models.push(await deployed(store, 'illness', patients(200, ['no', 'yes'], seed)));
	await store.moveAlias('illness', 'champion', 1, { actor: 'ann' });
	await store.setPolicy('illness', { approvalRequired: false, gateRequired: false }, 'ann', 'a test');
}, 60_000);
afterAll(async () => {
	await store.close();
	await removeFolders();
});

/** Answers of both arms, those of the candidate by another skill, and their truth. */
async function live(rollout: RolloutRecord, skill: number, n: number): Promise<void> {
	const random = murmurTwice(7);
	const entries = Array.from({ length: n }, (_, i) => {
		const candidate = i % 2 === 1;
		const sick = random() < 0.5;
		const score = Math.min(0.99, Math.max(0.01, 0.5 + (sick ? 1 : -1) * (candidate ? skill : 0.1) + (random() - 0.5) / 2));
		return {
			sick,
			entry: {
				at: new Date().toISOString(),
				model: `illness@${candidate ? 2 : 1}`,
				digest: models[candidate ? 1 : 0].digest,
				requestId: `${rollout.id}-${i}`,
				input: row(score),
				prediction: 'yes',
				score: [score],
				rollout: rollout.id,
				arm: candidate ? 'candidate-2' : 'stable',
			},
		};
	});
	await store.logPredictions(entries.map(({ entry }) => entry));
	const truths = entries.map(({ entry, sick }) => ({ id: entry.requestId, truth: sick ? 'yes' : 'no' }));
	await tellTruth({ store, context: silentContext() }, { truths, by: 'a test' });
	const arm = { ...noCounts(2), requests: n / 2, rows: n / 2, buckets: [n / 2, 0], score: n / 4, score2: n / 6 };
	await publishCounts(store, rollout.id, 'one', { edges: [0.1], arms: { stable: arm, 'candidate-2': arm } });
}
async function started(kind: 'ab' | 'canary', params: object): Promise<RolloutRecord> {
	const schema = kind === 'ab' ? abParams : canaryParams;
	const request = {
		kind,
		actor: 'ann',
		modelName: 'illness',
		digest: models[1].digest,
		runId: 'run',
		preview: false,
		params: schema.parse(params),
	};
	const { id } = await startRollout(store, request);
	return (await store.find('rollout', id))!.body;
}
const look = async (record: RolloutRecord) => await rolloutReportJob.run({ store: store.ref, rollout: rolloutItem(record) }, taskContext());

it('a test says which version is better, in words, and shows how that came', async () => {
	const record = await started('ab', { guards: [] });
	expect((await look(record)).rollout.results).toBeUndefined();
	await live(record, 0.25, 1_200);
	const { rollout, report } = await look(record);
	const [result] = rollout.results!;
	expect(result).toMatchObject({ version: 2, metric: 'auc', answers: 1_200 });
	expect(result.low).toBeGreaterThan(0);
	expect(result.text).toMatch(
		/^Version 2 is better: AUC \+0\.\d{3} \(95 % confidence sequence 0\.\d{3} to 0\.\d{3}\) after 1,200 answers$/,
	);
	expect(rollout).toMatchObject({ next: 'ready', waits: result.text });
	expect(report.charts.map((c) => c.name)).toEqual(['way_2']);
	const html = (await store.artifacts.get(report.html)).toString();
	expect(html).toContain('is better: AUC');
	expect(html).toContain('What was answered');
	const png = await store.artifacts.get(report.charts[0].digest);
	expect([...png.subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
	await abortRollout(store, { id: record.id, actor: 'ann' });
});

it('what is told again counts as it was told last, for who read before as for who reads now', async () => {
	const record = await started('canary', { guards: ['quality'], minutes: 0, answers: 5_000 });
	await live(record, 0.1, 400);
	const reader = (await truthReaderOf(store, record))!;
	expect(await reader.read()).toBe(true);
	expect(await reader.read()).toBe(false);
	const now = async () => {
		const fresh = (await truthReaderOf(store, record))!;
		await fresh.read();
		return fresh.truths.quality();
	};
	const before = reader.truths.quality();
	expect(before).toEqual(await now());
	const ids = Array.from({ length: 400 }, (_, i) => `${record.id}-${i}`);
	const tell = async (truths: unknown[]) => await tellTruth({ store, context: silentContext() }, { truths, by: 'a test' });
	// Corrected, corrected again, and taken back: none of it makes another number of answers but the last.
	for (const truth of ['yes', 'no', null]) {
		await tell(
			ids.slice(1, 200).map((id, i) => ({ id, truth: truth === null ? null : i % 4 < 2 ? truth : truth === 'yes' ? 'no' : 'yes' })),
		);
		expect([truth, await reader.read()]).toEqual([truth, true]);
		expect(reader.truths.quality()).toEqual(await now());
		expect(reader.truths.quality()).not.toEqual(before);
		expect(reader.truths.size).toBe(truth === null ? 201 : 400);
	}
	// Looks at the same moment count nothing twice.
	await tell(ids.slice(1, 200).map((id) => ({ id, truth: 'yes' })));
	await Promise.all([reader.read(), reader.read(), reader.read()]);
	expect(reader.truths.size).toBe(400);
	await abortRollout(store, { id: record.id, actor: 'ann' });
});

it('a canary whose quality is surely worse is to be aborted', async () => {
	const record = await started('canary', { guards: ['quality'], minutes: 0, answers: 5_000 });
	await live(record, -0.1, 1_200);
	const { rollout } = await look(record);
	expect(rollout).toMatchObject({ next: 'abort', waits: expect.stringMatching(/^Version 2 is worse: AUC -0\.\d{3}/) as string });
	await store.verify();
});
