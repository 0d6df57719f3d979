import { murmurTwice } from '../../../lib/domain/random.js';
import { standingOf } from '../../../lib/monitor/quality/standing.js';
import { measureKnown, type Measured } from '../../../lib/monitor/quality/measureKnown.js';
import { metricById } from '../../../lib/task/metrics/index.js';

const accuracy = metricById('accuracy')!;
const mae = metricById('mae')!;

/** So many answers, right with this chance. */
function answers(rows: number, right: number, random: () => number): Measured {
	const labels = Float64Array.from({ length: rows }, () => (random() < 0.4 ? 1 : 0));
	const scores = Float64Array.from(labels, (y) => (random() < right ? y : 1 - y) * 0.8 + 0.1);
	return measureKnown({ task: 'binary', classes: 2, threshold: 0.5, labels, scores });
}

it('says rarely that equally good answers are worse, and nearly always that worse ones are', () => {
	const random = murmurTwice(11);
	const references = Array.from({ length: 8 }, () => answers(300, 0.85, random));
	const share = (right: number, level: number, draws: number): number => {
		let below = 0;
		for (let r = 0; r < draws; r++) {
			const then = references[r % references.length];
			const now = answers(150, right, random);
			const reference = { value: then.metrics.accuracy, effective: then.effective };
			if (standingOf(accuracy, now.metrics.accuracy, now.effective, reference).pValue < level) below++;
		}
		return below / draws;
	};
	// At most 0.05, and two standard errors of 64 draws more.
	expect(share(0.85, 0.05, 64)).toBeLessThanOrEqual(0.11);
	expect(share(0.65, 0.05, 16)).toBeGreaterThan(0.9);
	// Better answers are no alarm.
	expect(share(0.95, 0.5, 16)).toBeLessThan(0.1);
});

it('is the two-sample test where both intervals are even, and shares the chance by the squared errors', () => {
	const even = (value: number, half: number) => ({ value, low: value - half, high: value + half });
	const { pValue, shared, worse } = standingOf(accuracy, even(0.7, 0.06), 1e9, { value: even(0.8, 0.08), effective: 1e9 });
	// z = 0.1 / (0.1 / 1.96) = 1.96, one-sided.
	expect(worse).toBeCloseTo(0.1, 12);
	expect(pValue).toBeCloseTo(0.025, 6);
	expect(shared).toBeCloseTo(0.64, 12);
	// A metric of errors is worse where it is greater, and a limit has no chance of its own.
	const limit = standingOf(mae, even(12, 1.959963984540054), 1e9, { value: { value: 10, low: 10, high: 10 } });
	expect(limit).toMatchObject({ worse: 2, shared: 0 });
	expect(limit.pValue).toBeCloseTo(0.02275, 4);
	expect(standingOf(mae, even(8, 1.96), 1e9, { value: { value: 10, low: 10, high: 10 } }).pValue).toBeCloseTo(0.97725, 3);
	// Without any spread it is certain.
	expect(standingOf(mae, even(12, 0), 50, { value: even(10, 0), effective: 50 }).pValue).toBe(0);
	expect(standingOf(mae, even(10, 0), 50, { value: even(10, 0), effective: 50 }).pValue).toBe(1);
});
