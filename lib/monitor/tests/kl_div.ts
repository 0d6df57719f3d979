import { binnedShares, withoutZeros } from '../bins.js';
import { defineDriftTest } from '../defineDriftTest.js';
import { sum } from '../table.js';

/** Kullback-Leibler divergence of the current from the reference shares, in nats (`scipy.stats.entropy`). */
export const klDiv = defineDriftTest({
	id: 'kl_div',
	label: 'Kullback-Leibler divergence',
	description: 'How badly the current shares describe the reference.',
	kind: 'both',
	decides: 'distance',
	threshold: 0.1,
	equalDrifts: true,
	run(pair) {
		const shares = binnedShares(pair);
		const p = withoutZeros(shares.reference);
		const q = withoutZeros(shares.current);
		const totalP = sum(p);
		const totalQ = sum(q);
		let score = 0;
		for (let i = 0, n = p.length; i < n; i++) score += (p[i] / totalP) * Math.log(p[i] / totalP / (q[i] / totalQ));
		return { score };
	},
});
