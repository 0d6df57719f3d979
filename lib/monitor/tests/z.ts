import { normalSf } from '../../task/statistics/distributions.js';
import { defineDriftTest } from '../defineDriftTest.js';
import { sum } from '../table.js';

/** Two-sided z-test of two proportions with pooled variance, for columns of one or two values. */
export const z = defineDriftTest({
	id: 'z',
	label: 'Two-proportion Z',
	description: 'Whether the share of one of two values changed.',
	kind: 'categorical',
	decides: 'pValue',
	threshold: 0.05,
	equalDrifts: false,
	run({ reference, current }) {
		if (reference.length < 2) return { score: 1, pValue: 1, statistic: 0 };
		const n = sum(reference);
		const m = sum(current);
		const first = (n - reference[0]) / n;
		const second = (m - current[0]) / m;
		const both = (n - reference[0] + m - current[0]) / (n + m);
		const statistic = (first - second) / Math.sqrt(both * (1 - both) * (1 / n + 1 / m));
		const pValue = 2 * normalSf(Math.abs(statistic));
		return { score: pValue, pValue, statistic };
	},
});
