import { orderByScore } from '../metrics/ranks.js';
import { normalSf } from './distributions.js';

/**
 * For each row the share of rows of the other class on the wrong side (ties half): DeLong, DeLong & Clarke-Pearson (1988), by midranks as
 * Sun & Xu (2014).
 */
function placements(
	y: ArrayLike<number>,
	p: Float64Array,
	order: Uint32Array = orderByScore(p),
): { auc: number; positive: Float64Array; negative: Float64Array } {
	let positives = 0;
	for (let i = 0, n = p.length; i < n; i++) if (y[i] === 1) positives++;
	const negatives = p.length - positives;
	const out = new Float64Array(p.length);
	let above = 0; // positives with a greater score
	let others = 0; // negatives with a greater score
	let sum = 0;
	for (let i = 0, n = order.length; i < n; ) {
		let j = i;
		let pos = 0;
		while (j < order.length && p[order[j]] === p[order[i]]) pos += y[order[j++]] === 1 ? 1 : 0;
		const neg = j - i - pos;
		for (; i < j; i++) {
			const row = order[i];
			if (y[row] === 1) sum += out[row] = (negatives - others - neg / 2) / negatives;
			else out[row] = (above + pos / 2) / positives;
		}
		above += pos;
		others += neg;
	}
	const positive = new Float64Array(positives);
	const negative = new Float64Array(negatives);
	let a = 0;
	let b = 0;
	for (let i = 0, n = p.length; i < n; i++)
		if (y[i] === 1) positive[a++] = out[i];
		else negative[b++] = out[i];
	return { auc: sum / positives, positive, negative };
}

function covariance(a: Float64Array, b: Float64Array): number {
	let meanA = 0;
	let meanB = 0;
	for (let i = 0, n = a.length; i < n; i++) {
		meanA += a[i] / a.length;
		meanB += b[i] / b.length;
	}
	let sum = 0;
	for (let i = 0, n = a.length; i < n; i++) sum += (a[i] - meanA) * (b[i] - meanB);
	return sum / (a.length - 1);
}

/**
 * AUC and its variance. `y` is 0/1; NaN variance with fewer than two rows of a class. `order`: rows by falling score, when the caller knows
 * it.
 */
export function delongVariance(y: ArrayLike<number>, p: Float64Array, order?: Uint32Array): { auc: number; variance: number } {
	const { auc, positive, negative } = placements(y, p, order);
	return { auc, variance: covariance(positive, positive) / positive.length + covariance(negative, negative) / negative.length };
}

/** Test of two AUCs on the same rows, two-sided. */
export function delongTest(
	y: ArrayLike<number>,
	ours: Float64Array,
	theirs: Float64Array,
): { difference: number; variance: number; pValue: number } {
	const a = placements(y, ours);
	const b = placements(y, theirs);
	const part = (of: 'positive' | 'negative'): number =>
		(covariance(a[of], a[of]) + covariance(b[of], b[of]) - 2 * covariance(a[of], b[of])) / a[of].length;
	const variance = Math.max(0, part('positive') + part('negative'));
	const difference = a.auc - b.auc;
	const pValue = variance > 0 ? Math.min(1, 2 * normalSf(Math.abs(difference) / Math.sqrt(variance))) : difference === 0 ? 1 : 0;
	return { difference, variance, pValue };
}
