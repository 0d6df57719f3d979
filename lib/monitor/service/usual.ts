import { betaI, studentP } from '../../task/statistics/distributions.js';

/** Past values are at least so spread, as a share of themselves: a few that happen to be alike do not make the next one certain. */
const LEAST_SPREAD = 0.1;

/** What is usual, on the scale of logarithms. */
export interface Usual {
	mean: number;
	spread: number;
	n: number;
}

/** Of positive values; undefined for fewer than `least`. */
export function usualOf(values: readonly number[], least: number): Usual | undefined {
	const n = values.length;
	if (n < Math.max(2, least)) return undefined;
	const logs = values.map((value) => Math.log(value));
	const mean = logs.reduce((sum, x) => sum + x, 0) / n;
	const variance = logs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1);
	return { mean, spread: Math.max(LEAST_SPREAD, Math.sqrt(variance)), n };
}

/** Student's t beyond t, upper tail. */
const upperTail = (t: number, df: number): number => (t > 0 ? studentP(t, df) / 2 : 1 - studentP(t, df) / 2);

/**
 * Chance that the next value is at least so far below (or above) what is usual: Student's prediction interval of one more observation,
 * on logarithms. `noise` is variance that the next value has besides, of a count its 1 / n.
 * @param tolerance how many times the usual nobody minds
 */
export function chanceOf(value: number, usual: Usual, side: 'below' | 'above', { noise = 0, tolerance = 1 } = {}): number {
	const off = side === 'below' ? usual.mean - Math.log(value) : Math.log(value) - usual.mean;
	const spread = Math.sqrt(Math.max(usual.spread ** 2, noise) * (1 + 1 / usual.n));
	return upperTail((off - Math.log(tolerance)) / spread, usual.n - 1);
}

/** Chance of at least `hits` of `n` where each has the chance `share` (binomial). */
export const chanceOfHits = (hits: number, n: number, share: number): number => (hits <= 0 ? 1 : betaI(share, hits, n - hits + 1));
