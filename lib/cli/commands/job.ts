import process from 'node:process';
import { z } from 'zod/v4';
import { builtWorker } from '../../compute/builtWorker.js';
import { runPosted } from '../../compute/engines/runPosted.js';
import { progressText } from '../../domain/progress.js';
import { storeRef } from '../../domain/storeRef.js';
import { openStore } from '../../store/openStore.js';
import { defineCommand, EXIT } from '../contract.js';

/** What the engine `command` calls, and what a node of a cluster calls. */
export const jobRun = defineCommand({
	name: 'job run',
	does: 'Runs a job that waits in a store: input, progress and result go through the store. Called by n8n, or by a cluster.',
	args: ['id'],
	options: z.object({
		id: z.string().meta({ description: 'The job', placeholder: 'ID' }),
		store: storeRef.optional().meta({ description: 'Where the store is, as its reference; else as --home says' }),
	}),
	async run({ id, store: ref }, desk) {
		const store = ref ? await openStore(ref) : (await desk.session()).store;
		try {
			const { outcome, stuck } = await runPosted(store.jobs, id, builtWorker(), desk.context.signal);
			// What is stuck in native code goes with its process; all that matters is written.
			if (stuck) process.kill(process.pid, 'SIGKILL');
			const { ok } = outcome;
			return { json: { id, ok }, text: ok ? 'Done.' : `Failed: ${outcome.error.message}`, exit: ok ? EXIT.done : EXIT.failed };
		} finally {
			if (ref) await store.close();
		}
	},
});

export const jobList = defineCommand({
	name: 'job list',
	does: 'Lists the jobs that run, or ran within a day, by "mlops job run".',
	options: z.object({ limit: z.number().int().min(1).default(20).meta({ description: 'How many, the newest first', placeholder: 'N' }) }),
	async run({ limit }, desk) {
		const { store } = await desk.session();
		const jobs = (await store.jobs.list(limit)).map(({ ending, ...job }) => ({
			...job,
			...(ending ? { ok: ending.outcome.ok, seconds: ending.seconds } : {}),
		}));
		const lines = jobs.map(({ id, job, state, progress, where, ok }) =>
			[
				id,
				job,
				ok === undefined ? state : ok ? 'done' : 'failed',
				state === 'running' && progress ? progressText(progress) : '',
				where ?? '',
			]
				.join('  ')
				.trimEnd(),
		);
		return { json: { jobs }, text: lines.join('\n') || 'There are none.' };
	},
});
