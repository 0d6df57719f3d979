import type { Metric } from '../../task/metrics/contract.js';
import { Scored } from '../../task/metrics/scored.js';

/** Values that a model gave, and where they are known the true ones. */
export interface Values {
	labels: Float64Array;
	scores: Float64Array;
}

/** Whether a metric follows from a single error of each row, so that a model of that error estimates it. */
export const hasDirectLoss = ({ replicates }: Metric, known: Values): boolean =>
	replicates.from === 'sums' && replicates.terms(scoredValues(known)).length === 1;

export const scoredValues = ({ labels, scores }: Values): Scored =>
	new Scored({ y: labels, p: scores, outputs: 1, classes: 0, threshold: 0.5 });

/** The error of each row that the metric is made of: what the inner model learns. */
export function rowErrors({ replicates }: Metric, known: Values): Float64Array {
	if (replicates.from !== 'sums') throw new TypeError('no sums');
	const [term] = replicates.terms(scoredValues(known));
	return Float64Array.from(known.scores, (_, i) => term(i));
}

/**
 * The metric from the errors that an inner model expects of rows: direct loss estimation (DLE) as NannyML has it. No error is below 0. NaN
 * without rows.
 */
export function directLoss({ replicates }: Metric, expected: Float64Array): number {
	if (replicates.from !== 'sums') throw new TypeError('no sums');
	let sum = 0;
	for (const error of expected) sum += Math.max(0, error);
	return replicates.of([sum / expected.length]);
}
