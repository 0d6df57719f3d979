import { exp } from '../exp.js';
import { meanLoss, type Loss } from './loss.js';

/**
 * Log loss of several classes, a tree a class. The hessian is p (1 - p), the diagonal of the true one, as scikit-learn has it. LightGBM
 * multiplies it by K / (K - 1) (Friedman 2001), which is the same as learning_rate, reg_lambda, cat_smooth, cat_l2 and min_child_weight
 * multiplied by (K - 1) / K here: it learns more slowly.
 */
export const softmax: Loss = {
	id: 'multiclass',
	outputs: (classes) => classes,
	initial(y, weight, rows, classes) {
		const sums = new Float64Array(classes);
		let total = 0;
		for (let i = 0; i < rows; i++) {
			const w = weight ? weight[i] : 1;
			sums[y[i]] += w;
			total += w;
		}
		return Array.from(sums, (s) => Math.log(Math.max(1e-15, s / total)));
	},
	kernel: 'gradientsSoftmax',
	gradients({ rows, score, y, weight }, g, h) {
		const k = score.length;
		const p = new Float64Array(k);
		for (let i = 0; i < rows; i++) {
			let top = -Infinity;
			for (let c = 0; c < k; c++) if (score[c][i] > top) top = score[c][i];
			let sum = 0;
			for (let c = 0; c < k; c++) sum += p[c] = exp(score[c][i] - top);
			const w = weight ? weight[i] : 1;
			for (let c = 0; c < k; c++) {
				const q = p[c] / sum;
				g[c][i] = (q - +(y[i] === c)) * w;
				h[c][i] = q * (1 - q) * w;
			}
		}
	},
	link(out, at, outputs) {
		let top = -Infinity;
		for (let c = at; c < at + outputs; c++) if (out[c] > top) top = out[c];
		let sum = 0;
		for (let c = at; c < at + outputs; c++) sum += out[c] = exp(out[c] - top);
		for (let c = at; c < at + outputs; c++) out[c] /= sum;
	},
	metric: 'logLoss',
	evaluate(input) {
		const { score, y } = input;
		return meanLoss(input, (i) => {
			let top = -Infinity;
			for (const s of score) if (s[i] > top) top = s[i];
			let sum = 0;
			for (const s of score) sum += exp(s[i] - top);
			return top + Math.log(sum) - score[y[i]][i];
		});
	},
};
