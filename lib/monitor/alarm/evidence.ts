import type { Finding } from '../../domain/monitor.js';
import { normalQuantile, normalSf } from '../../task/statistics/distributions.js';

/** Smaller p-values count as this one: no single window is certain. */
const LEAST_P = 1e-15;
/** Chance that the reference is farther from what it was drawn from, in any of the columns, than alarms allow for. */
const UNLUCKY = 0.05;

/**
 * How much a p-value speaks against "nothing has changed": an e-value, whose mean is at most 1 while that is so, whatever was seen before.
 * The mean of the calibrators k p^(k - 1) over all k, (1 - p + p ln p) / (p (ln p)^2), so that nothing has to be tuned: Vovk & Wang (2021),
 * "E-values: calibration, combination and applications", Ann. Stat. 49(3), equation 2. At 1 it is a half.
 */
export function eValue(p: number): number {
	if (p > 0.9999) return 0.5;
	const x = Math.max(p, LEAST_P);
	const ln = Math.log(x);
	return (1 - x + x * ln) / (x * ln * ln);
}

/**
 * The p-value given the reference as it happens to be. Each window is compared with the same sample, so a reference that is off by chance
 * makes all of them look a little changed, which p-values of single comparisons do not know. In standard errors a comparison is
 * sqrt(shared) of the reference's own chance and sqrt(1 - shared) of the window's; what `bound` standard errors of the first can explain
 * is taken off. For one normal mean this is exact; with more degrees of freedom the same bound is larger than what is needed.
 */
export function givenReference(p: number, shared: number, bound: number): number {
	if (shared <= 0 || p <= 0) return p;
	if (shared >= 1) return 1;
	const off = Math.sqrt(shared) * bound;
	// Most windows end here, without a quantile.
	if (p >= 2 * normalSf(off)) return 1;
	const seen = -normalQuantile(Math.max(p, LEAST_P) / 2);
	return Math.min(1, 2 * normalSf(Math.max(0, seen - off) / Math.sqrt(1 - shared)));
}

/** Standard errors that no reference is off by in any of `columns` columns, but for one in twenty. */
export const referenceBound = (columns: number): number => -normalQuantile(UNLUCKY / 2 / Math.max(1, columns));

/** What one finding adds; a change too small to matter is as none at all, however certain it is. */
export function evidenceOf({ pValue = 1, shared = 0, effect }: Finding, bound: number): number {
	return eValue(effect !== undefined && !(effect >= 1) ? 1 : givenReference(pValue, shared, bound));
}
