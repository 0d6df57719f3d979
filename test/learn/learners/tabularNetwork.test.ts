import { openBackend, type BackendId } from '../../../lib/learn/tensors/tensorBackends.js';
import { answerOf } from '../../../lib/learn/tensors/tabular/tabularPredictor.js';
import { formOf } from '../../../lib/learn/tensors/tabular/networkForm.js';
import { fitInputs, networkMatrix, scaled } from '../../../lib/learn/tensors/tabular/networkInputs.js';
import { DeviceTable } from '../../../lib/learn/tensors/deviceTable.js';
import { coslog4, flatCos, shareOfMean, TabularTrainer } from '../../../lib/learn/tensors/tabular/tabularTrainer.js';
import type { Labels, Matrix, State } from '../../../lib/learn/contract.js';
import { settledParams } from '../../../lib/learn/training/trial.js';
import { tabularNetwork } from '../../../lib/learn/learners/tabularNetwork.js';
import { mulberry32 } from '../../../lib/domain/random.js';
import { rocArea } from '../../../lib/task/metrics/ranks.js';
import { matrixOf, quietContext } from '../fitting.js';
import { counted } from '../tensors/counting.js';

const n = 300;
const random = mulberry32(4);
const rows = Array.from({ length: n }, () => [random() * 2 - 1, random() * 2 - 1]);
const few = rows.map(() => 2 + Math.floor(random() * 4));
const many = rows.map(() => 2 + Math.floor(random() * 14));
const x: Matrix = matrixOf(rows, [
	{ codes: few, levels: 7 },
	{ codes: many, levels: 18 },
]);
const names = x.columns.map((c) => c.name);
// A circle, moved by one category, and a half of the levels of the other that turns it over: no line separates it.
const inside = rows.map(([a, b], i) => Number(a * a + b * b < 0.3 + 0.1 * few[i]) ^ Number(many[i] % 7 === 3));
const labels = {
	binary: { y: Float64Array.from(inside), classes: 2 },
	multiclass: { y: Float64Array.from(rows, ([a], i) => inside[i] + Number(a > 0.5)), classes: 3 },
	regression: { y: Float64Array.from(rows, ([a, b], i) => 1000 + 50 * (a * b + few[i])), classes: 0 },
} satisfies Record<string, Labels>;
type Task = keyof typeof labels;
const params = (p: object = {}) => tabularNetwork.params.parse({ hidden_layer_sizes: [24, 24], epochs: 24, batch_size: 32, ...p });
const quick = { epochs: 2, hidden_layer_sizes: [8] };
const fit = (task: Task, p: object = {}, context = quietContext(), given: Labels = labels[task], valid = false) =>
	tabularNetwork.fit({ task, train: x, labels: given, valid: valid ? { x, labels: given } : undefined }, params(p), context);

async function answers(state: State, of: Matrix = x): Promise<Float64Array> {
	const predictor = await tabularNetwork.predictor(tabularNetwork.validate(state), names);
	const out = new Float64Array(of.rows * predictor.outputs);
	await predictor.batch(of, out, 1);
	return out;
}

/** A network on a backend, with the rows of the test there. */
async function opened(id: BackendId, state: State, given?: Labels) {
	const form = formOf(state);
	const backend = await openBackend(id);
	const matrix = networkMatrix(x, fitInputs(x));
	const options = { learningRate: 0.04, dropout: 0.15, weightDecay: 0.02, labelSmoothing: 0.1, seed: 3 };
	const trainer = new TabularTrainer(backend, form, options, state.arrays as Record<string, Float32Array>);
	const weight = new Float64Array(n).fill(1);
	return { tf: backend.tf, form, trainer, table: new DeviceTable(backend.tf, matrix, given && { weight, ...given }) };
}

