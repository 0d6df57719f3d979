import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { MlopsError } from '../domain/errors.js';
import type { Progress } from '../domain/progress.js';
import type { Job } from './contract.js';
import { GRACE_MS, type ChildMessage, type JobCall, type Outcome, type ThreadData, type ThreadMessage } from './messages.js';
import { failure, outOfMemory, serveThread } from './thread.js';

const NICENESS = 5;
const WATCH_MS = 50;
const PROGRESS_MS = 100;
/** A thread that is not gone so long after its outcome is stuck in native code: the process goes with it. */
const STUCK_MS = 500;

/**
 * Makes the running file the entry of a compute child: in the child's main thread it takes jobs, in a thread of it (the same file is loaded there) it
 * runs one. The main thread only talks, so that it can stop the work, and end with its parent, whatever the work does.
 */
export function serveJobs(jobs: ReadonlyArray<Job<unknown, unknown>>): void {
	if (isMainThread) void serveProcess();
	else if ((workerData as Partial<ThreadData> | null)?.mlopsJob) void serveThread(jobs, workerData as ThreadData);
}

const leave = (): void => {
	process.kill(process.pid, 'SIGKILL');
};

async function serveProcess(): Promise<void> {
	process.on('disconnect', leave);
	// What is sent to a parent that was killed a moment ago fails before this process hears that it is alone.
	process.on('error', leave);
	if (!process.connected) return leave();
	// Ctrl-C in a terminal reaches the whole group; the parent decides, and its end ends this process.
	process.on('SIGINT', () => {});
	beNice();
	// n8n's own heap limit, handed down to every child, would take precedence over the limit of each job's thread.
	setFlagsFromString('--max-old-space-size=0');

	const { worker, workerEmit } = await import('workerpool');
	let cancel: (() => void) | undefined;
	process.on('SIGTERM', () => cancel?.());
	worker({
		run: async (job: JobCall): Promise<{ restingBytes: number }> => {
			const running = runInThread(job, workerEmit);
			cancel = running.cancel;
			await running.ended;
			cancel = undefined;
			return { restingBytes: process.memoryUsage.rss() };
		},
	});
}

/** Below n8n itself, so that its pages stay quick. On Linux each thread has a niceness of its own, and those to come inherit it. */
function beNice(): void {
	try {
		setPriority(0, NICENESS);
		if (process.platform !== 'linux') return;
		for (const thread of readdirSync('/proc/self/task')) setPriority(Number(thread), NICENESS);
	} catch {
		// Not every system lets a process be nice; it is a courtesy, no condition.
	}
}

function runInThread(job: JobCall, say: (message: ChildMessage) => void): { ended: Promise<void>; cancel: () => void } {
	const started = performance.now();
	const cancelled = new Int32Array(new SharedArrayBuffer(4));
	const data: ThreadData = { mlopsJob: job, cancelled };
	const thread = new Worker(process.argv[1]!, {
		workerData: data,
		resourceLimits: { maxOldGenerationSizeMb: Math.max(64, Math.floor(job.memoryBytes / 2 ** 20)) },
	});
	const memory = watchMemory(job.memoryBytes, say, () => finish({ ok: false, error: outOfMemory(job.memoryBytes).toJSON() }));
	const progress = throttle((latest: Progress) => say({ type: 'progress', progress: latest }));

	let resolveEnded: () => void;
	const ended = new Promise<void>((resolve) => {
		resolveEnded = resolve;
	});
	let finished = false;
	const finish = (outcome: Outcome): void => {
		if (finished) return;
		finished = true;
		progress.flush();
		say({ type: 'outcome', outcome, peakMemoryBytes: memory.stop(), seconds: (performance.now() - started) / 1000 });
		const stuck = setTimeout(leave, STUCK_MS);
		void thread.terminate().finally(() => {
			clearTimeout(stuck);
			resolveEnded();
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
		cancel() {
			Atomics.store(cancelled, 0, 1);
			Atomics.notify(cancelled, 0);
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
