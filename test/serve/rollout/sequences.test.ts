import { differenceSequence, meanOf, reach, shareDifference, shareSequence } from '../../../lib/serve/rollout/sequences.js';
import { estimateOf } from '../../../lib/serve/rollout/estimateOf.js';
import { metricById } from '../../../lib/task/metrics/index.js';
import { delongVariance } from '../../../lib/task/statistics/delong.js';
import { murmurTwice } from '../../../lib/domain/random.js';
import reference from './reference.json';

/** Standard normal numbers (Box & Muller 1958). */
const normals = (random: () => number) => (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

describe('confidence sequences', () => {
	it("give the values of reference.py's own code for the formulas of the papers", () => {
		for (const { hits, n, alpha, low, high } of reference.shares) {
			const found = shareSequence(hits, n, alpha);
			expect(found.low).toBeCloseTo(low, 10);
			expect(found.high).toBeCloseTo(high, 10);
		}
		for (const { n, alpha, best, reach: expected } of reference.reach) expect(reach(n, alpha, best)).toBeCloseTo(expected, 10);
		for (const { candidate, stable, alpha, best, low, high } of reference.differences) {
			const found = differenceSequence(meanOf(...triple(candidate)), meanOf(...triple(stable)), alpha, best);
			expect(found.low).toBeCloseTo(low, 10);
			expect(found.high).toBeCloseTo(high, 10);
		}
	});

	it('of nothing seen say nothing, of all or none leave the rest open', () => {
		expect(shareSequence(0, 0, 0.05)).toEqual({ low: 0, high: 1 });
		expect(shareSequence(0, 10, 0.05)).toMatchObject({ low: 0, high: expect.closeTo(0.42, 1) });
		expect(shareSequence(10, 10, 0.05)).toMatchObject({ low: expect.closeTo(0.58, 1), high: 1 });
		expect(differenceSequence(meanOf(0, 0, 0), meanOf(5, 1, 1), 0.05, 100)).toEqual({ low: -Infinity, high: Infinity });
	});

	it('of a share fool fewer than one in twenty who look after every batch', () => {
		const random = murmurTwice(41);
		let fooled = 0;
		const experiments = 500;
		for (let e = 0; e < experiments; e++) {
			const rate = [0.002, 0.02, 0.3][e % 3];
			const arms = [
				{ hits: 0, n: 0 },
				{ hits: 0, n: 0 },
			];
			for (let look = 0; look < 25; look++) {
				for (const arm of arms) for (let i = 0; i < 20; i++, arm.n++) if (random() < rate) arm.hits++;
				const { low, high } = shareDifference(arms[0], arms[1], 0.05);
				if (low > 0 || high < 0) {
					fooled++;
					break;
				}
			}
		}
		expect(fooled / experiments).toBeLessThanOrEqual(0.05);
	});

	it('of a mean fool fewer than one in twenty, also where the share of the candidate grows; a fixed interval fools many', () => {
		const random = murmurTwice(42);
		const normal = normals(random);
		let [fooled, fooledByFixed] = [0, 0];
		const experiments = 1000;
		for (let e = 0; e < experiments; e++) {
			const sums = [
				[0, 0, 0],
				[0, 0, 0],
			];
			let [byThis, byFixed] = [false, false];
			for (let look = 0; look < 40; look++) {
				const share = [0.05, 0.2, 0.5, 0.9][Math.floor(look / 10)];
				for (let i = 0; i < 50; i++) {
					const arm = sums[random() < share ? 0 : 1];
					// Skewed, as amounts are.
					const x = Math.exp(normal() / 2);
					arm[0]++;
					arm[1] += x;
					arm[2] += x * x;
				}
				const [of, than] = sums.map(([n, sum, squares]) => meanOf(n, sum, squares));
				if (Math.min(of.n, than.n) < 50) continue;
				const { low, high } = differenceSequence(of, than, 0.05, 500);
				byThis ||= low > 0 || high < 0;
				byFixed ||= Math.abs(of.value - than.value) > 1.96 * Math.sqrt(of.variance + than.variance);
			}
			if (byThis) fooled++;
			if (byFixed) fooledByFixed++;
		}
		expect(fooled / experiments).toBeLessThanOrEqual(0.05);
		expect(fooledByFixed / experiments).toBeGreaterThan(0.15);
	});
});

describe('the main metric by the truth', () => {
	const random = murmurTwice(43);
	const normal = normals(random);
	const binary = (n: number, shift: number) => {
		const y = Float64Array.from({ length: n }, () => (random() < 0.3 ? 1 : 0));
		const p = Float64Array.from(y, (label) => 1 / (1 + Math.exp(-(normal() + shift * label))));
		return { y, p, outputs: 1, classes: 2, threshold: 0.5 };
	};

	it('has the variance that the metric itself tells: DeLong for AUC, the delta method for RMSE, the spread of what rows add', () => {
		const rows = binary(400, 1);
		const { auc, variance } = delongVariance(rows.y, rows.p);
		expect(estimateOf(metricById('auc')!, rows)).toEqual({ value: auc, variance, n: 400 });
		const errors = Float64Array.from({ length: 5_000 }, normal);
		const rmse = estimateOf(metricById('rmse')!, { y: new Float64Array(5_000), p: errors, outputs: 1, classes: 0, threshold: 0.5 });
		// Of normal errors the root mean square has a standard error of about sigma / sqrt(2 n).
		expect(Math.sqrt(rmse.variance)).toBeCloseTo(1 / Math.sqrt(10_000), 3);
		const loss = estimateOf(metricById('logLoss')!, rows);
		expect(loss.variance).toBeGreaterThan(0);
	});

	it('of metrics that tell none is found by leaving out blocks, near what the metric would tell', () => {
		const rows = binary(2_000, 1);
		const own = estimateOf(metricById('auc')!, rows);
		const { replicates } = metricById('auc')!;
		const without = estimateOf({ ...metricById('auc')!, replicates: { ...replicates, variance: undefined } as typeof replicates }, rows);
		expect(without.value).toBeCloseTo(own.value, 10);
		expect(Math.sqrt(without.variance / own.variance)).toBeGreaterThan(0.7);
		expect(Math.sqrt(without.variance / own.variance)).toBeLessThan(1.4);
		expect(estimateOf(metricById('f1')!, rows).variance).toBeGreaterThan(0);
	});

	it('is not certain where every row agrees, and tells nothing with one row of a class', () => {
		const perfect = {
			y: Float64Array.from([0, 0, 0, 1, 1]),
			p: Float64Array.from([0.1, 0.2, 0.3, 0.8, 0.9]),
			outputs: 1,
			classes: 2,
			threshold: 0.5,
		};
		expect(estimateOf(metricById('auc')!, perfect)).toMatchObject({ value: 1, variance: 1 / 16 });
		expect(estimateOf(metricById('accuracy')!, perfect)).toMatchObject({ value: 1, variance: 1 / 49 });
		expect(estimateOf(metricById('auc')!, { ...perfect, y: Float64Array.from([0, 0, 0, 0, 1]) }).variance).toBeNaN();
	});

	it('fools fewer than one in twenty who look at equally good models, and finds a better one', () => {
		const outcome = (shift: number): boolean => {
			const arms = [binary(800, shift), binary(800, 1)];
			for (let n = 100; n <= 800; n += 100) {
				const [of, than] = arms.map(({ y, p, ...rest }) => estimateOf(metricById('auc')!, { ...rest, y: y.slice(0, n), p: p.slice(0, n) }));
				const { low, high } = differenceSequence(of, than, 0.05, 500);
				if (low > 0 || high < 0) return true;
			}
			return false;
		};
		const share = (shift: number, experiments: number): number =>
			Array.from({ length: experiments }, () => outcome(shift)).filter(Boolean).length / experiments;
		expect(share(1, 400)).toBeLessThanOrEqual(0.05);
		// A difference of 0.10 in AUC.
		expect(share(1.55, 60)).toBeGreaterThan(0.5);
	});
});

const triple = (numbers: number[]): [number, number, number] => [numbers[0], numbers[1], numbers[2]];
