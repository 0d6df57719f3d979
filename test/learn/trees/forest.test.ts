import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { FitContext, Labels, Matrix, State } from '../../../lib/learn/contract.js';
import { decisionTree } from '../../../lib/learn/learners/decisionTree.js';
import { learnerById } from '../../../lib/learn/learners/index.js';
import { randomForest } from '../../../lib/learn/learners/randomForest.js';
import { growForest, type ForestInput } from '../../../lib/learn/trees/forest/growForest.js';
import type { ForestParams } from '../../../lib/learn/trees/forest/planForest.js';
import { toState } from '../../../lib/learn/trees/ensemble.js';
import expected from './expected/forest.json';
import { context, makeData } from './helpers/data.js';
import { made } from './helpers/mixed.js';
import { nodesOf } from './helpers/firstForm.js';

const PARAMS: ForestParams = {
	numTrees: 7,
	maxDepth: -1,
	minDataInLeaf: 1,
	minDataToSplit: 2,
	maxLeaves: 1e7,
	minImpurityDecrease: 0,
	tries: 3,
	bootstrap: true,
	randomThresholds: false,
	maxBin: 255,
	seed: 5,
};
const VARIANTS: Array<Partial<ForestParams>> = [
	{},
	{ minDataInLeaf: 3 },
	{ randomThresholds: true, bootstrap: false },
	{ maxLeaves: 60 },
	{ maxDepth: 5, minDataToSplit: 20 },
	{ minImpurityDecrease: 0.001, tries: 9 },
];

const grow = async (input: Omit<ForestInput, 'context'>, over: Partial<FitContext> = {}) => {
	const { model, backend, stopped } = await growForest({ visitsPerThread: 1, ...input, context: context(over) });
	return { state: toState(model), backend, stopped };
};

/** All bytes of a model: large arrays take long to compare one by one. */
const bytesOf = ({ meta, arrays }: State): string =>
	[
		JSON.stringify(meta),
		...Object.entries(arrays).map(
			([name, a]) =>
				`${name} ${createHash('sha256')
					.update(new Uint8Array(a.buffer, a.byteOffset, a.byteLength))
					.digest('hex')}`,
		),
	].join('\n');

describe('the same forest', () => {
	it.each(['binary', 'multiclass', 'regression'])('%s: plain, 1, 2 and 4 threads grow the same trees, byte for byte', async (task) => {
		const input = { ...made(12_000, task, task === 'regression', 3), params: PARAMS };
		const plain = await grow({ ...input, plain: true });
		expect(plain.backend).toBe('plain, 1 thread');
		expect(nodesOf(plain.state).feature.length).toBeGreaterThan(1000);
		for (const threads of [1, 2, 4]) {
			const fast = await grow(input, { threads });
			expect(fast.backend).toMatch(/^wasm, \d threads?$/);
			expect(bytesOf(fast.state)).toBe(bytesOf(plain.state));
		}
	});

	it('both kernels agree on small data of any shape', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 3, max: 400 }),
				fc.constantFrom('binary', 'regression', 'multiclass'),
				fc.boolean(),
				fc.integer(),
				fc.constantFrom(...VARIANTS),
				fc.constantFrom(255, 16),
				async (rows, task, weighted, seed, over, maxBin) => {
					const data = made(rows, task, weighted, seed);
					if (task !== 'regression' && new Set(data.labels.y).size < 2) return;
					const input = { ...data, params: { ...PARAMS, seed, maxBin, ...over, numTrees: 3 } };
					expect(bytesOf((await grow(input)).state)).toBe(bytesOf((await grow({ ...input, plain: true })).state));
				},
			),
			{ numRuns: 30, seed: 1 },
		);
	});

	it('both kernels agree where many columns lie apart, and on wide categories', async () => {
		const random = made(600, 'binary', false, 8);
		const train: Matrix = {
			rows: 600,
			columns: Array.from({ length: 20 }, (_, k) => random.train.columns.map((c) => ({ ...c, name: `${c.name}${k}` }))).flat(),
		};
		const input = { train, labels: random.labels, params: { ...PARAMS, tries: 12 } };
		expect(bytesOf((await grow(input)).state)).toBe(bytesOf((await grow({ ...input, plain: true })).state));
	});

	it('does not lose the categories of a tree that has more of them than fit at once', async () => {
		const rows = 20_000;
		const columns: Matrix['columns'] = [
			{ name: 'c', kind: 'category', levels: rows + 2, data: Uint16Array.from({ length: rows }, (_, i) => 2 + i) },
			made(rows, 'binary', false, 3).train.columns[0],
		];
		// Targets without pattern make a deep tree whose splits list many categories.
		const labels: Labels = { y: Float64Array.from({ length: rows }, (_, i) => (Math.imul(i, 2654435761) >>> 8) % 10_000), classes: 0 };
		const input = { train: { rows, columns }, labels, params: { ...PARAMS, numTrees: 1, tries: 1, bootstrap: false } };
		const fast = await grow(input);
		expect(nodesOf(fast.state).codes.length).toBeGreaterThan(65_536);
		expect(bytesOf(fast.state)).toBe(bytesOf((await grow({ ...input, plain: true })).state));
	});

	it('both kernels agree on any finite float32 input', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.tuple(fc.float({ noDefaultInfinity: true }), fc.float({ noDefaultInfinity: true, noNaN: true, min: -1e6, max: 1e6 })), {
					minLength: 2,
					maxLength: 60,
				}),
				async (pairs) => {
					const train: Matrix = {
						rows: pairs.length,
						columns: [{ name: 'x', kind: 'number', data: Float32Array.from(pairs, (p) => p[0]) }],
					};
					const input = { train, labels: { y: Float64Array.from(pairs, (p) => p[1]), classes: 0 }, params: PARAMS };
					const { state } = await grow(input);
					expect(bytesOf(state)).toBe(bytesOf((await grow({ ...input, plain: true })).state));
					expect([...nodesOf(state).value].every(Number.isFinite)).toBe(true);
				},
			),
			{ numRuns: 40, seed: 2 },
		);
	});
});

