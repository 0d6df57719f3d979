import { z } from 'zod/v4';
import { dictionary, dictionaryOf } from '../../domain/dictionary.js';
import { murmurTwice } from '../../domain/random.js';
import { chanceOf, standardError } from '../../task/metrics/chance.js';
import type { Metric } from '../../task/metrics/contract.js';
import { meanOf } from '../../task/metrics/numbers.js';
import { Scored } from '../../task/metrics/scored.js';
import { calibrated, type Calibrator, type KnownScores } from './calibration.js';
import { directLoss, scoredValues, type Values } from './directLoss.js';
import { expectedValue, type Chanced } from './expected.js';

/** What is known of a metric from rows whose truth is known. */
export const metricReference = z.object({
	/** Measured by their truth, and estimated as if nobody knew it. */
	value: z.number(),
	estimate: z.number(),
	/** Variances among single rows, to be divided by their number: of the metric itself, and of its estimate. */
	chance: z.number(),
	spread: z.number(),
});
export type MetricReference = z.infer<typeof metricReference>;

/** All rows whose truth is known, or those of a segment. */
export const referenceGroup = z.object({ rows: z.number().int(), metrics: dictionaryOf(metricReference) });
export type ReferenceGroup = z.infer<typeof referenceGroup>;

/** Draws by which the spread of an estimate is found, and the rows of each. */
const DRAWS = 60;
const MOST_DRAWN = 2000;

/** What of `metrics` these rows tell, by calibrated probabilities. Metrics without a value are left out. */
export function expectedReference(
	metrics: readonly Metric[],
	known: KnownScores & { threshold: number },
	calibrators: readonly Calibrator[],
): ReferenceGroup {
	const { labels, scores, outputs, classes, threshold } = known;
	const truth = new Scored({ y: labels, p: scores, outputs, classes, threshold });
	const rows: Chanced = { scores, outputs, classes, threshold, chances: calibrated(known, calibrators) };
	const spreads = spreadOf(metrics, rows);
	return groupOf(labels.length, metrics, (metric, k) => ({
		truth,
		estimate: expectedValue(metric, rows) ?? NaN,
		spread: spreads[k],
	}));
}

/** The same by the errors that inner models expect of these rows, one a metric. */
export function directReference(metrics: readonly Metric[], known: Values, expected: readonly Float64Array[]): ReferenceGroup {
	return groupOf(known.labels.length, metrics, (metric, k) => {
		const errors = expected[k].map((error) => Math.max(0, error));
		const mean = meanOf(errors.length, undefined, (i) => errors[i]);
		const slope = metric.replicates.from === 'sums' ? (metric.replicates.slope?.(mean) ?? 1) : 1;
		return {
			truth: scoredValues(known),
			estimate: directLoss(metric, errors),
			spread: slope ** 2 * meanOf(errors.length, undefined, (i) => (errors[i] - mean) ** 2),
		};
	});
}

function groupOf(
	rows: number,
	metrics: readonly Metric[],
	of: (metric: Metric, k: number) => { truth: Scored; estimate: number; spread: number },
): ReferenceGroup {
	const found = dictionary<MetricReference>();
	for (const [k, metric] of metrics.entries()) {
		const { truth, estimate, spread } = of(metric, k);
		const chance = chanceOf(metric, truth);
		const told = { value: metric.value(truth), estimate, chance: chance ? standardError(chance, 1) ** 2 : NaN, spread };
		if (Object.values(told).every(Number.isFinite)) found[metric.id] = told;
	}
	return { rows, metrics: found };
}

/** Variance of the estimate of each metric among single rows drawn like these, found from draws of many. */
function spreadOf(metrics: readonly Metric[], rows: Chanced): number[] {
	const { outputs, classes } = rows;
	const count = rows.scores.length / outputs;
	const size = Math.min(count, MOST_DRAWN);
	const random = murmurTwice(11);
	const values = metrics.map((): number[] => []);
	for (let draw = 0; draw < DRAWS; draw++) {
		const scores = new Float64Array(size * outputs);
		const chances = new Float64Array(size * classes);
		for (let i = 0; i < size; i++) {
			const row = Math.floor(random() * count);
			for (let k = 0; k < outputs; k++) scores[i * outputs + k] = rows.scores[row * outputs + k];
			for (let c = 0; c < classes; c++) chances[i * classes + c] = rows.chances[row * classes + c];
		}
		for (const [k, metric] of metrics.entries()) values[k].push(expectedValue(metric, { ...rows, scores, chances }) ?? NaN);
	}
	return values.map((all) => {
		const own = all.filter(Number.isFinite);
		const mean = own.reduce((a, b) => a + b, 0) / own.length;
		return (size * own.reduce((sum, v) => sum + (v - mean) ** 2, 0)) / own.length;
	});
}
