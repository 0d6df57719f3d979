import { lnGamma } from '../../task/statistics/distributions.js';

/**
 * Confidence sequences: intervals that hold at every look at once. With probability 1 - alpha none of them, from the first answer to the
 * last, leaves out what it estimates; so whoever looks every minute is fooled no more often than who looks once.
 */
export interface Interval {
	low: number;
	high: number;
}

const lnBeta = (a: number, b: number): number => lnGamma(a) + lnGamma(b) - lnGamma(a + b);

/**
 * Of a share (of failures, of slow answers): the shares p against which a mixture of likelihood ratios stays below 1 / alpha,
 * B(s + 1/2, n - s + 1/2) / (B(1/2, 1/2) p^s (1 - p)^(n - s)). For answers that are yes or no it is exact at every number of them and
 * needs their sums alone, not their order: another process that takes over judges the same.
 * Robbins (1970), Ann. Math. Stat. 41(5); as conjugate mixture in Howard, Ramdas, McAuliffe & Sekhon (2021), Ann. Stat. 49(2), section 3.
 */
export function shareSequence(hits: number, n: number, alpha: number): Interval {
	if (n <= 0) return { low: 0, high: 1 };
	const misses = n - hits;
	const mixture = lnBeta(hits + 0.5, misses + 0.5) - lnBeta(0.5, 0.5);
	const limit = -Math.log(alpha);
	const inside = (p: number): boolean => mixture - (hits > 0 ? hits * Math.log(p) : 0) - (misses > 0 ? misses * Math.log1p(-p) : 0) < limit;
	const edge = (out: number): number => {
		let within = hits / n;
		for (let i = 0; i < 42; i++) {
			const middle = (within + out) / 2;
			if (inside(middle)) within = middle;
			else out = middle;
		}
		return within;
	};
	return { low: hits === 0 ? 0 : edge(0), high: misses === 0 ? 1 : edge(1) };
}

/** Of the difference of two shares of independent arms: each has its own sequence at half of alpha. */
export function shareDifference(of: { hits: number; n: number }, than: { hits: number; n: number }, alpha: number): Interval {
	const a = shareSequence(of.hits, of.n, alpha / 2);
	const b = shareSequence(than.hits, than.n, alpha / 2);
	return { low: a.low - b.high, high: a.high - b.low };
}

/** A figure of `n` answers with its squared standard error. */
export interface Estimate {
	value: number;
	variance: number;
	n: number;
}

/**
 * How many standard errors an asymptotic confidence sequence reaches to either side after `n` answers:
 * sqrt(2 (n r^2 + 1) / (n r^2) ln(sqrt(n r^2 + 1) / alpha)), with r^2 = (-2 ln alpha + ln(1 - 2 ln alpha)) / best, which makes it
 * narrowest near `best` answers. It holds for all estimators that are asymptotically means of what each answer adds.
 * Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2024), "Time-uniform central limit theory and asymptotic confidence sequences",
 * Ann. Stat. 52(6), theorem 2.2; the choice of r is the approximation that its appendix gives.
 */
export function reach(n: number, alpha: number, best: number): number {
	const spread = (n * (-2 * Math.log(alpha) + Math.log(1 - 2 * Math.log(alpha)))) / best;
	return Math.sqrt(((2 * (spread + 1)) / spread) * Math.log(Math.sqrt(spread + 1) / alpha));
}

/**
 * Of the difference of two independent arms. Arms are drawn at random, so both together are one sequence of answers: their number counts,
 * and the squared standard errors add up.
 */
export function differenceSequence(of: Estimate, than: Estimate, alpha: number, best: number): Interval {
	const value = of.value - than.value;
	const half = reach(of.n + than.n, alpha, best) * Math.sqrt(of.variance + than.variance);
	return Number.isFinite(half) ? { low: value - half, high: value + half } : { low: -Infinity, high: Infinity };
}

/** A mean from its sums; the variance is that of the mean. */
export function meanOf(n: number, sum: number, squares: number): Estimate & { deviation: number } {
	const value = n > 0 ? sum / n : NaN;
	const spread = n > 1 ? Math.max(0, (squares - n * value * value) / (n - 1)) : NaN;
	return { value, variance: spread / n, n, deviation: Math.sqrt(spread) };
}