describe('tabular network', () => {
	describe.each(['wasm', 'cpu'] as const)('on %s', (backend) => {
		test.each(['binary', 'multiclass', 'regression'] as const)(
			'%s: learns, and its plain JavaScript answers as TensorFlow.js does',
			async (task) => {
				const context = quietContext();
				const { state, backend: used } = await fit(task, { backend, epochs: backend === 'cpu' ? 4 : 24 }, context);
				expect(used).toBe(`tensorflow.js ${backend}`);
				expect(context.curve.at(-1)!.train!).toBeLessThan(context.curve[0].train! * (backend === 'cpu' ? 1 : 0.8));
				const out = await answers(state);
				const { tf, form, trainer, table } = await opened(backend, state);
				const raw = await trainer.forward(table, tf.range(0, n, 1, 'int32'));
				trainer.dispose();
				const theirs = new Float64Array(out.length);
				for (let i = 0; i < n; i++) answerOf(form)(raw, i * form.outputs, theirs, i * form.outputs);
				theirs.forEach((want, i) => expect(Math.abs(out[i] - want)).toBeLessThan(1e-5 * Math.max(1, Math.abs(want))));
				if (task === 'binary' && backend === 'wasm') expect(rocArea(labels.binary.y, out)).toBeGreaterThan(0.95);
				const predictor = await tabularNetwork.predictor(state, names);
				const one = new Float64Array(predictor.outputs);
				predictor.row(Float64Array.of(...rows[7], few[7], many[7]), one);
				expect(Array.from(one)).toEqual(Array.from(out.subarray(7 * predictor.outputs, 8 * predictor.outputs)));
			},
		);

		const count = backend === 'wasm' ? 1000 : 100;
		test(`the device holds the data: ${count} steps upload nothing, read nothing and leave nothing`, async () => {
			const { state } = await fit('multiclass', quick);
			const { tf } = await openBackend(backend);
			const before = tf.memory().numTensors;
			const { trainer, table } = await opened(backend, state, labels.multiclass);
			const order = Uint32Array.from(rows, (_, i) => i).subarray(0, 40);
			expect(await counted(tf, () => trainer.begin(order, 8, 1, 4))).toEqual({ uploads: 4, uploaded: 40 + 5 * 6 + 5 + 2, readbacks: 0 });
			const { numTensors, numBytes } = tf.memory();
			const traffic = await counted(tf, () => {
				for (let step = 0; step < count; step++) {
					trainer.step(table, step % 5);
					if (step % 100 === 0) expect(tf.memory()).toMatchObject({ numTensors, numBytes });
				}
			});
			expect(traffic).toEqual({ uploads: 0, uploaded: 0, readbacks: 0 });
			expect(tf.memory()).toMatchObject({ numTensors, numBytes });
			const at = tf.range(0, n, 1, 'int32');
			expect(await counted(tf, async () => void (await trainer.losses({ table, at })))).toEqual({ uploads: 0, uploaded: 0, readbacks: 1 });
			at.dispose();
			trainer.dispose();
			table.dispose();
			expect(tf.memory().numTensors).toBe(before);
		});
	});

	test.each(['wasm', 'cpu'] as const)(
		'on %s the mean of the weights is that of all steps since the rates were highest',
		async (backend) => {
			const { state } = await fit('binary', quick);
			const { trainer, table } = await opened(backend, state, labels.binary);
			const order = Uint32Array.from(rows, (_, i) => i).subarray(0, 40);
			const seen: number[] = [];
			// Ten steps, the rates highest at 0.3, 1.2, 3.1 and 6.9 of them.
			for (const epoch of [1, 2]) {
				trainer.begin(order, 8, epoch, 2);
				for (let k = 0; k < 5; k++) {
					trainer.step(table, k);
					seen.push((await trainer.arrays()).w0![3]);
					const mean = trainer.keep('mean');
					const begun = [0, 1, 2, 4, 7].findLast((step) => step < seen.length)!;
					const wanted = seen.slice(begun).reduce((a, b) => a + b, 0) / (seen.length - begun);
					expect((await trainer.arrays(mean)).w0![3]).toBeCloseTo(wanted, 6);
					for (const tensor of mean) tensor.dispose();
				}
			}
			// Nothing is learned where the rate is 0, in the third step.
			expect(new Set(seen).size).toBe(9);
			trainer.dispose();
			table.dispose();
		},
	);

	test('the mean of the weights is kept, unless validation rows clearly speak against it: then the run says so', async () => {
		const run = async (y?: Float64Array, given: object = {}) => {
			const valid = y && { x, labels: { y, classes: 2 } };
			const context = quietContext();
			const p = params({ early_stopping: false, temperature: 1, ...given });
			const { state, weights } = await tabularNetwork.fit({ task: 'binary', train: x, labels: labels.binary, valid }, p, context);
			return { weights, values: Array.from(state.arrays.w0.subarray(0, 20)), notes: context.notes };
		};
		const mean = await run(undefined, { weights: 'mean' });
		expect(mean).toMatchObject({ weights: 'mean', notes: [] });
		const last = await run();
		expect(last).toMatchObject({ weights: 'last', notes: [] });
		expect(last.values).not.toEqual(mean.values);
		// Whoever is sure is punished by coins, whoever learned by heart is praised by the rows learned from: the mean is neither.
		expect(await run(Float64Array.from({ length: n }, (_, i) => (i * 7919) % 2))).toEqual(mean);
		expect(await run(labels.binary.y)).toEqual({ ...last, notes: ['learn.last_weights'] });
	});

	test.each(['mean', 'last'] as const)('the fit on all rows keeps the kind of weights that was found: %s', (weights) => {
		expect(settledParams(tabularNetwork, params(), { stopped: 'early', bestIteration: 7, weights })).toMatchObject({ epochs: 7, weights });
	});

	test.each(['binary', 'multiclass', 'regression'] as const)('%s: gradients are those of the loss', async (task) => {
		// The first step of Adam moves each number against its gradient; which way that is, differences of the loss tell as well.
		const { state } = await fit(task, { ...quick, num_embedding: 'periodic', label_smoothing: 0, dropout: 0 });
		const form = formOf(state);
		const backend = await openBackend('wasm');
		const y = form.output === 'value' ? labels[task].y.map((v) => (v - form.target.center) / form.target.scale) : labels[task].y;
		const table = new DeviceTable(backend.tf, networkMatrix(x, fitInputs(x)), {
			y,
			classes: labels[task].classes,
			weight: Float64Array.from(rows, (_, i) => 1 + (i % 3)),
		});
		const at = backend.tf.range(0, n, 1, 'int32');
		const options = { learningRate: 1e-4, dropout: 0, weightDecay: 0, labelSmoothing: 0, seed: 3 };
		const arrays = state.arrays as Record<string, Float32Array>;
		const lossWith = async (start: Record<string, Float32Array>) => {
			const trainer = new TabularTrainer(backend, form, options, start);
			const { validation } = await trainer.losses({ table, at });
			trainer.dispose();
			return validation!;
		};
		const trainer = new TabularTrainer(backend, form, options, arrays);
		// All rows as one step, where the rate is highest.
		trainer.begin(
			Uint32Array.from(rows, (_, i) => i),
			n,
			2,
			37,
		);
		trainer.step(table, 0);
		const after = await trainer.arrays();
		trainer.dispose();
		let looked = 0;
		for (const [name, array] of Object.entries(after)) {
			for (const i of [0, array!.length - 1]) {
				const moved = (by: number) => ({ ...arrays, [name]: arrays[name].map((v, k) => (k === i ? v + by : v)) });
				const rise = (await lossWith(moved(0.03))) - (await lossWith(moved(-0.03)));
				if (Math.abs(rise) < 2e-5) continue;
				looked++;
				expect([name, i, Math.sign(array![i] - arrays[name][i])]).toEqual([name, i, -Math.sign(rise)]);
			}
		}
		expect(looked).toBeGreaterThan(5);
	});

	test('the same seed gives the same network, bit for bit; another seed another', async () => {
		const states = [];
		for (const seed of [1, 1, 2]) states.push((await fit('binary', quick, quietContext({ seed }))).state);
		expect(states[1]).toEqual(states[0]);
		expect(states[2].arrays.w0).not.toEqual(states[0].arrays.w0);
	});

	test('rows of weight 0 teach nothing', async () => {
		const half = Uint32Array.from(rows, (_, i) => i).filter((i) => i % 2 === 0);
		const wrong = labels.binary.y.map((v, i) => (i % 2 ? 1 - v : v));
		const weight = wrong.map((_, i) => Number(i % 2 === 0));
		const { state } = await fit('binary', {}, quietContext(), { y: wrong, classes: 2, weight });
		const out = await answers(state);
		expect(
			rocArea(
				Float64Array.from(half, (i) => labels.binary.y[i]),
				Float64Array.from(half, (i) => out[i]),
			),
		).toBeGreaterThan(0.9);
	});

	test('keeps the best epoch by the loss or by a metric, and stops where no wave of rates brings a better one', async () => {
		const y = Float64Array.from({ length: n }, () => Number(random() < 0.5)); // nothing to learn
		const valid = { x, labels: { y: y.slice().reverse(), classes: 2 } };
		for (const early_stopping_metric of ['loss', 'auc']) {
			const p = params({ ...quick, epochs: 60, early_stopping_metric });
			const fitted = await tabularNetwork.fit({ task: 'binary', train: x, labels: { y, classes: 2 }, valid }, p, quietContext());
			expect(fitted.stopped).toBe('early');
			expect(fitted.bestIteration).toBeLessThan(60);
		}
	});

	test('answers about numbers stay within what was seen, however far a row lies', async () => {
		const { state } = await fit('regression', quick);
		const far = matrixOf(
			[
				[1e300, -1e300],
				[-1e300, 1e300],
			],
			[
				{ codes: [0, 1], levels: 7 },
				{ codes: [0, 1], levels: 18 },
			],
		);
		const { low, high } = formOf(state).target;
		for (const v of await answers(state, far)) {
			expect(v).toBeGreaterThanOrEqual(low);
			expect(v).toBeLessThanOrEqual(high);
		}
		expect(scaled(1e300, 0, 1)).toBe(3);
	});

	test('a missing or unseen category is one that says nothing, and a code that cannot be is refused', async () => {
		const { state } = await fit('binary', quick);
		const predictor = await tabularNetwork.predictor(state, names);
		const out = new Float64Array(2);
		predictor.row(Float64Array.of(0.1, 0.2, 0, 0), out);
		predictor.row(Float64Array.of(0.1, 0.2, 1, 1), out.subarray(1));
		expect(out[1]).toBe(out[0]);
		expect(() => predictor.row(Float64Array.of(0.1, 0.2, 7, 0), out)).toThrow(expect.objectContaining({ code: 'learn.code_out_of_range' }));
	});

	test('one column of one value, of numbers or of words, is enough to answer with', async () => {
		const columns = matrixOf([[5], [5], [5], [5]], [{ codes: [2, 2, 2, 2], levels: 3 }]).columns;
		for (const column of columns) {
			const given = {
				task: 'regression' as const,
				train: { rows: 4, columns: [column] },
				labels: { y: Float64Array.of(1, 2, 3, 4), classes: 0 },
			};
			const { state } = await tabularNetwork.fit(given, params(quick), quietContext());
			const out = new Float64Array(1);
			(await tabularNetwork.predictor(state, [column.name])).row(Float64Array.of(2), out);
			expect(Number.isFinite(out[0])).toBe(true);
		}
	});

	test('stops when asked to, with what it has', async () => {
		const context = quietContext();
		context.cancelled[0] = 2;
		expect((await fit('binary', {}, context)).stopped).toBe('cancelled');
		context.cancelled[0] = 1;
		await expect(fit('binary', {}, context)).rejects.toMatchObject({ code: 'compute.cancelled' });
	});

	test('a damaged state is refused', async () => {
		const { state } = await fit('binary', quick);
		const damaged: State[] = [
			{ ...state, arrays: { ...state.arrays, w0: new Float32Array(3) } },
			{ ...state, arrays: { ...state.arrays, w0: (state.arrays.w0 as Float32Array).map(() => NaN) } },
			{ ...state, arrays: { ...state.arrays, m2: (state.arrays.m2 as Int32Array).map(() => 99) } },
			{ ...state, meta: { ...state.meta, hidden: [1e9] } },
			{ ...state, meta: { ...state.meta, columns: ['a'] } },
		];
		for (const one of damaged) expect(() => tabularNetwork.validate(one)).toThrow(expect.objectContaining({ code: 'learn.model_invalid' }));
		expect(() => tabularNetwork.validate({ ...state, version: 2 })).toThrow(expect.objectContaining({ code: 'store.version_newer' }));
	});

	test('rates rise and fall in four waves, dropout and decay end at nothing', () => {
		expect([0, 1 / 15, 3 / 15, 7 / 15, 1].map((t) => Math.round(1e9 * coslog4(t)) / 1e9)).toEqual([0, 0, 0, 0, 0]);
		expect(coslog4((2 ** 0.5 - 1) / 15)).toBeCloseTo(1);
		expect([0, 4, 5, 18, 19, 46, 47, 103, 104, 149].map((now) => Math.round(1 / shareOfMean(now, 150)))).toEqual([
			1, 5, 1, 14, 1, 28, 1, 57, 1, 46,
		]);
		expect([0, 0.5, 0.75, 1].map(flatCos)).toEqual([1, 1, expect.closeTo(0.5), expect.closeTo(0)]);
	});
});
