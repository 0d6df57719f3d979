import { placeBounds } from '../binning.js';
import { sortNumbers } from '../sortNumbers.js';

/**
 * Bins of a statistic. Few: a category of many rows has to stay in one bin in spite of what its first rows happen to be, as that is where
 * it will be at prediction.
 */
const BINS = 16;
/** Rows of the prior that each category is given. */
const PRIOR_ROWS = 1;

/** What a statistic is made from: `codes` and `target`, `weight` of each row. */
export interface StatisticRows {
	codes: ArrayLike<number>;
	levels: number;
	target: Float64Array;
	weight?: Float64Array;
}

/** The mean of the target by category, smoothed by the mean of all rows; that mean is the answer for a category without rows. */
export interface TargetStatistic {
	/** By code. */
	values: Float64Array;
	prior: number;
	/** Borders of its bins: a value's bin is the number of borders below it. */
	bounds: Float64Array;
}

/** The statistic of all rows, as it holds for other rows. */
export function targetStatistic({ codes, levels, target, weight }: StatisticRows): TargetStatistic {
	const sums = new Float64Array(levels);
	const counts = new Float64Array(levels);
	let sum = 0;
	let count = 0;
	for (let i = 0, n = target.length; i < n; i++) {
		const w = weight ? weight[i] : 1;
		sums[codes[i]] += w * target[i];
		counts[codes[i]] += w;
		sum += w * target[i];
		count += w;
	}
	const prior = count > 0 ? sum / count : 0;
	const values = sums.map((s, c) => smoothed(s, counts[c], prior));
	const known = Float64Array.from({ length: target.length }, (_, i) => values[codes[i]]);
	return { values, prior, bounds: placeBounds(sortNumbers(known), BINS) };
}

/**
 * The statistic of each row from the rows that come before it in `order` alone, so that no row's own target is in it (ordered target
 * statistics; Prokhorenkova et al. 2018, section 3.2).
 */
export function orderedValues({ codes, levels, target, weight }: StatisticRows, prior: number, order: Uint32Array): Float64Array {
	const sums = new Float64Array(levels);
	const counts = new Float64Array(levels);
	const out = new Float64Array(target.length);
	for (const i of order) {
		const c = codes[i];
		const w = weight ? weight[i] : 1;
		out[i] = smoothed(sums[c], counts[c], prior);
		sums[c] += w * target[i];
		counts[c] += w;
	}
	return out;
}

const smoothed = (sum: number, count: number, prior: number): number => (sum + PRIOR_ROWS * prior) / (count + PRIOR_ROWS);

/** The bin of a value. */
export function binOf({ bounds }: Pick<TargetStatistic, 'bounds'>, value: number): number {
	let bin = 0;
	while (bin < bounds.length && value > bounds[bin]) bin++;
	return bin;
}
