import type { Labels, Learner, Matrix, State } from '../../../lib/learn/contract.js';
import { mulberry32 } from '../../../lib/domain/random.js';
import { neuralNetwork } from '../../../lib/learn/learners/neuralNetwork.js';
import { tabularNetwork } from '../../../lib/learn/learners/tabularNetwork.js';
import { writeModel } from '../../../lib/learn/onnx/graph.js';
import { matrixOf, quietContext } from '../fitting.js';
import { onnxRuntime } from '../trees/helpers/onnxRuntime.js';

const runtime = onnxRuntime();
afterAll(() => runtime.close());

const random = mulberry32(8);
const rows = Array.from({ length: 400 }, () => [random() * 2 - 1, 50 + 20 * random()]);
const few = rows.map(() => 2 + Math.floor(random() * 4));
const many = rows.map(() => 2 + Math.floor(random() * 14));
/** Codes 0 (missing), 1 (unseen) and the last ones have no row. */
const both = matrixOf(rows, [
	{ codes: few, levels: 8 },
	{ codes: many, levels: 20 },
]);
const labels: Record<string, Labels> = {
	binary: { y: Float64Array.from(rows, ([a], i) => Number(a > 0.1) ^ Number(many[i] % 7 === 3)), classes: 2 },
	multiclass: { y: Float64Array.from(rows, ([a, b], i) => Number(a > 0) + Number(b > 60 && few[i] < 4)), classes: 3 },
	regression: { y: Float64Array.from(rows, ([a, b], i) => 1000 + 50 * (a * b + few[i])), classes: 0 },
};

/** Rows beyond those that were learned from: far numbers, and every code. */
function asked(columns: Matrix['columns']): Float64Array[] {
	return Array.from({ length: 300 }, (_, i) =>
		Float64Array.from(columns, (c) => {
			if (c.kind === 'category') return Math.floor(random() * c.levels);
			return i % 10 === 0
				? [0, -1e6, 1e9, 3e300, -3e300][Math.floor(random() * 5)]
				: random() < 0.5
					? 4 * random() - 2
					: 50 + 30 * random();
		}),
	);
}

/** How far an answer of the file is from ours at most, as a share of how far ours are from each other. */
async function furthest(learner: Learner, state: State, x: Matrix, ask: readonly Float64Array[]): Promise<number> {
	const names = x.columns.map((c) => c.name);
	const predictor = await learner.predictor(learner.validate(state), names);
	const width = names.length;
	const flat = Float64Array.from({ length: ask.length * width }, (_, i) => ask[Math.floor(i / width)][i % width]);
	const theirs = await runtime.run(writeModel(learner.onnx!(state)), flat, width);
	const one = new Float64Array(predictor.outputs);
	const ours = ask.flatMap((row) => {
		predictor.row(row, one);
		return Array.from(one);
	});
	expect(theirs).toHaveLength(ours.length);
	expect(new Set(ours).size).toBeGreaterThan(50);
	return Math.max(...ours.map((v, i) => Math.abs(theirs[i] - v))) / Math.max(1, Math.max(...ours) - Math.min(...ours));
}

const numbers: Matrix = { ...both, columns: both.columns.slice(0, 2) };
const categories: Matrix = { ...both, columns: both.columns.slice(2) };

describe('the plain network answers in ONNX Runtime as here', () => {
	it.each([
		['binary', { activation: 'relu' }, both],
		['multiclass', { activation: 'tanh', hidden_layer_sizes: [8] }, both],
		['regression', { activation: 'sigmoid' }, both],
		['regression', { hidden_layer_sizes: [] }, numbers],
		['binary', {}, categories],
	] as const)('%s, %j (%#)', async (task, p, x) => {
		const params = neuralNetwork.params.parse({ epochs: 3, backend: 'cpu', ...p });
		const { state } = await neuralNetwork.fit({ task, train: x, labels: labels[task] }, params, quietContext());
		expect(await furthest(neuralNetwork as unknown as Learner, state, x, asked(x.columns))).toBeLessThan(1e-10);
	});
});

describe('the tabular network answers in ONNX Runtime as here, as far as 32 bits tell', () => {
	it.each([
		['binary', {}, both],
		['multiclass', { hidden_layer_sizes: [12] }, both],
		['regression', {}, both],
		['regression', { num_embedding: 'none' }, numbers],
		['binary', {}, categories],
	] as const)('%s, %j (%#)', async (task, p, x) => {
		const params = tabularNetwork.params.parse({ epochs: 6, hidden_layer_sizes: [32, 16], backend: 'wasm', ...p });
		const { state } = await tabularNetwork.fit({ task, train: x, labels: labels[task] }, params, quietContext());
		expect(await furthest(tabularNetwork as unknown as Learner, state, x, asked(x.columns))).toBeLessThan(2e-6);
	});
});
