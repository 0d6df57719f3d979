import type { RolloutRecord } from '../../domain/rollout.js';
import { monotonic } from './followed.js';

type Stepping = Pick<RolloutRecord, 'id' | 'step' | 'stepSince'>;

/**
 * The time by which a step lasts. What has passed of a step before this process saw it is known by the clocks of the machines alone; from
 * then on by a clock that nobody sets. So one that jumps forward ends no step early, and one that jumps back holds none up; nor does a step
 * that began, by the clock of another machine, in time to come.
 */
export function createStepClock(wall: () => number = Date.now, running: () => number = monotonic) {
	const met = new Map<string, { step: number; wall: number; running: number }>();
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
		/** Forgets all others. */
		only(ids: readonly string[]): void {
			for (const id of met.keys()) if (!ids.includes(id)) met.delete(id);
		},
	};
}
