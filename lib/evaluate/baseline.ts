import type { TaskType } from '../domain/column.js';
import type { MetricValues } from '../domain/run.js';
import { metricsFor } from '../task/metrics/index.js';

/** Metrics on the test rows of one who always says what was most common, or the mean, in the training rows. */
export function baselineMetrics(task: TaskType, classes: number, trainingLabels: Float64Array, labels: Float64Array): MetricValues {
	const known = trainingLabels.filter((y) => !Number.isNaN(y));
	const outputs = task === 'multiclass' ? classes : 1;
	const answer = new Float64Array(outputs);
	if (task === 'multiclass') for (const y of known) answer[y] += 1 / known.length;
	else for (const y of known) answer[0] += y / known.length;
	const scores = new Float64Array(labels.length * outputs);
	for (let i = 0; i < scores.length; i++) scores[i] = answer[i % outputs];
	return metricsFor(task, labels, scores, classes);
}
