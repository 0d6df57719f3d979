import fc from 'fast-check';
import type { Column, Matrix, State } from '../../../lib/learn/contract.js';
import { mulberry32 } from '../../../lib/domain/random.js';
import { writeModel } from '../../../lib/learn/onnx/graph.js';
import { kernelModule } from '../../../lib/learn/trees/hire.js';
import { formOf, lengthOf, partsOf, type Form, type Input } from '../../../lib/learn/tensors/tabular/networkForm.js';
import { tabularPredictor } from '../../../lib/learn/tensors/tabular/tabularPredictor.js';
import { tabularToOnnx } from '../../../lib/learn/tensors/tabular/tabularToOnnx.js';
import { onnxRuntime } from '../trees/helpers/onnxRuntime.js';

const runtime = onnxRuntime();
afterAll(() => runtime.close());

/** A network of any form, its numbers by chance. */
function network(inputs: Input[], p: Pick<Form, 'periodic' | 'hidden' | 'activation' | 'outputs' | 'output'>, seed: number): State {
	const random = mulberry32(seed);
	const meta: Form = { columns: inputs.map((_, j) => `x${j}`), inputs, target: { center: 3, scale: 2, low: -1e3, high: 1e3 }, ...p };
	const arrays: Record<string, Float32Array | Int32Array> = {};
	for (const part of partsOf(meta)) {
		const size = part.name.startsWith('w') ? 2 / Math.sqrt(part.shape[0]) : part.name === 'pw' ? 20 : 1;
		arrays[part.name] = Float32Array.from({ length: lengthOf(part) }, () => (2 * random() - 1) * size);
	}
	inputs.forEach((input, j) => {
		if (input.kind === 'number') return;
		const least = input.kind === 'onehot' ? -1 : 0;
		arrays[`m${j}`] = Int32Array.from({ length: input.levels }, () => least + Math.floor(random() * (input.slots - least)));
	});
	return { format: 'tabularNetwork', version: 1, meta: { ...meta }, arrays };
}

function rowsFor(state: State, count: number, seed: number): Matrix {
	const random = mulberry32(seed);
	const edges = [0, -0, 1e300, -1e300, 1e-300, 1e9, 88, -104];
	const columns = formOf(state).inputs.map((input, j): Column => {
		const name = `x${j}`;
		if (input.kind !== 'number')
			return { name, kind: 'category', levels: input.levels, data: Uint16Array.from({ length: count }, () => random() * input.levels) };
		const data = Float64Array.from({ length: count }, () =>
			random() < 0.1 ? edges[Math.floor(random() * edges.length)] : 8 * random() - 4,
		);
		return { name, kind: 'number', data: j % 2 ? Float32Array.from(data, (v) => (Math.abs(v) > 1e30 ? 1e30 : v)) : data };
	});
	return { rows: count, columns };
}

async function bitsOf(state: State, x: Matrix, threads: number, plain: boolean): Promise<Float64Array> {
	const predictor = tabularPredictor(
		state,
		x.columns.map((c) => c.name),
		plain,
	);
	const out = new Float64Array(x.rows * predictor.outputs);
	await predictor.batch(x, out, threads);
	return out;
}

const inputOf = fc.oneof(
	fc.record({ kind: fc.constant('number' as const), center: fc.double({ min: -5, max: 5 }), factor: fc.double({ min: 0, max: 4 }) }),
	fc.record({ kind: fc.constant('onehot' as const), levels: fc.integer({ min: 1, max: 9 }), slots: fc.integer({ min: 0, max: 9 }) }),
	fc.record({ kind: fc.constant('embedding' as const), levels: fc.integer({ min: 1, max: 40 }), slots: fc.integer({ min: 1, max: 30 }) }),
);

const shape = [
	fc.array(inputOf, { minLength: 1, maxLength: 7 }),
	fc.array(fc.integer({ min: 1, max: 45 }), { maxLength: 3 }),
	fc.boolean(),
	fc.constantFrom('selu' as const, 'mish' as const),
	fc.integer({ min: 1, max: 6 }),
] as const;

function drawn(inputs: Input[], hidden: number[], waves: boolean, activation: Form['activation'], classes: number, seed: number): State {
	const output = classes > 1 ? 'probabilities' : seed % 2 ? 'value' : 'probability';
	const periodic = waves && inputs.some((i) => i.kind === 'number');
	return network(inputs, { periodic, hidden, activation, outputs: classes, output }, seed);
}

