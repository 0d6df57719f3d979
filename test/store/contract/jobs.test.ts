import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { closeEngines, jobEngine } from '../../../lib/app/jobEngine.js';
import { ingestJob } from '../../../lib/app/jobs/ingestJob.js';
import type { JobCall } from '../../../lib/compute/messages.js';
import { runJob } from '../../../lib/compute/runJob.js';
import { silentContext } from '../../../lib/domain/progress.js';
import { describeStores, type Place } from './places.js';

const call = (input: unknown): JobCall => ({ job: 'add', input, threads: 1, memoryBytes: 2 ** 33 });
const answer = { outcome: { ok: true as const, output: { word: 'treasure' } }, peakMemoryBytes: 2 ** 32, seconds: 2 };

afterAll(closeEngines);

describeStores('jobs that other processes run', (stage) => {
	it('are claimed once, also where many try, and end once', async () => {
		const { jobs } = stage.store;
		const id = await jobs.post(call({ a: 1 }));
		const claims = await Promise.all(Array.from({ length: 8 }, (_, i) => jobs.claim(id, `process ${i}`)));
		expect(claims.filter((claimed) => claimed !== undefined)).toEqual([call({ a: 1 })]);
		const ends = await Promise.all([1, 2, 3].map((seconds) => jobs.end(id, { ...answer, seconds })));
		expect(ends.filter(Boolean)).toHaveLength(1);
		expect(await jobs.look(id)).toMatchObject({ state: 'ended', where: expect.stringMatching(/^process \d$/) });
	});

	it('say how they go, and both sides beat', async () => {
		const { jobs } = stage.store;
		const id = await jobs.post(call({}));
		expect(await jobs.look(id)).toMatchObject({ state: 'waiting', cancelled: false, askerBeat: 0, workerBeat: 0, notes: [] });
		await jobs.claim(id, 'here');
		const said = { progress: { stage: 'Adding', share: 0.5 }, notes: [{ code: 'n', text: 'Noted.' }], memoryBytes: 2 ** 32 };
		await jobs.say(id, said);
		await jobs.want(id);
		await jobs.cancel(id);
		expect(await jobs.look(id)).toMatchObject({ state: 'running', cancelled: true, askerBeat: 1, workerBeat: 1, ...said });
		await jobs.end(id, answer);
		await jobs.say(id, { ...said, notes: [] });
		expect(await jobs.look(id)).toMatchObject({ state: 'ended', workerBeat: 1, ...said, ending: answer });
		await jobs.post(call({}));
		expect((await jobs.list(5)).map(({ state }) => state)).toEqual(['waiting', 'ended']);
		expect(await jobs.look('job_of_nobody')).toBeUndefined();
	});

	it('that are cancelled before anybody claimed them are never run', async () => {
		const { jobs } = stage.store;
		const id = await jobs.post(call({}));
		await jobs.cancel(id);
		expect(await jobs.claim(id, 'here')).toBeUndefined();
		expect(await jobs.look(id)).toMatchObject({ state: 'ended', ending: { outcome: { ok: false, error: { code: 'compute.cancelled' } } } });
	});

	it('lie sealed, since a connection has a password', async () => {
		const { jobs } = stage.store;
		const id = await jobs.post(call({ password: 'open sesame' }));
		const waiting = await written(stage.place);
		await jobs.claim(id, 'here');
		await jobs.end(id, answer);
		for (const text of [waiting, await written(stage.place)]) {
			expect(text).toContain(id);
			expect(text).not.toContain('sesame');
			expect(text).not.toContain('treasure');
		}
	});

	it('are run by a program that gets nothing but the reference of the store', async () => {
		const input = { store: stage.store.ref, name: 'penguins', source: 'example', params: { example: 'penguins' }, rowLimit: 0 };
		const { dataset } = await runJob(jobEngine(stage.store, 'command'), ingestJob, input, { context: silentContext() });
		expect(dataset).toMatchObject({ storeId: stage.store.id, rows: 344 });
		expect((await stage.store.get('dataset', dataset.id)).body.rows).toBe(344);
		await stage.store.verify();
	});
});

/** What somebody sees who has the database. */
async function written({ kind, home, rows }: Place): Promise<string> {
	if (kind === 'postgres') return JSON.stringify(await rows('SELECT * FROM job'));
	const files = await Promise.all(['log.db', 'log.db-wal'].map(async (name) => await readFile(join(home, name)).catch(() => Buffer.of())));
	return Buffer.concat(files).toString('latin1');
}
