import { gradientBoosting } from '../../../lib/learn/learners/gradientBoosting.js';
import { randomForest } from '../../../lib/learn/learners/randomForest.js';
import type { Column, Learner, Matrix } from '../../../lib/learn/contract.js';
import { childOf, compile } from '../../../lib/learn/trees/compileTrees.js';
import { fromState, type Ensemble } from '../../../lib/learn/trees/ensemble.js';
import { treePredictor } from '../../../lib/learn/trees/treePredictor.js';
import { murmurPairs } from '../../../lib/domain/random.js';
import { rawRow } from '../../../lib/learn/trees/rawScore.js';
import { addNode, emptyTree } from '../../../lib/learn/trees/tree.js';
import { context, labelsOf, makeData, rowOf } from './helpers/data.js';

/** Shapley values and interaction values of a game of `players`, straight from their definitions. */
function shapley(players: number, worth: (coalition: number) => number): { values: number[]; pairs: number[][] } {
	const worths = Array.from({ length: 1 << players }, (_, s) => worth(s));
	const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
	const size = (s: number) => s.toString(2).replaceAll('0', '').length;
	const all = [...worths.keys()];
	const values = Array.from({ length: players }, (_, i) =>
		all.reduce(
			(sum, s) =>
				s & (1 << i)
					? sum
					: sum + ((factorial(size(s)) * factorial(players - size(s) - 1)) / factorial(players)) * (worths[s | (1 << i)] - worths[s]),
			0,
		),
	);
	const pairs = values.map((_, i) =>
		values.map((__, j) =>
			i === j
				? 0
				: all.reduce(
						(sum, s) =>
							s & ((1 << i) | (1 << j))
								? sum
								: sum +
									((factorial(size(s)) * factorial(players - size(s) - 2)) / (2 * factorial(players - 1))) *
										(worths[s | (1 << i) | (1 << j)] - worths[s | (1 << i)] - worths[s | (1 << j)] + worths[s]),
						0,
					),
		),
	);
	pairs.forEach((line, i) => {
		line[i] = values[i] - line.reduce((a, b) => a + b, 0);
	});
	return { values, pairs };
}

/** What a tree answers where only the columns of a coalition are known: elsewhere both ways, by their shares of the training rows. */
function expectation(model: Ensemble, values: Float64Array, output: number, coalition: number): number {
	const c = compile(model);
	let base = 0;
	let sum = 0;
	model.trees.forEach((tree, t) => {
		const from = base;
		const below = (n: number): number => {
			const f = tree.feature[n];
			if (f < 0) return tree.value[n];
			if (coalition & (1 << f)) return below(childOf(c, from + n, values[f]) - from);
			const [l, r] = [tree.left[n], tree.right[n]];
			return (tree.count[l] * below(l) + tree.count[r] * below(r)) / (tree.count[l] + tree.count[r]);
		};
		if (t % model.outputs === output) sum += below(0);
		base += tree.feature.length;
	});
	return model.initial[output] + sum * c.scale;
}

/** The mean answer where the columns outside a coalition come from background rows. */
function intervention(model: Ensemble, values: Float64Array, background: Matrix, output: number, coalition: number): number {
	const c = compile(model);
	const out = new Float64Array(model.outputs);
	let sum = 0;
	for (let i = 0; i < background.rows; i++) {
		rawRow(
			c,
			rowOf(background, i).map((v, f) => (coalition & (1 << f) ? values[f] : v)),
			0,
			out,
			0,
		);
		sum += out[output];
	}
	return sum / background.rows;
}

const part = (x: Matrix, from: number, rows: number): Matrix => ({
	rows,
	columns: x.columns.map((c) => ({ ...c, data: c.data.subarray(from, from + rows) }) as Column),
});

/** Nine columns that all matter a little: long paths. */
function manyColumns(rows: number): { x: Matrix; y: Float64Array } {
	const random = murmurPairs(12);
	const columns = Array.from(
		{ length: 9 },
		(_, j): Column => ({
			name: `x${j}`,
			kind: 'number',
			data: Float64Array.from({ length: rows }, () => (random() < 0.1 ? NaN : random())),
		}),
	);
	return {
		x: { rows, columns },
		y: Float64Array.from({ length: rows }, (_, i) =>
			columns.reduce((sum, c, j) => sum * (1 + (c.data[i] > 0.5 ? 1 : 0)) + (c.data[i] || 0) * j, 0),
		),
	};
}