test('one row, many rows, on one thread and several, with the kernel and without: the same bits', async () => {
	expect(kernelModule()).not.toBeNull();
	await fc.assert(
		fc.asyncProperty(
			...shape,
			fc.integer({ min: 32, max: 200 }),
			fc.nat(),
			async (inputs, hidden, waves, activation, classes, count, seed) => {
				const state = drawn(inputs, hidden, waves, activation, classes, seed);
				const x = rowsFor(state, count, seed + 1);
				const many = await bitsOf(state, x, 2, false);
				expect(await bitsOf(state, x, 1, true)).toEqual(many);
				const predictor = tabularPredictor(
					state,
					x.columns.map((c) => c.name),
				);
				const one = new Float64Array(classes);
				for (let i = 0; i < count; i += 5) {
					predictor.row(
						Float64Array.from(x.columns, (c) => c.data[i]),
						one,
					);
					expect(one).toEqual(many.subarray(i * classes, (i + 1) * classes));
				}
			},
		),
		{ numRuns: 60 },
	);
});

test('a network of any form answers in ONNX Runtime as here, at the edges of numbers too', async () => {
	await fc.assert(
		fc.asyncProperty(...shape, fc.nat(), async (inputs, hidden, waves, activation, classes, seed) => {
			const state = drawn(inputs, hidden, waves, activation, classes, seed);
			const x = rowsFor(state, 60, seed + 1);
			const ours = await bitsOf(state, x, 1, false);
			const width = inputs.length;
			const rows = Float64Array.from({ length: x.rows * width }, (_, i) => x.columns[i % width].data[Math.floor(i / width)]);
			const theirs = await runtime.run(writeModel(tabularToOnnx(state)), rows, width);
			expect(theirs).toHaveLength(ours.length);
			ours.forEach((v, i) => expect(Math.abs(theirs[i] - v)).toBeLessThan(1e-5 * Math.max(1, Math.abs(v))));
		}),
		{
			numRuns: 30,
			seed: 4,
			// A category without a level that rows had, alone and among others.
			examples: [
				[[{ kind: 'onehot', levels: 3, slots: 0 }], [4], false, 'selu', 1, 1],
				[
					[
						{ kind: 'onehot', levels: 3, slots: 0 },
						{ kind: 'number', center: 0, factor: 0 },
					],
					[],
					true,
					'mish',
					3,
					1,
				],
			],
		},
	);
});

test('more rows than fit at once are answered like few', async () => {
	const inputs = Array.from({ length: 200 }, (): Input => ({ kind: 'number', center: 0, factor: 1 }));
	const state = network(inputs, { periodic: false, hidden: [8], activation: 'selu', outputs: 1, output: 'probability' }, 5);
	const x = rowsFor(state, 6000, 6);
	const all = await bitsOf(state, x, 2, false);
	const last: Matrix = { rows: 50, columns: x.columns.map((c) => ({ ...c, data: c.data.slice(5950) }) as Column) };
	expect(await bitsOf(state, last, 1, false)).toEqual(all.slice(5950));
	expect(await bitsOf(state, x, 1, true)).toEqual(all);
});

test('a code that cannot be is refused among many rows as in one', async () => {
	const state = network(
		[{ kind: 'onehot', levels: 3, slots: 2 }],
		{ periodic: false, hidden: [4], activation: 'selu', outputs: 1, output: 'probability' },
		1,
	);
	const data = new Uint16Array(100);
	data[77] = 3;
	const x: Matrix = { rows: 100, columns: [{ name: 'x0', kind: 'category', levels: 4, data }] };
	await expect(bitsOf(state, x, 1, false)).rejects.toMatchObject({ code: 'learn.code_out_of_range', details: { column: 'x0' } });
});

test('stored networks answer as they did when waves were counted in radians and categories added last', async () => {
	const inputs: Input[] = [
		{ kind: 'number', center: 0.5, factor: 2 },
		{ kind: 'onehot', levels: 6, slots: 4 },
		{ kind: 'embedding', levels: 30, slots: 20 },
		{ kind: 'number', center: -1, factor: 0.3 },
	];
	const before = [
		{
			p: { activation: 'selu', output: 'probability' },
			answers: [0.7047539961861676, 0.46395587461291243, 0.38690131830022, 0.04124614659903977, 0.6155304366483013],
		},
		{
			p: { activation: 'mish', output: 'value' },
			answers: [4.302417755126953, 3.1876523196697235, 2.852555513381958, -3.219693660736084, 3.917164444923401],
		},
	] as const;
	for (const { p, answers } of before) {
		const state = network(inputs, { ...p, periodic: true, hidden: [24, 16], outputs: 1 }, 77);
		const now = await bitsOf(state, rowsFor(state, 40, 78), 1, false);
		answers.forEach((then, i) => expect(Math.abs(now[8 * i] - then)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(then))));
	}
});
