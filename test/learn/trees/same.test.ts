import fc from 'fast-check';
import type { Labels, Matrix } from '../../../lib/learn/contract.js';
import { boost, type BoostInput } from '../../../lib/learn/trees/boost.js';
import { kernelModule } from '../../../lib/learn/trees/hire.js';
import { lossOf } from '../../../lib/learn/trees/losses/index.js';
import { toState } from '../../../lib/learn/trees/ensemble.js';
import { treeDefaults } from '../../../lib/learn/trees/treeParams.js';
import { compile } from '../../../lib/learn/trees/compileTrees.js';
import { addByMasks, leafMasks } from '../../../lib/learn/trees/leafMasks.js';
import { rawBatch, rawRow } from '../../../lib/learn/trees/rawScore.js';
import { context } from './helpers/data.js';
import { made } from './helpers/mixed.js';
import { nodesOf } from './helpers/firstForm.js';

const stateOf = async (input: Omit<BoostInput, 'context'>, threads: number, plain = false) => {
	const { model, backend } = await boost({ ...input, plain, cellsPerThread: 1, context: context({ threads }) });
	return { state: toState(model), backend };
};

it('has the fast kernel where it was built', () => {
	expect(kernelModule()).not.toBeNull();
});

it.each([
	['binary', false, {}],
	['regression', true, { baggingFraction: 0.7, baggingFreq: 1 }],
	['multiclass', false, { featureFraction: 0.6, lambdaL1: 0.5 }],
	['multiclass', true, { numGradQuantBins: 4 }],
	['regression', false, { numGradQuantBins: 4 }],
] as const)('%s, %s, %j: plain, 1, 2 and 4 threads grow the same trees, byte for byte', async (task, weighted, over) => {
	const data = made(70_001, task, weighted, 3);
	const valid = made(999, task, weighted, 4);
	const input = {
		...data,
		valid: { x: valid.train, labels: valid.labels },
		loss: lossOf(task)!,
		params: { ...treeDefaults, numIterations: 4, ...over },
	};
	const plain = await stateOf(input, 1, true);
	expect(plain.backend).toBe('plain, 1 thread');
	expect(nodesOf(plain.state).feature.length).toBeGreaterThan(60);
	for (const threads of [1, 2, 4]) {
		const fast = await stateOf(input, threads);
		expect(fast.backend).toBe(`wasm, ${threads} ${threads === 1 ? 'thread' : 'threads'}`);
		expect(fast.state).toEqual(plain.state);
	}
});

it('both kernels agree on small data of any shape', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.integer({ min: 2, max: 300 }),
			fc.constantFrom('binary', 'regression', 'multiclass'),
			fc.boolean(),
			fc.integer(),
			fc.integer({ min: 2, max: 40 }),
			fc.integer({ min: 1, max: 30 }),
			fc.constantFrom('leaf' as const, 'depth' as const),
			fc.constantFrom(0, 0, 2, 5),
			async (rows, task, weighted, seed, numLeaves, minDataInLeaf, growth, numGradQuantBins) => {
				const data = made(rows, task, weighted, seed);
				if (task !== 'regression' && new Set(data.labels.y).size < 2) return;
				const input = {
					...data,
					loss: lossOf(task)!,
					params: {
						...treeDefaults,
						numIterations: 3,
						numLeaves,
						minDataInLeaf,
						growth,
						numGradQuantBins,
						minDataPerGroup: 5,
						catSmooth: 1,
					},
				};
				if (data.labels.classes > rows) return;
				const { state } = await stateOf(input, 2);
				expect(state).toEqual((await stateOf(input, 1, true)).state);
				expect([...nodesOf(state).value].every(Number.isFinite)).toBe(true);
			},
		),
		{ numRuns: 40, seed: 1 },
	);
});

it('both kernels agree on any finite float32 input', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(fc.tuple(fc.float({ noDefaultInfinity: true }), fc.float({ noDefaultInfinity: true, noNaN: true, min: -1e6, max: 1e6 })), {
				minLength: 2,
				maxLength: 60,
			}),
			async (pairs) => {
				const train: Matrix = { rows: pairs.length, columns: [{ name: 'x', kind: 'number', data: Float32Array.from(pairs, (p) => p[0]) }] };
				const labels: Labels = { y: Float64Array.from(pairs, (p) => p[1]), classes: 0 };
				const input = { train, labels, loss: lossOf('regression')!, params: { ...treeDefaults, numIterations: 3, minDataInLeaf: 1 } };
				const { state } = await stateOf(input, 1);
				expect(state).toEqual((await stateOf(input, 1, true)).state);
				expect([...nodesOf(state).value].every(Number.isFinite)).toBe(true);
			},
		),
		{ numRuns: 60, seed: 2 },
	);
});

