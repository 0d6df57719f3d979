import { importModel } from '../../../lib/learn/importModel.js';
import { loadModel } from '../../../lib/learn/score.js';
import { calibrated, fitCalibrators } from '../../../lib/monitor/estimate/calibration.js';
import { directLoss, scoredValues } from '../../../lib/monitor/estimate/directLoss.js';
import { expectedMatrix, expectedValue, type Chanced } from '../../../lib/monitor/estimate/expected.js';
import { heightAt } from '../../../lib/monitor/estimate/isotonic.js';
import type { Frame } from '../../../lib/data/frame.js';
import type { ColumnSchema } from '../../../lib/domain/column.js';
import { chanceOf, standardError } from '../../../lib/task/metrics/chance.js';
import { defineMetric, type Metric } from '../../../lib/task/metrics/contract.js';
import { classScores } from '../../../lib/task/metrics/counts.js';
import { METRICS } from '../../../lib/task/metrics/index.js';
import { Scored } from '../../../lib/task/metrics/scored.js';
// Values of nannyml 0.13.1, made by makeNannyml.py.
import fixture from './fixtures/nannyml.json';

/** What NannyML says of a chunk of rows. */
interface Step {
	value: number;
	sampling_error: number;
	lower_confidence_boundary: number;
	upper_confidence_boundary: number;
}
const metric = (id: string): Metric => METRICS.find((m) => m.id === id)!;
const row = (columns: number[][]): Float64Array => Float64Array.from(columns[0].flatMap((_, i) => columns.map((c) => c[i])));
const ours = (value: number, error: number, [low, high]: readonly [number, number] = [0, 1]) => ({
	value,
	sampling_error: error,
	lower_confidence_boundary: Math.max(low, value - 3 * error),
	upper_confidence_boundary: Math.min(high, value + 3 * error),
});

function expectStep(found: ReturnType<typeof ours>, wanted: unknown): void {
	const step = wanted as Step;
	for (const key of ['value', 'sampling_error', 'lower_confidence_boundary', 'upper_confidence_boundary'] as const)
		expect([key, Math.abs(found[key] - step[key]) < 1e-6 || [found[key], step[key]]]).toEqual([key, true]);
}

describe.each(Object.entries(fixture.binary))('two classes, %s scores: as NannyML 0.13.1', (_, { threshold, size, ...made }) => {
	const reference = new Scored({ y: made.reference.y, p: made.reference.score, outputs: 1, classes: 2, threshold });
	const chunk = (k: number): Chanced => {
		const chance = made.analysis.calibrated.slice(k * size, (k + 1) * size);
		return {
			scores: Float64Array.from(made.analysis.score.slice(k * size, (k + 1) * size)),
			outputs: 1,
			classes: 2,
			threshold,
			chances: Float64Array.from(chance.flatMap((p) => [1 - p, p])),
		};
	};
	const steps = made.expected as unknown as Record<string, unknown[]>;

	it.each([
		['roc_auc', 'auc'],
		['f1', 'f1'],
		['precision', 'precision'],
		['recall', 'recall'],
		['accuracy', 'accuracy'],
	])('%s with its interval', (theirs, id) => {
		const chance = chanceOf(metric(id), reference)!;
		steps[theirs].forEach((step, k) => expectStep(ours(expectedValue(metric(id), chunk(k))!, standardError(chance, size)), step));
	});

	it('average precision; its interval comes of 50 draws, which they do not repeat', () => {
		const { deviation, size: drawn } = made.drawn;
		const theirs = [{ variance: drawn * deviation ** 2, share: 1 }];
		const own = chanceOf(metric('average_precision'), reference)!;
		steps.average_precision.forEach((step, k) => {
			const value = expectedValue(metric('average_precision'), chunk(k))!;
			expectStep(ours(value, standardError(theirs, size)), step);
		});
		expect(standardError(own, size) / standardError(theirs, size)).toBeGreaterThan(0.7);
		expect(standardError(own, size) / standardError(theirs, size)).toBeLessThan(1.4);
	});

	it('specificity and each cell of the confusion matrix', () => {
		const specificity = defineMetric({
			...metric('recall'),
			replicates: { from: 'counts', of: ([tn, fp]) => tn / (tn + fp) },
			chance: undefined,
		});
		const cell = (at: number): Metric =>
			defineMetric({
				...metric('recall'),
				replicates: { from: 'counts', of: (m) => m[at] / (m[0] + m[1] + m[2] + m[3]) },
				chance: undefined,
			});
		for (const [theirs, own] of [
			['specificity', specificity],
			['true_negative', cell(0)],
			['false_positive', cell(1)],
			['false_negative', cell(2)],
			['true_positive', cell(3)],
		] as const) {
			const chance = chanceOf(own, reference)!;
			steps[theirs].forEach((step, k) => expectStep(ours(expectedValue(own, chunk(k))!, standardError(chance, size)), step));
		}
	});

	it('the same calibrator', () => {
		const line = made.line;
		if (!line) return;
		const [own] = fitCalibrators({
			labels: Float64Array.from(made.reference.y),
			scores: Float64Array.from(made.reference.score),
			outputs: 1,
			classes: 2,
		});
		made.analysis.score.forEach((score, i) => expect(Math.abs(heightAt(own!, score) - made.analysis.calibrated[i])).toBeLessThan(1e-9));
	});
});

