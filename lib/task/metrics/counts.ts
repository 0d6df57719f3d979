import { clopperPearson, type Bounds } from '../statistics/smallSamples.js';
import type { Counted } from './contract.js';
import { weightAt, type Numbers } from './numbers.js';

/** Class code of each row: `p >= threshold` for one output, the most probable class (the first of equals) for several. */
export function decide(p: Numbers, outputs: number, threshold = 0.5): Uint32Array<ArrayBuffer> {
	const rows = Math.floor(p.length / outputs);
	const out = new Uint32Array(rows);
	for (let i = 0; i < rows; i++) {
		if (outputs === 1) {
			out[i] = p[i] >= threshold ? 1 : 0;
			continue;
		}
		let best = 0;
		for (let c = 1; c < outputs; c++) if (p[i * outputs + c] > p[i * outputs + best]) best = c;
		out[i] = best;
	}
	return out;
}

/** Weighted counts, row-major `classes x classes`: row = true class, column = predicted class (`confusion_matrix`). */
export function confusion(y: Numbers, predicted: Numbers, classes: number, weight?: Numbers): Float64Array<ArrayBuffer> {
	const m = new Float64Array(classes * classes);
	for (let i = 0; i < y.length; i++) m[y[i] * classes + predicted[i]] += weightAt(weight, i);
	return m;
}

export interface ClassScore {
	precision: number;
	recall: number;
	f1: number;
	support: number;
	predicted: number;
}

/** Precision, recall and F1 of each class from a confusion matrix; 0 where nothing was predicted or present (`zero_division=0`). */
export function classScores(matrix: Numbers, classes: number): ClassScore[] {
	return Array.from({ length: classes }, (_, c) => {
		let predicted = 0;
		let support = 0;
		for (let k = 0; k < classes; k++) {
			predicted += matrix[k * classes + c];
			support += matrix[c * classes + k];
		}
		const tp = matrix[c * classes + c];
		return {
			precision: predicted > 0 ? tp / predicted : 0,
			recall: support > 0 ? tp / support : 0,
			f1: predicted + support > 0 ? (2 * tp) / (predicted + support) : 0,
			support,
			predicted,
		};
	});
}

/** Unweighted mean over the classes that occur or were predicted (`average='macro'`). */
export function macro(scores: readonly ClassScore[], of: 'precision' | 'recall' | 'f1'): number {
	const seen = scores.filter((s) => s.support > 0 || s.predicted > 0);
	return seen.length ? seen.reduce((sum, s) => sum + s[of], 0) / seen.length : NaN;
}

/** Share of (weighted) rows on the diagonal. */
export function accuracyOf(matrix: Numbers, classes: number): number {
	let hit = 0;
	let total = 0;
	for (let i = 0; i < classes; i++)
		for (let j = 0; j < classes; j++) {
			total += matrix[i * classes + j];
			if (i === j) hit += matrix[i * classes + j];
		}
	return total > 0 ? hit / total : NaN;
}

export function sumOver(n: number, of: (i: number) => number): number {
	let total = 0;
	for (let i = 0; i < n; i++) total += of(i);
	return total;
}

/** Exact bounds of the F1 of a class: F1 = 2J / (1 + J), J the share of hits among the rows that are of the class or called so. */
export function f1Bounds({ matrix, scored: { classes }, support, called }: Counted, c: number): Bounds {
	const hits = matrix[c * classes + c];
	const { low, high } = clopperPearson(hits, support[c] + called[c] - hits);
	return { low: (2 * low) / (1 + low), high: (2 * high) / (1 + high) };
}