it.each([
	['categories and numbers', 9, 'multiclass', false],
	['numbers only', 6, 'regression', false],
	['numbers of single precision', 6, 'binary', true],
] as const)('both kernels, one row alone and any number of threads predict the same bits: %s', async (_name, width, task, floats) => {
	const first = ({ rows, columns }: Matrix): Matrix => ({
		rows,
		columns: columns.slice(0, width).map((c) => (floats && c.kind === 'number' ? { ...c, data: Float32Array.from(c.data) } : c)),
	});
	const data = made(3000, task, false, 9);
	const { model } = await boost({
		...data,
		train: first(data.train),
		loss: lossOf(task)!,
		params: { ...treeDefaults, numIterations: 40 },
		context: context(),
	});
	// No whole number of blocks.
	const other = first(made(30_003, task, false, 10).train);
	const plain = rawBatch(compile(model), other, undefined, { plain: true });
	const compiled = compile(model);
	for (const threads of [1, 2, 4, 3, 1]) expect(rawBatch(compiled, other, undefined, { threads })).toEqual(plain);
	expect(compiled.fast).toBeDefined();
	const out = new Float64Array(model.outputs);
	// A model may meet floats after doubles, and categories that no training row had.
	const strange = {
		...other,
		columns: other.columns.map((c) =>
			c.kind === 'number'
				? { ...c, data: Float64Array.from(c.data, (v) => v / 3) }
				: { ...c, data: c.data.map((code, i) => (i % 7 ? code : 1)) },
		),
	};
	expect(rawBatch(compiled, strange)).toEqual(rawBatch(compile(model), strange, undefined, { plain: true }));
	expect(rawBatch(compiled, other, undefined, { threads: 2 })).toEqual(plain);
	for (let i = 0; i < 300; i++) {
		rawRow(
			compiled,
			Float64Array.from(other.columns, (c) => c.data[i]),
			0,
			out,
			0,
		);
		expect(out).toEqual(plain.slice(i * model.outputs, (i + 1) * model.outputs));
	}
});

it('a row by column comes to the leaves that a walk comes to, whatever the trees, and also with values and categories that no training row had', async () => {
	let byColumn = 0;
	await fc.assert(
		fc.asyncProperty(
			fc.integer({ min: 20, max: 600 }),
			fc.constantFrom('binary', 'regression', 'multiclass'),
			fc.integer(),
			fc.integer({ min: 2, max: 150 }),
			fc.integer({ min: 1, max: 10 }),
			fc.constantFrom(4, 9),
			async (rows, task, seed, numLeaves, minDataInLeaf, width) => {
				const first = ({ rows: count, columns }: Matrix): Matrix => ({ rows: count, columns: columns.slice(0, width) });
				const data = made(rows, task, false, seed);
				if (task !== 'regression' && new Set(data.labels.y).size < 2) return;
				if (data.labels.classes > rows) return;
				const { model } = await boost({
					...data,
					train: first(data.train),
					loss: lossOf(task)!,
					params: { ...treeDefaults, numIterations: 4, numLeaves, minDataInLeaf, minDataPerGroup: 5, catSmooth: 1 },
					context: context(),
				});
				const compiled = compile(model);
				const masks = leafMasks(compiled);
				if (!masks) return;
				byColumn++;
				const other = first(made(200, task, false, seed + 1).train);
				const values = other.columns.map((c) =>
					c.kind === 'number'
						? Float64Array.from(c.data, (v, i) => (i % 5 ? v : NaN))
						: Uint32Array.from(c.data, (code, i) => (i % 5 ? code : i % 2)),
				);
				const expected = rawBatch(
					compiled,
					{ ...other, columns: other.columns.map((c, j) => ({ ...c, data: values[j] }) as Matrix['columns'][number]) },
					undefined,
					{ plain: true },
				);
				const out = new Float64Array(model.outputs);
				for (let i = 0; i < 200; i++) {
					out.fill(0);
					addByMasks(
						masks,
						Float64Array.from(values, (column) => column[i]),
						0,
						out,
						0,
						model.outputs,
					);
					for (let k = 0; k < model.outputs; k++) out[k] = model.initial[k] + out[k];
					expect(out).toEqual(expected.slice(i * model.outputs, (i + 1) * model.outputs));
				}
				// A row alone may have no category, or one out of range.
				for (const odd of [NaN, -1, 1e9]) {
					const row = Float64Array.from(other.columns, (c, j) => (c.kind === 'number' ? values[j][0] : odd));
					const walked = new Float64Array(model.outputs);
					rawRow(compile(model), row, 0, walked, 0);
					out.fill(0);
					addByMasks(masks, row, 0, out, 0, model.outputs);
					for (let k = 0; k < model.outputs; k++) expect(model.initial[k] + out[k]).toBe(walked[k]);
				}
			},
		),
		{ numRuns: 80, seed: 3 },
	);
	expect(byColumn).toBeGreaterThan(40);
});
