import type { Store } from '../store/contract.js';

/** What the store says of a lease: who holds it, and how often it was renewed. */
interface Held {
	holder: string;
	beat: number;
}

export interface Lease {
	/** Takes or renews it. True: this process holds it, and nobody else does for the time to live from when this was called. */
	hold(): Promise<boolean>;
	/** Gives it to whoever asks next. */
	release(): Promise<void>;
}

/**
 * One of several processes holds a lease, kept in the store. No two clocks are compared: who waits takes it over once it was not renewed
 * for `ttlMs` of its own clock; who holds it renews it more often than that, by compare-and-set, and so notices when it was taken over.
 * What the holder does must still be safe to do twice: a process may stand still between asking and doing.
 */
export function createLease(store: Pick<Store, 'progress' | 'swapProgress'>, name: string, holder: string, ttlMs: number): Lease {
	const key = `lease:${name}`;
	let mine: Held | undefined;
	let seen: { text: string; since: number } | undefined;

	async function take(from: Held | undefined): Promise<boolean> {
		const next: Held = { holder, beat: (from?.beat ?? 0) + 1 };
		const won = await store.swapProgress(key, from, next);
		mine = won ? next : undefined;
		return won;
	}

	return {
		async hold() {
			if (mine && (await take(mine))) return true;
			const now = performance.now();
			const held = (await store.progress(key)) as Held | undefined;
			if (held === undefined || held.holder === '') return await take(held);
			const text = JSON.stringify(held);
			if (seen?.text !== text) seen = { text, since: now };
			return now - seen.since >= ttlMs && (await take(held));
		},
		async release() {
			if (mine) await store.swapProgress(key, mine, { holder: '', beat: mine.beat + 1 });
			mine = undefined;
		},
	};
}
