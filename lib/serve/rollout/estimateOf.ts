import type { Metric } from '../../task/metrics/contract.js';
import { Scored, type ScoredRows } from '../../task/metrics/scored.js';
import type { Estimate } from './sequences.js';

/** Blocks of rows that are left out in turn where a metric tells no variance of its own. */
const BLOCKS = 40;

/**
 * A metric of answers whose truth is known, with its squared standard error: by what the metric says of itself (`replicates`), for means
 * by the delta method, for ranks by DeLong's placements, else by a jackknife over blocks of rows.
 * The variance is NaN where the rows do not tell it (fewer than two of a class). Rows that all agree tell less than they seem to: of a
 * metric between 0 and 1 the standard error is at least 1 / (m + 2), of m rows (or rows of the rarer class), as one more row could differ.
 */
export function estimateOf(metric: Metric, rows: ScoredRows): Estimate {
	const scored = new Scored(rows);
	const n = scored.rows;
	if (n < 2) return { value: metric.value(scored), variance: NaN, n };
	const { value, variance } = varianceOf(metric, scored);
	const [low, high] = metric.range;
	if (!Number.isFinite(high - low) || !Number.isFinite(value)) return { value, variance, n };
	const m = metric.replicates.from === 'ranks' || metric.eachClass ? rarest(scored) : n;
	return { value, variance: m < 2 ? NaN : Math.max(variance, ((high - low) / (m + 2)) ** 2), n };
}

function varianceOf(metric: Metric, scored: Scored): { value: number; variance: number } {
	const { replicates } = metric;
	if (replicates.from === 'ranks' && replicates.variance && scored.outputs === 1)
		return replicates.variance(scored.y, scored.p as Float64Array, scored.order);
	if (replicates.from === 'sums') {
		const terms = replicates.terms(scored);
		if (terms.length === 1) {
			const [term] = terms;
			const n = scored.rows;
			let mean = 0;
			for (let i = 0; i < n; i++) mean += term(i) / n;
			let squares = 0;
			for (let i = 0; i < n; i++) squares += (term(i) - mean) ** 2;
			const slope = replicates.slope?.(mean) ?? 1;
			return { value: replicates.of([mean]), variance: (slope * slope * squares) / (n - 1) / n };
		}
	}
	return { value: metric.value(scored), variance: jackknife(metric, scored) };
}

/** Squared standard error by leaving out each of `BLOCKS` blocks in turn (Tukey 1958). */
function jackknife(metric: Metric, scored: Scored): number {
	const n = scored.rows;
	const blocks = Math.min(BLOCKS, n);
	const without = Array.from({ length: blocks }, (_, block) =>
		metric.value(scored.weighted(Float64Array.from({ length: n }, (__, i) => (i % blocks === block ? 0 : 1)))),
	);
	const mean = without.reduce((a, b) => a + b, 0) / blocks;
	return ((blocks - 1) / blocks) * without.reduce((sum, v) => sum + (v - mean) ** 2, 0);
}

function rarest({ y, classes }: Scored): number {
	const counts = new Array<number>(Math.max(2, classes)).fill(0);
	for (let i = 0; i < y.length; i++) counts[y[i]]++;
	return Math.min(...counts);
}
