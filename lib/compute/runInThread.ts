import { Worker } from 'node:worker_threads';
import { newFlag, WISH, wish, wishBest } from '../domain/cancel.js';
import { MlopsError } from '../domain/errors.js';
import type { Progress } from '../domain/progress.js';
import { GRACE_MS, type ChildMessage, type JobCall, type Outcome, type ThreadData, type ThreadMessage } from './messages.js';
import { outOfMemory } from '../domain/outOfMemory.js';
import { failure } from './serveThread.js';

const WATCH_MS = 50;
const PROGRESS_MS = 100;
/** A thread that is not gone so long after its outcome is stuck in native code. */
const STUCK_MS = 500;

/** A job in a thread of this process. */
export interface RunningThread {
	/** Once the thread is gone, or once it is clear that it cannot be ended but with the whole process. */
	ended: Promise<'gone' | 'stuck'>;
	/** Asks the job to stop, and ends its thread when it does not. */
	cancel(): void;
	/** Asks a training to end with the best it has. */
	keepBest(): void;
}

/**
 * Runs a job in a thread, from a compiled file that calls `serveJobs`, and says what it says, what it takes, and how it ended; then the
 * thread is ended. A job that needs more memory than it may is ended too.
 */
export function runInThread(entry: string, job: JobCall, say: (message: ChildMessage) => void): RunningThread {
	const started = performance.now();
	const cancelled = newFlag();
	const data: ThreadData = { mlopsJob: job, cancelled };
	const thread = new Worker(entry, {
		workerData: data,
		resourceLimits: { maxOldGenerationSizeMb: Math.max(64, Math.floor(job.memoryBytes / 2 ** 20)) },
	});
	const memory = watchMemory(job.memoryBytes, say, () => finish({ ok: false, error: outOfMemory(job.memoryBytes).toJSON() }));
	const progress = throttle((latest: Progress) => say({ type: 'progress', progress: latest }));
	const { promise: ended, resolve: resolveEnded } = Promise.withResolvers<'gone' | 'stuck'>();
	let finished = false;
	const finish = (outcome: Outcome): void => {
		if (finished) return;
		finished = true;
		progress.flush();
		say({ type: 'outcome', outcome, peakMemoryBytes: memory.stop(), seconds: (performance.now() - started) / 1000 });
		const stuck = setTimeout(() => resolveEnded('stuck'), STUCK_MS);
		void thread.terminate().finally(() => {
			clearTimeout(stuck);
			resolveEnded('gone');
		});
	};
	thread.on('message', (message: ThreadMessage) => {
		if (message.type === 'outcome') finish(message.outcome);
		else if (message.type === 'progress') progress.say(message.progress);
		else say(message);
	});
	thread.on('error', (error) =>
		finish({
			ok: false,
			error: (error as { code?: unknown }).code === 'ERR_WORKER_OUT_OF_MEMORY' ? outOfMemory(job.memoryBytes).toJSON() : failure(error),
		}),
	);
	thread.on('exit', (code) =>
		finish({
			ok: false,
			error: new MlopsError('compute.task_failed', `The job "${job.job}" ended without a result (exit code ${code}).`).toJSON(),
		}),
	);
	return {
		ended,
		keepBest: () => wishBest(cancelled),
		cancel() {
			wish(cancelled, WISH.stop);
			setTimeout(() => {
				void thread.terminate();
			}, GRACE_MS).unref();
		},
	};
}

/** Looks at the resident size of the whole process, which counts what no heap limit does: array buffers, WASM, DuckDB. */
function watchMemory(limit: number, say: (message: ChildMessage) => void, tooMuch: () => void): { stop(): number } {
	const before = process.resourceUsage().maxRSS;
	let peak = process.memoryUsage.rss();
	let told = peak;
	// At once: so the parent knows that the job has begun.
	say({ type: 'memory', bytes: peak });
	const timer = setInterval(() => {
		const bytes = process.memoryUsage.rss();
		peak = Math.max(peak, bytes);
		if (peak > told * 1.1) {
			told = peak;
			say({ type: 'memory', bytes: peak });
		}
		if (bytes > limit) tooMuch();
	}, WATCH_MS);
	return {
		stop() {
			clearInterval(timer);
			// The system's own high-water mark (in KB) sees what falls between two looks, if it rose during this job.
			const highest = process.resourceUsage().maxRSS;
			return highest > before ? Math.max(peak, highest * 1024) : peak;
		},
	};
}

/** Passes on at most one value every tenth of a second, and always the last. */
function throttle<T>(pass: (value: T) => void): { say(value: T): void; flush(): void } {
	let waiting: { value: T } | undefined;
	let timer: NodeJS.Timeout | undefined;
	const flush = (): void => {
		clearTimeout(timer);
		timer = undefined;
		if (waiting) pass(waiting.value);
		waiting = undefined;
	};
	return {
		say(value) {
			if (timer) {
				waiting = { value };
				return;
			}
			pass(value);
			timer = setTimeout(flush, PROGRESS_MS);
		},
		flush,
	};
}
