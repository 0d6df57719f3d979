import fc from 'fast-check';
import type { Matrix } from '../../../lib/learn/contract.js';
import { isolationForest } from '../../../lib/learn/learners/isolationForest.js';
import { writeModel } from '../../../lib/learn/onnx/graph.js';
import { averagePathLength, isolationValue } from '../../../lib/learn/trees/isolation/pathLength.js';
import { isFlagged } from '../../../lib/task/flag.js';
import { fromState, toState, type Ensemble } from '../../../lib/learn/trees/ensemble.js';
import { emptyTree, addNode, type FinishedTree } from '../../../lib/learn/trees/tree.js';
import { matrixOf, quietContext } from '../fitting.js';
import expected from './expected/isolation.json';
import { onnxRuntime } from './helpers/onnxRuntime.js';
import { nodesOf } from './helpers/firstForm.js';

const DEFAULTS = isolationForest.params.parse({});
type Params = Partial<typeof DEFAULTS>;

const fit = async (train: Matrix, params: Params = {}, seed = 0, weight?: Float64Array) =>
	await isolationForest.fit(
		{ task: 'anomaly', train, labels: { y: new Float64Array(0), classes: 0, weight } },
		isolationForest.params.parse(params),
		quietContext({ seed }),
	);

const namesOf = (x: Matrix) => x.columns.map((c) => c.name);
async function scoresOf(state: Awaited<ReturnType<typeof fit>>['state'], x: Matrix): Promise<Float64Array> {
	const predictor = await isolationForest.predictor(isolationForest.validate(state), namesOf(x));
	const out = new Float64Array(x.rows);
	await predictor.batch(x, out, 1);
	return out;
}

/** The numbers of `Lcg` in makeIsolation.py. */
function lcg(seed: number) {
	let s = seed;
	const uniform = (): number => {
		s = (Math.imul(1664525, s) + 1013904223) >>> 0;
		return s / 2 ** 32;
	};
	const normal = (): number => {
		let sum = 0;
		for (let i = 0; i < 12; i++) sum += uniform();
		return sum - 6;
	};
	return { uniform, normal };
}
type Random = ReturnType<typeof lcg>;
const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));

/** As in makeIsolation.py: ordinary rows, then the planted ones. */
const PLANTED: Record<keyof typeof expected.planted, { make(r: Random): number[][]; ordinary: number }> = {
	blob: {
		make: (r) => [...times(485, () => times(5, () => r.normal())), ...times(15, () => times(5, () => r.uniform() * 12 - 6))],
		ordinary: 485,
	},
	clusters: {
		make: (r) => [
			...times(380, (i) => times(2, () => r.normal() * 0.5 + (i % 3 === 0 ? 4 : -4))),
			...times(20, () => times(2, () => r.uniform() * 16 - 8)),
		],
		ordinary: 380,
	},
	irrelevant: {
		make: (r) => [...times(390, () => times(12, () => r.uniform())), ...times(10, () => times(12, (j) => r.uniform() + (j < 3 ? 1.5 : 0)))],
		ordinary: 390,
	},
	copies: {
		make: (r) => [
			...times(588, () => [Math.floor(r.uniform() * 4), Math.floor(r.uniform() * 3), 7]),
			...times(12, () => [Math.floor(r.uniform() * 4) + 5, 9, 7]),
		],
		ordinary: 588,
	},
};

const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

/** Ranks, equal values sharing their mean. */
function ranks(values: ArrayLike<number>): Float64Array {
	const order = Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a] - values[b]);
	const out = new Float64Array(values.length);
	for (let i = 0, j = 0; i < order.length; i = j) {
		while (j < order.length && values[order[j]] === values[order[i]]) j++;
		for (let k = i; k < j; k++) out[order[k]] = (i + j - 1) / 2;
	}
	return out;
}
function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
	const [x, y] = [ranks(a), ranks(b)];
	const [mx, my] = [mean(x), mean(y)];
	let [xy, xx, yy] = [0, 0, 0];
	for (let i = 0; i < x.length; i++) {
		xy += (x[i] - mx) * (y[i] - my);
		xx += (x[i] - mx) ** 2;
		yy += (y[i] - my) ** 2;
	}
	return xy / Math.sqrt(xx * yy);
}
function auc(scores: ArrayLike<number>, ordinary: number): number {
	const r = ranks(scores);
	const planted = r.length - ordinary;
	return (r.slice(ordinary).reduce((a, b) => a + b, 0) - (planted * (planted - 1)) / 2) / (planted * ordinary);
}

