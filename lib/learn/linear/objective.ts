import type { Labels } from '../contract.js';
import { BLOCK, type Design } from './design.js';

/** `squared`: half squared error. `logistic`: log loss of class 1. `softmax`: log loss over all classes. */
export type LossName = 'squared' | 'logistic' | 'softmax';

/**
 * Penalised mean loss of a linear model:
 * f(b) = sum_i w_i loss_i / sum_i w_i + l1 |b|_1 + l2/2 |b|_2^2, the intercept (last coefficient of each output) free.
 * `coef` is output-major: `coef[k * width + j]`.
 */
export class Objective {
	readonly outputs: number;
	readonly size: number;
	readonly #scores: Float64Array;
	readonly #total: number;

	constructor(
		readonly design: Design,
		readonly labels: Labels,
		readonly loss: LossName,
		readonly l1: number,
		readonly l2: number,
		/** Called once a block of rows, so that a cancellation is seen in time. */
		private readonly poll: () => void,
	) {
		this.outputs = loss === 'softmax' ? labels.classes : 1;
		this.size = this.outputs * design.width;
		this.#scores = new Float64Array(this.outputs * BLOCK);
		let total = 0;
		for (let i = 0; i < design.rows; i++) total += labels.weight ? labels.weight[i] : 1;
		this.#total = total;
	}

	/** Intercepts are not penalised. */
	penalised(index: number): boolean {
		return (index + 1) % this.design.width !== 0;
	}

	/** Mean loss plus the L2 part; fills `gradient` (and `gram`, the Hessian of the mean loss, for one output) when given. */
	smooth(coef: Float64Array, gradient?: Float64Array, gram?: Float64Array): number {
		const { design, outputs } = this;
		const scores = this.#scores;
		const hessian = gram ? new Float64Array(BLOCK) : undefined;
		gradient?.fill(0);
		gram?.fill(0);
		let value = 0;
		for (let from = 0; from < design.rows; from += BLOCK) {
			const to = Math.min(from + BLOCK, design.rows);
			design.scores(from, to, coef, outputs, scores);
			value += this.#residuals(from, to, hessian);
			if (gradient) design.addGradient(from, to, scores, outputs, gradient);
			if (gram && hessian) design.addGram(from, to, hessian, gram);
			if ((from / BLOCK) % 16 === 15) this.poll();
		}
		value /= this.#total;
		if (gram) {
			design.symmetric(gram);
			for (let i = 0; i < gram.length; i++) gram[i] /= this.#total;
		}
		let norm = 0;
		for (let j = 0; j < this.size; j++) {
			if (gradient) gradient[j] /= this.#total;
			if (!this.penalised(j)) continue;
			norm += coef[j] * coef[j];
			if (gradient) gradient[j] += this.l2 * coef[j];
		}
		return value + 0.5 * this.l2 * norm;
	}

	/** The L1 part. */
	rough(coef: Float64Array): number {
		if (this.l1 === 0) return 0;
		let sum = 0;
		for (let j = 0; j < this.size; j++) if (this.penalised(j)) sum += Math.abs(coef[j]);
		return this.l1 * sum;
	}

	/** Largest violation of the optimality conditions, given the gradient of the smooth part: 0 at the minimum. */
	violation(coef: Float64Array, gradient: Float64Array): number {
		let worst = 0;
		for (let j = 0; j < this.size; j++) {
			const g = gradient[j];
			let v = Math.abs(g);
			if (this.l1 > 0 && this.penalised(j)) v = coef[j] === 0 ? Math.max(0, v - this.l1) : Math.abs(g + this.l1 * Math.sign(coef[j]));
			if (v > worst) worst = v;
		}
		return worst;
	}

	/** Replaces scores by weighted residuals (d loss / d score) and returns the summed loss. */
	#residuals(from: number, to: number, hessian: Float64Array | undefined): number {
		const {
			labels: { y, weight, offset },
			loss,
			outputs,
		} = this;
		const scores = this.#scores;
		let value = 0;
		for (let i = from; i < to; i++) {
			const r = i - from;
			const w = weight ? weight[i] : 1;
			if (loss === 'squared') {
				const d = scores[r] + (offset ? offset[i] : 0) - y[i];
				value += 0.5 * w * d * d;
				scores[r] = w * d;
				if (hessian) hessian[r] = w;
			} else if (loss === 'logistic') {
				const s = scores[r] + (offset ? offset[i] : 0);
				const e = Math.exp(-Math.abs(s));
				const p = s >= 0 ? 1 / (1 + e) : e / (1 + e);
				value += w * (Math.log1p(e) + (s >= 0 ? (1 - y[i]) * s : -y[i] * s));
				scores[r] = w * (p - y[i]);
				if (hessian) hessian[r] = w * p * (1 - p);
			} else {
				let top = -Infinity;
				for (let k = 0; k < outputs; k++) top = Math.max(top, scores[k * BLOCK + r]);
				let sum = 0;
				for (let k = 0; k < outputs; k++) sum += Math.exp(scores[k * BLOCK + r] - top);
				const norm = top + Math.log(sum);
				value += w * (norm - scores[y[i] * BLOCK + r]);
				for (let k = 0; k < outputs; k++) {
					scores[k * BLOCK + r] = w * (Math.exp(scores[k * BLOCK + r] - norm) - (y[i] === k ? 1 : 0));
				}
			}
		}
		return value;
	}
}
