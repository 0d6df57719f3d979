import { binnedShares } from '../bins.js';
import { defineDriftTest } from '../defineDriftTest.js';

/**
 * Square root of the Jensen-Shannon divergence with the natural logarithm (`scipy.spatial.distance.jensenshannon`): 0 same, 0.83 disjoint.
 */
export const jensenshannon = defineDriftTest({
	id: 'jensenshannon',
	label: 'Jensen-Shannon distance',
	description: 'How different the shares of the values are: 0 is the same, 0.83 means no value in common.',
	kind: 'both',
	decides: 'distance',
	threshold: 0.1,
	equalDrifts: true,
	run(pair) {
		const { reference, current } = binnedShares(pair);
		return { score: jensenShannonDistance(reference, current) };
	},
});

/** @param p, q shares, each summing to 1 */
export function jensenShannonDistance(p: Float64Array, q: Float64Array): number {
	let divergence = 0;
	for (let i = 0, n = p.length; i < n; i++) {
		const middle = (p[i] + q[i]) / 2;
		if (p[i] > 0) divergence += p[i] * Math.log(p[i] / middle);
		if (q[i] > 0) divergence += q[i] * Math.log(q[i] / middle);
	}
	return Math.sqrt(Math.max(0, divergence) / 2);
}
