import { dictionary } from '../domain/dictionary.js';
import type { TaskType } from '../domain/column.js';
import { MlopsError } from '../domain/errors.js';
import type { MetricValues } from '../domain/run.js';
import { taskById } from './index.js';
import type { Metric } from './metrics/contract.js';
import { METRICS } from './metrics/index.js';
import type { Numbers } from './metrics/numbers.js';
import { Scored } from './metrics/scored.js';

/** The metrics that judge a task, in their order; `known`: whether the truth of the rows is. */
export const metricsOf = (task: TaskType, known = true): Metric[] => {
	const { output } = taskById(task);
	return METRICS.filter((m) => m.outputs.includes(output) && (known || m.withoutTruth));
};

/** @throws `learn.parameter_invalid` naming the metrics of the task */
export function checkMetric(id: string, task: TaskType): Metric {
	const all = metricsOf(task);
	const metric = all.find((m) => m.id === id);
	if (metric) return metric;
	throw new MlopsError('learn.parameter_invalid', `"${id}" is no metric for this task.`, {
		expected: `one of: ${all.map((m) => m.id).join(', ')}`,
		found: id,
		remedy: 'Choose another under "Metric", or leave it empty.',
	});
}

/** Rows with their truth and scores (row-major, as a predictor gives them), as metrics want them. */
export const scoredRows = (
	task: TaskType,
	y: Numbers,
	p: Numbers,
	classes: number,
	{ threshold = 0.5, weight, halves }: Pick<MetricOptions, 'threshold' | 'weight' | 'halves'> = {},
): Scored => {
	const outputs = taskById(task).outputs(classes);
	// Metrics would read past the end, and some would never end.
	if (y.length > 0 && p.length !== y.length * outputs)
		throw new MlopsError('internal', `There are ${p.length} scores of ${y.length} rows, not ${outputs} each.`);
	return new Scored({ y, p, outputs, classes, threshold, weight, halves });
};

export interface MetricOptions {
	threshold?: number;
	weight?: Numbers;
	halves?: readonly [Numbers, Numbers];
	only?: readonly string[];
	/** False where nobody knows the truth of the rows (`y` is not looked at). */
	known?: boolean;
}

/** All metrics of a task that have a value for these rows; others are left out, so that the result is JSON. */
export function metricsFor(task: TaskType, y: Numbers, p: Numbers, classes: number, options: MetricOptions = {}): MetricValues {
	const scored = scoredRows(task, y, p, classes, options);
	const out: MetricValues = dictionary();
	for (const metric of metricsOf(task, options.known)) {
		if (options.only && !options.only.includes(metric.id)) continue;
		const value = metric.value(scored);
		if (Number.isFinite(value)) out[metric.id] = value;
	}
	return out;
}
