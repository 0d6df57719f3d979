import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
	clopperPearson,
	combined,
	expandedTail,
	logitInterval,
	newcombeAuc,
	studentQuantile,
} from '../../../lib/task/statistics/smallSamples';

type Table = number[][];
const known = JSON.parse(readFileSync(join(__dirname, '../fixtures/small_samples.json'), 'utf8')) as Record<
	'clopperPearson' | 'newcombe' | 'student' | 'expanded' | 'logit',
	Table
>;
const close = (got: number, right: number): void => expect(Math.abs(got - right)).toBeLessThan(1e-9 * Math.max(1, Math.abs(right)));

describe('as scipy and statsmodels have it', () => {
	test.each(known.clopperPearson)('Clopper-Pearson: %d of %d', (hits, n, low, high) => {
		const got = clopperPearson(hits, n);
		close(got.low, low);
		close(got.high, high);
	});
	test.each(known.newcombe)('AUC %d of %d positive and %d negative rows', (auc, m, n, low, high) => {
		const got = newcombeAuc(auc, m, n);
		close(got.low, low);
		close(got.high, high);
	});
	test.each(known.student)("quantile %d of Student's t with %d degrees of freedom", (p, df, right) => close(studentQuantile(p, df), right));
	test.each(known.expanded)('expanded percentile for %d units', (n, right) => close(expandedTail(n), right));
	test.each(known.logit)('logit interval of %d from %d positives', (value, m, low, high) => {
		const got = logitInterval(value, m);
		close(got.low, low);
		close(got.high, high);
	});
});

test('one positive row never makes an AUC better than guessing; a bootstrap of it would', () => {
	expect(newcombeAuc(1, 1, 300).low).toBeLessThan(0.5);
	expect(newcombeAuc(0.85, 1, 300)).toMatchObject({ low: expect.any(Number), high: expect.any(Number) });
	expect(newcombeAuc(0.5, 0, 300)).toEqual({ low: 0, high: 1 });
	expect(clopperPearson(0, 0)).toEqual({ low: 0, high: 1 });
});

test('of two proportions alone, the interval of their mean is that of Zou and Donner', () => {
	const parts = [clopperPearson(8, 10), clopperPearson(30, 60)];
	const { low, high } = combined(0.65, parts, (i, x) => (i === 0 ? (x + 0.5) / 2 : (0.8 + x) / 2));
	close(low, 0.65 - Math.hypot((0.8 - parts[0].low) / 2, (0.5 - parts[1].low) / 2));
	close(high, 0.65 + Math.hypot((parts[0].high - 0.8) / 2, (parts[1].high - 0.5) / 2));
});
