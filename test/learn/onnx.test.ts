import { createHash } from 'node:crypto';
import type { Column, Labels, Learner, Matrix } from '../../lib/learn/contract.js';
import { gradientBoosting } from '../../lib/learn/learners/gradientBoosting.js';
import { linearRegression } from '../../lib/learn/learners/linearRegression.js';
import { learnerById } from '../../lib/learn/learners/index.js';
import { logisticRegression } from '../../lib/learn/learners/logisticRegression.js';
import { randomForest } from '../../lib/learn/learners/randomForest.js';
import { writeModel } from '../../lib/learn/onnx/graph.js';
import { treesToOnnx } from '../../lib/learn/trees/export/treesToOnnx.js';
import { fromState, type Ensemble } from '../../lib/learn/trees/ensemble.js';
import { treePredictor } from '../../lib/learn/trees/treePredictor.js';
import { murmurPairs } from '../../lib/domain/random.js';
import { context, labelsOf, makeData } from './trees/helpers/data.js';
import { asked, imported, readModel } from './trees/helpers/imported.js';
import { onnxRuntime } from './trees/helpers/onnxRuntime.js';

const runtime = onnxRuntime();
afterAll(() => runtime.close());

/** The rows of a matrix, one after the other. */
function rowsOf(x: Matrix): Float64Array {
	const width = x.columns.length;
	return Float64Array.from({ length: x.rows * width }, (_, i) => x.columns[i % width].data[Math.floor(i / width)]);
}

/** Both predictors' answers to rows of numbers; 1e-5 of the answer, or of 1 where it is small. */
async function expectSame(model: Ensemble, rows: Float64Array | Float32Array, precision: 'double' | 'float' = 'double'): Promise<number[]> {
	const width = model.columns.length;
	const predictor = treePredictor(
		model,
		model.columns.map((c) => c.name),
	);
	const out = new Float64Array(model.outputs);
	const theirs = await runtime.run(writeModel(treesToOnnx(model, precision)), rows, width);
	expect(theirs).toHaveLength((rows.length / width) * model.outputs);
	for (let i = 0; i * width < rows.length; i++) {
		predictor.row(Float64Array.from(rows.subarray(i * width, (i + 1) * width)), out);
		out.forEach((ours, k) => {
			const given = theirs[i * model.outputs + k];
			if (!(Math.abs(given - ours) <= 1e-5 * Math.max(1, Math.abs(ours))))
				throw new Error(`row ${i}, output ${k}: ${given} where ours is ${ours}`);
		});
	}
	return theirs;
}

const fit = async (
	learner: Learner<never>,
	task: 'binary' | 'multiclass' | 'regression',
	train: Matrix,
	labels: Labels,
	params: object,
) => {
	const given = (learner.params as { parse(p: object): never }).parse(params);
	return await learner.fit({ task, train, labels }, given, context());
};

/** What training saw, and what it did not: missing and unseen codes, missing numbers, the thresholds themselves and their neighbours. */
function askAbout(model: Ensemble, x: Matrix): Float64Array {
	const rows = rowsOf(x);
	const random = murmurPairs(5);
	const thresholds = model.columns.map((_, f) =>
		model.trees.flatMap((t) => Array.from(t.threshold).filter((_, n) => t.feature[n] === f && !t.codes[n])),
	);
	for (let i = 0; i < rows.length; i++) {
		if (random() < 0.6) continue;
		const column = model.columns[i % model.columns.length];
		const list = thresholds[i % model.columns.length];
		if (column.kind === 'category') rows[i] = Math.floor(random() * column.levels);
		else if (random() < 0.3 || list.length === 0) rows[i] = NaN;
		else rows[i] = list[Math.floor(random() * list.length)] * [1, 1 + 2 ** -52, 1 - 2 ** -53, 1 + 1e-9, -1][Math.floor(random() * 5)];
	}
	return rows;
}

