import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { processMark, stateOf } from '../compute/processMark.js';
import type { Store } from '../store/contract.js';
import { createLease } from './lease.js';

/** Longer than what is looked up and written together takes; who stood still for longer looks again. */
const TTL_MS = 10_000;
/** How often those who wait ask. */
const ASK_MS = 20;

/**
 * Does work while no other process of the store does the same, so that a truth which several are told at once is written by one of them.
 * Whose process is gone is waited for no longer, one on another machine for ten seconds.
 * @param work hears by `still` whether it is its turn yet: where it is not, another may have written since, and it looks again
 */
export async function inTurn<T>(
	store: Pick<Store, 'progress' | 'swapProgress'>,
	signal: AbortSignal,
	work: (still: () => Promise<boolean>) => Promise<T>,
): Promise<T> {
	const lease = createLease(store, 'truth', `${processMark()}-${randomBytes(4).toString('hex')}`, TTL_MS, isGone);
	const take = async (): Promise<void> => {
		while (!(await lease.hold())) await wait(ASK_MS, undefined, { signal });
	};
	try {
		await take();
		return await work(async () => {
			if (await lease.renew()) return true;
			await take();
			return false;
		});
	} finally {
		await lease.release();
	}
}

const isGone = async (holder: string): Promise<boolean> => (await stateOf(holder)) === 'gone';
