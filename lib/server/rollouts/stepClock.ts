import { z } from 'zod/v4';
import { bootId } from '../../compute/processMark.js';
import type { RolloutRecord } from '../../domain/rollout.js';
import type { Store } from '../../store/contract.js';
import { monotonic } from './followed.js';

type Stepping = Pick<RolloutRecord, 'id' | 'step' | 'stepSince'>;

/** When a step was met: by the clock that people set, and by the one that nobody sets. */
const meeting = z.object({ step: z.number(), wall: z.number(), running: z.number() });
type Meeting = z.infer<typeof meeting>;

/**
 * The time by which a step lasts. What has passed of a step before this process saw it is known by the clocks of the machines alone; from
 * then on by a clock that nobody sets. So one that jumps forward ends no step early, and one that jumps back holds none up; nor does a step
 * that began, by the clock of another machine, in time to come.
 */
export function createStepClock(wall: () => number = Date.now, running: () => number = monotonic) {
	const met = new Map<string, Meeting>();
	return {
		/** Milliseconds since 1970, as the step sees it. */
		now({ id, step, stepSince }: Stepping): number {
			let first = met.get(id);
			if (first?.step !== step) {
				first = { step, wall: Math.max(wall(), Date.parse(stepSince)), running: running() };
				met.set(id, first);
			}
			return first.wall + running() - first.running;
		},
		/** What is known of a step; undefined before it was met. */
		met({ id, step }: Stepping): Meeting | undefined {
			const first = met.get(id);
			return first?.step === step ? first : undefined;
		},
		/** Takes over when another process met it, by the same clock that nobody sets. */
		resume({ id, step }: Stepping, by: Meeting): void {
			if (by.step === step && by.running <= running()) met.set(id, by);
		},
		/** Forgets all others. */
		only(ids: readonly string[]): void {
			for (const id of met.keys()) if (!ids.includes(id)) met.delete(id);
		},
	};
}

const kept = meeting.extend({ boot: z.string() });
const keyOf = (id: string): string => `step:${id}`;

/**
 * The same over a restart of all processes: when a step was met is kept in the store, and holds for other processes until the machine is
 * started anew. So a step goes on where it was, even where the clock was set while no process ran, or when the step began.
 */
export function createStepTime(
	store: Pick<Store, 'progress' | 'setProgress' | 'clearProgress'>,
	boot = bootId(),
	clock = createStepClock(),
): { now(stepping: Stepping): Promise<number>; only(ids: readonly string[]): void } {
	const mine = new Set<string>();
	return {
		async now(stepping) {
			if (!boot || clock.met(stepping)) return clock.now(stepping);
			const before = kept.safeParse(await store.progress(keyOf(stepping.id)));
			mine.add(stepping.id);
			if (before.success && before.data.boot === boot) clock.resume(stepping, before.data);
			const known = clock.met(stepping) !== undefined;
			const now = clock.now(stepping);
			// Guards are judged all the same where it cannot be kept.
			if (!known) await store.setProgress(keyOf(stepping.id), { ...clock.met(stepping)!, boot }).catch(() => {});
			return now;
		},
		only(ids) {
			clock.only(ids);
			for (const id of mine) {
				if (ids.includes(id)) continue;
				mine.delete(id);
				void store.clearProgress(keyOf(id)).catch(() => {});
			}
		},
	};
}
