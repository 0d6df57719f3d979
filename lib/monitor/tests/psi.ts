import { binnedShares, withoutZeros } from '../bins.js';
import { defineDriftTest } from '../defineDriftTest.js';

/** Population stability index over the bins of `binnedShares`. */
export const psi = defineDriftTest({
	id: 'psi',
	label: 'Population stability index',
	description: "Credit scoring's measure of change: below 0.1 little, above 0.25 much.",
	kind: 'both',
	decides: 'distance',
	threshold: 0.1,
	equalDrifts: true,
	run(pair) {
		const shares = binnedShares(pair);
		const reference = withoutZeros(shares.reference);
		const current = withoutZeros(shares.current);
		let score = 0;
		for (let i = 0, n = reference.length; i < n; i++) score += (reference[i] - current[i]) * Math.log(reference[i] / current[i]);
		return { score };
	},
});
