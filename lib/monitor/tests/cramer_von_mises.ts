import { lnGamma } from '../../task/statistics/distributions.js';
import { defineDriftTest } from '../defineDriftTest.js';
import { merge } from '../table.js';

/**
 * Two-sample Cramér-von Mises with midranks for ties; p-value by the limit (`scipy.stats.cramervonmises_2samp(method='asymptotic')`;
 * Anderson 1962).
 */
export const cramerVonMises = defineDriftTest({
	id: 'cramer_von_mises',
	label: 'Cramér-von Mises',
	description: 'Squared distance between the two cumulative distributions, as a p-value.',
	kind: 'numeric',
	decides: 'pValue',
	threshold: 0.1,
	equalDrifts: true,
	run({ reference, current }) {
		const n = reference.n;
		const m = current.n;
		const all = n + m;
		let u = 0;
		let seenN = 0;
		let seenM = 0;
		merge(reference, current, (_, inN, inM) => {
			const midrank = seenN + seenM + (inN + inM + 1) / 2;
			u += n * squaredGaps(midrank - seenN, inN) + m * squaredGaps(midrank - seenM, inM);
			seenN += inN;
			seenM += inM;
		});
		const k = n * m;
		const statistic = u / (k * all) - (4 * k - 1) / (6 * all);
		const expected = (1 + 1 / all) / 6;
		const variance = ((all + 1) * (4 * k * all - 3 * (n * n + m * m) - 2 * k)) / (45 * all * all * 4 * k);
		const limit = 1 / 6 + (statistic - expected) / Math.sqrt(45 * variance);
		const pValue = limit < 0.003 ? 1 : Math.max(0, 1 - limitCdf(limit));
		return { score: pValue, pValue, statistic };
	},
});

/** Sum over i = 1..count of (gap - i)². */
const squaredGaps = (gap: number, count: number): number =>
	count * gap * gap - gap * count * (count + 1) + (count * (count + 1) * (2 * count + 1)) / 6;

/** Csörgő & Faraway (1996), equation 1.2. */
function limitCdf(x: number): number {
	let total = 0;
	for (let k = 0; k < 200; k++) {
		const y = 4 * k + 1;
		const q = (y * y) / (16 * x);
		const term =
			(Math.exp(lnGamma(k + 0.5) - lnGamma(k + 1) - 2 * q) / (Math.PI ** 1.5 * Math.sqrt(x))) * Math.sqrt(y) * scaledBesselK(0.25, q);
		total += term;
		if (term < 1e-16) break;
	}
	return total;
}

/** exp(q) times the modified Bessel function K of order v, by its integral over cosh, which the trapezoid rule sums to full precision. */
function scaledBesselK(v: number, q: number): number {
	const step = 1 / 64;
	let sum = 0.5;
	for (let i = 1; ; i++) {
		const t = i * step;
		const term = Math.exp(-q * (Math.cosh(t) - 1)) * Math.cosh(v * t);
		sum += term;
		if (term < 1e-18) return sum * step;
	}
}
