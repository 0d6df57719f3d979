import type { Threshold } from '../../task/contract.js';
import type { Fitted } from '../contract.js';
import type { Judged } from './fitModel.js';
import type { Plan } from './plan.js';

/** The learner's own threshold, else the one that suits the judged rows best; where the task has none, it is 0.5 and means nothing. */
export function thresholdOf({ task, target, spec }: Plan, { y, scores }: Judged, fitted: Fitted | undefined, params: unknown): Threshold {
	if (fitted?.threshold) return fitted.threshold;
	const { falsePositiveCost: falsePositive = 0, falseNegativeCost: falseNegative = 0 } = spec;
	const costs = falsePositive > 0 || falseNegative > 0 ? { falsePositive, falseNegative } : undefined;
	return task.threshold?.choose({ target, y, scores, costs, params }) ?? { value: 0.5, reason: '' };
}
