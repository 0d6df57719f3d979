import { studentP } from '../../task/statistics/distributions.js';
import { defineDriftTest } from '../defineDriftTest.js';
import { meanOf, squaresOf } from '../table.js';

/** Student's t-test of two means with equal variances (`scipy.stats.ttest_ind`). */
export const tTest = defineDriftTest({
	id: 't_test',
	label: "Student's t",
	description: 'Whether the mean changed.',
	kind: 'numeric',
	decides: 'pValue',
	threshold: 0.05,
	equalDrifts: false,
	run({ reference, current }) {
		const df = reference.n + current.n - 2;
		const spread = Math.sqrt(((squaresOf(reference) + squaresOf(current)) / df) * (1 / reference.n + 1 / current.n));
		const difference = meanOf(reference) - meanOf(current);
		if (!(df > 0) || spread === 0) {
			const certain = difference === 0 || !(df > 0) ? 1 : 0;
			return { score: certain, pValue: certain };
		}
		const statistic = difference / spread;
		const pValue = studentP(statistic, df);
		return { score: pValue, pValue, statistic };
	},
});
