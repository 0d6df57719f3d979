import { existsSync } from 'node:fs';
import { MlopsError } from '../../../domain/errors.js';
import { cancelledError } from '../../../domain/cancel.js';
import { builtWorker } from '../../builtWorker.js';
import type { EngineType, JobEngine, Measured } from '../contract.js';
import { machineLimits, type LimitOptions } from '../limits.js';
import { createLine } from '../line.js';
import { createCrew } from './jobCrew.js';
import { perform, type Call } from './perform.js';

export interface HereOptions extends LimitOptions {
	/** The file that calls `serveJobs`, compiled. */
	entry?: string;
	/** How long a process stays when there is nothing to do. */
	idleMs?: number;
}

const IDLE_MS = 30_000;

/** Runs jobs in child processes of ours, at most so many at once; others wait. */
export function createHere(options: HereOptions = {}): Required<JobEngine> & { close(): Promise<void> } {
	const { maxWorkers, ...limits } = machineLimits(options);
	const entry = options.entry ?? builtWorker();
	const crew = createCrew(entry, maxWorkers, options.idleMs ?? IDLE_MS);
	const calls = new Set<Call>();
	const line = createLine<Call>((call) => {
		const member = crew.take();
		if (!member) return false;
		void perform(member, call, () => {
			member.ending = true;
		}).then(async (done) => {
			if (done.process === 'keep') crew.rest(member);
			else await crew.discard(member);
			if (done.then === 'again') line.joinFirst(call);
			else call.reject(done.then.reject);
			line.move();
		});
		return true;
	});

	return {
		submit(asked, listener) {
			if (!existsSync(entry))
				throw new MlopsError('internal', 'The compute process has no program to run: the package was not built.', {
					remedy: 'Run "npm run build" in the package\'s folder.',
				});
			const { promise, resolve, reject } = Promise.withResolvers<Measured<unknown>>();
			const call: Call = {
				asked: { ...asked, threads: asked.threads ?? limits.threads, memoryBytes: asked.memoryBytes ?? limits.memoryBytes },
				listener,
				resolve,
				reject,
				cancel() {
					line.leave(call);
					reject(cancelledError(`The job "${asked.job}"`));
				},
				keepsBest: false,
				keepBest() {
					call.keepsBest = true;
				},
			};
			calls.add(call);
			line.join(call);
			return { result: promise.finally(() => calls.delete(call)), cancel: () => call.cancel(), keepBest: () => call.keepBest() };
		},
		expect() {
			if (existsSync(entry)) crew.expect();
		},
		async close() {
			for (const call of [...calls]) call.cancel();
			await crew.close();
		},
	};
}

let shared: ReturnType<typeof createHere> | undefined;

/** All stores share the processes. */
export const here: EngineType = {
	id: 'here',
	does: 'In processes beside n8n, which stay for the next job.',
	on: () => (shared ??= createHere()),
	close: async () => await shared?.close(),
};
