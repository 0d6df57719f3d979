import { chiSquaredSf, fisherExact } from '../../task/statistics/distributions.js';
import { defineDriftTest } from '../defineDriftTest.js';
import { poolRare } from '../pool.js';
import { sum } from '../table.js';

/**
 * Pearson's chi-squared of a two-row table, both samples being samples (`scipy.stats.chi2_contingency` without Yates' correction).
 * Rare levels are pooled until each cell expects five rows; where only one level remains, Fisher's exact test of the most frequent level
 * against the rest.
 */
export const contingency = defineDriftTest({
	id: 'contingency',
	label: 'Contingency chi-squared',
	description: 'Whether the two sets of counts can come from the same shares; rare values are pooled.',
	kind: 'categorical',
	decides: 'pValue',
	threshold: 0.05,
	equalDrifts: false,
	run(pair) {
		const pooled = poolRare(pair);
		if (pooled.reference.length < 2) return fisherOfTop(pair.reference, pair.current);
		return chiSquaredOf(pooled.reference, pooled.current);
	},
});

export function chiSquaredOf(a: Float64Array, b: Float64Array): { score: number; pValue: number; statistic: number } {
	const totalA = sum(a);
	const totalB = sum(b);
	let statistic = 0;
	let levels = 0;
	for (let i = 0, n = a.length; i < n; i++) {
		const both = a[i] + b[i];
		if (both === 0) continue;
		levels++;
		const expectedA = (both * totalA) / (totalA + totalB);
		const expectedB = (both * totalB) / (totalA + totalB);
		statistic += (a[i] - expectedA) ** 2 / expectedA + (b[i] - expectedB) ** 2 / expectedB;
	}
	const pValue = chiSquaredSf(statistic, levels - 1);
	return { score: pValue, pValue, statistic };
}

function fisherOfTop(a: Float64Array, b: Float64Array): { score: number; pValue: number } {
	let top = 0;
	for (let i = 1, n = a.length; i < n; i++) if (a[i] + b[i] > a[top] + b[top]) top = i;
	const pValue = fisherExact(a[top], sum(a) - a[top], b[top], sum(b) - b[top]);
	return { score: pValue, pValue };
}
