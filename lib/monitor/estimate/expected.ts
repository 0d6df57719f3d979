import type { Metric } from '../../task/metrics/contract.js';
import { decide } from '../../task/metrics/counts.js';
import { orderByScore } from '../../task/metrics/ranks.js';
import { Scored } from '../../task/metrics/scored.js';
import { classScore } from './calibration.js';

/** Rows of which nobody knows the truth, with how probable each class is. */
export interface Chanced {
	/** The model's own scores, row-major, by which it decides and ranks. */
	scores: Float64Array;
	outputs: number;
	classes: number;
	threshold: number;
	/** Probability of each class, row-major `classes` a row. */
	chances: Float64Array;
}

/** Confusion matrix that is to be expected, row-major: row = true class, column = class said. */
export function expectedMatrix({ scores, outputs, classes, threshold, chances }: Chanced): Float64Array {
	const matrix = new Float64Array(classes * classes);
	const decided = decide(scores, outputs, threshold);
	for (let i = 0, n = decided.length; i < n; i++)
		for (let c = 0; c < classes; c++) matrix[c * classes + decided[i]] += chances[i * classes + c];
	return matrix;
}

/**
 * What a metric would come to if each row had each class with the probability that is given: confidence-based performance estimation (CBPE)
 * as NannyML has it, for every metric that follows from a confusion matrix, from ranks, or from what rows add. NaN where these rows do not
 * define it; `undefined` for other metrics.
 */
export function expectedValue({ replicates }: Metric, rows: Chanced): number | undefined {
	if (rows.scores.length === 0) return NaN;
	if (replicates.from === 'counts') return replicates.of(expectedMatrix(rows), rows.classes);
	if (replicates.from === 'ranks') return replicates.of(expectedBins(rows));
	if (replicates.from !== 'sums') return undefined;
	const { scores, outputs, classes, threshold, chances } = rows;
	const count = scores.length / outputs;
	const sums: number[] = [];
	const shared = {};
	for (let c = 0; c < classes; c++) {
		const all = new Scored({ y: new Uint16Array(count).fill(c), p: scores, outputs, classes, threshold }, shared);
		for (const [k, term] of replicates.terms(all).entries()) {
			let sum = 0;
			for (let i = 0; i < count; i++) {
				const chance = chances[i * classes + c];
				if (chance > 0) sum += chance * term(i);
			}
			sums[k] = (sums[k] ?? 0) + sum;
		}
	}
	return replicates.of(sums.map((sum) => sum / count));
}

/** For each ranking the rows by rising score, `[others, of the class]` in expectation; rows of equal score lie together. */
function expectedBins(rows: Chanced): Float64Array[] {
	const { outputs, classes, chances } = rows;
	return Array.from({ length: outputs }, (_, k) => {
		const c = outputs === 1 ? 1 : k;
		const score = classScore(rows, c);
		const order = orderByScore(score);
		const bins = new Float64Array(2 * order.length);
		let bin = -1;
		for (let i = order.length - 1; i >= 0; i--) {
			const row = order[i];
			if (bin < 0 || score[row] !== score[order[i + 1]]) bin++;
			const chance = chances[row * classes + c];
			bins[2 * bin] += 1 - chance;
			bins[2 * bin + 1] += chance;
		}
		return bins.subarray(0, 2 * (bin + 1));
	});
}
