import { z } from 'zod/v4';
import { candidateAnswers } from '../serve/rollout/counts.js';
import type { Judgement, Sight } from '../serve/rollout/judgeRollout.js';
import type { RolloutRecord } from '../domain/rollout.js';
import type { Store } from '../store/contract.js';

/** Points that a rollout keeps: once there are twice as many, every second one goes. */
const KEPT = 150;
/** Between two points at least. */
const APART_MS = 5_000;

const key = (rollout: string): string => `rolloutHistory:${rollout}`;

const between = z.object({ low: z.number().nullable(), high: z.number().nullable() });

/** How sure a rollout was at a moment: what each guard and the truth then allowed. Ends that nothing bounds are null. */
export const rolloutPoint = z.object({
	at: z.string(),
	/** Answers that the candidates had given. */
	answers: z.number(),
	guards: z.array(between.extend({ guard: z.string(), version: z.number().int(), limit: z.number().optional(), broken: z.boolean() })),
	results: z.array(between.extend({ version: z.number().int(), metric: z.string(), n: z.number(), difference: z.number() })),
});
export type RolloutPoint = z.infer<typeof rolloutPoint>;

const ends = ({ low, high }: { low: number; high: number }) => ({
	low: Number.isFinite(low) ? low : null,
	high: Number.isFinite(high) ? high : null,
});

/** Writes down, now and then, how sure rollouts are. For the one server that judges them. */
export function createRolloutHistory(store: Pick<Store, 'progress' | 'setProgress'>) {
	const kept = new Map<string, { at: number; points: RolloutPoint[] }>();
	return {
		async note(record: RolloutRecord, { findings, results }: Judgement, { counts, now }: Sight): Promise<void> {
			const answers = candidateAnswers(record, counts);
			let known = kept.get(record.id);
			if (!known) kept.set(record.id, (known = { at: 0, points: await rolloutHistory(store, record.id) }));
			if (now - known.at < APART_MS || known.points.at(-1)?.answers === answers) return;
			known.points.push({
				at: new Date(now).toISOString(),
				answers,
				guards: findings.flatMap(({ guard, version, limit, broken, interval }) =>
					interval ? [{ guard, version, broken, ...(limit === undefined ? {} : { limit }), ...ends(interval) }] : [],
				),
				results: results.map(({ version, metric, n, difference, interval }) => ({ version, metric, n, difference, ...ends(interval) })),
			});
			if (known.points.length >= 2 * KEPT) known.points = known.points.filter((_, i) => i % 2 === 0 || i === known!.points.length - 1);
			known.at = now;
			await store.setProgress(key(record.id), known.points);
		},
		/** Forgets what is not needed any more; the store keeps it. */
		only(running: readonly string[]): void {
			for (const id of kept.keys()) if (!running.includes(id)) kept.delete(id);
		},
	};
}

/** How sure a rollout was over time, the oldest first. */
export async function rolloutHistory(store: Pick<Store, 'progress'>, id: string): Promise<RolloutPoint[]> {
	return z.array(rolloutPoint).safeParse(await store.progress(key(id))).data ?? [];
}
