import { deploy, deployParams, archiveVersion, rollBack } from '../../lib/app/deploy.js';
import { abParams, canaryParams, shadowParams } from '../../lib/app/rolloutParams.js';
import { countsOf, publishCounts } from '../../lib/app/rolloutCounts.js';
import { abortRollout, promoteRollout, startRollout, stepRollout, type StartRequest } from '../../lib/app/rollouts.js';
import { rolloutStatus } from '../../lib/app/rolloutStatus.js';
import type { RolloutKind } from '../../lib/domain/rollout.js';
import { noCounts } from '../../lib/serve/rollout/counts.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { datasetBody, freshFolder, removeFolders, runBody } from '../store/records.js';

let store: Store;
beforeEach(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
	for (const mark of ['a', 'b', 'c']) {
		const digest = await store.artifacts.put(`package ${mark}`);
		await store.add('modelVersion', 'churn', { name: 'churn', version: 0, runId: 'run', digest, tags: {} });
	}
	await store.moveAlias('churn', 'champion', 1, { actor: 'ann' });
});
afterEach(async () => {
	await store.verify();
	await store.close();
});
afterAll(removeFolders);

const PARAMS = { canary: canaryParams, shadow: shadowParams, ab: abParams };
const without = async (): Promise<void> =>
	await store.setPolicy('churn', { approvalRequired: false, gateRequired: false }, 'ann', 'a test');
async function start(kind: RolloutKind, version = 2, params: object = {}, more: Partial<StartRequest> = {}) {
	const { body } = (await store.find('modelVersion', 'churn', version))!;
	const request = { kind, actor: 'ann', modelName: 'churn', digest: body.digest, runId: 'run', preview: false };
	return await startRollout(store, { ...request, params: PARAMS[kind].parse(params), ...more });
}
const events = async () =>
	(await store.auditLog({ subject: 'churn' })).filter((e) => e.action.startsWith('rollout.') && e.action !== 'rollout.added').reverse();
const newest = async (id: string) => (await store.find('rollout', id))!.body;

