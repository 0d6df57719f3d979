import { normalSf } from '../../task/statistics/distributions.js';
import { defineDriftTest } from '../defineDriftTest.js';
import { merge } from '../table.js';

/** Mann-Whitney U, two-sided, normal limit with correction for ties and continuity (`scipy.stats.mannwhitneyu(method='asymptotic')`). */
export const mannw = defineDriftTest({
	id: 'mannw',
	label: 'Mann-Whitney U',
	description: 'Whether values of one sample tend to be greater than those of the other.',
	kind: 'numeric',
	decides: 'pValue',
	threshold: 0.05,
	equalDrifts: false,
	run({ reference, current }) {
		const n = reference.n;
		const m = current.n;
		let before = 0;
		let statistic = 0;
		let ties = 0;
		merge(reference, current, (_, inReference, inCurrent) => {
			statistic += inReference * (before + inCurrent / 2);
			before += inCurrent;
			const tied = inReference + inCurrent;
			ties += tied ** 3 - tied;
		});
		const all = n + m;
		const spread = Math.sqrt(((n * m) / 12) * (all + 1 - ties / (all * (all - 1))));
		const pValue = spread > 0 ? Math.min(1, 2 * normalSf((Math.max(statistic, n * m - statistic) - (n * m) / 2 - 0.5) / spread)) : 1;
		return { score: pValue, pValue, statistic };
	},
});
