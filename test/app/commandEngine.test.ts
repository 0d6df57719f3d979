import { ingestJob } from '../../lib/app/jobs/ingestJob.js';
import { trainJob } from '../../lib/app/jobs/trainJob.js';
import { jobEngine, closeEngines } from '../../lib/app/jobEngine.js';
import { runJob } from '../../lib/compute/runJob.js';
import type { Context, Progress } from '../../lib/domain/progress.js';
import { silentContext } from '../../lib/domain/progress.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { freshFolder, removeFolders } from '../store/records.js';

let store: Store;
let datasetId: string;
beforeAll(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
	const { dataset } = await runJob(
		jobEngine(store, 'command'),
		ingestJob,
		{ store: store.ref, name: 'penguins', source: 'example', params: { example: 'penguins' }, target: 'Species', rowLimit: 0 },
		{ context: silentContext() },
	);
	datasetId = dataset.id;
});
afterAll(async () => {
	await closeEngines();
	await store.close();
	await removeFolders();
});

/** Trains by an engine; `budget` seconds of trying learners, else one of fixed parameters. */
const train = async (
	engine: string,
	{ context = silentContext(), budget, memoryBytes }: { context?: Context; budget?: number; memoryBytes?: number } = {},
) =>
	await runJob(
		jobEngine(store, engine),
		trainJob,
		{
			store: store.ref,
			datasetId,
			recipe: { steps: [] },
			spec: {
				target: 'Species',
				split: { method: 'auto', testShare: 0.2, validationShare: 0.2, seed: 7 },
				learner: budget ? 'automatic' : 'gradientBoosting',
				params: {},
				seed: 7,
				crossValidation: 0,
				classWeight: 'none',
				timeBudgetSeconds: budget ?? 60,
				refit: true,
			},
			modelName: '',
			runAgain: true,
		},
		{ context, ...(memoryBytes ? { memoryBytes } : {}) },
	);

/** Begins a training that goes on until somebody ends it, and waits until it says something. */
async function long(): Promise<{ training: Promise<unknown>; stop(): void }> {
	const stop = new AbortController();
	const heard = Promise.withResolvers<Progress>();
	const context: Context = { note: () => {}, progress: (progress) => heard.resolve(progress), signal: stop.signal };
	const training = train('command', { context, budget: 600 });
	await Promise.race([heard.promise, training]);
	return { training, stop: () => stop.abort() };
}

describe('training by "mlops job run"', () => {
	it('gives the same package, byte for byte, and says how it goes', async () => {
		const progress: Progress[] = [];
		const context = { ...silentContext(), progress: (p: Progress) => progress.push(p) };
		const there = await train('command', { context });
		const here = await train('here');
		expect(there.model.digest).toBe(here.model.digest);
		expect(progress.at(-1)).toMatchObject({ stage: 'Done', share: 1 });
		expect((await store.jobs.list(1))[0]).toMatchObject({ job: 'train', state: 'ended', where: expect.stringMatching(/process \d+$/) });
	});

	it('can be stopped', async () => {
		const { training, stop } = await long();
		stop();
		await expect(training).rejects.toMatchObject({ code: 'compute.cancelled' });
		expect((await store.jobs.list(1))[0]).toMatchObject({ cancelled: true, ending: { outcome: { error: { code: 'compute.cancelled' } } } });
	});

	it('ends where it needs more memory than it may have', async () => {
		await expect(train('command', { memoryBytes: 60 * 2 ** 20 })).rejects.toMatchObject({ code: 'compute.out_of_memory' });
	});

	it('that is killed is known to be dead', async () => {
		const { training } = await long();
		const [{ where }] = await store.jobs.list(1);
		process.kill(Number(/\d+$/.exec(where!)![0]), 'SIGKILL');
		await expect(training).rejects.toMatchObject({ code: 'compute.task_died', message: expect.stringContaining('SIGKILL') });
	});

	it('is chosen by a name that exists', () => {
		expect(() => jobEngine(store, 'there')).toThrow(
			expect.objectContaining({ code: 'input.invalid', message: expect.stringContaining('there') }),
		);
	});
});
