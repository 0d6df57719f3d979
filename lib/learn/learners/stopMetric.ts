import { MlopsError } from '../../domain/errors.js';
import type { TaskType } from '../../domain/column.js';
import { metricsFor, metricsOf } from '../../task/measure.js';
import type { Watch } from '../trees/boost.js';
import type { Loss, LossRows } from '../trees/losses/index.js';

/**
 * What early stopping watches when a person chose a metric in the place of the loss; computed from the answers, not the raw scores.
 * @throws `learn.parameter_invalid` for a metric of other tasks, or one that the validation rows do not define
 */
export function stopMetric(id: string, task: TaskType, loss: Loss): Watch {
	const metric = metricsOf(task).find((m) => m.id === id);
	if (!metric) {
		throw new MlopsError('learn.parameter_invalid', `The metric "${id}" says nothing of this target.`, {
			expected: 'a metric for the kind of target',
			remedy: 'Choose another metric for stopping early, or the loss.',
		});
	}
	return {
		name: id,
		higherIsBetter: metric.better === 'higher',
		evaluate({ rows, score, y, weight }: LossRows): number {
			const outputs = score.length;
			const p = new Float64Array(rows * outputs);
			for (let i = 0; i < rows; i++) {
				for (let k = 0; k < outputs; k++) p[i * outputs + k] = score[k][i];
				loss.link(p, i * outputs, outputs);
			}
			const value = metricsFor(task, y, p, Math.max(2, outputs), { weight, only: [id] })[id];
			if (value === undefined) {
				throw new MlopsError('learn.parameter_invalid', `The metric "${id}" cannot be computed on the validation rows.`, {
					remedy: 'Keep more validation rows, so that each class occurs, or choose the loss for stopping early.',
				});
			}
			return value;
		},
	};
}