describe('several classes: as NannyML 0.13.1', () => {
	const { size, classes, reference: known, analysis, expected, cells } = fixture.multiclass;
	const width = classes.length;
	const reference = new Scored({ y: known.y, p: row(known.scores), outputs: width, classes: width, threshold: 0.5 });
	const chunk = (k: number): Chanced => {
		const part = (columns: number[][]): Float64Array => row(columns.map((c) => c.slice(k * size, (k + 1) * size)));
		return { scores: part(analysis.scores), outputs: width, classes: width, threshold: 0.5, chances: part(analysis.calibrated) };
	};
	const macro = (of: (score: ReturnType<typeof classScores>[number], matrix: Float64Array, c: number) => number): Metric =>
		defineMetric({
			...metric('balanced_accuracy'),
			replicates: {
				from: 'counts',
				of: (m, n) => classScores(m, n).reduce((sum, score, c) => sum + of(score, m, c) / n, 0),
			},
			chance: undefined,
		});
	const total = (m: Float64Array): number => m.reduce((a, b) => a + b, 0);

	it.each([
		['roc_auc', metric('auc_ovr')],
		['f1', metric('f1_macro')],
		['recall', metric('balanced_accuracy')],
		['accuracy', metric('accuracy')],
	] as const)('%s with its interval', (theirs, own) => {
		const chance = chanceOf(own, reference)!;
		(expected[theirs] as unknown[]).forEach((step, k) =>
			expectStep(ours(expectedValue(own, chunk(k))!, standardError(chance, size)), step),
		);
	});

	it('precision, specificity and each cell of the confusion matrix', () => {
		const precision = macro((score) => score.precision);
		const specificity = macro(({ support, predicted }, m, c) => {
			const others = total(m) - support;
			return (others - (predicted - m[c * width + c])) / others;
		});
		for (let k = 0; k < 2; k++) {
			expect(Math.abs(expectedValue(precision, chunk(k))! - (expected.precision[k] as unknown as Step).value)).toBeLessThan(1e-6);
			expect(Math.abs(expectedValue(specificity, chunk(k))! - (expected.specificity[k] as unknown as Step).value)).toBeLessThan(1e-6);
			const matrix = expectedMatrix(chunk(k));
			cells.forEach((steps, at) => expect(Math.abs(matrix[at] / size - (steps[k] as unknown as Step).value)).toBeLessThan(1e-6));
		}
	});

	it('the same calibrated probabilities', () => {
		const known2 = { labels: Float64Array.from(known.y), scores: row(known.scores), outputs: width, classes: width };
		const chances = calibrated({ scores: row(analysis.scores), outputs: width, classes: width }, fitCalibrators(known2));
		row(analysis.calibrated).forEach((p, i) => expect(Math.abs(chances[i] - p)).toBeLessThan(1e-9));
	});
});

describe('numbers: as NannyML 0.13.1, given its own inner models', () => {
	const { size, kinds, reference, analysis, models, expected } = fixture.regression;
	type Table = typeof reference;
	const schema: ColumnSchema[] = [
		{ name: 'size', type: 'number', role: 'feature' },
		{ name: 'age', type: 'number', role: 'feature' },
		{ name: 'kind', type: 'integer', role: 'feature' },
		{ name: 'pred', type: 'number', role: 'feature' },
		{ name: 'y', type: 'number', role: 'target' },
	];
	const frameOf = (table: Table, from: number, to: number): Frame => ({
		rows: to - from,
		schema,
		rowId: Float64Array.from({ length: to - from }, (_, i) => i),
		vectors: [table.size, table.age, table.kind.map((kind) => kinds.indexOf(kind) + 1), table.pred, table.y].map((values) => ({
			data: Float64Array.from(values.slice(from, to)),
		})),
	});
	const known = { labels: Float64Array.from(reference.y), scores: Float64Array.from(reference.pred) };
	const squares = (logs: boolean, root: boolean): Metric =>
		defineMetric({
			...metric('rmse'),
			replicates: {
				from: 'sums',
				terms: ({ y, p }) => [(i) => (logs ? Math.log1p(y[i]) - Math.log1p(p[i]) : y[i] - p[i]) ** 2],
				of: ([mean]) => (root ? Math.sqrt(mean) : mean),
				...(root ? { slope: (mean: number) => 1 / (2 * Math.sqrt(mean)) } : {}),
			},
		});

	it.each([
		['mae', metric('mae')],
		['mape', metric('mape')],
		['rmse', metric('rmse')],
		['mse', squares(false, false)],
		['msle', squares(true, false)],
		['rmsle', squares(true, true)],
	] as const)('%s with its interval, by the LightGBM model imported', async (id, own) => {
		const inner = await loadModel(
			importModel(new TextEncoder().encode(models[id]), frameOf(reference, 0, reference.y.length), {
				target: 'y',
				classes: [],
				codeVersion: '',
			}).package,
		);
		const error = standardError(chanceOf(own, scoredValues(known))!, size);
		for (const [k, step] of (expected[id] as unknown[]).entries()) {
			const rows = await inner.scoreFrame(frameOf(analysis, k * size, (k + 1) * size));
			expectStep(ours(directLoss(own, rows), error, [0, Infinity]), step);
		}
	});
});
