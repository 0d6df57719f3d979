import { chiSquaredSf } from '../../task/statistics/distributions.js';
import { defineDriftTest } from '../defineDriftTest.js';
import { sum } from '../table.js';

/**
 * Chi-squared that takes the reference's shares as the truth, as Evidently does: too many false alarms unless the reference is far larger.
 */
export const chisquare = defineDriftTest({
	id: 'chisquare',
	label: 'Chi-squared (reference as truth)',
	description: 'Compares counts with those the reference predicts. Alarms too often with small references; prefer the contingency test.',
	kind: 'categorical',
	decides: 'pValue',
	threshold: 0.05,
	equalDrifts: false,
	run({ reference, current }) {
		const scale = sum(current) / sum(reference);
		let statistic = 0;
		for (let i = 0, n = reference.length; i < n; i++) {
			const expected = reference[i] * scale;
			statistic += (current[i] - expected) ** 2 / expected;
		}
		const pValue = chiSquaredSf(statistic, reference.length - 1);
		return { score: pValue, pValue, statistic };
	},
});
