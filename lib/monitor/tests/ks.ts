import { defineDriftTest } from '../defineDriftTest.js';
import { gcd, kolmogorovTwoSample } from '../kolmogorov.js';
import { merge, type NumericPair } from '../table.js';

/** Two-sample Kolmogorov-Smirnov, two-sided; exact up to 10,000 rows a side (`scipy.stats.ks_2samp`). */
export const ks = defineDriftTest({
	id: 'ks',
	label: 'Kolmogorov-Smirnov',
	description: 'Greatest distance between the two cumulative distributions, as a p-value.',
	kind: 'numeric',
	decides: 'pValue',
	threshold: 0.05,
	equalDrifts: true,
	run({ reference, current }) {
		const steps = greatestSteps({ reference, current });
		const pValue = Math.min(1, kolmogorovTwoSample(reference.n, current.n, steps));
		return { score: pValue, pValue, statistic: steps / lcm(reference.n, current.n) };
	},
});

const lcm = (m: number, n: number): number => (m / gcd(m, n)) * n;

/** The KS distance as a whole number of steps of 1 / lcm(m, n), free of rounding. */
function greatestSteps({ reference, current }: Pick<NumericPair, 'reference' | 'current'>): number {
	const g = gcd(reference.n, current.n);
	const up = current.n / g;
	const down = reference.n / g;
	let at = 0;
	let greatest = 0;
	merge(reference, current, (_, inReference, inCurrent) => {
		at += inReference * up - inCurrent * down;
		greatest = Math.max(greatest, Math.abs(at));
	});
	return greatest;
}
