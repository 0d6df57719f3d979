import { gamma, poisson, tweedie } from './logLink.js';
import { logistic } from './logistic.js';
import type { Loss } from './loss.js';
import { absolute, huber, quantile } from './robust.js';
import { softmax } from './softmax.js';
import { squared } from './squared.js';

export type { Loss, LossRows } from './loss.js';

export interface LossParams {
	/** Where Huber's loss turns linear, or the quantile. */
	alpha?: number;
	tweedieVariancePower?: number;
}

/** Every loss by its LightGBM name. */
const LOSSES: Record<string, (p: LossParams) => Loss> = {
	binary: () => logistic,
	multiclass: () => softmax,
	regression: () => squared,
	regression_l1: () => absolute,
	huber: (p) => huber(p.alpha ?? 0.9),
	quantile: (p) => quantile(p.alpha ?? 0.9),
	poisson: () => poisson,
	gamma: () => gamma,
	tweedie: (p) => tweedie(p.tweedieVariancePower ?? 1.5),
};

export const lossOf = (id: string, params: LossParams = {}): Loss | undefined => (Object.hasOwn(LOSSES, id) ? LOSSES[id](params) : undefined);
