import type { Threshold } from '../../task/contract.js';
import type { ModelFit } from './fitModel.js';
import type { Plan } from './plan.js';

/** The learner's own threshold, else the one that suits its scores best; where the task has none, it is 0.5 and means nothing. */
export function thresholdOf({ task, target, spec }: Plan, { y, trial }: ModelFit, params: unknown): Threshold {
	if (trial.fitted.threshold) return trial.fitted.threshold;
	const { falsePositiveCost: falsePositive = 0, falseNegativeCost: falseNegative = 0 } = spec;
	const costs = falsePositive > 0 || falseNegative > 0 ? { falsePositive, falseNegative } : undefined;
	return task.threshold?.choose({ target, y, scores: trial.scores, costs, params }) ?? { value: 0.5, reason: '' };
}
