import { z } from 'zod/v4';
import { orderByScore } from '../../task/metrics/ranks.js';

/** A rising line through points, level before the first and after the last. */
export const risingLine = z.object({ x: z.array(z.number()), y: z.array(z.number()) });
export type RisingLine = z.infer<typeof risingLine>;

/**
 * The rising line that is closest to the share of hits by score (isotonic regression: pool adjacent violators; scikit-learn's
 * `IsotonicRegression` with `out_of_bounds='clip'`). Rows of equal score are one point; of level stretches only the ends are kept.
 * @param hit 1 or 0 a row; at least one row
 */
export function fitIsotonic(score: Float64Array, hit: ArrayLike<number>): RisingLine {
	const order = orderByScore(score).reverse();
	// Blocks of rising scores, each with its first and last score.
	const [first, last, sum, weight]: number[][] = [[], [], [], []];
	for (let i = 0, n = order.length; i < n; ) {
		const at = score[order[i]];
		let [hits, rows] = [0, 0];
		for (; i < order.length && score[order[i]] === at; i++) {
			hits += hit[order[i]];
			rows++;
		}
		let from = at;
		while (weight.length > 0 && sum.at(-1)! * rows >= hits * weight.at(-1)!) {
			from = first.pop()!;
			last.pop();
			hits += sum.pop()!;
			rows += weight.pop()!;
		}
		first.push(from);
		last.push(at);
		sum.push(hits);
		weight.push(rows);
	}
	const line: RisingLine = { x: [], y: [] };
	for (let b = 0; b < first.length; b++) {
		const y = sum[b] / weight[b];
		for (const x of first[b] === last[b] ? [first[b]] : [first[b], last[b]]) {
			line.x.push(x);
			line.y.push(y);
		}
	}
	return line;
}

/** The line's height at a score. */
export function heightAt({ x, y }: RisingLine, score: number): number {
	const end = x.length - 1;
	if (score <= x[0]) return y[0];
	if (score >= x[end]) return y[end];
	let [low, high] = [0, end];
	while (high - low > 1) {
		const middle = (low + high) >> 1;
		if (x[middle] <= score) low = middle;
		else high = middle;
	}
	return y[low] + ((score - x[low]) / (x[high] - x[low])) * (y[high] - y[low]);
}
