import type { Job } from '../compute/contract.js';
import { runJob } from '../compute/runJob.js';
import { silentContext, type Context } from '../domain/progress.js';
import { timeLeft } from '../domain/timeLeft.js';
import type { Store } from '../store/contract.js';
import { resolveStore } from '../store/location.js';
import { openStore } from '../store/openStore.js';
import { jobEngine } from './jobEngine.js';
import { followed, type JobOrigin } from './runningJobs.js';

/** What a use case works with, whoever calls: a node, the command line, a script. */
export interface Session {
	store: Store;
	/** Runs a job outside this process. @throws what the job throws, `compute.*` */
	run<I, O>(job: Job<I, O>, input: I): Promise<O>;
	/** A job will be run in a moment: its process may start while what it is to do is still being found out. */
	expectJob(): void;
	/** Hears progress and notes; its signal stops the work. */
	context: Context;
	/** Who acts, for the audit log. */
	actor: string;
}

/** The store that the environment names; opened once a process. @throws what `openStore` throws */
export const openOwnStore = async (): Promise<Store> => await openStore(resolveStore(process.env));

/**
 * A session on an open store: heavy work goes to the processes that this program shares, its progress says how long it will still take, and
 * others see it and may stop it (`runningJobs.ts`).
 * @param origin what in n8n asks
 */
export function sessionOn(
	store: Store,
	{ context = silentContext(), actor, origin }: { context?: Context; actor: string; origin?: JobOrigin },
): Session {
	return {
		store,
		context,
		actor,
		expectJob: () => jobEngine(store).expect?.(),
		run: async (job, input) => {
			jobEngine(store).expect?.();
			// Each job has a clock of its own.
			const timed = timeLeft();
			return await followed({ store, actor, origin, context }, { job: job.id, input }, async (heard) => {
				const listening: Context = { ...heard, progress: (progress) => heard.progress(timed(progress)) };
				return await runJob(jobEngine(store), job, input, { context: listening });
			});
		},
	};
}
