import { throwIfCancelled } from '../domain/cancel.js';
import type { Context } from '../domain/progress.js';
import { checked } from './checked.js';
import type { Job } from './contract.js';
import type { JobEngine, Measured } from './engines/contract.js';

export interface RunOptions {
	/** Gets progress and notes; its signal cancels. */
	context: Context;
	/** What the job may use, where the engine's own limits are not to count. */
	memoryBytes?: number;
	threads?: number;
}

/**
 * Runs a job where the engine runs its jobs.
 * @throws what `JobHandle.result` does; `input.invalid` where the input does not fit; `internal` where the output does not
 */
export async function runJob<I, O>(engine: JobEngine, job: Job<I, O>, input: I, options: RunOptions): Promise<O> {
	return (await runMeasured(engine, job, input, options)).output;
}

/** The same, with what it took. */
export async function runMeasured<I, O>(
	engine: JobEngine,
	job: Job<I, O>,
	input: I,
	{ context, ...limits }: RunOptions,
): Promise<Measured<O>> {
	const asked = { job: job.id, input: checked(job, 'input', input), ...limits };
	const { signal, keepBest } = context;
	throwIfCancelled(context, `The job "${job.id}"`);
	const handle = engine.submit(asked, context);
	signal.addEventListener('abort', handle.cancel, { once: true });
	keepBest?.addEventListener('abort', handle.keepBest, { once: true });
	if (keepBest?.aborted) handle.keepBest();
	try {
		const { output, ...measured } = await handle.result;
		return { output: checked(job, 'output', output), ...measured };
	} finally {
		signal.removeEventListener('abort', handle.cancel);
		keepBest?.removeEventListener('abort', handle.keepBest);
	}
}
