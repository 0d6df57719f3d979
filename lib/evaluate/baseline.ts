import type { TaskType } from '../domain/column.js';
import type { MetricValues } from '../domain/run.js';
import { taskById } from '../task/index.js';
import { metricsFor } from '../task/measure.js';

/** Metrics on the test rows of one who knows the labels of the training rows, and nothing of a row. */
export function baselineMetrics(task: TaskType, classes: number, trainingLabels: Float64Array, labels: Float64Array): MetricValues {
	const answer = taskById(task).baseline(
		trainingLabels.filter((y) => !Number.isNaN(y)),
		classes,
	);
	const scores = new Float64Array(labels.length * answer.length);
	for (let i = 0, n = scores.length; i < n; i++) scores[i] = answer[i % answer.length];
	return metricsFor(task, labels, scores, classes);
}