describe.each([
	['gradientBoosting', 'binary', {}],
	['gradientBoosting', 'multiclass', {}],
	...['regression', 'regression_l1', 'huber', 'quantile', 'poisson', 'gamma', 'tweedie'].map((objective) => [
		'gradientBoosting',
		'regression',
		{ objective },
	]),
	['randomForest', 'binary', {}],
	['randomForest', 'multiclass', {}],
	['randomForest', 'regression', {}],
] as Array<['gradientBoosting' | 'randomForest', 'binary' | 'multiclass' | 'regression', { objective?: string }]>)(
	'%s, %s %j',
	(id, task, params) => {
		it('answers in ONNX Runtime as here', async () => {
			const learner = { gradientBoosting, randomForest }[id] as unknown as Learner<never>;
			const train = makeData(1500, task, 1);
			if (/poisson|gamma|tweedie/.test(params.objective ?? '')) train.y = train.y.map((v) => Math.exp(v));
			const fitted = await fit(learner, task, train.x, labelsOf(train, task), { n_estimators: id === 'randomForest' ? 10 : 30, ...params });
			const model = fromState(fitted.state);
			const rows = askAbout(model, makeData(600, task, 2).x);
			const answers = await expectSame(model, rows);
			expect(await runtime.run(writeModel(learner.onnx!(fitted.state)), rows, 4)).toEqual(answers);
			await expectSame(model, Float32Array.from(rows), 'float');
		});
	},
);

it('categories of many levels, most of them never seen, in splits of many intervals', async () => {
	const random = murmurPairs(3);
	const rows = 6000;
	const levels = 1000;
	const effect = Float64Array.from({ length: levels }, () => random() - 0.5);
	const code = Uint32Array.from({ length: rows }, () => 2 + Math.floor(random() * (levels - 2)) * +(random() < 0.95));
	const few = Uint8Array.from({ length: rows }, () => Math.floor(random() * 12));
	const x: Matrix = {
		rows,
		columns: [
			{ name: 'shop', kind: 'category', data: code, levels: 1200 },
			{ name: 'kind', kind: 'category', data: few, levels: 20 },
		] satisfies Column[],
	};
	const y = Float64Array.from(code, (c, i) => effect[c % levels] * (few[i] % 3) + 0.1 * random());
	const model = fromState(
		(await fit(randomForest as unknown as Learner<never>, 'regression', x, { y, classes: 0 }, { n_estimators: 1, min_samples_leaf: 40 }))
			.state,
	);
	expect(Math.max(...model.trees.flatMap((t) => t.codes.map((c) => c?.length ?? 0)))).toBeGreaterThan(300);
	const asked: Matrix = {
		rows: 1200,
		columns: [
			{ name: 'shop', kind: 'category', data: Uint32Array.from({ length: 1200 }, (_, i) => i), levels: 1200 },
			{ name: 'kind', kind: 'category', data: Uint8Array.from({ length: 1200 }, (_, i) => i % 20), levels: 20 },
		],
	};
	await expectSame(model, rowsOf(asked));
});

it('categories that were divided by the mean of their answers, and ones that nobody saw', async () => {
	const random = murmurPairs(4);
	const code = Uint16Array.from({ length: 3000 }, () => 2 + Math.floor(random() * 90) * +(random() < 0.95));
	const x: Matrix = { rows: 3000, columns: [{ name: 'shop', kind: 'category', data: code, levels: 120 }] };
	const y = Float64Array.from(code, (c) => Math.sin(c) + random());
	const { state } = await fit(
		gradientBoosting as unknown as Learner<never>,
		'regression',
		x,
		{ y, classes: 0 },
		{ n_estimators: 20, simple_ctr: true, extra_trees: true },
	);
	const model = fromState(state);
	expect(Math.max(...model.trees.flatMap((t) => t.codes.map((c) => c?.length ?? 0)))).toBeGreaterThan(20);
	await expectSame(
		model,
		Float64Array.from({ length: 120 }, (_, i) => i),
	);
});

