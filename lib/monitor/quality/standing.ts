import type { Interval } from '../../domain/evaluation.js';
import { studentP } from '../../task/statistics/distributions.js';
import type { Metric } from '../../task/metrics/contract.js';

/** Normal quantile of 95 % intervals. */
const Z = 1.959963984540054;

/** What a value is compared with: measured itself, or known for certain. */
export interface Reference {
	value: Interval;
	/** Independent things that it hangs on; absent: it is no estimate. */
	effective?: number;
}

/** How a value stands to a reference that it should not be worse than. */
export interface Standing {
	/** By how much it is worse, in the metric's unit; below 0: better. */
	worse: number;
	/** One-sided: chance of doing so much worse, were it as good. */
	pValue: number;
	/** Part of that chance which lies in the reference (squared standard errors). */
	shared: number;
}

/**
 * Whether a metric is as good as a reference that was measured on other answers. The standard error of the difference is recovered from
 * the two 95 % intervals (MOVER: Zou & Donner 2008), on either value's side of the other, so that bounds which hold with few rows of a
 * class keep their lopsidedness; Student's t with as many degrees of freedom as the smaller of the two samples has.
 */
export function standingOf(metric: Metric, now: Interval, effective: number, reference: Reference): Standing {
	const then = reference.value;
	const worse = (metric.better === 'lower' ? -1 : 1) * (then.value - now.value);
	// Were both alike, the truth would lie between them.
	const half = (a: Interval, up: boolean): number => Math.max(0, up ? a.high - a.value : a.value - a.low);
	const own = half(now, then.value > now.value) / Z;
	const theirs = half(then, then.value <= now.value) / Z;
	const error = Math.hypot(own, theirs);
	if (!(error > 0)) return { worse, pValue: worse > 0 ? 0 : 1, shared: 0 };
	const df = Math.max(1, Math.min(effective, reference.effective ?? Infinity) - 1);
	const tail = studentP(worse / error, df) / 2;
	return { worse, pValue: worse > 0 ? tail : 1 - tail, shared: (theirs / error) ** 2 };
}
