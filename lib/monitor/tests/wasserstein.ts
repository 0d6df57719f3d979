import { defineDriftTest } from '../defineDriftTest.js';
import { populationStd, type Weighted } from '../table.js';

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
	const { values: x, counts: inX } = a;
	const { values: y, counts: inY } = b;
	let area = 0;
	let seenA = 0;
	let seenB = 0;
	let last = NaN;
	for (let i = 0, j = 0; i < x.length || j < y.length; ) {
		const value = j >= y.length || (i < x.length && x[i] < y[j]) ? x[i] : y[j];
		if (i + j > 0) area += Math.abs(seenA / a.n - seenB / b.n) * (value - last);
		if (i < x.length && x[i] === value) seenA += inX[i++];
		if (j < y.length && y[j] === value) seenB += inY[j++];
		last = value;
	}
	return area;
}
