import { betaI, normalQuantile, normalSf, studentP } from './distributions.js';

/** A lower and an upper bound. */
export interface Bounds {
	low: number;
	high: number;
}

const Z = 1.959963984540054;
const ALPHA = 0.05;

/** The x at which a falling or rising continuous function crosses 0 between `low` and `high`, to the last digits, by halving. */
function crossing(f: (x: number) => number, low: number, high: number): number {
	const sign = Math.sign(f(low));
	if (sign === 0) return low;
	for (let i = 0; i < 200 && high - low > 1e-16; i++) {
		const middle = (low + high) / 2;
		if (middle <= low || middle >= high) break;
		if (Math.sign(f(middle)) === sign) low = middle;
		else high = middle;
	}
	return (low + high) / 2;
}

/**
 * Exact 95 % interval of a proportion, `hits` of `n` (Clopper & Pearson 1934): each bound errs in at most 2.5 % of samples, however few the
 * rows.
 * `hits` need not be whole: the beta quantiles between whole numbers are taken as they are.
 */
export function clopperPearson(hits: number, n: number, alpha = ALPHA): Bounds {
	if (!(n > 0)) return { low: 0, high: 1 };
	const low = hits <= 0 ? 0 : crossing((p) => betaI(p, hits, n - hits + 1) - alpha / 2, 0, 1);
	const high = hits >= n ? 1 : crossing((p) => betaI(p, hits + 1, n - hits) - (1 - alpha / 2), 0, 1);
	return { low, high };
}

/**
 * Score-like 95 % interval of an AUC from `m` positive and `n` negative rows: method 5 of Newcombe (2006, Statistics in Medicine
 * 25:559-573), the variance of Hanley & McNeil (1982) taken at the bound instead of at the estimate. At 0.5 that variance is the
 * Mann-Whitney test's, so with few positives the bound lies above 0.5 no oftener than that test rejects; the interval never shrinks to a
 * point at 0 or 1.
 */
export function newcombeAuc(auc: number, m: number, n: number, z = Z): Bounds {
	if (!(m > 0 && n > 0)) return { low: 0, high: 1 };
	const spare = (m + n) / 2 - 1;
	const error = (t: number): number => Math.sqrt((t * (1 - t) * (1 + spare * ((1 - t) / (2 - t) + t / (1 + t)))) / (m * n));
	return {
		low: auc <= 0 ? 0 : crossing((t) => auc - t - z * error(t), 0, auc),
		high: auc >= 1 ? 1 : crossing((t) => t - auc - z * error(t), auc, 1),
	};
}

/**
 * Interval of an average precision over `positives` positive rows on the logit scale (Boyd, Eng & Page 2013); at 0 and 1 half a row is
 * taken off.
 */
export function logitInterval(value: number, positives: number): Bounds {
	if (!(positives > 0)) return { low: 0, high: 1 };
	const half = 1 / (2 * positives);
	const p = Math.min(1 - half, Math.max(half, value));
	if (!(p > 0 && p < 1)) return { low: 0, high: 1 };
	const centre = Math.log(p / (1 - p));
	const margin = Z / Math.sqrt(positives * p * (1 - p));
	const back = (x: number): number => 1 / (1 + Math.exp(-x));
	return { low: back(centre - margin), high: back(centre + margin) };
}

/** Quantile of Student's t. */
export function studentQuantile(p: number, df: number): number {
	if (!(df > 0)) return p < 0.5 ? -Infinity : Infinity;
	if (p === 0.5) return 0;
	if (p < 0.5) return -studentQuantile(1 - p, df);
	if (df > 1e6) return normalQuantile(p);
	let high = 2;
	while (studentP(high, df) / 2 > 1 - p && high < 1e9) high *= 2;
	return crossing((t) => studentP(t, df) / 2 - (1 - p), 0, high);
}

/**
 * Share of replicates to cut off each end of a percentile bootstrap of `n` units, so that few units do not make it too narrow: the expanded
 * percentile interval of Hesterberg (2015, The American Statistician 69:371-386). 0 for fewer than two units.
 */
export function expandedTail(n: number): number {
	if (!(n >= 2)) return 0;
	return normalSf(Math.sqrt(n / (n - 1)) * studentQuantile(1 - ALPHA / 2, n - 1));
}

/**
 * Interval of a function of several independent estimates: each is moved to its bounds by itself, and the changes are added in squares
 * (MOVER, Zou & Donner 2008; Newcombe 2001 for functions that are no sums). `at` gives the function where part `i` has value `x`.
 */
export function combined(value: number, parts: ReadonlyArray<Bounds>, at: (part: number, x: number) => number): Bounds {
	let below = 0;
	let above = 0;
	parts.forEach(({ low, high }, i) => {
		const [a, b] = [at(i, low), at(i, high)];
		below += Math.max(0, value - Math.min(a, b)) ** 2;
		above += Math.max(0, Math.max(a, b) - value) ** 2;
	});
	return { low: value - Math.sqrt(below), high: value + Math.sqrt(above) };
}