describe('scikit-learn', () => {
	const NUMBERS = ['a', 'b', 'c'];
	const train: Matrix = {
		rows: expected.weight.length,
		columns: expected.x.map((data, j) => ({ name: NUMBERS[j], kind: 'number', data: Float64Array.from(data, (v) => v ?? NaN) })),
	};
	const weight = Float64Array.from(expected.weight);

	it.each(expected.cases.map((c) => [c.learner, c.task, c.weighted ? 'weights' : 'no weights', JSON.stringify(c.params), c] as const))(
		'%s, %s, %s, %s: the same answers',
		async (id, task, _w, _p, wanted) => {
			const learner = learnerById(id);
			const labels: Labels = {
				y: Float64Array.from(expected.targets[task as 'binary']),
				classes: { binary: 2, multiclass: 3 }[task] ?? 0,
				weight: wanted.weighted ? weight : undefined,
			};
			const { state } = await learner.fit({ task: task as 'binary', train, labels }, learner.params.parse(wanted.params), context());
			const p = await learner.predictor(state, NUMBERS);
			const out = new Float64Array(wanted.p.length);
			await p.batch(train, out, 1);
			const nodes = nodesOf(state).feature;
			const leaves = Array.from(nodes).filter((f) => Number(f) < 0).length / p.outputs;
			expect(leaves).toBe(wanted.leaves);
			expect(Math.max(...out.map((v, i) => Math.abs(v - wanted.p[i])))).toBeLessThan(1e-9);
		},
	);
});

describe('a training that is watched', () => {
	const data = makeData(4000, 'regression', 3);
	const input = { task: 'regression' as const, train: data.x, labels: { y: data.y, classes: 0 } };

	it('says what it did at each tree', async () => {
		const shares: Array<number | undefined> = [];
		await randomForest.fit(input, randomForest.params.parse({ n_estimators: 5 }), context({ progress: ({ share }) => shares.push(share) }));
		expect(shares).toEqual([0.2, 0.4, 0.6, 0.8, 1]);
	});

	/** So many that a busy machine, on which the other threads get more of the processors than ours, has not grown all of them before. */
	const MOST = 20_000;
	it.each([1, 3])('%d threads: keeps the trees it has when asked to stop, and ends at once when asked to', async (threads) => {
		const cancelled = new Int32Array(new SharedArrayBuffer(4));
		let asked = 2;
		const progress = (): void => {
			cancelled[0] = asked;
		};
		const fit = () =>
			grow({ train: input.train, labels: input.labels, params: { ...PARAMS, numTrees: MOST } }, { threads, cancelled, progress });
		const { state, stopped } = await fit();
		expect(stopped).toBe('cancelled');
		expect(nodesOf(state).starts.length - 1).toBeGreaterThan(0);
		expect(nodesOf(state).starts.length - 1).toBeLessThan(MOST);
		cancelled[0] = 0;
		asked = 1;
		await expect(fit()).rejects.toMatchObject({ code: 'compute.cancelled' });
	});

	it('a tree in the making is given up', async () => {
		const cancelled = new Int32Array(new SharedArrayBuffer(4));
		cancelled[0] = 1;
		for (const plain of [true, false])
			await expect(grow({ train: input.train, labels: input.labels, params: PARAMS, plain }, { cancelled })).rejects.toMatchObject({
				code: 'compute.cancelled',
			});
	});
});

it('a tree with a limit of leaves asks the most useful questions', async () => {
	const data = makeData(2000, 'regression', 3);
	const gains = async (max_leaf_nodes: number) => {
		const { state } = await decisionTree.fit(
			{ task: 'regression', train: data.x, labels: { y: data.y, classes: 0 } },
			decisionTree.params.parse({ max_leaf_nodes }),
			context(),
		);
		return (nodesOf(state).gain as Float64Array)
			.filter((g) => g > 0)
			.sort()
			.reverse();
	};
	const [few, more] = [await gains(8), await gains(30)];
	expect(few).toHaveLength(7);
	expect(more).toHaveLength(29);
	// Whatever the limit, the first splits are the same.
	expect([...few].slice(0, 3)).toEqual([...more].slice(0, 3));
});
