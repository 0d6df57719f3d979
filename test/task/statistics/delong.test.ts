import { delongTest, delongVariance } from '../../../lib/task/statistics/delong';
import { binary } from '../fixtures/statistics.json';

const good = Float64Array.from(binary.good);
const poor = Float64Array.from(binary.poor);

test('AUC and its variance are those of the definition over all pairs', () => {
	const a = delongVariance(binary.y, good);
	expect(a.auc).toBeCloseTo(binary.auc_sklearn[0], 12);
	expect(a.variance).toBeCloseTo(binary.variance[0], 12);
	expect(delongVariance(binary.y, poor).variance).toBeCloseTo(binary.variance[1], 12);
});

test('the paired test takes into account that both models saw the same rows', () => {
	const t = delongTest(binary.y, good, poor);
	expect(t.difference).toBeCloseTo(binary.auc[0] - binary.auc[1], 12);
	expect(t.variance).toBeCloseTo(binary.difference_variance, 12);
	expect(t.pValue).toBeCloseTo(binary.p, 10);
	expect(delongTest(binary.y, good, good).pValue).toBe(1);
});