/** A tree of scikit-learn's in the form of the engine. */
function forcedTree(tree: (typeof expected.forced.forests)[number]['trees'][number], sample: number): FinishedTree {
	const out = emptyTree();
	const depth = new Map([[0, 0]]);
	tree.feature.forEach((feature, n) => {
		const d = depth.get(n)!;
		addNode(out, isolationValue(d, tree.rows[n], sample), tree.rows[n], tree.rows[n]);
		if (feature < 0) return;
		out.feature[n] = feature;
		out.threshold[n] = tree.threshold[n];
		out.left[n] = tree.left[n];
		out.right[n] = tree.right[n];
		depth.set(tree.left[n], d + 1);
		depth.set(tree.right[n], d + 1);
	});
	return out;
}

describe(`an isolation forest beside scikit-learn ${expected.versions['scikit-learn']}`, () => {
	it('knows the mean path length c(n)', () => {
		for (const [n, c] of expected.pathLength) expect(averagePathLength(n)).toBeCloseTo(c, 12);
	});

	it.each(expected.forced.forests.map((f) => [JSON.stringify(f.options), f] as const))(
		'scores rows on its very trees as it does, %s',
		async (_, { trees, sample, scores, options }) => {
			const x = matrixOf(expected.forced.x);
			const model: Ensemble = {
				loss: 'isolation',
				outputs: 1,
				initial: [0],
				average: true,
				trees: trees.map((t) => forcedTree(t, sample)),
				columns: x.columns.map(({ name }) => ({ name, kind: 'number' })),
			};
			expect(new Set(scores).size).toBeGreaterThan('max_samples' in options && options.max_samples === 1 ? 0 : 20);
			const ours = await scoresOf(toState(model), x);
			ours.forEach((s, i) => {
				expect(s).toBeCloseTo(scores[i], 12);
			});
		},
	);

	it.each(Object.entries(PLANTED))(
		'finds planted rows (%s) as well as it does, and gives all rows the same scores but for chance',
		async (name, { make, ordinary }) => {
			const theirs = expected.planted[name as keyof typeof expected.planted];
			const rows = make(lcg(name.length));
			expect(rows.flat().reduce((a, b) => a + b, 0)).toBeCloseTo(theirs.sum, 6);
			const x = matrixOf(rows);
			const runs = await Promise.all(times(10, async (seed) => await scoresOf((await fit(x, {}, seed)).state, x)));
			const ours = Float64Array.from(rows, (_, i) => mean(runs.map((r) => r[i])));
			// Ten forests each: their means differ by less than chance lets two of its own do.
			expect(Math.abs(mean(runs.map((r) => auc(r, ordinary))) - mean(theirs.auc))).toBeLessThan(0.005);
			expect(theirs.pyodAuc).toEqual(theirs.auc);
			expect(spearman(ours, theirs.scores)).toBeGreaterThan(Math.max(0.97, theirs.between));
			expect(mean(ours.map((s, i) => Math.abs(s - theirs.scores[i])))).toBeLessThan(0.006);
			expect(Math.abs(mean(runs.map((r) => mean(r.map((s) => +(s > 0.5))))) - theirs.flagged)).toBeLessThan(0.03);
		},
	);

	it('puts the threshold where the asked share of the rows learned from lies above, or at 0.5', async () => {
		const x = matrixOf(PLANTED.blob.make(lcg(4)));
		const fitted = await fit(x, { contamination: 0.04 });
		const scores = await scoresOf(fitted.state, x);
		expect(scores.filter((s) => s > fitted.threshold!.value)).toHaveLength(20);
		expect(fitted.threshold!.reason).toContain('4 %');
		expect((await fit(x)).threshold!.value).toBe(0.5);
	});
});

