import { lookAfter, type LookedAfter } from '../../lib/app/lookAfter.js';
import type { Session } from '../../lib/app/session.js';
import type { JobContext } from '../../lib/compute/contract.js';
import { silentContext } from '../../lib/domain/progress.js';
import type { PredictionLogEntry, Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { freshFolder, versionBody } from '../store/records.js';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** A Monday. */
export const MONDAY = Date.UTC(2026, 5, 1);

/** A store in which version 1 of the model `churn` is the champion. */
export async function churnStore(): Promise<Store> {
	const store = await openStore({ kind: 'folder', home: await freshFolder() });
	await store.add('modelVersion', 'churn', await versionBody(store, 'churn', 'a'));
	await store.moveAlias('churn', 'champion', 1, { actor: 'ann@example.com', kind: 'deploy' });
	return store;
}

export interface Hour {
	answers?: number;
	errors?: number;
	ms?: number;
	version?: number;
	/** Of nobody's, where it is said to be undefined. */
	alias?: string;
	model?: string;
}

/** Answers of so many hours from a moment on, spread over each. */
export async function answer(store: Store, from: number, hours: number, hour: (at: number, i: number) => Hour): Promise<void> {
	const entries: PredictionLogEntry[] = [];
	for (let h = 0; h < hours; h++) {
		const { answers = 30, errors = 0, ms = 5, version = 1, alias, model = 'churn' } = { alias: 'champion', ...hour(from + h * HOUR, h) };
		for (let i = 0; i < answers; i++)
			entries.push({
				at: new Date(from + h * HOUR + Math.floor((i * HOUR) / answers)).toISOString(),
				model: `${model}@${version}`,
				digest: 'd',
				requestId: `${from}-${h}-${i}`,
				alias,
				input: {},
				prediction: 'no',
				score: [0.3],
				ms: ms * (1 + ((i * 7) % 10) / 20),
				...(i < errors ? { error: 'It failed.' } : {}),
			});
	}
	await store.logPredictions(entries);
}

/** A session that runs jobs in this process, so that a month of windows takes seconds. */
export const sessionHere = (store: Store): Session => ({
	store,
	context: silentContext(),
	actor: 'ann@example.com',
	expectJob: () => {},
	run: async (job, input) => {
		const context: JobContext = {
			progress: () => {},
			note: () => {},
			cancelled: new Int32Array(new SharedArrayBuffer(4)),
			threads: 1,
			memoryBytes: 1e9,
		};
		return await job.run(job.input.parse(input), context);
	},
});

export const look = async (store: Store, monitor: string, now: number, previous?: number): Promise<LookedAfter> =>
	await lookAfter(sessionHere(store), {
		monitor,
		now: new Date(now).toISOString(),
		...(previous === undefined ? {} : { previous: new Date(previous).toISOString() }),
	});