const boosted = gradientBoosting as Learner<unknown>;
const forest = randomForest as Learner<unknown>;
describe.each([
	['boosted, two classes', boosted, 'binary', { n_estimators: 6 }, 8],
	['boosted, three classes, gaps and categories', boosted, 'multiclass', { n_estimators: 3 }, 6],
	['forest of values', forest, 'regression', { n_estimators: 3 }, 8],
	['forest of three classes', forest, 'multiclass', { n_estimators: 2 }, 5],
	['long paths', boosted, 'long', { n_estimators: 2, num_leaves: 200, min_child_samples: 1 }, 3],
] as const)('%s', (_name, learner, task, params, rows) => {
	const data = task === 'long' ? manyColumns(500) : makeData(400, task, 4);
	const kind = task === 'long' ? 'regression' : task;
	const x = part(data.x, 0, rows);
	const background = part(data.x, 200, 5);
	const players = x.columns.length;
	const wide = players + 1;
	const ready = learner
		.fit({ task: kind, train: data.x, labels: labelsOf(data, kind) }, learner.params.parse(params), context())
		.then(({ state }) => {
			const model = fromState(state);
			return {
				model,
				predictor: treePredictor(
					model,
					x.columns.map((c) => c.name),
				),
			};
		});
	const each = (outputs: number, go: (row: number, output: number, cell: number) => void) => {
		for (let i = 0; i < rows; i++) for (let k = 0; k < outputs; k++) go(i, k, i * outputs + k);
	};
	const close = (found: ArrayLike<number>, wanted: number[]) =>
		wanted.forEach((v, j) => expect(Math.abs(found[j] - v)).toBeLessThan(1e-9 * Math.max(1, Math.abs(v))));

	it('values and pairs are those of the definition, in any company the same bits', async () => {
		const { model, predictor } = await ready;
		const all = predictor.explain!(x);
		const pairs = predictor.explain!(x, { interactions: true });
		each(model.outputs, (i, k, cell) => {
			const values = rowOf(x, i);
			const wanted = shapley(players, (s) => expectation(model, values, k, s));
			const found = all.slice(cell * wide, (cell + 1) * wide);
			close(found, [...wanted.values, expectation(model, values, k, 0)]);
			wanted.pairs.forEach((line, f) => close(pairs.subarray(cell * wide * wide + f * wide), line));
			close(predictor.contributions!(values, k), [...found]);
		});
		expect(predictor.explain!(data.x).slice(0, all.length)).toEqual(all);
	});

	it('values against a background are those of the definition, in any company the same bits', async () => {
		const { model, predictor } = await ready;
		const all = predictor.explain!(x, { background });
		each(model.outputs, (i, k, cell) => {
			const values = rowOf(x, i);
			close(all.subarray(cell * wide), [
				...shapley(players, (s) => intervention(model, values, background, k, s)).values,
				intervention(model, values, background, k, 0),
			]);
		});
		expect(predictor.explain!(data.x, { background }).slice(0, all.length)).toEqual(all);
	});
});

it('explains a tree that is too deep to be laid out', () => {
	const random = murmurPairs(3);
	const tree = emptyTree();
	addNode(tree, 0, 2000, 2000);
	for (let n = 0, rows = 2000; n < 2400; n += 2, rows--) {
		tree.feature[n] = Math.floor(random() * 3);
		tree.threshold[n] = random() < 0.5 ? 0.2 + random() * 0.3 : 2;
		tree.left[n] = addNode(tree, random(), rows - 1, rows - 1);
		tree.right[n] = addNode(tree, random(), 1, 1);
		// The chain goes on at the left node, which the next round splits.
		[tree.left[n], tree.right[n]] = [n + 2, n + 1];
		[tree.count[n + 1], tree.count[n + 2]] = [1, rows - 1];
	}
	const model: Ensemble = {
		loss: 'raw',
		outputs: 1,
		initial: [1],
		average: false,
		trees: [tree],
		columns: ['a', 'b', 'c'].map((name) => ({ name, kind: 'number' })),
	};
	const predictor = treePredictor(model, ['a', 'b', 'c']);
	const x: Matrix = {
		rows: 4,
		columns: ['a', 'b', 'c'].map((name) => ({ name, kind: 'number', data: Float64Array.from({ length: 4 }, random) })),
	} as Matrix;
	const all = predictor.explain!(x);
	for (let i = 0; i < 4; i++) {
		const values = rowOf(x, i);
		const wanted = [...shapley(3, (s) => expectation(model, values, 0, s)).values, expectation(model, values, 0, 0)];
		wanted.forEach((v, j) => expect(all[i * 4 + j]).toBeCloseTo(v, 9));
		predictor.contributions!(values, 0).forEach((v, j) => expect(v).toBeCloseTo(wanted[j], 9));
	}
});

it('keeps to the order of the columns that it was asked for, and refuses what has no answer', async () => {
	const data = makeData(300, 'binary', 4);
	const { state } = await gradientBoosting.fit(
		{ task: 'binary', train: data.x, labels: labelsOf(data, 'binary') },
		gradientBoosting.params.parse({ n_estimators: 4 }),
		context(),
	);
	const names = data.x.columns.map((c) => c.name);
	const straight = treePredictor(fromState(state), names);
	const turned = treePredictor(fromState(state), ['more', ...names.toReversed()]);
	const x = part(data.x, 0, 3);
	const a = straight.explain!(x);
	const b = turned.explain!(x);
	for (let i = 0; i < 3; i++)
		expect([...b.subarray(i * 6, i * 6 + 6)]).toEqual([0, ...a.subarray(i * 5, i * 5 + 4).toReversed(), a[i * 5 + 4]]);
	expect(() => straight.explain!(x, { background: part(x, 0, 0) })).toThrow(expect.objectContaining({ code: 'learn.too_few_rows' }));
	expect(() => straight.explain!(x, { background: x, interactions: true })).toThrow(
		expect.objectContaining({ code: 'learn.parameter_invalid' }),
	);
	expect(() => straight.explain!({ rows: 3, columns: x.columns.slice(1) })).toThrow(
		expect.objectContaining({ code: 'learn.columns_mismatch' }),
	);
	expect(straight.explain!(part(x, 0, 0))).toHaveLength(0);
	// Numbers that no double can add up.
	const model = fromState(state);
	model.trees = model.trees.map((tree) => ({ ...tree, value: Array.from(tree.value, () => 1.7e308) }));
	expect(() => treePredictor(model, names).explain!(x)).toThrow(expect.objectContaining({ code: 'learn.explanation_inexact' }));
	expect(() => treePredictor(model, names).contributions!(rowOf(x, 0), 0)).toThrow(
		expect.objectContaining({ code: 'learn.explanation_inexact' }),
	);
});
