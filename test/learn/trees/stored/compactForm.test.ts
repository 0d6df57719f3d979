import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { ModelManifest } from '../../../../lib/domain/model.js';
import { readPackage, writePackage } from '../../../../lib/formats/modelPackage.js';
import type { State } from '../../../../lib/learn/contract.js';
import { learnerById } from '../../../../lib/learn/learners/index.js';
import { fromState, toState, treeBytes, treeMicroseconds, type Ensemble } from '../../../../lib/learn/trees/ensemble.js';
import { compile, rowNodes } from '../../../../lib/learn/trees/compileTrees.js';
import { treesToOnnx } from '../../../../lib/learn/trees/export/treesToOnnx.js';
import { plotTree } from '../../../../lib/learn/trees/plot.js';
import { shapTables } from '../../../../lib/learn/trees/shap.js';
import { treePredictor } from '../../../../lib/learn/trees/treePredictor.js';
import { addNode, emptyTree, type Tree } from '../../../../lib/learn/trees/tree.js';
import { murmurPairs } from '../../../../lib/domain/random.js';
import { storedBytes } from '../../../../lib/learn/check.js';
import { context } from '../helpers/data.js';
import { toFirstForm } from '../helpers/firstForm.js';
import { made } from '../helpers/mixed.js';

const manifest: ModelManifest = {
	format: 'n8n-nodes-mlops/model',
	v: 6,
	task: 'binary',
	target: 'late',
	classes: ['no', 'yes'],
	signature: [],
	recipe: { input: [], steps: [], output: [] },
	encoder: {},
	learner: { id: 'gradientBoosting', params: {} },
	threshold: 0.5,
	trainedAt: '',
	codeVersion: '',
};
const throughPackage = (state: State): State => readPackage(writePackage(manifest, state)).state;

/** To the bit: of thousands of numbers a list of differences would help nobody. */
const equal = (a: unknown, b: unknown): boolean => isDeepStrictEqual(a, b);

/** Every number of every node to the bit, as the first form has them: -0 is another number than 0. */
function expectSame(read: Ensemble, model: Ensemble): void {
	const [ours, theirs] = [toFirstForm(read), toFirstForm(model)];
	expect(ours.meta).toEqual(theirs.meta);
	expect(Object.keys(ours.arrays)).toEqual(Object.keys(theirs.arrays));
	for (const [name, array] of Object.entries(theirs.arrays)) {
		const bytes = (a: typeof array) => Buffer.from(a.buffer, a.byteOffset, a.byteLength);
		expect([name, bytes(ours.arrays[name]).equals(bytes(array))]).toEqual([name, true]);
	}
}

/** What a model says: answers, reasons, pictures, its form for others. */
async function said(state: State, x: ReturnType<typeof made>['train']) {
	const model = fromState(state);
	const predictor = treePredictor(
		model,
		model.columns.map((c) => c.name),
	);
	const batch = new Float64Array(x.rows * predictor.outputs);
	await predictor.batch(x, batch, 1);
	const few = { rows: 5, columns: x.columns.map((c) => ({ ...c, data: c.data.slice(0, 5) }) as typeof c) };
	const row = new Float64Array(predictor.outputs);
	predictor.row(
		Float64Array.from(x.columns, (c) => c.data[7]),
		row,
	);
	return {
		batch,
		row,
		reasons: predictor.explain!(few),
		picture: model.trees.length ? plotTree(model, model.trees.length - 1) : undefined,
		onnx: treesToOnnx(model),
	};
}

const fits: Array<[string, string, string, boolean, Record<string, unknown>]> = [
	['boosting', 'gradientBoosting', 'binary', false, { n_estimators: 12 }],
	['boosting by depth, weighted', 'gradientBoosting', 'regression', true, { n_estimators: 9, grow_policy: 'depth' }],
	['boosting of classes', 'gradientBoosting', 'multiclass', false, { n_estimators: 6 }],
	['ordered statistics', 'gradientBoosting', 'binary', false, { n_estimators: 9, simple_ctr: true }],
	['boosting with borders at random', 'gradientBoosting', 'regression', false, { n_estimators: 9, extra_trees: true }],
	['quantiles', 'gradientBoosting', 'regression', false, { n_estimators: 6, objective: 'quantile' }],
	['forest', 'randomForest', 'binary', false, { n_estimators: 6 }],
	['forest, weighted', 'randomForest', 'binary', true, { n_estimators: 6 }],
	['forest of numbers', 'randomForest', 'regression', false, { n_estimators: 6 }],
	['forest of classes', 'randomForest', 'multiclass', false, { n_estimators: 6 }],
	['forest of classes, weighted', 'randomForest', 'multiclass', true, { n_estimators: 6, max_leaf_nodes: 40 }],
	['forest with random thresholds', 'randomForest', 'multiclass', false, { n_estimators: 6, extra_trees: true, bootstrap: false }],
	['tree', 'decisionTree', 'binary', false, { ccp_alpha: 0.001 }],
	['tree of one leaf', 'decisionTree', 'multiclass', false, { max_depth: 0 }],
	['isolation forest', 'isolationForest', 'anomaly', false, { n_estimators: 12 }],
];

