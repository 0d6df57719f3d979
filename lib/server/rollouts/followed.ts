import process from 'node:process';
import type { Division } from '../../domain/rollout.js';

/**
 * Nobody gets a rollout's candidate by what was true longer ago than this: two seconds after a rollout was ended, or its guards broke, no
 * answer that begins comes from the candidate, however slow or far away store, main thread or the process that judges may be.
 */
export const FOLLOWED_MS = 2_000;

/** A clock that all threads share and nobody sets (ms). */
export const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6;

/** A division of an alias's callers, and up to when it is known to hold. */
export interface ServedDivision extends Division {
	/** Whether guards watch it: then it holds only while somebody is known to look at them. */
	guarded: boolean;
	/** One number, written by the main thread: when (`monotonic`) the rollout was known last to go on, with whole guards. */
	knownAt: SharedArrayBuffer;
}

/** Whether callers get its candidate; else they get the stable version, as where no rollout runs. */
export const isFollowed = ({ knownAt }: ServedDivision): boolean => monotonic() - new Float64Array(knownAt)[0] <= FOLLOWED_MS;

/**
 * Notes that divisions were in force.
 * @param readFrom when reading the store for them began
 * @param judged when the guards of each rollout were known to be whole last, as it was known before that reading began
 */
export function confirm(divisions: readonly ServedDivision[], readFrom: number, judged: ReadonlyMap<string, number>): void {
	for (const { id, guarded, knownAt } of divisions)
		new Float64Array(knownAt)[0] = guarded ? Math.min(readFrom, judged.get(id) ?? Number.NEGATIVE_INFINITY) : readFrom;
}
