import { calibrated, fitCalibrators, needsCalibration } from '../../../lib/monitor/estimate/calibration.js';
import { expectedMatrix, expectedValue, type Chanced } from '../../../lib/monitor/estimate/expected.js';
import { fitIsotonic, heightAt } from '../../../lib/monitor/estimate/isotonic.js';
import { compareEstimate, estimateInterval } from '../../../lib/monitor/estimate/judgeEstimate.js';
import { expectedReference } from '../../../lib/monitor/estimate/reference.js';
import { murmurTwice } from '../../../lib/domain/random.js';
import type { Metric } from '../../../lib/task/metrics/contract.js';
import { METRICS } from '../../../lib/task/metrics/index.js';
import { rocArea } from '../../../lib/task/metrics/ranks.js';

/** The cases of test/cases/estimate that need no store. */
const metric = (id: string): Metric => METRICS.find((m) => m.id === id)!;
const shape = { outputs: 1, classes: 2, threshold: 0.5 };
const sure = (scores: number[]): Chanced => ({
	scores: Float64Array.from(scores),
	...shape,
	chances: Float64Array.from(scores.flatMap((p) => [1 - p, p])),
});
const random = murmurTwice(8);
const drawn = Float64Array.from({ length: 400 }, () => random());
const labels = drawn.map((p) => (random() < p ** 2 ? 1 : 0));