describe('trees in their compact form', () => {
	it.each(fits)('%s: nothing is lost, and a package of the first form answers the same', async (_, id, task, weighted, params) => {
		const { train, labels } = made(500, task === 'anomaly' ? 'regression' : task, weighted, 3);
		const learner = learnerById(id);
		const given = task === 'anomaly' ? { y: new Float64Array(0), classes: 0 } : labels;
		const { state } = await learner.fit({ task: task as 'binary', train, labels: given }, learner.params.parse(params), context());
		expect(state.version).toBe(2);
		const model = fromState(state);
		const { columns: _columns, form: _form, ...meta } = state.meta;
		const before = toFirstForm(model, meta);
		expectSame(fromState(throughPackage(state)), model);
		expectSame(fromState(throughPackage(before)), model);
		expect(equal(await said(throughPackage(state), train), await said(throughPackage(before), train))).toBe(true);
		expect(treeMicroseconds(state)).toBe(treeMicroseconds(before));
		expect(treeBytes(state)).toBe(treeBytes(before));
		expect(2.5 * storedBytes(state)).toBeLessThan(storedBytes(before) + 3000);
		// Written again, also by who read the first form, it is the same file.
		expect(equal(toState(fromState(throughPackage(toState(model)))), toState(model))).toBe(true);
		if (id !== 'gradientBoosting') expect(equal(toState(fromState(before)), toState(model))).toBe(true);
	});

	it('a forest of several classes keeps each tree once, in the file and in memory', async () => {
		const { train, labels } = made(1500, 'multiclass', false, 3);
		const { state } = await learnerById('randomForest').fit(
			{ task: 'multiclass', train, labels },
			learnerById('randomForest').params.parse({ n_estimators: 5 }),
			context(),
		);
		const { trees } = fromState(state);
		expect([state.meta.trees, trees.length]).toEqual([15, 15]);
		// Of the kernel's own numbers: values and gains follow from rows of each class, inner rows from those of leaves.
		expect(state.meta.form).toEqual({ order: 'depth', shared: true, cover: 'sums', count: 'cover', gain: 'shares', value: 'shares' });
		expect(state.meta.nodes).toBe(trees.filter((_, t) => t % 3 === 0).reduce((sum, t) => sum + t.feature.length, 0));
		expect(trees[1].threshold).toBe(trees[0].threshold);
		expect(trees[1].value).not.toEqual(trees[0].value);
	});

	it('says about what a model takes in memory', async () => {
		const { train: all, labels } = made(1500, 'regression', false, 3);
		const train = { ...all, columns: all.columns.filter((c) => c.kind === 'number') };
		const learner = learnerById('randomForest');
		const { state } = await learner.fit({ task: 'regression', train, labels }, learner.params.parse({ n_estimators: 40 }), context());
		const compiled = compile(fromState(state));
		const { model, ...laidOut } = { ...compiled, ...rowNodes(compiled), tables: shapTables(compiled) };
		const buffers = new Map<ArrayBufferLike, number>();
		const seen = [...Object.values(laidOut), ...Object.values(laidOut.tables), ...model.trees.flatMap((tree) => Object.values(tree))];
		for (const array of seen as unknown[]) if (ArrayBuffer.isView(array)) buffers.set(array.buffer, array.buffer.byteLength);
		const bytes = [...buffers.values()].reduce((a, b) => a + b, 0);
		const nodes = model.trees.reduce((sum, { feature }) => sum + feature.length, 0);
		expect(bytes / nodes).toBeGreaterThan(60);
		expect(bytes).toBeLessThan(120 * nodes);
		expect(treeBytes(state)).toBe(120 * nodes + Math.min(500 * nodes, 32e6));
	});

	it('of two classes, each of which is told, the first is what the second leaves', async () => {
		const { train, labels } = made(800, 'binary', false, 3);
		const { state } = await learnerById('randomForest').fit(
			{ task: 'multiclass', train, labels },
			learnerById('randomForest').params.parse({ n_estimators: 5 }),
			context(),
		);
		expect(state.meta.form).toMatchObject({ shared: true, value: 'both', gain: 'shares' });
		expectSame(fromState(throughPackage(state)), fromState(state));
	});

	it('any trees come back to the bit, however they are numbered and whatever their numbers', () => {
		fc.assert(
			fc.property(fc.integer(), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 5 }), (seed, outputs, rounds) => {
				const model = anyModel(murmurPairs(seed), outputs, rounds);
				const state = toState(model);
				expectSame(fromState(throughPackage(state)), model);
				expectSame(fromState(throughPackage(toFirstForm(model))), model);
				expect(equal(toState(fromState(throughPackage(state))), state)).toBe(true);
			}),
			{ numRuns: 300 },
		);
	});

	it('one of a newer form is refused, with what to do', () => {
		const state = { ...toState(anyModel(murmurPairs(1), 1, 2)), version: 3 };
		expect(() => fromState(state)).toThrow(expect.objectContaining({ code: 'store.version_newer' }));
		expect(() => treeMicroseconds(state)).toThrow(expect.objectContaining({ code: 'store.version_newer' }));
	});

	it('forms that nobody wrote are refused', () => {
		const state = toState(anyModel(murmurPairs(5), 2, 3));
		for (const form of [
			undefined,
			{},
			{ ...(state.meta.form as object), order: 'sideways' },
			{ ...(state.meta.form as object), shared: true },
		])
			expect(() => fromState({ ...state, meta: { ...state.meta, form } })).toThrow(
				expect.objectContaining({ code: 'learn.model_invalid' }),
			);
	});
});

