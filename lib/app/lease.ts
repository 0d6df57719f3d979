import type { Store } from '../store/contract.js';

/** What the store says of a lease: who holds it, and how often it was renewed. */
interface Held {
	holder: string;
	beat: number;
	/** What the holder did since it took or renewed it before this time. */
	done?: readonly string[];
}

export interface Lease {
	/**
	 * Takes or renews it. True: this process holds it, and nobody else does for the time to live from when this was called.
	 * @param done what was done since it was renewed last, told to those who wait; not told where it is taken anew
	 */
	hold(done?: readonly string[]): Promise<boolean>;
	/** Renews it alone: false where this process does not hold it, or another held it since, be it that it is free again. */
	renew(done?: readonly string[]): Promise<boolean>;
	/** What the store said of another holder when `hold` was called last; none where this process holds it, or nobody does. */
	heard(): { beat: number; done: readonly string[] } | undefined;
	/** Gives it to whoever asks next. */
	release(): Promise<void>;
}

/**
 * One of several processes holds a lease, kept in the store. No two clocks are compared: who waits takes it over once it was not renewed
 * for `ttlMs` of its own clock; who holds it renews it more often than that, by compare-and-set, and so notices when it was taken over.
 * `isGone`, where it is asked, spares those who wait the time of a holder that is. What the holder does must still be safe to do twice: a
 * process may stand still between asking and doing.
 */
export function createLease(
	store: Pick<Store, 'progress' | 'swapProgress'>,
	name: string,
	holder: string,
	ttlMs: number,
	isGone?: (holder: string) => Promise<boolean>,
): Lease {
	const key = `lease:${name}`;
	let mine: Held | undefined;
	let seen: { text: string; since: number } | undefined;
	let heard: Held | undefined;

	async function take(from: Held | undefined, done?: readonly string[]): Promise<boolean> {
		const next: Held = { holder, beat: (from?.beat ?? 0) + 1, ...(done?.length ? { done } : {}) };
		const won = await store.swapProgress(key, from, next);
		mine = won ? next : undefined;
		return won;
	}

	const renew: Lease['renew'] = async (done) => mine !== undefined && (await take(mine, done));

	return {
		renew,
		async hold(done) {
			heard = undefined;
			if (await renew(done)) return true;
			const now = performance.now();
			const held = (await store.progress(key)) as Held | undefined;
			if (held === undefined || held.holder === '') return await take(held);
			const text = JSON.stringify(held);
			if (seen?.text !== text) seen = { text, since: now };
			if ((now - seen.since >= ttlMs || (await isGone?.(held.holder))) && (await take(held))) return true;
			heard = held;
			return false;
		},
		heard: () => heard && { beat: heard.beat, done: heard.done ?? [] },
		async release() {
			if (mine) await store.swapProgress(key, mine, { holder: '', beat: mine.beat + 1 });
			mine = undefined;
		},
	};
}