describe('starting', () => {
	it('a canary or a test needs what Deploy needs; a shadow, which nobody hears, does not', async () => {
		await expect(start('canary')).rejects.toMatchObject({ code: 'deploy.gate_failed' });
		await expect(start('ab')).rejects.toMatchObject({ code: 'deploy.gate_failed' });
		expect(await start('shadow')).toMatchObject({ state: 'running', text: expect.stringContaining('unseen') as string });
		await store.setPolicy('churn', { approvalRequired: true, gateRequired: false }, 'ann', 'a test');
		await abortRollout(store, { model: 'churn', actor: 'ann' });
		await expect(start('canary')).rejects.toMatchObject({ code: 'deploy.approval_missing' });
		const { digest } = (await store.find('modelVersion', 'churn', 2))!.body;
		const request = { approvers: ['bo'], expiresAt: new Date(Date.now() + 60_000).toISOString(), items: await store.artifacts.put('[]') };
		const approval = await store.createApproval({ ...request, subject: { title: 'May it?', model: digest, modelName: 'churn' } });
		await expect(start('canary')).rejects.toMatchObject({ code: 'deploy.approval_pending' });
		await store.decideApproval(approval.id, 'rejected', 'bo', 'too early');
		await expect(start('canary')).rejects.toMatchObject({ code: 'deploy.approval_rejected' });
		// Each arm of a test is asked, not the first alone.
		await store.setPolicy('churn', { approvalRequired: false, gateRequired: false }, 'ann', 'a test');
		await expect(start('ab', 3, { versions: ['2'] })).rejects.toMatchObject({ code: 'deploy.approval_rejected' });
	});

	it('in spite of a refusal takes a reason, which the audit log keeps for good', async () => {
		await start('canary', 2, { override_reason: 'agreed with the board' });
		const [event] = (await store.auditLog({ subject: 'churn@2' })).filter((e) => e.action === 'deploy.overridden');
		expect(event.details).toMatchObject({ reason: 'agreed with the board', refused: expect.stringContaining('gate') as string });
	});

	it('says who, what, by which steps and guards; one runs for an alias at a time', async () => {
		await without();
		const item = await start('canary', 2, { shares: [10, 100], answers: 50, minutes: 5, reason: 'week 12' });
		expect(item).toMatchObject({
			kind: 'canary',
			stable: 1,
			candidates: [{ version: 2, share: 0.1 }],
			step: 1,
			steps: 2,
			text: 'The canary of version 2 of churn runs: 10 % of the callers of "champion" get it, the others version 1.',
		});
		const [event] = await events();
		expect(event).toMatchObject({
			action: 'rollout.started',
			actor: 'ann',
			details: {
				rollout: item.id,
				reason: 'week 12',
				steps: [
					{ share: 0.1, minutes: 5, answers: 50 },
					{ share: 1, minutes: 5, answers: 50 },
				],
				guards: { minAnswers: 100, errorRate: 0.01, latency: 2, answers: 0.5, quality: 0, alpha: 0.05 },
			},
		});
		await expect(start('shadow', 3)).rejects.toMatchObject({
			code: 'rollout.running',
			message: expect.stringContaining(item.id) as string,
		});
		await store.moveAlias('churn', 'other', 1, { actor: 'ann' });
		expect(await start('shadow', 3, { alias: 'other' })).toMatchObject({ alias: 'other' });
	});

	it('is refused without a stable version, of the stable version itself, and of an archived one', async () => {
		await without();
		await expect(start('canary', 2, { alias: 'nobody' })).rejects.toMatchObject({ code: 'rollout.refused' });
		await expect(start('canary', 1)).rejects.toMatchObject({ code: 'rollout.refused' });
		await store.archive('churn', 3, 'ann');
		await expect(start('shadow', 3)).rejects.toMatchObject({ code: 'store.conflict' });
		await expect(start('ab', 2, { versions: ['9'] })).rejects.toMatchObject({ code: 'store.not_found' });
		expect(await store.list('rollout')).toEqual([]);
	});

	it.each<[number[], string | undefined]>([
		[[5, 25, 100], undefined],
		[[50], undefined],
		[
			[50, 20, 80],
			'Its steps fall from 50 % to 20 %: some callers who got the new version get version 1 again, and then the new one once more.',
		],
		[[50, 20], 'Its steps fall from 50 % to 20 %: some callers who got the new version get version 1 again.'],
		[[10, 10, 50], 'Its steps repeat 10 %: nothing changes for callers between them; each lasts as long as a step does.'],
	])('a canary with the steps %j runs, and says what is odd of them', async (shares, warning) => {
		await without();
		const item = await start('canary', 2, { shares });
		expect(item).toMatchObject({ state: 'running', steps: shares.length });
		expect(item.warning).toBe(warning);
		if (warning) expect(item.text).toContain(warning);
		const [event] = await events();
		expect(event.details.warning).toBe(warning);
	});

	it('a test of which nobody gets the stable version is refused; a canary may end there', async () => {
		await without();
		await expect(start('ab', 2, { share: 100 })).rejects.toMatchObject({
			code: 'rollout.refused',
			message: 'With 100 % nobody gets version 1 of "churn", and the test has nothing to compare with.',
		});
		expect(await start('canary', 2, { shares: [100] })).toMatchObject({ state: 'running' });
	});

	it.each(['canary', 'ab', 'shadow'] as const)('a %s is refused for a version that answers with another kind of thing', async (kind) => {
		await without();
		const dataset = await store.add('dataset', 'people', await datasetBody(store, 'rollouts'));
		const versionOf = async (task: 'binary' | 'multiclass' | 'regression' | 'anomaly', target: string) => {
			const run = await store.add('run', task, { ...(await runBody(store, dataset.id, task)), task, target });
			const digest = await store.artifacts.put(`package ${task}`);
			const { version } = await store.add('modelVersion', 'sick', { name: 'sick', version: 0, runId: run.id, digest, tags: {} });
			return { version, modelName: 'sick', digest, runId: run.id };
		};
		const stable = await versionOf('binary', 'sick');
		await store.moveAlias('sick', 'champion', stable.version, { actor: 'ann' });
		await store.setPolicy('sick', { approvalRequired: false, gateRequired: false }, 'ann', 'a test');
		await expect(start(kind, 2, {}, await versionOf('regression', 'days'))).rejects.toMatchObject({
			code: 'rollout.refused',
			message:
				'The new version answers with another kind of thing ("days", numbers) than version 1 of "sick" ("sick", classes): ' +
				'callers of one cannot read the other, and they cannot be compared.',
			details: { remedy: 'Register it under a name of its own.' },
		});
		await expect(start(kind, 2, {}, await versionOf('anomaly', ''))).rejects.toMatchObject({ code: 'rollout.refused' });
		// A class more is still a class.
		expect(await start(kind, 2, {}, await versionOf('multiclass', 'sick'))).toMatchObject({ state: 'running' });
	});

	it('in a test run says what would happen and writes nothing', async () => {
		await without();
		const before = await store.soundEnd();
		expect((await start('canary', 2, {}, { preview: true })).text).toBe(
			'In a real run: the canary of version 2 of churn runs: 5 % of the callers of "champion" get it, the others version 1.',
		);
		expect(await store.soundEnd()).toBe(before);
	});

	it('at the same moment by two people: one wins', async () => {
		await without();
		const both = await Promise.allSettled([start('canary', 2), start('canary', 3)]);
		expect(both.map((b) => b.status).sort()).toEqual(['fulfilled', 'rejected']);
	});

	it('of a test with three versions divides the share alike', async () => {
		await without();
		expect(await start('ab', 2, { versions: ['3'], share: 60 })).toMatchObject({
			candidates: [
				{ version: 2, share: 0.3 },
				{ version: 3, share: 0.3 },
			],
		});
	});
});

