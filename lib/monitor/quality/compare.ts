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

/**
 * One-sided p-value of "as good as the reference, but for `margin`" of a metric that was measured on other answers than the reference.
 * The standard error of the difference is recovered from the two 95 % intervals (MOVER: Zou & Donner 2008), on either value's side of the
 * other, so that bounds which hold with few rows of a class keep their lopsidedness; Student's t with as many degrees of freedom as the
 * smaller of the two samples has.
 * @param margin in the metric's own unit
 */
export function pAsGood(metric: Metric, now: Interval, effective: number, reference: Reference, margin = 0): number {
	const then = reference.value;
	const sign = metric.better === 'lower' ? -1 : 1;
	const gap = sign * (then.value - now.value) - margin;
	// Were both alike, the truth would lie between them: above what is now, below what was then (or the other way round).
	const upwards = sign * gap > 0;
	const half = (a: Interval, up: boolean): number => (up ? a.high - a.value : a.value - a.low);
	const error = Math.hypot(half(now, upwards), half(then, !upwards)) / Z;
	if (!(error > 0)) return gap > 0 ? 0 : 1;
	const df = Math.max(1, Math.min(effective, reference.effective ?? Infinity) - 1);
	const tail = studentP(gap / error, df) / 2;
	return gap > 0 ? tail : 1 - tail;
}
