import { measureKnown } from '../../lib/monitor/quality/measureKnown.js';
import { qualityFindings } from '../../lib/monitor/quality/judgeQuality.js';

/** Answers of a model with three classes: the class that is answered, and the one that turned out to be true. */
function three(said: number[], labels: number[]) {
	const scores = said.flatMap((c) => [0, 1, 2].map((k) => (k === c ? 0.8 : 0.1)));
	return measureKnown({
		task: 'multiclass',
		classes: 3,
		threshold: 0.5,
		labels: Float64Array.from(labels),
		scores: Float64Array.from(scores),
	});
}
const turns = Array.from({ length: 90 }, (_, i) => i % 3);

it('a model that gives the same answer to everything is measured, and worse than on the test rows', () => {
	const test = three(
		turns,
		turns.map((c, i) => (i % 10 ? c : (c + 1) % 3)),
	);
	const now = three(
		turns.map(() => 2),
		turns,
	);
	expect(now.metrics.accuracy.value).toBeCloseTo(1 / 3, 12);
	const judging = { metric: 'accuracy', against: 'test' as const, limit: 0, smallestChange: 0.02 };
	const found = qualityFindings([{ version: 1, whole: true, now, test, judged: true }], judging);
	expect(found.find(({ about }) => about === 'accuracy')).toMatchObject({ weight: 1, why: expect.stringMatching(/the test rows gave 90/) });
});

it('a class that was never answered counts as missed', () => {
	const now = three(
		turns.map((c) => (c === 2 ? 0 : c)),
		turns,
	);
	expect(now.metrics.accuracy.value).toBeCloseTo(2 / 3, 12);
	expect(now.metrics.balanced_accuracy.value).toBeCloseTo(2 / 3, 12);
});

it('a class that did not turn out to be true in this window takes nothing away', () => {
	const two = turns.filter((c) => c < 2);
	const now = three(two, two);
	expect(now.metrics.accuracy.value).toBe(1);
	expect(now.metrics.balanced_accuracy.value).toBe(1);
	for (const { value } of Object.values(now.metrics)) expect(Number.isFinite(value)).toBe(true);
});
