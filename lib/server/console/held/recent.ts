import { trafficTotals, type TrafficTotal } from '../../../app/trafficTotals.js';
import type { MainState } from '../../start.js';

const DAY_MS = 24 * 3600 * 1000;
/** From this age on figures are counted anew while the old ones are shown, and are not shown any more. */
const FRESH_MS = 10_000;
const OLD_MS = 120_000;

interface Counted {
	at: number;
	totals: ReadonlyMap<string, TrafficTotal>;
}
interface Counting {
	counted?: Counted;
	/** On its way. */
	next?: Promise<Counted>;
}

const known = new WeakMap<MainState, Counting>();

/** What each model answered in the last 24 hours, counted at most two minutes ago. */
export async function recentTraffic(state: MainState): Promise<ReadonlyMap<string, TrafficTotal>> {
	let counting = known.get(state);
	if (!counting) known.set(state, (counting = {}));
	const age = Date.now() - (counting.counted?.at ?? 0);
	if (age > FRESH_MS && !counting.next) {
		counting.next = count(state, counting);
		// Who is shown the old ones does not wait for it.
		counting.next.catch(() => {});
	}
	const { counted, next } = counting;
	if (counted && age <= OLD_MS) return counted.totals;
	return (await next!).totals;
}

async function count({ store }: MainState, counting: Counting): Promise<Counted> {
	try {
		const at = Date.now();
		counting.counted = { at, totals: await trafficTotals(store, new Date(at - DAY_MS).toISOString()) };
		return counting.counted;
	} finally {
		counting.next = undefined;
	}
}