const COLUMNS: Ensemble['columns'] = [
	{ name: 'number', kind: 'number' },
	{ name: 'city', kind: 'category', levels: 700, seen: Uint32Array.of(0, 2, 5, 600) },
	{ name: 'raw', kind: 'number' },
	{ name: 'other', kind: 'number' },
];

/** Trees of all kinds: children in any order or side by side, rounds that share their shape, whole and odd numbers, -0, sets of categories. */
function anyModel(random: () => number, outputs: number, rounds: number): Ensemble {
	const draw = (n: number): number => Math.floor(random() * n);
	const style = { order: draw(4), shared: random() < 0.4, whole: random() < 0.5, few: random() < 0.5, raw: random() < 0.5 };
	const number = (): number =>
		style.whole ? draw(400) : [draw(70_000), random() * 10 ** draw(12), -random(), -0, Math.fround(random()), 2 ** 40][draw(6)];
	const one = (): Tree => {
		const tree = emptyTree();
		const add = (): number => addNode(tree, number(), Math.abs(number()), Math.abs(number()));
		const open = [add()];
		for (let left = draw(40); left > 0; left--) {
			const n = open.splice(style.order === 0 ? 0 : style.order === 1 ? open.length - 1 : draw(open.length), 1)[0];
			const f = draw(COLUMNS.length);
			tree.feature[n] = f;
			tree.defaultLeft[n] = draw(2);
			tree.gain[n] = number();
			if (COLUMNS[f].kind === 'category' || (f === 2 && style.raw)) {
				tree.special[n] = f === 2 ? 1 : 0;
				tree.codes[n] = Uint32Array.from({ length: 700 }, (_, k) => k).filter(() => random() < (style.few ? 0.01 : 0.5));
			} else {
				tree.special[n] = f === 3 && style.raw ? 1 : 0;
				tree.threshold[n] = style.few ? [0, -0, 1.5, Number.MAX_VALUE][draw(4)] : number();
			}
			const pair = [add(), add()];
			if (style.order === 3) pair.reverse();
			[tree.left[n], tree.right[n]] = pair;
			open.push(...pair);
		}
		if (style.whole && random() < 0.5) {
			const unit = 1 / 3;
			tree.cover = tree.cover.map((k) => k * unit);
			return { ...tree, unit };
		}
		return tree;
	};
	const trees = Array.from({ length: rounds }, () => {
		const first = one();
		return Array.from({ length: outputs }, (_, k) =>
			style.shared && k ? { ...first, value: first.value.map(number) } : k ? one() : first,
		);
	}).flat();
	return { loss: 'regression', outputs, initial: new Array<number>(outputs).fill(0.25), average: false, trees, columns: COLUMNS };
}
