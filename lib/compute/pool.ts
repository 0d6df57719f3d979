import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { MlopsError } from '../domain/errors.js';
import type { Context } from '../domain/progress.js';
import { checked } from './checked.js';
import type { Job } from './contract.js';
import { GRACE_MS, type ChildMessage, type JobCall } from './messages.js';
import { outOfMemory } from './thread.js';

export interface PoolOptions {
	/** Jobs at the same time, each in a process of its own. Further ones wait. */
	maxWorkers?: number;
	/** Memory that one job may use unless it says otherwise: the resident size of its process. */
	memoryBytes?: number;
	/** Threads that one job may use unless it says otherwise. */
	threads?: number;
	/** The file that calls `serveJobs`, compiled. */
	entry?: string;
	/** How long a process stays when there is nothing to do. */
	idleMs?: number;
}

export interface RunOptions {
	/** Gets progress and notes; its signal cancels. */
	context: Context;
	memoryBytes?: number;
	threads?: number;
}

export interface Measured<O> {
	output: O;
	peakMemoryBytes: number;
	seconds: number;
}

export interface Pool {
	/**
	 * Runs a job in a compute child.
	 * @throws what the job throws, code intact; `compute.cancelled` once its process is gone; `compute.out_of_memory`;
	 * `compute.task_died` when its process ended; `compute.task_failed` for anything unforeseen; `input.invalid`
	 */
	run<I, O>(job: Job<I, O>, input: I, options: RunOptions): Promise<O>;
	/** The same, with what it took: the highest resident size of its process and the time from its thread's start. */
	runMeasured<I, O>(job: Job<I, O>, input: I, options: RunOptions): Promise<Measured<O>>;
	/** Ends all processes; jobs that wait or run are cancelled. */
	close(): Promise<void>;
}

const IDLE_MS = 30_000;
/** A smaller machine runs one job at a time, so that it gets enough and n8n keeps the rest. */
const ROOMY_BYTES = 8e9;
/** A process that is still this big after a job is not worth keeping. */
const RESTING_BYTES = 400 * 2 ** 20;

/** `<root>/dist/lib/app/worker.js`, whether this file runs from `lib/` (tests) or from `dist/lib/`. */
function defaultEntry(): string {
	const beside = join(__dirname, '..', 'app', 'worker.js');
	return existsSync(beside) ? beside : join(__dirname, '..', '..', 'dist', 'lib', 'app', 'worker.js');
}

