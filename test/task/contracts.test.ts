import fc from 'fast-check';
import { exactIntervals } from '../../lib/evaluate/exactIntervals.js';
import { rowUnits } from '../../lib/evaluate/resampling.js';
import { tally } from '../../lib/evaluate/predictionTally.js';
import { learnersFor } from '../../lib/learn/learners/index.js';
import { TASKS } from '../../lib/task/index.js';
import { metricsFor, metricsOf, scoredRows } from '../../lib/task/measure.js';
import { METRICS, metricById } from '../../lib/task/metrics/index.js';
import { murmurTwice } from '../../lib/domain/random.js';
import type { Task } from '../../lib/task/contract.js';

/** Rows of any task: class codes or values, and scores as its models give them, some of them equal. */
function world(task: Task, rows: number, seed: number) {
	const random = murmurTwice(seed);
	const classes = { probability: 2, probabilities: 3, value: 0, score: 2 }[task.output];
	const outputs = task.outputs(classes);
	const labels = Float64Array.from({ length: rows }, () => (classes ? Math.floor(random() * classes) : Math.round(random() * 20) + 1));
	const raw = () => Math.ceil(random() * 12) / 13;
	const scores = new Float64Array(rows * outputs);
	for (let i = 0; i < rows; i++) {
		const own = Array.from({ length: outputs }, raw);
		const sum = task.output === 'probabilities' ? own.reduce((a, b) => a + b, 0) : 1;
		own.forEach((v, k) => {
			scores[i * outputs + k] = classes ? v / sum : labels[i] + 6 * (v - 0.5);
		});
	}
	return { task: task.id, classes, labels, scores, threshold: 0.5 };
}

describe.each(TASKS.map((task) => [task.id, task] as const))('the task %s', (_, task) => {
	test('has its own metric among those that judge it, and a learner', () => {
		const ids = metricsOf(task.id, task.labels === 'required').map((m) => m.id);
		expect(ids).toEqual(expect.arrayContaining([task.primary, ...task.plain]));
		expect(learnersFor(task.id).length).toBeGreaterThan(0);
	});

	test('answers, file and names have as many outputs as its models, and a row without an answer is a gap', () => {
		const { classes, scores, threshold } = world(task, 6, 4);
		const outputs = task.outputs(classes);
		const model = { target: 'y', classes: ['a', 'b', 'c'].slice(0, classes), threshold };
		expect(task.outputNames(model)).toHaveLength(outputs);
		expect(
			task.baseline(
				Float64Array.from({ length: 4 }, (__, i) => i % Math.max(1, classes)),
				classes,
			),
		).toHaveLength(outputs);
		const answered = Uint8Array.of(1, 1, 1, 0, 1, 1);
		const columns = task.columns({ rows: 6, scores, outputs, answered }, model);
		for (const { vector } of columns) {
			const missing = 'data' in vector ? Array.from(vector.data, Number.isNaN) : Array.from(vector.codes, (c) => c === 0);
			expect(missing).toEqual([false, false, false, true, false, false]);
		}
		const prediction = columns.find((c) => c.schema.name === 'prediction')?.vector;
		for (let i = 0; prediction && i < 6; i++) {
			if (!answered[i]) continue;
			const said = task.answer(scores.subarray(i * outputs, (i + 1) * outputs), model).prediction;
			expect('data' in prediction ? prediction.data[i] : prediction.dictionary[prediction.codes[i] - 1]).toBe(said);
		}
		const counted = task.summary({ rows: 6, scores, outputs, answered }, model).counts;
		if (counted) expect(counted.reduce((n, c) => n + c.count, 0)).toBe(5);
	});

	test('what its metrics say of rows drawn again is what they say of the rows themselves', () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 10_000 }), fc.array(fc.nat(3), { minLength: 40, maxLength: 40 }), (seed, times) => {
				const w = world(task, times.length, seed);
				const weight = Float64Array.from(times);
				const rows = times.flatMap((n, i) => new Array<number>(n).fill(i));
				const drawn = tally({ ...w, units: rowUnits(times.length) }).metrics(weight);
				const outputs = task.outputs(w.classes);
				const again = metricsFor(
					task.id,
					rows.map((i) => w.labels[i]),
					rows.flatMap((i) => [...w.scores.subarray(i * outputs, (i + 1) * outputs)]),
					w.classes,
				);
				for (const [id, value] of Object.entries(again)) expect(drawn[id]).toBeCloseTo(value, 9);
				const weighted = metricsFor(task.id, w.labels, w.scores, w.classes, { weight });
				for (const [id, value] of Object.entries(again)) expect(weighted[id]).toBeCloseTo(value, 9);
			}),
			{ numRuns: 25 },
		);
	});

	test('a metric lies in its range, and between its exact bounds', () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 8, max: 60 }), (seed, rows) => {
				const w = world(task, rows, seed);
				const values = metricsFor(task.id, w.labels, w.scores, w.classes);
				for (const metric of metricsOf(task.id)) {
					if (!(metric.id in values)) continue;
					expect(values[metric.id]).toBeGreaterThanOrEqual(metric.range[0]);
					expect(values[metric.id]).toBeLessThanOrEqual(metric.range[1]);
				}
				// At the end of its range a value may lie outside of them: `intervals` takes it in.
				for (const [id, { low, high }] of exactIntervals(values, { ...w, units: rowUnits(rows) })) {
					const [least, most] = metricById(id)!.range;
					expect(low <= values[id] + 1e-9 || values[id] === least).toBe(true);
					expect(high >= values[id] - 1e-9 || values[id] === most).toBe(true);
				}
			}),
			{ numRuns: 100 },
		);
	});
});

