import { exp } from '../exp.js';
import { meanLoss, weightedMean, type Loss } from './loss.js';

/** Log loss of two classes; the score is the log-odds. */
export const logistic: Loss = {
	id: 'binary',
	outputs: () => 1,
	initial(y, weight, rows) {
		const p = Math.min(1 - 1e-15, Math.max(1e-15, weightedMean(y, weight, rows)));
		return [Math.log(p / (1 - p))];
	},
	linear: true,
	kernel: 'gradientsLogistic',
	gradients({ rows, score: [score], y, weight }, [g], [h]) {
		for (let i = 0; i < rows; i++) {
			const p = 1 / (1 + exp(-score[i]));
			const w = weight ? weight[i] : 1;
			g[i] = (p - y[i]) * w;
			h[i] = p * (1 - p) * w;
		}
	},
	link(out, at) {
		out[at] = 1 / (1 + exp(-out[at]));
	},
	metric: 'logLoss',
	evaluate(input) {
		const {
			score: [score],
			y,
		} = input;
		// log(1 + e^-m) of the margin, without overflow.
		return meanLoss(input, (i) => {
			const m = y[i] > 0 ? score[i] : -score[i];
			return m > 0 ? Math.log1p(exp(-m)) : -m + Math.log1p(exp(m));
		});
	},
};
