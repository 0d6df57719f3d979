import { z } from 'zod/v4';
import { noCounts, plus, type ArmCounts, type Counts } from '../serve/rollout/counts.js';
import type { Store } from '../store/contract.js';

/** Each server tells its own sums under a key of its own; what a server that ended had counted stays. */
const under = (rollout: string): string => `rollout:${rollout}:`;

const number = z.number();
const arm = z.object({
	requests: number,
	failed: number,
	rows: number,
	rowErrors: number,
	buckets: z.array(number),
	score: number,
	score2: number,
	pairs: number,
	agreeing: number,
	difference: number,
	skipped: number,
});
const told = z.object({ edges: z.array(number), arms: z.record(z.string(), arm) });

/** Tells what one server counted of a rollout since it started. */
export async function publishCounts(store: Store, rollout: string, server: string, counts: Counts): Promise<void> {
	await store.setProgress(`${under(rollout)}${server}`, counts);
}

/** What all servers counted, those that are gone too. */
export async function countsOf(store: Pick<Store, 'progressUnder'>, rollout: string): Promise<Counts> {
	const sums = new Map<string, ArmCounts>();
	let edges: readonly number[] = [];
	for (const { progress } of await store.progressUnder(under(rollout))) {
		const read = told.safeParse(progress);
		if (!read.success) continue;
		// Servers of several versions may have other buckets: the first one's count, the others' latencies do not.
		if (edges.length === 0) edges = read.data.edges;
		const same = read.data.edges.join() === edges.join();
		for (const [name, counts] of Object.entries(read.data.arms)) {
			const given = same ? counts : { ...counts, buckets: noCounts(edges.length + 1).buckets };
			const before = sums.get(name);
			sums.set(name, before ? plus(before, given) : given);
		}
	}
	return { edges, arms: Object.fromEntries(sums) };
}
