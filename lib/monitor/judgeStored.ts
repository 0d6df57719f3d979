import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { throwIfCancelled, type Cancellable } from '../domain/cancel.js';
import { MlopsError, type MlopsErrorJson } from '../domain/errors.js';
import type { Context } from '../domain/progress.js';
import { openDuck } from '../data/duck.js';
import { StoredColumns, type StoredPair } from './storedColumns.js';
import type { Judged } from './verdict.js';

/** So many values are read and sorted here before a further thread pays. */
const VALUES_A_THREAD = 1_000_000;
/** Columns that are read together share the work that each piece of a file makes; they lie in memory together, too. */
const TOGETHER_BYTES = 64 << 20;
const MOST_TOGETHER = 8;

export interface StoredThreadParams {
	pair: StoredPair;
	memoryBytes?: number;
}
/** Columns to judge, or that no more are to come. */
export type ToStoredThread = { names: string[] } | 'end';
export type FromStoredThread = { judged: Array<{ judged: Judged } | { error: MlopsErrorJson }> } | { failed: MlopsErrorJson };

type Settled = Array<PromiseSettledResult<Judged>>;
/** Somebody who judges columns, a few at a time. */
interface Lane {
	/** Nothing comes back from a thread that is lost. */
	judge(names: string[]): Promise<Settled | undefined>;
	end(): Promise<void>;
}

/**
 * What each of these columns of two tables in files says by itself, in this order. Threads read, sort and judge them for themselves where
 * there is enough to do; what comes out does not depend on how many there are.
 * @throws `data.column_unknown`, `data.unreadable`, `compute.cancelled`, and what `judge` throws of the first column that it throws of
 */
export async function judgeStored(
	names: readonly string[],
	pair: StoredPair,
	context: Pick<Context, 'progress'> & Cancellable & { threads?: number; memoryBytes?: number },
): Promise<Judged[]> {
	const rows = pair.reference.rows + pair.current.rows;
	const together = Math.max(1, Math.min(MOST_TOGETHER, Math.floor(TOGETHER_BYTES / (8 * Math.max(1, rows)))));
	const most = Math.min(context.threads ?? 1, Math.floor((names.length * rows) / VALUES_A_THREAD));
	// The last columns are shared by all threads, too.
	const size = Math.max(1, Math.min(together, Math.ceil(names.length / Math.max(1, 2 * most))));
	const batches: string[][] = [];
	for (let at = 0; at < names.length; at += size) batches.push(names.slice(at, at + size));
	const threads = Math.min(most, batches.length);
	const memoryBytes = context.memoryBytes === undefined ? undefined : Math.floor(context.memoryBytes / 4 / Math.max(1, threads));
	const params = { pair, memoryBytes };
	const outcomes: Settled[] = [];
	let next = 0;
	let done = 0;
	let failure: { thrown: unknown } | undefined;
	const work = async (lane: Lane): Promise<boolean> => {
		while (next < batches.length && !failure) {
			const k = next++;
			throwIfCancelled(context, 'The drift check');
			const settled = (await lane.judge(batches[k])) ?? (await here(params, async (own) => (await own.judge(batches[k]))!));
			outcomes[k] = settled;
			for (const _ of settled) context.progress({ stage: 'Comparing columns', share: done++ / names.length });
		}
		return true;
	};
	const workAll = async (lane: Lane): Promise<void> => {
		await work(lane).catch((thrown: unknown) => (failure ??= { thrown }));
	};
	if (threads > 1) {
		const lanes = Array.from({ length: threads }, () => threadLane(params));
		await Promise.all(lanes.map(workAll));
		await Promise.all(lanes.map(async (lane) => await lane.end()));
	} else await here(params, workAll);
	if (failure) throw failure.thrown;
	return outcomes.flat().map((outcome) => {
		if (outcome.status === 'rejected') throw outcome.reason;
		return outcome.value;
	});
}

/** Does something with a lane of this thread. */
async function here<T>({ pair, memoryBytes }: StoredThreadParams, work: (lane: Lane) => Promise<T>): Promise<T> {
	const duck = await openDuck({ memoryBytes });
	try {
		const columns = new StoredColumns(duck, pair);
		return await work({ judge: async (names) => await columns.judge(names), end: async () => {} });
	} finally {
		duck.close();
	}
}

function threadLane(workerData: StoredThreadParams): Lane {
	const worker = new Worker(builtThread(), { workerData, name: 'drift' });
	let asked: ((answer: FromStoredThread | undefined) => void) | undefined;
	let lost = false;
	worker.on('message', (answer: FromStoredThread) => asked?.(answer));
	worker.on('error', () => {});
	const ended = new Promise<void>((resolve) => {
		worker.on('exit', () => {
			lost = true;
			asked?.(undefined);
			resolve();
		});
	});
	return {
		async judge(names) {
			if (lost) return undefined;
			const answer = await new Promise<FromStoredThread | undefined>((resolve) => {
				asked = resolve;
				worker.postMessage({ names } satisfies ToStoredThread);
			});
			if (answer && 'failed' in answer) throw MlopsError.fromJSON(answer.failed);
			return answer?.judged.map((one) =>
				'error' in one ? { status: 'rejected', reason: MlopsError.fromJSON(one.error) } : { status: 'fulfilled', value: one.judged },
			);
		},
		/** A thread that is in the middle of a query ends after it: the database is not to be left behind. */
		async end() {
			if (!lost) worker.postMessage('end' satisfies ToStoredThread);
			await ended;
		},
	};
}

/** `<root>/dist/lib/monitor/storedThread.js`, whether this file runs from `lib/` (tests) or from `dist/lib/`. */
function builtThread(): string {
	const beside = join(__dirname, 'storedThread.js');
	return existsSync(beside) ? beside : join(__dirname, '..', '..', 'dist', 'lib', 'monitor', 'storedThread.js');
}
