import { BACKENDS, openBackend, type BackendId } from '../../../lib/learn/tensors/tensorBackends.js';
import { readMeta, type Arrays } from '../../../lib/learn/tensors/network.js';
import { DeviceTable } from '../../../lib/learn/tensors/deviceTable.js';
import { Trainer } from '../../../lib/learn/tensors/trainer.js';
import type { Labels, Matrix, State } from '../../../lib/learn/contract.js';
import { neuralNetwork } from '../../../lib/learn/learners/neuralNetwork.js';
import { mulberry32 } from '../../../lib/domain/random.js';
import { rocArea } from '../../../lib/task/metrics/ranks.js';
import { matrixOf, quietContext } from '../fitting.js';

const n = 400;
const random = mulberry32(4);
const rows = Array.from({ length: n }, () => [random() * 2 - 1, random() * 2 - 1]);
const codes = rows.map(() => 2 + Math.floor(random() * 5));
const x: Matrix = matrixOf(rows, [{ codes, levels: 7 }]);
// A circle, moved by the category: no line separates it.
const inside = rows.map(([a, b], i) => (a * a + b * b < 0.3 + 0.1 * codes[i] ? 1 : 0));
const labels = {
	binary: { y: Float64Array.from(inside), classes: 2 },
	multiclass: { y: Float64Array.from(rows, ([a], i) => inside[i] + (a > 0.5 ? 1 : 0)), classes: 3 },
	regression: { y: Float64Array.from(rows, ([a, b], i) => 1000 + 50 * (a * b + codes[i])), classes: 0 },
} satisfies Record<string, Labels>;
const names = x.columns.map((c) => c.name);
const params = (p: object = {}) =>
	neuralNetwork.params.parse({ hidden_layer_sizes: [16, 8], epochs: 30, batch_size: 64, learning_rate: 0.02, ...p });

/** What TensorFlow.js itself answers for a state's network. */
async function byTensorFlow(id: BackendId, state: State): Promise<Float64Array> {
	const { shape, output, center, scale } = readMeta(state);
	const backend = await openBackend(id);
	const trainer = new Trainer(backend, shape, { learningRate: 0, dropout: 0, alpha: 0, loss: 'squared', seed: 0 }, state.arrays as Arrays);
	const raw = await trainer.forward(new DeviceTable(backend.tf, x), backend.tf.range(0, n, 1, 'int32'));
	trainer.dispose();
	if (output === 'value') return Float64Array.from(raw, (v) => v * scale + center);
	if (output === 'probability') return Float64Array.from(raw, (v) => 1 / (1 + Math.exp(-v)));
	return Float64Array.from(raw, (v, i) => {
		const from = i - (i % shape.outputs);
		return Math.exp(v) / raw.slice(from, from + shape.outputs).reduce((sum, w) => sum + Math.exp(w), 0);
	});
}

describe('neural network', () => {
	for (const backend of ['wasm', 'cpu'] as const) {
		for (const task of ['binary', 'multiclass', 'regression'] as const) {
			test(`${task} on ${backend}: learns, and its plain JavaScript answers as TensorFlow.js does`, async () => {
				const context = quietContext();
				const fitted = await neuralNetwork.fit(
					{ task, train: x, labels: labels[task] },
					params({ backend, activation: task === 'multiclass' ? 'tanh' : 'relu' }),
					context,
				);
				expect(fitted.backend).toBe(`tensorflow.js ${backend}`);
				expect(context.curve.at(-1)!.train!).toBeLessThan(context.curve[0].train! * 0.7);
				expect(context.notes.includes('learn.embedding_one_hot')).toBe(backend === 'wasm');
				const predictor = await neuralNetwork.predictor(neuralNetwork.validate(fitted.state), names);
				const out = new Float64Array(n * predictor.outputs);
				await predictor.batch(x, out, 1);
				const theirs = await byTensorFlow(backend, fitted.state);
				theirs.forEach((want, i) => expect(Math.abs(out[i] - want)).toBeLessThan(1e-5 * Math.max(1, Math.abs(want))));
				if (task === 'binary') expect(rocArea(labels.binary.y, out)).toBeGreaterThan(0.95);
				const one = new Float64Array(predictor.outputs);
				predictor.row(Float64Array.of(...rows[7], codes[7]), one);
				expect(Array.from(one)).toEqual(Array.from(out.subarray(7 * predictor.outputs, 8 * predictor.outputs)));
			});
		}
	}

	test('the same seed gives the same network, bit for bit; another seed another', async () => {
		const fit = async (seed: number) =>
			(
				await neuralNetwork.fit(
					{ task: 'binary', train: x, labels: labels.binary },
					params({ epochs: 3, dropout: 0.2 }),
					quietContext({ seed }),
				)
			).state;
		const [a, b, c] = [await fit(1), await fit(1), await fit(2)];
		expect(b).toEqual(a);
		expect(c.arrays.w0).not.toEqual(a.arrays.w0);
	});

	test('stops early on validation rows and keeps the best epoch', async () => {
		const y = Float64Array.from({ length: n }, () => (random() < 0.5 ? 1 : 0)); // nothing to learn
		const fitted = await neuralNetwork.fit(
			{ task: 'binary', train: x, labels: { y, classes: 2 }, valid: { x, labels: { y: y.slice().reverse(), classes: 2 } } },
			params({ epochs: 200, n_iter_no_change: 3, backend: 'wasm' }),
			quietContext(),
		);
		expect(fitted.stopped).toBe('early');
		expect(fitted.bestIteration).toBeLessThan(100);
	});

	test('stops when asked to, and says what is missing when a backend is not installed', async () => {
		const context = quietContext();
		context.cancelled[0] = 2;
		expect((await neuralNetwork.fit({ task: 'binary', train: x, labels: labels.binary }, params(), context)).stopped).toBe('cancelled');
		context.cancelled[0] = 1;
		await expect(neuralNetwork.fit({ task: 'binary', train: x, labels: labels.binary }, params(), context)).rejects.toMatchObject({
			code: 'compute.cancelled',
		});
		for (const id of BACKENDS) {
			const opened = await openBackend(id).catch((thrown: unknown) => thrown);
			if (opened instanceof Error)
				expect(opened).toMatchObject({ code: 'learn.backend_missing', details: { expected: id, remedy: expect.any(String) } });
			else expect(opened).toMatchObject({ id });
		}
	});

	test('a damaged state is refused', async () => {
		const { state } = await neuralNetwork.fit({ task: 'binary', train: x, labels: labels.binary }, params({ epochs: 1 }), quietContext());
		expect(() => neuralNetwork.validate({ ...state, arrays: { ...state.arrays, w0: new Float32Array(3) } })).toThrow(
			expect.objectContaining({ code: 'learn.model_invalid' }),
		);
		expect(() => neuralNetwork.validate({ ...state, meta: { ...state.meta, shape: { levels: [1e9] } } })).toThrow(
			expect.objectContaining({ code: 'learn.model_invalid' }),
		);
	});
});
