import { calibrationOf, curvesOf, residualsOf } from '../../lib/evaluate/curves';
import { murmurTwice } from '../../lib/domain/random';
import { cheapestThreshold, costAt, thresholdWords } from '../../lib/task/threshold';
// Values of scikit-learn, made by makeStatistics.py; versions inside.
import { binary, calibration } from '../task/fixtures/statistics.json';

const good = Float64Array.from(binary.good);
const labels = Float64Array.from(binary.y);

test('ROC and precision-recall points are those of scikit-learn', () => {
	const curves = curvesOf((row) => binary.y[row] === 1, good);
	expect(curves?.roc.x).toHaveLength(binary.roc.x.length);
	binary.roc.x.forEach((x, i) => expect(curves?.roc.x[i]).toBeCloseTo(x, 12));
	binary.roc.y.forEach((y, i) => expect(curves?.roc.y[i]).toBeCloseTo(y, 12));
	// scikit-learn starts its curve at precision 1 by convention; ours starts at the best-scored rows.
	binary.pr.precision.slice(1).forEach((p, i) => expect(curves?.pr.y[i + 1]).toBeCloseTo(p, 12));
	binary.pr.recall.slice(1).forEach((r, i) => expect(curves?.pr.x[i + 1]).toBeCloseTo(r, 12));
});

test('many points are thinned to 200 that enclose the same area', () => {
	const random = murmurTwice(4);
	const y = Float64Array.from({ length: 20_000 }, () => (random() < 0.3 ? 1 : 0));
	const p = y.map((v) => 0.3 * v + random());
	const curves = curvesOf((row) => y[row] === 1, p);
	const { x, y: h } = curves?.roc ?? { x: [], y: [] };
	expect(x.length).toBeLessThanOrEqual(200);
	const area = x.slice(1).reduce((s, at, i) => s + ((at - x[i]) * (h[i + 1] + h[i])) / 2, 0);
	expect(area).toBeCloseTo(0.755, 2); // 1 - 0.7² / 2 for uniform noise shifted by 0.3
	expect(curves?.pr.x.length).toBeLessThanOrEqual(200);
	expect(curves?.pr.x.at(-1)).toBe(1);
});

test('one class only has no curves', () => expect(curvesOf(() => true, good)).toBeNull());

test('calibration as in scikit-learn with quantile bins', () => {
	const c = calibrationOf(Float64Array.from(calibration.y), Float64Array.from(calibration.p));
	expect(c.count.reduce((s, n) => s + n, 0)).toBe(200);
	calibration.predicted.forEach((p, i) => expect(c.predicted[i]).toBeCloseTo(p, 10));
	calibration.observed.forEach((p, i) => expect(c.observed[i]).toBeCloseTo(p, 10));
});

test('rows of one score stay in one calibration group', () => {
	expect(calibrationOf(Float64Array.of(0, 1, 0, 1), Float64Array.of(0.5, 0.5, 0.5, 0.5))).toEqual({
		predicted: [0.5],
		observed: [0.5],
		count: [4],
	});
});

test('residuals: few points, all rows in the histogram', () => {
	const random = murmurTwice(2);
	const y = Float64Array.from({ length: 5000 }, () => random());
	const r = residualsOf(
		y,
		y.map(() => 0.5),
	);
	expect(r.residual).toHaveLength(200);
	expect(r.histogram.counts.reduce((s, n) => s + n, 0)).toBe(5000);
	expect(r.histogram.edges).toHaveLength(21);
	expect(residualsOf(Float64Array.of(1, 1), Float64Array.of(1, 1)).histogram.counts.reduce((s, n) => s + n, 0)).toBe(2);
});

test('the cheapest threshold is cheapest among all scores', () => {
	const costs = { falsePositive: 1, falseNegative: 3 };
	const best = cheapestThreshold(labels, good, costs);
	expect(costAt(labels, good, best.threshold, costs)).toBeCloseTo(best.cost, 12);
	for (const t of new Set(good)) expect(costAt(labels, good, t, costs)).toBeGreaterThanOrEqual(best.cost - 1e-12);
	const wary = cheapestThreshold(labels, good, { falsePositive: 1000, falseNegative: 0.001 });
	expect(good.filter((p, i) => p >= wary.threshold && labels[i] === 0)).toHaveLength(0);
	expect(thresholdWords(labels, good, 0.5, costs)).toMatch(/errors cost .* a row/);
});
