import { own } from '../../../domain/dictionary.js';
import { exp } from '../exp.js';
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

export const lossOf = (id: string, params: LossParams = {}): Loss | undefined => own(LOSSES, id)?.(params);

type Link = Loss['link'];

/** Links of models that no loss here trains. */
const LINKS: Record<string, Link> = {
	/** A forest of classes: shares of sums that need not add to one. One output is a share or a value already. */
	forest(out, at, outputs) {
		if (outputs === 1) return;
		let sum = 0;
		for (let k = at; k < at + outputs; k++) sum += out[k] = Math.max(0, out[k]);
		for (let k = at; k < at + outputs; k++) out[k] = sum > 0 ? out[k] / sum : 1 / outputs;
	},
	/** One class against the rest, each on its own. */
	multiclassova(out, at, outputs) {
		for (let k = at; k < at + outputs; k++) out[k] = 1 / (1 + exp(-out[k]));
	},
	raw() {},
	/** An isolation forest's mean path length, negative and in units of c(rows of a tree), becomes the anomaly score. */
	isolation(out, at) {
		out[at] = 2 ** out[at];
	},
	exp(out, at) {
		out[at] = exp(out[at]);
	},
	/** LightGBM's `cross_entropy_lambda`: an intensity, log(1 + e^score). */
	log1pexp(out, at) {
		out[at] = out[at] > 0 ? out[at] + Math.log1p(exp(-out[at])) : Math.log1p(exp(out[at]));
	},
	/** LightGBM's `reg_sqrt`: trees predict the root of the target, with its sign. */
	signed_square(out, at) {
		out[at] *= Math.abs(out[at]);
	},
	/** XGBoost's `binary:hinge`: the class, not its probability. */
	hinge(out, at) {
		out[at] = out[at] > 0 ? 1 : 0;
	},
};

/** How raw scores of a model become its answer. */
export const linkOf = (id: string): Link | undefined => lossOf(id)?.link ?? own(LINKS, id);
