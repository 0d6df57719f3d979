import { defineMetric } from './contract.js';
import { meanOf } from './numbers.js';

/** `r2_score`; NaN for fewer than two rows. For a constant target 1 if all is exact, else 0. */
export const r2 = defineMetric({
	id: 'r2',
	aliases: ['r2score'],
	label: 'R²',
	description: 'Share of variance explained: 1 is perfect, 0 no better than the mean.',
	title: 'Explained variance (R²)',
	meaning: 'share of the variation that the model explains; 0 is always predicting the mean',
	better: 'higher',
	range: [-Infinity, 1],
	outputs: ['value'],
	value({ y, p, weight }) {
		if (y.length < 2) return NaN;
		const mean = meanOf(y.length, weight, (i) => y[i]);
		const residual = meanOf(y.length, weight, (i) => (y[i] - p[i]) ** 2);
		const total = meanOf(y.length, weight, (i) => (y[i] - mean) ** 2);
		if (total === 0) return residual === 0 ? 1 : 0;
		return 1 - residual / total;
	},
	replicates: {
		from: 'sums',
		terms({ y, p }) {
			// Deviations from the mean, so that the sum of squares keeps its digits.
			const mean = meanOf(y.length, undefined, (i) => y[i]);
			return [(i) => (y[i] - p[i]) ** 2, (i) => y[i] - mean, (i) => (y[i] - mean) ** 2];
		},
		of: ([residual, deviation, square]) => 1 - residual / (square - deviation ** 2),
	},
});