it('a model without trees, and trees without splits', async () => {
	const columns = [{ name: 'a', kind: 'number' as const }];
	await expectSame({ loss: 'regression', outputs: 1, initial: [3.5], average: false, trees: [], columns }, Float64Array.of(1, NaN));
	await expectSame({ loss: 'forest', outputs: 3, initial: [0, 0, 0], average: true, trees: [], columns }, Float64Array.of(1, NaN));
	const x: Matrix = { rows: 50, columns: [{ name: 'a', kind: 'number', data: new Float64Array(50).fill(2) }] };
	const constant = await fit(
		gradientBoosting as unknown as Learner<never>,
		'regression',
		x,
		{ y: Float64Array.from({ length: 50 }, (_, i) => i), classes: 0 },
		{ n_estimators: 3 },
	);
	await expectSame(fromState(constant.state), Float64Array.of(1, 2, NaN));
});

it.each([
	[linearRegression, 'regression'],
	[logisticRegression, 'binary'],
	[logisticRegression, 'multiclass'],
] as const)('%#: linear models too', async (learner, task) => {
	const train = makeData(800, task, 1);
	train.x.columns[0].data.forEach((v, i, data) => {
		data[i] = Number.isNaN(v) ? 0.5 : v * 1e6;
	});
	const names = train.x.columns.map((c) => c.name);
	const { state } = await fit(learner as unknown as Learner<never>, task, train.x, labelsOf(train, task), {});
	const predictor = await learner.predictor(state, names);
	const ours = new Float64Array(800 * predictor.outputs);
	await predictor.batch(train.x, ours, 1);
	const theirs = await runtime.run(writeModel(learner.onnx!(state)), rowsOf(train.x), names.length);
	expect(theirs).toHaveLength(ours.length);
	theirs.forEach((v, i) => expect(Math.abs(v - ours[i])).toBeLessThan(1e-10));
});

it.each([
	['gradientBoosting', 'binary', { n_estimators: 5 }, '58ba780ae9d12197'],
	['gradientBoosting', 'regression', { n_estimators: 5, objective: 'poisson' }, '6c447ed1a33f8093'],
	['randomForest', 'multiclass', { n_estimators: 5 }, 'ab1b4306d949f006'],
	['isolationForest', 'anomaly', { n_estimators: 5 }, 'b7f04da4b86ccb3a'],
	['logisticRegression', 'multiclass', {}, '6c8f8dd0947ddb4d'],
	['linearRegression', 'regression', {}, '2468a034dd9dcf0d'],
] as const)('%s, %s: the file is, byte for byte, the one that 1.0 wrote', async (id, task, params, expected) => {
	const learner = learnerById(id) as unknown as Learner<never>;
	const { x, y } = makeData(300, task === 'anomaly' ? 'binary' : task, 6);
	const train = { ...x, columns: id.startsWith('l') ? x.columns.slice(1) : x.columns };
	if (id === 'gradientBoosting' && task === 'regression') y.forEach((v, i) => (y[i] = Math.exp(v)));
	const labels = task === 'anomaly' ? { y: new Float64Array(), classes: 0 } : labelsOf({ x: train, y }, task);
	const { state } = await fit(learner, task as 'binary', train, labels, params);
	expect(
		createHash('sha256')
			.update(writeModel(learner.onnx!(state)))
			.digest('hex')
			.slice(0, 16),
	).toBe(expected);
});

it('a model that no ONNX file holds is refused before it is written', () => {
	// Never touched, so it takes no memory.
	const values = new Float64Array(2 ** 27);
	const constants = ['one', 'two'].map((name) => ({ name, values, shape: [values.length] }));
	const graph = {
		name: 'large',
		precision: 'double',
		columns: [],
		outputs: 1,
		means: 'nothing',
		nodes: [],
		constants,
		metadata: {},
	} as const;
	expect(() => writeModel(graph)).toThrow(expect.objectContaining({ code: 'learn.parameter_invalid' }));
});

describe.each(imported.map((m) => [m.kind, m.name, m] as const))('imported from %s: %s', (_kind, _name, m) => {
	it('answers in ONNX Runtime as here: raw category numbers, zero as missing, several forests', async () => {
		await expectSame(readModel(m), Float64Array.from(asked(m).flatMap((row) => Array.from(row))));
	});
});