describe('a rollout that runs', () => {
	beforeEach(without);

	it('steps, and is promoted by the decision of Deploy, all with their events', async () => {
		const { id } = await start('canary', 2, { shares: [10, 50] });
		expect(await stepRollout(store, { id, actor: 'system', answers: 70, numbers: { answers: { stable: 630 } } })).toMatchObject({
			step: 2,
			candidates: [{ version: 2, share: 0.5 }],
		});
		expect(await newest(id)).toMatchObject({ step: 1, stepFrom: 70 });
		await expect(stepRollout(store, { id, actor: 'ann' })).rejects.toMatchObject({ code: 'rollout.refused' });
		const { rollout, deployment } = await promoteRollout(store, { model: 'churn', actor: 'bo', reason: 'it is better' });
		expect(deployment).toMatchObject({ version: 2, previousVersion: 1, moved: true });
		expect(rollout).toMatchObject({ state: 'promoted', reason: 'it is better' });
		expect(await store.alias('churn', 'champion')).toBe(2);
		expect((await events()).map((e) => [e.action, e.actor])).toEqual([
			['rollout.started', 'ann'],
			['rollout.stepped', 'system'],
			['rollout.promoted', 'bo'],
		]);
		await expect(abortRollout(store, { id, actor: 'ann' })).rejects.toMatchObject({ code: 'rollout.not_running' });
		// Roll back knows what was before.
		expect(await rollBack(store, { modelName: 'churn', alias: 'champion', actor: 'ann', preview: false })).toMatchObject({ version: 1 });
	});

	it('is not promoted where the gate refuses, and goes on', async () => {
		const { id } = await start('canary');
		await store.setPolicy('churn', { approvalRequired: false, gateRequired: true }, 'ann');
		await expect(promoteRollout(store, { id, actor: 'bo' })).rejects.toMatchObject({ code: 'deploy.gate_failed' });
		expect((await newest(id)).state).toBe('running');
		expect(await store.alias('churn', 'champion')).toBe(1);
		const { deployment } = await promoteRollout(store, { id, actor: 'bo', params: { override_reason: 'the board agreed' } });
		expect(deployment).toMatchObject({ moved: true, overridden: true });
	});

	it('of several versions is promoted only when it is said which', async () => {
		const { id } = await start('ab', 2, { versions: ['3'] });
		await expect(promoteRollout(store, { id, actor: 'bo' })).rejects.toMatchObject({ code: 'rollout.refused' });
		await expect(promoteRollout(store, { id, actor: 'bo', version: 7 })).rejects.toMatchObject({ code: 'rollout.refused' });
		expect((await promoteRollout(store, { id, actor: 'bo', version: 3 })).deployment).toMatchObject({ version: 3 });
	});

	it('is aborted once, by whoever is first; what was judged by an older state does nothing', async () => {
		const { id } = await start('canary', 2, { shares: [10, 50] });
		const { version } = (await store.find('rollout', id))!;
		await stepRollout(store, { id, actor: 'ann' });
		await expect(abortRollout(store, { id, actor: 'system', expect: version })).rejects.toMatchObject({ code: 'store.conflict' });
		const both = await Promise.allSettled([abortRollout(store, { id, actor: 'a' }), promoteRollout(store, { id, actor: 'b' })]);
		expect(both.map((b) => b.status).sort()).toEqual(['fulfilled', 'rejected']);
		expect((await events()).filter((e) => /aborted|promoted/.test(e.action))).toHaveLength(1);
	});

	it('ends when its alias is moved by hand; a roll back of the alias ends it too; archiving beneath it is refused', async () => {
		const put = async (version: number) => {
			const { digest } = (await store.find('modelVersion', 'churn', version))!.body;
			const params = deployParams.parse({});
			await deploy({ store, actor: 'bo', modelName: 'churn', digest, runId: 'run', preview: false, params });
		};
		const first = await start('canary', 2);
		await expect(archiveVersion(store, { modelName: 'churn', which: '2', actor: 'ann', preview: false })).rejects.toMatchObject({
			code: 'rollout.running',
		});
		await put(3);
		expect(await newest(first.id)).toMatchObject({
			state: 'aborted',
			ended: { by: 'bo', version: 3, reason: '"champion" was moved to version 3 by hand.' },
		});
		const second = await start('canary', 2);
		await put(2);
		expect(await newest(second.id)).toMatchObject({ state: 'promoted', ended: { by: 'bo', version: 2 } });
		const third = await start('canary', 1);
		await rollBack(store, { modelName: 'churn', alias: 'champion', actor: 'cy', preview: false });
		expect(await newest(third.id)).toMatchObject({ state: 'aborted', ended: { by: 'cy' } });
		// A move of another alias ends nothing.
		const fourth = await start('canary', 2);
		const { digest } = (await store.find('modelVersion', 'churn', 1))!.body;
		const params = deployParams.parse({ alias: 'backup' });
		await deploy({ store, actor: 'bo', modelName: 'churn', digest, runId: 'run', preview: false, params });
		expect((await newest(fourth.id)).state).toBe('running');
	});

	it('says how it stands by the sums of all servers, those that are gone too', async () => {
		const { id } = await start('canary', 2, { minutes: 0, answers: 300 });
		const arm = (rows: number, more = {}) => ({
			...noCounts(3),
			requests: rows,
			rows,
			buckets: [rows, 0, 0],
			score: rows / 2,
			score2: rows / 3,
			...more,
		});
		for (const server of ['one', 'two'])
			await publishCounts(store, id, server, { edges: [0.01, 0.1], arms: { stable: arm(900), 'candidate-2': arm(100) } });
		await publishCounts(store, id, 'two', { edges: [0.01, 0.1], arms: { stable: arm(1_000), 'candidate-2': arm(110, { rowErrors: 2 }) } });
		expect((await countsOf(store, id)).arms).toMatchObject({
			stable: { rows: 1_900, buckets: [1_900, 0, 0] },
			'candidate-2': { rows: 210, rowErrors: 2 },
		});
		const { rollout } = await rolloutStatus(store, await newest(id));
		expect(rollout).toMatchObject({ next: 'continue', waits: '210 of 300 answers of this step are given.' });
		expect(rollout.findings!.map((f) => [f.guard, f.broken])).toEqual([
			['errorRate', false],
			['latency', false],
			['answers', false],
		]);
		expect(rollout.findings![0].text).toBe('Version 2 failed in 0.94 % of 212 rows, version 1 in 0 %; 1 % more are allowed.');
	});
});