/** Memory of the machine or of the container that we are in, whichever is less. */
function machineMemory(): number {
	const constrained = process.constrainedMemory();
	return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

type Library = typeof import('workerpool');
type LibraryPool = ReturnType<Library['pool']>;

/** One compute child, in a library pool of its own so that a dead one can be thrown away whole. */
interface Slot {
	library: LibraryPool;
	child?: ChildProcess;
	busy: boolean /** Has answered and is about to be free. */;
	ending?: boolean;
	idle?: NodeJS.Timeout;
}

/** A call on its way. */
interface Call {
	job: JobCall;
	context: Context;
	resolve(result: Measured<unknown>): void;
	reject(error: unknown): void;
	/** Takes a waiting call out of the queue, or stops a running one. */
	cancel(): void;
}

export function createPool(options: PoolOptions = {}): Pool {
	const machine = machineMemory();
	const maxWorkers = options.maxWorkers ?? (machine < ROOMY_BYTES ? 1 : 2);
	const memoryBytes = options.memoryBytes ?? Math.floor(machine * (maxWorkers === 1 ? 0.6 : 0.8 / maxWorkers));
	const threads = options.threads ?? availableParallelism();
	const idleMs = options.idleMs ?? IDLE_MS;
	const slots: Slot[] = [];
	const queue: Call[] = [];
	const calls = new Set<Call>();
	let library: Library | undefined;

	function newSlot(entry: string): Slot {
		const slot: Slot = {
			busy: false,
			library: library!.pool(entry, {
				workerType: 'process',
				maxWorkers: 1,
				forkOpts: { execArgv: ['--disable-warning=ExperimentalWarning'], env: childEnvironment() },
			}),
		};
		slots.push(slot);
		return slot;
	}

	function discard(slot: Slot): Promise<void> {
		const at = slots.indexOf(slot);
		if (at >= 0) slots.splice(at, 1);
		clearTimeout(slot.idle);
		if (!slot.child) return Promise.resolve();
		// The library gives back what it keeps for a process only when it ends the process itself.
		if (isAlive(slot.child)) void Promise.resolve(slot.library.terminate(true) as PromiseLike<unknown>).catch(() => {});
		return ended(slot.child);
	}

	function rest(slot: Slot): void {
		slot.busy = false;
		hold(slot.child, false);
		slot.idle = setTimeout(() => {
			void discard(slot);
		}, idleMs);
		slot.idle.unref();
	}

	function pump(): void {
		while (queue.length > 0) {
			const free = slots.find((s) => !s.busy);
			// One job after the other should not cost two processes: what has answered is free in a moment.
			if (!free && slots.some((s) => s.ending)) return;
			const slot = free ?? (slots.length < maxWorkers ? newSlot(options.entry ?? defaultEntry()) : undefined);
			if (!slot) return;
			void execute(slot, queue.shift()!);
		}
	}

	async function execute(slot: Slot, call: Call): Promise<void> {
		const { job, context } = call;
		slot.busy = true;
		slot.ending = false;
		clearTimeout(slot.idle);
		let lastBytes = 0;
		let answered = false;
		let cancelled = false;
		let begun = false;
		const idled = slot.child !== undefined;
		const stopWaiting = call.cancel;
		const answer = (give: () => void): void => {
			if (answered) return;
			answered = true;
			give();
		};

		const heard = (message: ChildMessage): void => {
			begun = true;
			if (cancelled) return;
			switch (message.type) {
				case 'progress':
					tell(() => context.report(message.progress));
					break;
				case 'note':
					tell(() => context.note(message.code, message.text));
					break;
				case 'memory':
					lastBytes = message.bytes;
					break;
				case 'outcome': {
					const { outcome, peakMemoryBytes, seconds } = message;
					slot.ending = true;
					if (outcome.ok) answer(() => call.resolve({ output: outcome.output, peakMemoryBytes, seconds }));
					else answer(() => call.reject(MlopsError.fromJSON(outcome.error)));
				}
			}
		};
		let grace: NodeJS.Timeout | undefined;
		try {
			const done = Promise.resolve(slot.library.exec('run', [job], { on: heard }) as PromiseLike<{ restingBytes: number }>);
			const child = (slot.child ??= childOf(slot.library));
			hold(child, true);
			call.cancel = () => {
				if (cancelled || answered) return;
				cancelled = true;
				// Not child.kill: that marks the child as killed, and the library would then forget to give back what it keeps for it.
				if (isAlive(child)) process.kill(child.pid!, 'SIGTERM');
				// A child that is stuck in native code does not hear it.
				grace = setTimeout(() => {
					child.kill('SIGKILL');
				}, GRACE_MS + 500);
			};
			const { restingBytes } = await done;
			// After a cancellation the process goes too: who knows what the job left behind.
			if (cancelled || restingBytes > RESTING_BYTES) await discard(slot);
			else rest(slot);
			if (!cancelled) answer(() => call.reject(died(job, slot.child, lastBytes)));
		} catch {
			await discard(slot);
			if (idled && !begun && !cancelled) {
				// It died while it idled, and nobody knew yet: the job goes to another one.
				call.cancel = stopWaiting;
				queue.unshift(call);
			} else if (!cancelled) answer(() => call.reject(died(job, slot.child, lastBytes)));
		} finally {
			clearTimeout(grace);
			if (cancelled) answer(() => call.reject(stopped(job)));
			pump();
		}
	}

	async function runMeasured<I, O>(job: Job<I, O>, input: I, run: RunOptions): Promise<Measured<O>> {
		const entry = options.entry ?? defaultEntry();
		if (!existsSync(entry))
			throw new MlopsError('internal', 'The compute process has no program to run: the package was not built.', {
				remedy: 'Run "npm run build" in the package\'s folder.',
			});
		const asked: JobCall = {
			job: job.id,
			input: checked(job, 'input', input),
			threads: run.threads ?? threads,
			memoryBytes: run.memoryBytes ?? memoryBytes,
		};
		const { signal } = run.context;
		library ??= await import('workerpool');
		if (signal.aborted) throw stopped(asked);

		let call: Call | undefined;
		const abort = (): void => call?.cancel();
		try {
			const { output, ...measured } = await new Promise<Measured<unknown>>((resolve, reject) => {
				const waiting: Call = {
					job: asked,
					context: run.context,
					resolve,
					reject,
					cancel() {
						const at = queue.indexOf(waiting);
						if (at >= 0) queue.splice(at, 1);
						reject(stopped(asked));
					},
				};
				call = waiting;
				calls.add(waiting);
				queue.push(waiting);
				signal.addEventListener('abort', abort, { once: true });
				pump();
			});
			return { output: checked(job, 'output', output), ...measured };
		} finally {
			signal.removeEventListener('abort', abort);
			if (call) calls.delete(call);
		}
	}

	return {
		runMeasured,
		run: async (job, input, run) => (await runMeasured(job, input, run)).output,
		async close() {
			for (const call of [...calls]) call.cancel();
			await Promise.all([...slots].map((slot) => discard(slot)));
		},
	};
}

let shared: Pool | undefined;

/** The one pool of this process, made when first asked for. */
export function sharedPool(): Pool {
	shared ??= createPool();
	return shared;
}

/** The library keeps its child to itself and offers no way to let our process end while a child idles, nor to kill one for good. */
function childOf(library: LibraryPool): ChildProcess {
	const [handler] = (library as unknown as { workers: Array<{ worker: ChildProcess | null }> }).workers;
	if (!handler?.worker)
		throw new MlopsError('compute.task_died', 'The compute process could not be started.', {
			remedy: 'Look for free memory and process slots on the machine, then run again.',
		});
	return handler.worker;
}

/** A busy child keeps our process alive, an idle one does not. */
function hold(child: ChildProcess | undefined, busy: boolean): void {
	if (!child) return;
	if (busy) {
		child.ref();
		child.channel?.ref();
	} else {
		child.unref();
		child.channel?.unref();
	}
}

/** A listener that fails must end neither the work nor, thrown in an event of the child, our whole process. */
function tell(listener: () => void): void {
	try {
		listener();
	} catch (error) {
		process.stderr.write(`n8n-nodes-mlops: progress could not be shown: ${String(error)}\n`);
	}
}

const isAlive = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null && child.pid !== undefined;

/** Kills a child and waits until it is gone. */
function ended(child: ChildProcess): Promise<void> {
	if (!isAlive(child)) return Promise.resolve();
	hold(child, true);
	return new Promise((resolve) => {
		child.once('exit', () => resolve());
		child.kill('SIGKILL');
	});
}

/** The environment without a heap limit that was meant for n8n itself. */
function childEnvironment(): NodeJS.ProcessEnv {
	const { NODE_OPTIONS: options, ...rest } = process.env;
	const kept = (options ?? '').replace(/--max[-_]old[-_]space[-_]size(=|\s+)\d+/g, '').trim();
	return kept === '' ? rest : { ...rest, NODE_OPTIONS: kept };
}

const stopped = (job: JobCall): MlopsError => new MlopsError('compute.cancelled', `The job "${job.job}" was cancelled.`);

function died(job: JobCall, child: ChildProcess | undefined, lastBytes: number): MlopsError {
	if (lastBytes > job.memoryBytes * 0.8) return outOfMemory(job.memoryBytes);
	const how = child?.signalCode ? `it was killed by ${child.signalCode}` : `exit code ${child?.exitCode ?? 'unknown'}`;
	const killed = child?.signalCode === 'SIGKILL';
	return new MlopsError('compute.task_died', `The process that ran the job "${job.job}" ended before it was done (${how}).`, {
		remedy: killed
			? 'The system often kills a process when memory runs short: use fewer rows or a smaller model, or give the machine more memory. Then run again.'
			: 'Run again. If it happens again with the same data, report it with the log of n8n.',
	});
}