describe('what others reported of such estimates', () => {
	it('scores that tell the classes apart without a mistake stand as they are', () => {
		const hit = Uint8Array.from(drawn, (p) => (p > 0.5 ? 1 : 0));
		expect(needsCalibration(drawn, hit)).toBe(false);
		expect(fitCalibrators({ labels: Float64Array.from(hit), scores: drawn, outputs: 1, classes: 2 })).toEqual([null]);
		// And so do those of rows that are all of one class.
		expect(needsCalibration(drawn, new Uint8Array(400))).toBe(false);
	});

	it('answers that are sure of one class: what needs both has no value', () => {
		const rows = sure([0, 0, 0, 0]);
		expect(expectedValue(metric('auc'), rows)).toBeNaN();
		expect(expectedValue(metric('average_precision'), rows)).toBeNaN();
		expect(expectedValue(metric('accuracy'), rows)).toBe(1);
		expect(expectedValue(metric('f1'), rows)).toBe(0);
		expect(expectedValue(metric('accuracy'), { ...rows, scores: new Float64Array(), chances: new Float64Array() })).toBeNaN();
	});

	it('a class that no row with truth has: its metrics are not estimated', () => {
		const scores = Float64Array.from({ length: 300 }, (_, j) => [0.5, 0.3, 0.2][(j + Math.floor(j / 9)) % 3]);
		const known = { labels: Float64Array.from({ length: 100 }, (_, i) => i % 2), scores, outputs: 3, classes: 3, threshold: 0.5 };
		const { metrics } = expectedReference([metric('auc_ovr'), metric('accuracy')], known, fitCalibrators(known));
		expect(Object.keys(metrics)).toEqual(['accuracy']);
	});

	it('the reference is measured by the own scores of the model', () => {
		const known = { labels, scores: drawn, ...shape };
		const calibrators = fitCalibrators(known);
		expect(calibrators[0]).not.toBeNull();
		const { metrics } = expectedReference([metric('auc'), metric('logLoss')], known, calibrators);
		expect(metrics.auc.value).toBe(rocArea(labels, drawn));
		expect(Math.abs(metrics.auc.estimate - metrics.auc.value)).toBeLessThan(0.03);
	});

	it('another order of the classes gives the same figures', () => {
		const scores = Float64Array.from({ length: 600 }, () => 0.1 + random());
		for (let i = 0; i < 600; i += 3) {
			const sum = scores[i] + scores[i + 1] + scores[i + 2];
			for (let k = 0; k < 3; k++) scores[i + k] /= sum;
		}
		const truth = Float64Array.from({ length: 200 }, (_, i) => (random() < scores[3 * i] ? 0 : random() < 0.5 ? 1 : 2));
		const turned = scores.map((_, j) => scores[j - (j % 3) + ((j + 1) % 3)]);
		const estimate = (p: Float64Array, y: Float64Array): number[] => {
			const known = { labels: y, scores: p, outputs: 3, classes: 3, threshold: 0.5 };
			const chances = calibrated(known, fitCalibrators(known));
			return ['accuracy', 'auc_ovr', 'f1_macro', 'logLoss'].map((id) => expectedValue(metric(id), { ...known, chances })!);
		};
		const [a, b] = [
			estimate(scores, truth),
			estimate(
				turned,
				truth.map((y) => (y + 2) % 3),
			),
		];
		a.forEach((value, k) => expect(b[k]).toBeCloseTo(value, 10));
	});

	it('a window of any size: the interval follows the number of answers', () => {
		const [few, many] = [100, 10_000].map((rows) => estimateInterval(metric('accuracy'), 0.7, 0.21, rows));
		expect((few[1] - few[0]) / (many[1] - many[0])).toBeCloseTo(10, 9);
		expect(estimateInterval(metric('accuracy'), 0.99, 0.21, 20)[1]).toBe(1);
		expect(estimateInterval(metric('mae'), 0.1, 4, 20)[0]).toBe(0);
		const halves = [drawn.slice(0, 200), drawn.slice(200)].map((part) => expectedValue(metric('accuracy'), sure([...part]))!);
		expect(expectedValue(metric('accuracy'), sure([...drawn]))).toBeCloseTo((halves[0] + halves[1]) / 2, 12);
	});

	it('nothing varies: no division by zero', () => {
		const known = { value: 0.9, estimate: 0.9, chance: 0, spread: 0, rows: 100 };
		expect(compareEstimate(metric('accuracy'), 0.9, 100, known, 0.02)).toMatchObject({ pValue: 1, shared: 0, effect: 0 });
		expect(compareEstimate(metric('accuracy'), 0.8, 100, known, 0.02).pValue).toBe(0);
		expect(compareEstimate(metric('accuracy'), 0.95, 100, known, 0.02).pValue).toBe(1);
	});

	it('all classes calibrated to nothing: each as probable as another', () => {
		const none = { x: [0, 1], y: [0, 0] };
		const chances = calibrated({ scores: Float64Array.of(0.2, 0.3, 0.5), outputs: 3, classes: 3 }, [none, none, none]);
		expect([...chances]).toEqual([1 / 3, 1 / 3, 1 / 3]);
	});

	it('scores beyond the calibrated ones have the probability of the nearest end', () => {
		const line = fitIsotonic(Float64Array.of(0, 0.1, 0.3, 0.4), [0, 0, 1, 1]);
		expect([-1, 0, 0.2, 0.5, 9].map((score) => heightAt(line, score))).toEqual([0, 0, expect.closeTo(0.5, 12), 1, 1]);
		expect(heightAt(fitIsotonic(Float64Array.of(0, 0, 1), [0, 0, 1]), 0)).toBe(0);
		expect(heightAt(fitIsotonic(Float64Array.of(7), [1]), 7)).toBe(1);
	});

	it('each of many rows of one score counts when neighbours are pooled', () => {
		const line = fitIsotonic(Float64Array.of(1, 1, 1, 2), [1, 1, 1, 0]);
		expect(line).toEqual({ x: [1, 2], y: [0.75, 0.75] });
	});

	it('a model that always says the same: AUC is a half, average precision the share of the class', () => {
		const rows: Chanced = {
			scores: new Float64Array(50).fill(0.4),
			...shape,
			chances: Float64Array.from({ length: 100 }, (_, j) => (j % 2 ? 0.3 : 0.7)),
		};
		expect(expectedValue(metric('auc'), rows)).toBeCloseTo(0.5, 12);
		expect(expectedValue(metric('average_precision'), rows)).toBeCloseTo(0.3, 12);
		expect([...expectedMatrix(rows)].map((n) => Math.round(n))).toEqual([35, 0, 15, 0]);
	});

	it('rows are ranked by the own scores of the model, however calibration levels them', () => {
		const scores = Float64Array.of(0.9, 0.8, 0.2, 0.1);
		const level = calibrated({ scores, outputs: 1, classes: 2 }, [{ x: [0.1, 0.2, 0.8, 0.9], y: [0.25, 0.25, 0.75, 0.75] }]);
		// Within a level chance decides, so ties and no ties give the same AUC; the order of the rows does not matter.
		const value = expectedValue(metric('auc'), { scores, ...shape, chances: level })!;
		const turned = expectedValue(metric('auc'), { scores: scores.toReversed(), ...shape, chances: level.toReversed().map((p) => 1 - p) })!;
		expect(value).toBeCloseTo(0.75, 12);
		expect(turned).toBeCloseTo(value, 12);
	});
});
