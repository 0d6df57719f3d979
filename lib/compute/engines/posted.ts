import { MlopsError } from '../../domain/errors.js';
import type { StoreRef } from '../../domain/storeRef.js';
import { cancelledError } from '../../domain/cancel.js';
import { GRACE_MS, type JobAsked, type JobCall } from '../messages.js';
import type { Ending } from '../processEnded.js';
import { attend } from './attend.js';
import type { JobStore } from './board.js';
import type { EngineType, JobHandle, Listener, Measured } from './contract.js';
import { machineLimits, type LimitOptions } from './limits.js';
import { createLine } from './line.js';

/** Whatever runs `mlops job run ID --store REFERENCE` somewhere. */
export interface Runner {
	/** How it ended. */
	ended: Promise<Ending>;
	/** Ends it, whatever it does. */
	kill(): void;
}

export interface PostedOptions extends LimitOptions {
	/** Has a posted job run. */
	start(id: string, ref: StoreRef, call: JobCall): Runner;
}

interface Call {
	run(): Promise<Measured<unknown>>;
	resolve(result: Measured<unknown>): void;
	reject(error: unknown): void;
}

/**
 * An engine whose jobs are run by `mlops job run`, wherever `start` has it run: all that the two sides say to each other, from the input to
 * the result, goes through the store. At most so many jobs at once; others wait.
 */
export function createPosted(options: PostedOptions): Pick<EngineType, 'on' | 'close'> {
	const { maxWorkers, ...limits } = machineLimits(options);
	const handles = new Set<JobHandle>();
	let running = 0;
	const line = createLine<Call>((call) => {
		if (running >= maxWorkers) return false;
		running++;
		void call
			.run()
			.then(call.resolve, call.reject)
			.finally(() => {
				running--;
				line.move();
			});
		return true;
	});

	function submit(store: JobStore, asked: JobAsked, listener: Listener): JobHandle {
		const { promise, resolve, reject } = Promise.withResolvers<Measured<unknown>>();
		const stop = new AbortController();
		const best = new AbortController();
		const full: JobCall = { ...asked, threads: asked.threads ?? limits.threads, memoryBytes: asked.memoryBytes ?? limits.memoryBytes };
		const call: Call = {
			resolve,
			reject,
			run: async () => await runPostedCall(store, options.start, full, listener, { stop: stop.signal, best: best.signal }),
		};
		const handle: JobHandle = {
			result: promise.finally(() => handles.delete(handle)),
			cancel() {
				if (line.leave(call)) reject(cancelledError(`The job "${asked.job}"`));
				stop.abort();
			},
			keepBest: () => best.abort(),
		};
		handles.add(handle);
		line.join(call);
		return handle;
	}

	return {
		on: (store) => ({ submit: (asked, listener) => submit(store, asked, listener) }),
		async close() {
			const open = [...handles];
			for (const handle of open) handle.cancel();
			await Promise.allSettled(open.map(async ({ result }) => await result));
		},
	};
}

async function runPostedCall(
	{ ref, jobs }: JobStore,
	start: PostedOptions['start'],
	call: JobCall,
	listener: Listener,
	{ stop, best }: { stop: AbortSignal; best: AbortSignal },
): Promise<Measured<unknown>> {
	const id = await jobs.post(call);
	const runner = start(id, ref, call);
	let grace: NodeJS.Timeout | undefined;
	const stopPosted = async (): Promise<void> => {
		await jobs.cancel(id);
		// A process that had not begun has nothing to run any more.
		if ((await jobs.look(id))?.state === 'ended') runner.kill();
	};
	const cancel = (): void => {
		void stopPosted().catch(() => {});
		// One that does not hear it, since it is stuck or stopped.
		grace = setTimeout(runner.kill, GRACE_MS * 2 + 1_000);
	};
	const keepBest = (): void => void jobs.keepBest(id).catch(() => {});
	if (best.aborted) keepBest();
	else best.addEventListener('abort', keepBest, { once: true });
	if (stop.aborted) cancel();
	else stop.addEventListener('abort', cancel, { once: true });
	try {
		const { outcome, ...measured } = await attend(jobs, id, call, { listener, process: runner.ended });
		if (stop.aborted) {
			await runner.ended;
			throw cancelledError(`The job "${call.job}"`);
		}
		if (!outcome.ok) throw MlopsError.fromJSON(outcome.error);
		return { output: outcome.output, ...measured };
	} finally {
		stop.removeEventListener('abort', cancel);
		best.removeEventListener('abort', keepBest);
		// What it had to say is said; it tidies up, and is given a moment for that.
		grace ??= setTimeout(runner.kill, GRACE_MS);
		void runner.ended.then(() => clearTimeout(grace));
	}
}