test('ids and spellings of metrics are each of one metric', () => {
	const bare = (id: string) => id.replace(/[^a-z0-9]/gi, '').toLowerCase();
	const all = METRICS.flatMap((m) => [...new Set([bare(m.id), ...(m.aliases ?? [])])]);
	expect(new Set(all).size).toBe(all.length);
	for (const metric of METRICS) expect(TASKS.some((t) => metric.outputs.includes(t.output))).toBe(true);
});

/**
 * What peers have answered with errors, warnings or plain nonsense: single classes, no rows of a class, truths of zero, certainties that
 * are wrong.
 */
describe('hard rows', () => {
	const of = (task: Task['id'], y: number[], p: number[], classes: number) => metricsFor(task, y, p, classes);

	test('of one class: no ranking, but what is counted', () => {
		const m = of('binary', [1, 1, 1], [0.2, 0.7, 0.9], 2);
		expect(m).not.toHaveProperty('auc');
		expect(m).toMatchObject({ recall: 2 / 3, precision: 1, balanced_accuracy: 2 / 3, mcc: 0 });
	});

	test('without a positive: what is made of positives alone says 0 or nothing, never NaN', () => {
		const m = of('binary', [0, 0], [0.2, 0.3], 2);
		expect(m).toMatchObject({ accuracy: 1, f1: 0, precision: 0, recall: 0 });
		expect(Object.values(m).every(Number.isFinite)).toBe(true);
		expect(m).not.toHaveProperty('average_precision');
	});

	test('a class that the test lacks leaves the AUC of several classes out, and is no part of the macro mean', () => {
		const p = [0.8, 0.1, 0.1, 0.2, 0.7, 0.1, 0.6, 0.3, 0.1];
		const m = of('multiclass', [0, 1, 0], p, 3);
		expect(m).not.toHaveProperty('auc_ovr');
		expect(m).toMatchObject({ f1_macro: 1, accuracy: 1, balanced_accuracy: 1 });
	});

	test('a certainty that is wrong costs much, and not everything', () => {
		const { logLoss } = of('binary', [1, 0], [0, 0.5], 2);
		expect(logLoss).toBeGreaterThan(15);
		expect(Number.isFinite(logLoss)).toBe(true);
	});

	test('a true value of zero makes the relative error large, and finite; a constant target has an R² of 1 or 0', () => {
		expect(Number.isFinite(of('regression', [0, 1], [1, 1], 0).mape)).toBe(true);
		expect(of('regression', [2, 2], [2, 2], 0).r2).toBe(1);
		expect(of('regression', [2, 2], [2, 3], 0).r2).toBe(0);
		expect(of('regression', [2], [2], 0)).not.toHaveProperty('r2');
	});

	test('what several metrics need is made once', () => {
		const scored = scoredRows('binary', [0, 1], [0.3, 0.6], 2);
		expect(scored.order).toBe(scored.order);
		expect(scored.weighted([1, 2]).order).toBe(scored.order);
		expect(scored.weighted([1, 2]).matrix).not.toBe(scored.matrix);
	});
});
