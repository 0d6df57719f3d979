import { parentPort } from 'node:worker_threads';
import { isDiskFull, MlopsError, type MlopsErrorJson } from '../domain/errors.js';
import { outOfMemory } from '../domain/outOfMemory.js';
import type { Job } from './contract.js';
import { checked } from './checked.js';
import { keepCompiled } from './compiledCode.js';
import type { Outcome, ThreadData, ThreadMessage } from './messages.js';

/** Runs one job in a worker thread of the compute child and tells the child's main thread how it went. */
export async function serveThread(
	jobOf: (id: string) => Job<unknown, unknown> | undefined,
	{ mlopsJob: asked, cancelled }: ThreadData,
): Promise<void> {
	const port = parentPort;
	if (!port) throw new MlopsError('internal', "A job's thread has no one to talk to.");
	const say = (message: ThreadMessage): void => port.postMessage(message);

	const attempt = async (): Promise<Outcome> => {
		const job = jobOf(asked.job);
		if (!job) throw new MlopsError('internal', `The compute process knows no job "${asked.job}".`);
		const output = await job.run(checked(job, 'input', asked.input), {
			progress: (progress) => say({ type: 'progress', progress }),
			note: (code, text) => say({ type: 'note', code, text }),
			cancelled,
			threads: asked.threads,
			memoryBytes: asked.memoryBytes,
		});
		return { ok: true, output: checked(job, 'output', output) };
	};
	const outcome = await attempt().catch((error: unknown): Outcome => ({ ok: false, error: failure(error) }));
	// Whoever hears the outcome ends this thread.
	keepCompiled();
	say({ type: 'outcome', outcome });
}

/** What a job threw, in a form that crosses processes. Failures that nobody foresaw leave their stack in the log for the engineer. */
export function failure(error: unknown): MlopsErrorJson {
	if (error instanceof MlopsError) return error.toJSON();
	const { code, message, stack } = (error ?? {}) as { code?: unknown; message?: unknown; stack?: unknown };
	if (
		code === 'ERR_WORKER_OUT_OF_MEMORY' ||
		(typeof message === 'string' && /Array buffer allocation failed|Invalid typed array length|out of memory/i.test(message))
	)
		return outOfMemory().toJSON();
	if (isDiskFull(error)) return MlopsError.from(error).toJSON();
	process.stderr.write(`n8n-nodes-mlops: a job failed unexpectedly: ${String(stack ?? error)}\n`);
	return new MlopsError('compute.task_failed', typeof message === 'string' && message !== '' ? message : String(error), {
		remedy: 'If the data and the parameters look right, this is a fault of n8n-nodes-mlops: report it with the log of n8n.',
	}).toJSON();
}
