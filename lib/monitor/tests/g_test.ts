import { chiSquaredSf } from '../../task/statistics/distributions.js';
import { defineDriftTest } from '../defineDriftTest.js';
import { poolRare } from '../pool.js';
import { sum } from '../table.js';

/**
 * Likelihood-ratio (G) test of a two-row table with rare levels pooled (`scipy.stats.chi2_contingency(lambda_='log-likelihood')`, no
 * correction).
 */
export const gTest = defineDriftTest({
	id: 'g_test',
	label: 'G test',
	description: 'Likelihood-ratio form of the contingency test.',
	kind: 'categorical',
	decides: 'pValue',
	threshold: 0.05,
	equalDrifts: false,
	run(pair) {
		const { reference, current } = poolRare(pair);
		const n = sum(reference);
		const m = sum(current);
		let statistic = 0;
		for (let i = 0, end = reference.length; i < end; i++) {
			const both = reference[i] + current[i];
			if (reference[i] > 0) statistic += 2 * reference[i] * Math.log(reference[i] / ((both * n) / (n + m)));
			if (current[i] > 0) statistic += 2 * current[i] * Math.log(current[i] / ((both * m) / (n + m)));
		}
		const pValue = chiSquaredSf(Math.max(0, statistic), reference.length - 1);
		return { score: pValue, pValue, statistic };
	},
});
