import { Crew } from './crew.js';
import type { Design } from './design.js';

/**
 * Penalised mean loss of a linear model:
 * f(b) = sum_i w_i loss_i / sum_i w_i + l1 |b|_1 + l2/2 |b|_2^2, the intercept (last coefficient of each output) free.
 * `coef` is output-major: `coef[k * width + j]`.
 */
export class Objective {
	readonly outputs: number;
	readonly size: number;
	readonly threads: number;
	/** Passes over the rows so far. */
	passes = 0;
	readonly #crew: Crew;
	readonly #total: number;

	constructor(
		readonly design: Design,
		readonly l1: number,
		readonly l2: number,
		/** Whether the Hessian is asked for in full; else its diagonal at most. */
		readonly quadratic: boolean,
		threads: number,
		cancelled: Int32Array,
		/** Called once a pass, so that a cancellation is seen in time. */
		private readonly poll: () => void,
	) {
		this.outputs = design.outputs;
		this.size = this.outputs * design.width;
		let total = 0;
		for (let i = 0; i < design.rows; i++) total += design.weight ? design.weight[i] : 1;
		this.#total = total;
		this.threads = threads;
		this.#crew = new Crew(design, quadratic ? this.size ** 2 : this.size, threads, cancelled);
	}

	/** Intercepts are not penalised. */
	penalised(index: number): boolean {
		return (index + 1) % this.design.width !== 0;
	}

	/** Mean loss plus the L2 part; fills `gradient` and `gram` (the Hessian of the mean loss, for one output) when given. */
	smooth(coef: Float64Array, gradient?: Float64Array, gram?: Float64Array): number {
		const value = this.#pass(coef, gradient, gram, true);
		if (gram) mirror(gram, this.design.width);
		let norm = 0;
		for (let j = 0; j < this.size; j++) {
			if (gradient) gradient[j] /= this.#total;
			if (!this.penalised(j)) continue;
			norm += coef[j] * coef[j];
			if (gradient) gradient[j] += this.l2 * coef[j];
		}
		return value + 0.5 * this.l2 * norm;
	}

	/** Diagonal of the Hessian of the smooth part. */
	diagonal(coef: Float64Array, out: Float64Array): void {
		this.#pass(coef, new Float64Array(this.size), out, false);
		for (let j = 0; j < this.size; j++) if (this.penalised(j)) out[j] += this.l2;
	}

	#pass(coef: Float64Array, gradient: Float64Array | undefined, second: Float64Array | undefined, gram: boolean): number {
		this.passes++;
		const value = this.#crew.sum(coef, gradient, second, gram) / this.#total;
		this.poll();
		if (second) for (let i = 0, n = second.length; i < n; i++) second[i] /= this.#total;
		return value;
	}

	/** The L1 part. */
	rough(coef: Float64Array): number {
		if (this.l1 === 0) return 0;
		let sum = 0;
		for (let j = 0; j < this.size; j++) if (this.penalised(j)) sum += Math.abs(coef[j]);
		return this.l1 * sum;
	}

	/** The slope of least size at coefficient j, given the gradient of the smooth part: 0 for all of them at the minimum. */
	slope(coef: Float64Array, gradient: Float64Array, j: number): number {
		const g = gradient[j];
		if (this.l1 === 0 || !this.penalised(j)) return Math.abs(g);
		return coef[j] === 0 ? Math.max(0, Math.abs(g) - this.l1) : Math.abs(g + this.l1 * Math.sign(coef[j]));
	}

	/** Largest violation of the optimality conditions, given the gradient of the smooth part: 0 at the minimum. */
	violation(coef: Float64Array, gradient: Float64Array): number {
		let worst = 0;
		for (let j = 0; j < this.size; j++) worst = Math.max(worst, this.slope(coef, gradient, j));
		return worst;
	}

	/**
	 * Duality gap: the objective is at most so far above its minimum. The dual point is the residuals (Fenchel and Young hold with equality
	 * there), which leaves |slopes|^2 / (2 l2), exact once the intercepts have no slope. Undefined without an L2 part.
	 */
	gap(coef: Float64Array, gradient: Float64Array): number | undefined {
		if (this.l2 === 0) return undefined;
		let sum = 0;
		for (let j = 0; j < this.size; j++) if (this.penalised(j)) sum += this.slope(coef, gradient, j) ** 2;
		return sum / (2 * this.l2);
	}

	/** Ends its threads. */
	close(): void {
		this.#crew.close();
	}
}

/** Completes what was summed above the diagonal. */
function mirror(gram: Float64Array, w: number): void {
	for (let i = 0; i < w; i++) for (let j = 0; j < i; j++) gram[i * w + j] = gram[j * w + i];
}
