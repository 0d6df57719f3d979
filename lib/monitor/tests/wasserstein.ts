import { defineDriftTest } from '../defineDriftTest.js';
import { merge, populationStd, type Weighted } from '../table.js';

/** A spread below this counts as this, so that a constant reference has a distance too. */
const LEAST_STD = 0.001;

/** First Wasserstein (earth mover's) distance in standard deviations (divisor n) of the reference (`scipy.stats.wasserstein_distance`). */
export const wasserstein = defineDriftTest({
	id: 'wasserstein',
	label: 'Wasserstein distance (normed)',
	description: 'How far values moved on average, in standard deviations of the reference.',
	kind: 'numeric',
	decides: 'distance',
	threshold: 0.1,
	equalDrifts: true,
	run: ({ reference, current }) => ({ score: earthMovers(reference, current) / Math.max(populationStd(reference), LEAST_STD) }),
});

/** Area between the two cumulative distributions. */
export function earthMovers(a: Weighted, b: Weighted): number {
	let area = 0;
	let inA = 0;
	let inB = 0;
	let last = NaN;
	merge(a, b, (value, countA, countB) => {
		if (!Number.isNaN(last)) area += Math.abs(inA / a.n - inB / b.n) * (value - last);
		inA += countA;
		inB += countB;
		last = value;
	});
	return area;
}
