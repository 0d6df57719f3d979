import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ingest } from '../../lib/app/calls/ingestCall.js';
import { train } from '../../lib/app/calls/trainCall.js';
import { closeEngines } from '../../lib/app/jobEngine.js';
import { runningJobs, wishOf, type RunningJob } from '../../lib/app/runningJobs.js';
import { sessionOn } from '../../lib/app/session.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { program } from '../cli/program.js';
import { freshFolder, removeFolders } from '../store/records.js';

let home: string;
let store: Store;
beforeAll(async () => {
	home = await freshFolder();
	store = await openStore({ kind: 'folder', home });
	const row = (i: number) =>
		`${(i * 7919) % 10_007},${(i * 104_729) % 997},${(i * 7919) % 10_007 > 5_000 + ((i * 31) % 900) ? 'yes' : 'no'}`;
	const file = join(home, 'many.csv');
	writeFileSync(file, `a,b,answer\n${Array.from({ length: 20_000 }, (_, i) => row(i)).join('\n')}\n`);
	await ingest(sessionOn(store, { actor: 'ann' }), { file, name: 'many', target: 'answer' });
}, 120_000);
afterAll(async () => {
	await closeEngines();
	await store.close();
	await removeFolders();
});

/** So many rounds that nobody waits for their end. */
const LONG = { dataset: 'many', learner: 'gradientBoosting', params: { n_estimators: 100_000, early_stopping_rounds: 0 } } as const;
const session = () => sessionOn(store, { actor: 'ann', origin: { node: 'Train', execution: '7' } });

async function seen(so: (job: RunningJob) => boolean): Promise<RunningJob> {
	for (let i = 0; i < 1_800; i++) {
		const found = (await runningJobs(store)).find(so);
		if (found) return found;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	throw new Error('no such job was seen');
}

it('a training is seen as it goes, and ends with the best it has when a person says so; that is no answer to the same question', async () => {
	const trained = train(session(), { ...LONG, modelName: 'kept' });
	const job = await seen(({ about, curve }) => about.model === 'kept' && (curve?.points.length ?? 0) > 2);
	expect(job).toMatchObject({
		...{ job: 'train', by: 'ann', state: 'running', keepsBest: true, stage: 'Training trees', origin: { node: 'Train', execution: '7' } },
		about: { dataset: { name: 'many', version: 1 }, learner: 'gradientBoosting', target: 'answer' },
		metric: { name: expect.any(String) as string },
	});
	expect(job.share).toBeLessThan(1);
	await wishOf(store, { id: job.id, how: 'keepBest', by: 'bob@example.com', reason: 'Good enough.' });
	const { fields, notes } = await trained;
	expect(notes.map(({ code }) => code)).toContain('learn.kept_best');
	expect(fields.run.metrics.auc).toBeGreaterThan(0.9);
	expect((await store.auditLog({ action: 'job.' }))[0]).toMatchObject({
		actor: 'bob@example.com',
		action: 'job.kept_best',
		subject: 'kept',
	});
	expect(await runningJobs(store)).toEqual([]);
	const again = train(session(), { ...LONG, modelName: 'kept' });
	const second = await seen(({ stage }) => stage === 'Training trees');
	await wishOf(store, { id: second.id, how: 'stop', by: 'bob@example.com' });
	await expect(again).rejects.toMatchObject({ code: 'compute.cancelled', message: 'The job "train" was stopped by bob@example.com.' });
	expect(await runningJobs(store)).toEqual([]);
}, 120_000);

it("Automatic's leaderboard grows while it is looked at, and its best learner is made in full when the search is ended", async () => {
	const trained = train(session(), { dataset: 'many', modelName: 'searched', timeBudgetSeconds: 600 });
	const job = await seen(({ about, leaderboard }) => about.model === 'searched' && (leaderboard?.length ?? 0) >= 3);
	await wishOf(store, { id: job.id, how: 'keepBest', by: 'bob' });
	const { fields } = await trained;
	const run = await store.get('run', fields.run.id);
	expect(run.body.leaderboard!.length).toBeGreaterThanOrEqual(3);
	const best = run.body.leaderboard![0].metrics[run.body.primary];
	expect(fields.run.metrics[run.body.primary]).toBeGreaterThan(best - 0.02);
}, 180_000);

it('a training of another process is seen, may be ended, and is lost once its process is killed', async () => {
	const params = JSON.stringify(LONG.params);
	const start = () =>
		spawn(
			process.execPath,
			[program, 'train', '--dataset', 'many', '--learner', 'gradientBoosting', '--params', params, '--model-name', 'far'],
			{
				env: { ...process.env, MLOPS_HOME: home, NODE_OPTIONS: '' },
				stdio: 'ignore',
			},
		);
	const kept = start();
	const job = await seen(({ about, stage }) => about.model === 'far' && stage === 'Training trees');
	await wishOf(store, { id: job.id, how: 'keepBest', by: 'bob' });
	expect(await once(kept, 'exit')).toEqual([0, null]);
	expect((await store.find('run', 'far'))!.body.notes.map(({ code }) => code)).toContain('learn.kept_best');

	const killed = start();
	const second = await seen(({ about, stage }) => about.model === 'far' && stage === 'Training trees');
	killed.kill('SIGKILL');
	await once(killed, 'exit');
	expect(await seen(({ id, state }) => id === second.id && state === 'lost')).toBeDefined();
	await expect(wishOf(store, { id: second.id, how: 'stop', by: 'bob' })).rejects.toMatchObject({ code: 'store.not_found' });
}, 180_000);

it('what is no training has nothing to keep', async () => {
	await store.setProgress('job:job_x', {
		...{ id: 'job_x', job: 'evaluate', about: {}, by: 'ann', startedAt: new Date().toISOString(), keepsBest: false },
		process: { host: 'elsewhere', pid: 1 },
	});
	await expect(wishOf(store, { id: 'job_x', how: 'keepBest', by: 'bob' })).rejects.toMatchObject({ code: 'input.invalid' });
	await store.clearProgress('job:job_x');
});