describe('an isolation forest', () => {
	const mixed = (): Matrix => {
		const r = lcg(11);
		const rows = times(400, () => [r.normal(), r.uniform() < 0.2 ? NaN : r.normal() * 10]);
		const codes = times(400, () => 2 + Math.floor(r.uniform() * 4));
		codes[7] = 0;
		codes[8] = 6;
		return matrixOf(rows, [{ codes, levels: 9 }]);
	};

	it('is the same for a seed, and another for another', async () => {
		const x = mixed();
		const [a, b, c] = await Promise.all([fit(x, {}, 3), fit(x, {}, 3), fit(x, {}, 4)]);
		expect(b.state).toEqual(a.state);
		expect(nodesOf(c.state).threshold).not.toEqual(nodesOf(a.state).threshold);
	});

	it('answers a row as it answers it in a batch, with gaps, rare and unknown categories', async () => {
		const x = mixed();
		const { state } = await fit(x);
		const predictor = await isolationForest.predictor(state, namesOf(x));
		const batch = new Float64Array(x.rows);
		await predictor.batch(x, batch, 2);
		const one = new Float64Array(1);
		for (let i = 0; i < x.rows; i++) {
			const values = Float64Array.from(x.columns, (c) => c.data[i]);
			predictor.row(values, one);
			expect(one[0]).toBe(batch[i]);
		}
		for (const code of [1, 7, 8]) {
			predictor.row(Float64Array.of(0, 0, code), one);
			const usual = new Float64Array(1);
			predictor.row(Float64Array.of(0, 0, 3), usual);
			expect(one[0]).toBeGreaterThan(usual[0] + 0.05);
		}
	});

	it('answers rows as batches whatever the numbers, gaps, categories and parameters', async () => {
		const cell = fc.oneof(fc.constant(NaN), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: -3, max: 3 }));
		const table = fc.array(fc.tuple(cell, cell, fc.nat(5)), { minLength: 1, maxLength: 40 });
		await fc.assert(
			fc.asyncProperty(table, fc.nat(50), fc.boolean(), fc.constantFrom(0, 0.1), async (rows, seed, bootstrap, contamination) => {
				const x = matrixOf(
					rows.map(([a, b]) => [a, b]),
					[{ codes: rows.map((r) => r[2]), levels: 6 }],
				);
				const { state, threshold } = await fit(x, { n_estimators: 110, max_samples: 16, bootstrap, contamination }, seed);
				const predictor = await isolationForest.predictor(isolationForest.validate(state), namesOf(x));
				const batch = new Float64Array(x.rows);
				await predictor.batch(x, batch, 1);
				const one = new Float64Array(1);
				// From the hundredth single row on another form of the model answers.
				for (let i = 0; i < 110; i++) {
					const row = i % x.rows;
					predictor.row(
						Float64Array.from(x.columns, (c) => c.data[row]),
						one,
					);
					if (one[0] !== batch[row] || !(one[0] > 0 && one[0] < 1)) throw new Error(`row ${row}: ${one[0]}, in a batch ${batch[row]}`);
				}
				const flagged = batch.filter((s) => isFlagged(s, threshold!.value)).length;
				if (contamination) expect(flagged).toBeLessThanOrEqual(Math.ceil(contamination * x.rows));
			}),
			{ numRuns: 30, seed: 8 },
		);
	});

	it('says so where rows that are alike let fewer be flagged than was asked', async () => {
		const x = matrixOf(times(100, (i) => [i < 80 ? 0 : 5]));
		const { state, threshold } = await fit(x, { contamination: 0.1 });
		const scores = await scoresOf(state, x);
		expect(scores.filter((s) => isFlagged(s, threshold!.value))).toHaveLength(0);
		expect(threshold!.reason).toBe(
			'0 % of the rows learned from have a higher score, not the 10 % that were asked for, since rows that are alike share a score',
		);
	});

	it('finds rare categories odd, and no value where there nearly always is one', async () => {
		const found = { category: [] as number[], gap: [] as number[] };
		for (const seed of [1, 2, 3, 4]) {
			const r = lcg(seed);
			for (const what of ['category', 'gap'] as const) {
				const rows = times(1000, (i) => [r.normal(), what === 'gap' && i >= 997 ? NaN : r.normal()]);
				const codes = times(1000, (i) => (what === 'category' && i >= 997 ? 22 : 2 + Math.floor(r.uniform() * 20)));
				const x = matrixOf(rows, [{ codes, levels: 24 }]);
				found[what].push(auc(await scoresOf((await fit(x, {}, seed)).state, x), 997));
			}
		}
		expect(mean(found.category)).toBeGreaterThan(0.9);
		expect(mean(found.gap)).toBeGreaterThan(0.95);
	});

	it.each<[string, Matrix]>([
		['one row', matrixOf([[1, 2]])],
		['rows that are all the same', matrixOf(times(50, () => [1, 2]))],
		['nothing but gaps', matrixOf(times(50, () => [NaN]))],
	])('cannot tell anything apart in %s: all scores are 0.5, no anomaly', async (_, x) => {
		for (const params of [{}, { contamination: 0.1 }, { n_estimators: 49 }]) {
			const { state, threshold } = await fit(x, params);
			const scores = await scoresOf(state, x);
			for (const s of scores) {
				expect(s).toBeCloseTo(0.5, 12);
				expect(threshold!.value).toBeCloseTo(0.5, 12);
			}
		}
	});

	it('takes numbers of any size, and refuses infinite ones and no rows by name', async () => {
		const x = matrixOf([[-1.7e308], [1.7e308], [0], [5e-324], [-0]]);
		for (const s of await scoresOf((await fit(x)).state, x)) expect(s > 0 && s < 1).toBe(true);
		await expect(fit(matrixOf([[1], [Infinity]]))).rejects.toMatchObject({ code: 'learn.value_infinite', details: { row: 2 } });
		await expect(fit(matrixOf([]))).rejects.toMatchObject({ code: 'learn.too_few_rows' });
	});

	it('draws no row without weight', async () => {
		const x = matrixOf([...times(300, (i) => [i % 10]), [1000]]);
		const weight = Float64Array.from({ length: 301 }, (_, i) => +(i < 300));
		for (const bootstrap of [false, true]) {
			const { state } = await fit(x, { bootstrap, max_samples: 1 }, 0, weight);
			expect(Math.max(...fromState(state).trees.flatMap((t) => Array.from(t.threshold)))).toBeLessThan(10);
		}
	});

	it('uses only so many columns and rows a tree', async () => {
		const x = matrixOf(PLANTED.blob.make(lcg(4)));
		const { trees } = fromState((await fit(x, { max_features: 0.4, max_samples: 0.1, n_estimators: 30 })).state);
		expect(trees).toHaveLength(30);
		for (const t of trees) {
			expect(t.count[0]).toBe(50);
			expect(new Set(Array.from(t.feature).filter((f) => f >= 0)).size).toBe(2);
		}
	});

	it('says what made a row odd: contributions add up to the logarithm of its score, the column that is out comes first', async () => {
		const r = lcg(9);
		const x = matrixOf([...times(500, () => [r.normal(), r.normal(), r.normal()]), [0, 40, 0.1]]);
		const { state } = await fit(x);
		const predictor = await isolationForest.predictor(state, namesOf(x));
		const phi = predictor.contributions!(Float64Array.of(0, 40, 0.1), 0);
		const score = new Float64Array(1);
		predictor.row(Float64Array.of(0, 40, 0.1), score);
		expect(2 ** phi.reduce((a, b) => a + b, 0)).toBeCloseTo(score[0], 10);
		expect(phi[1]).toBeGreaterThan(3 * Math.max(Math.abs(phi[0]), Math.abs(phi[2])));
		const usual = predictor.usual!(1, 40);
		expect(usual.low).toBeLessThan(-1);
		expect(usual.high).toBeGreaterThan(1);
		expect(usual.high).toBeLessThan(3);
		expect(predictor.usual!(1, NaN).share).toBe(0);
	});

	it('has halves that agree where there is something to find', async () => {
		const x = matrixOf(PLANTED.clusters.make(lcg(8)));
		const predictor = await isolationForest.predictor((await fit(x)).state, namesOf(x));
		const [a, b] = await Promise.all(
			predictor.halves!().map(async (half) => {
				const out = new Float64Array(x.rows);
				await half.batch(x, out, 1);
				return out;
			}),
		);
		expect(a).not.toEqual(b);
		expect(spearman(a, b)).toBeGreaterThan(0.9);
	});

	it('stops at once when it is told to, and keeps the trees it has when asked for these', async () => {
		const x = matrixOf(PLANTED.blob.make(lcg(4)));
		const ask = async (flag: number) =>
			await isolationForest.fit({ task: 'anomaly', train: x, labels: { y: new Float64Array(0), classes: 0 } }, DEFAULTS, {
				...quietContext(),
				cancelled: new Int32Array([flag]),
			});
		await expect(ask(1)).rejects.toMatchObject({ code: 'compute.cancelled' });
		const kept = await ask(2);
		expect(kept.stopped).toBe('cancelled');
		expect(fromState(kept.state).trees).toHaveLength(1);
	});

	it('is the same as an ONNX file', async () => {
		const x = mixed();
		const { state } = await fit(x);
		const ours = await scoresOf(state, x);
		const runtime = onnxRuntime();
		const rows = Float64Array.from({ length: x.rows * 3 }, (_, at) => x.columns[at % 3].data[Math.floor(at / 3)]);
		const theirs = await runtime.run(writeModel(isolationForest.onnx!(state)), rows, 3).finally(runtime.close);
		expect(theirs).toHaveLength(x.rows);
		theirs.forEach((s, i) => {
			expect(s).toBeCloseTo(ours[i], 5);
		});
	});
});
