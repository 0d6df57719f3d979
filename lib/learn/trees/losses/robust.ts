import { meanLoss, type Loss } from './loss.js';
import { percentile } from './percentile.js';

const positive = (weight: Float64Array | undefined, y: Float64Array, rows: number): [Float64Array, Float64Array | undefined] => [
	y.subarray(0, rows),
	weight?.subarray(0, rows),
];

/** Absolute error: leaves hold the median of what is left, since a Newton step on a constant slope says nothing of its size. */
export const absolute: Loss = {
	id: 'regression_l1',
	outputs: () => 1,
	initial: (y, weight, rows) => [percentile(...positive(weight, y, rows), 0.5)],
	gradients({ rows, score: [score], y, weight }, [g], [h]) {
		for (let i = 0; i < rows; i++) {
			const w = weight ? weight[i] : 1;
			g[i] = Math.sign(score[i] - y[i]) * w;
			h[i] = w;
		}
	},
	renew: (residuals, weights) => percentile(residuals, weights, 0.5),
	link() {},
	metric: 'mae',
	evaluate: (input) => meanLoss(input, (i) => Math.abs(input.score[0][i] - input.y[i])),
};

/** Quantile (pinball) loss: the value that a share `alpha` of the rows stays below. */
export const quantile = (alpha: number): Loss => ({
	id: 'quantile',
	outputs: () => 1,
	initial: (y, weight, rows) => [percentile(...positive(weight, y, rows), alpha)],
	gradients({ rows, score: [score], y, weight }, [g], [h]) {
		for (let i = 0; i < rows; i++) {
			const w = weight ? weight[i] : 1;
			g[i] = (score[i] >= y[i] ? 1 - alpha : -alpha) * w;
			h[i] = w;
		}
	},
	renew: (residuals, weights) => percentile(residuals, weights, alpha),
	link() {},
	metric: 'quantile',
	evaluate: (input) =>
		meanLoss(input, (i) => {
			const rest = input.y[i] - input.score[0][i];
			return rest >= 0 ? alpha * rest : (alpha - 1) * rest;
		}),
});

/**
 * Huber's loss: squared up to `delta`, absolute beyond. Leaves are Friedman's (2001) one-step estimate: the median plus the mean of clipped
 * rests.
 */
export const huber = (delta: number): Loss => ({
	id: 'huber',
	outputs: () => 1,
	initial: (y, weight, rows) => [percentile(...positive(weight, y, rows), 0.5)],
	gradients({ rows, score: [score], y, weight }, [g], [h]) {
		for (let i = 0; i < rows; i++) {
			const w = weight ? weight[i] : 1;
			g[i] = Math.min(delta, Math.max(-delta, score[i] - y[i])) * w;
			h[i] = w;
		}
	},
	renew(residuals, weights) {
		const middle = percentile(residuals, weights, 0.5);
		let sum = 0;
		let total = 0;
		for (let i = 0, n = residuals.length; i < n; i++) {
			const w = weights ? weights[i] : 1;
			sum += w * Math.min(delta, Math.max(-delta, residuals[i] - middle));
			total += w;
		}
		return total > 0 ? middle + sum / total : middle;
	},
	link() {},
	metric: 'huber',
	evaluate: (input) =>
		meanLoss(input, (i) => {
			const rest = Math.abs(input.score[0][i] - input.y[i]);
			return rest <= delta ? 0.5 * rest * rest : delta * (rest - 0.5 * delta);
		}),
});
