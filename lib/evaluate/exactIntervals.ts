import type { MetricValues } from '../domain/run.js';
import { metricsOf, scoredRows } from '../task/measure.js';
import type { Counted } from '../task/metrics/contract.js';
import { confusion, sumOver } from '../task/metrics/counts.js';
import type { Scored } from '../task/metrics/scored.js';
import type { Bounds } from '../task/statistics/smallSamples.js';
import type { TallyInput } from './predictionTally.js';

/**
 * 95 % bounds that hold with few rows of a class, for the metrics that are counts or ranks; none for losses. Resampled rows always hold the
 * same few positives, so a bootstrap takes their luck for certain. Sources: `lib/task/statistics/smallSamples.ts`. Rows count as
 * independent, except where all rows of a day or group are of one class: then each of these counts as one row.
 */
export function exactIntervals(exact: MetricValues, { task, classes, scores, labels, threshold, units }: TallyInput): Map<string, Bounds> {
	const metrics = metricsOf(task).filter((m) => m.exact && m.id in exact);
	if (!metrics.length) return new Map();
	const rows = countedRows(scoredRows(task, labels, scores, classes, { threshold }), weightsOf(labels, units));
	return new Map(
		metrics.flatMap((m) => {
			const bounds = m.exact?.({ ...rows, value: exact[m.id] });
			return bounds ? [[m.id, bounds] as const] : [];
		}),
	);
}

/** Rows counted by true and predicted class. */
export function countedRows(scored: Scored, weight?: Float64Array): Omit<Counted, 'value'> {
	const k = scored.classes;
	const matrix = confusion(scored.y, scored.decided, k, weight);
	const support = Array.from({ length: k }, (_, c) => sumOver(k, (j) => matrix[c * k + j]));
	return {
		scored,
		matrix,
		support,
		called: support.map((_, c) => sumOver(k, (j) => matrix[j * k + c])),
		total: support.reduce((a, b) => a + b, 0),
		present: support.map((_, c) => c).filter((c) => support[c] > 0),
	};
}

/** One for each day or group, shared among its rows, where each is of one class; undefined: one for each row. */
function weightsOf(labels: Float64Array, { by, unit, count }: TallyInput['units']): Float64Array | undefined {
	if (by === 'rows') return undefined;
	const own = new Float64Array(count).fill(NaN);
	const rows = new Float64Array(count);
	for (let i = 0, n = labels.length; i < n; i++) {
		rows[unit[i]]++;
		if (Number.isNaN(own[unit[i]])) own[unit[i]] = labels[i];
		else if (own[unit[i]] !== labels[i]) return undefined;
	}
	return Float64Array.from(unit, (u) => 1 / rows[u]);
}
