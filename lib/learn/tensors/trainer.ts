import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import { dictionary, type Dictionary, own } from '../../domain/dictionary.js';
import type { Labels, Matrix } from '../contract.js';
import { mulberry32 } from '../../domain/random.js';
import type { Backend } from './tensorBackends.js';
import { dimensionsOf, widthsOf, type Activation, type Arrays, type Shape } from './network.js';

export interface TrainerOptions {
	learningRate: number;
	dropout: number;
	alpha: number;
	loss: 'logistic' | 'softmax' | 'squared';
	seed: number;
}

/** Rows of a matrix as the tensors of one batch. */
interface Batch {
	numbers?: Tensor2D;
	codes: Tensor[];
	rows: number;
}

/**
 * A perceptron in training: forward and backward passes written out in matrix products and element-wise operations, which every
 * backend of TensorFlow.js has (some lack the gradients of embeddings; as products with one-hot rows they need none of their own).
 * Functions of tfjs-core only, no chained methods: a backend may come with the core alone.
 * Adam (Kingma and Ba 2015) with decoupled weight decay (Loshchilov and Hutter 2019).
 */
export class Trainer {
	readonly #tf: Backend['tf'];
	readonly #names: string[];
	#values: Dictionary<Tensor2D> = dictionary();
	#first: Dictionary<Tensor2D> = dictionary();
	#second: Dictionary<Tensor2D> = dictionary();
	#steps = 0;
	readonly #layers: number;
	readonly #random: () => number;

	constructor(
		{ tf }: Backend,
		readonly shape: Shape,
		private readonly options: TrainerOptions,
		start?: Arrays,
	) {
		this.#tf = tf;
		this.#layers = widthsOf(shape).length - 1;
		this.#random = mulberry32(options.seed ^ 0xd409);
		const arrays = start ?? initial(shape, options.seed);
		this.#names = Object.keys(arrays);
		for (const { name, rows, columns } of dimensionsOf(shape)) {
			this.#values[name] = tf.tensor2d(arrays[name], [rows, columns]);
			this.#first[name] = tf.zeros([rows, columns]);
			this.#second[name] = tf.zeros([rows, columns]);
		}
	}

	/** One step of Adam on the rows given. */
	step(x: Matrix, labels: Labels, rows: Uint32Array): void {
		const tf = this.#tf;
		const { learningRate, alpha } = this.options;
		this.#steps++;
		const fix1 = 1 - BETA1 ** this.#steps;
		const fix2 = 1 - BETA2 ** this.#steps;
		const next = tf.tidy(() => {
			const gradients = this.#gradients(this.#batch(x, rows), labels, rows);
			return this.#names.flatMap((name): Tensor2D[] => {
				const g = own(gradients, name)!;
				const m = tf.add(tf.mul(this.#first[name], BETA1), tf.mul(g, 1 - BETA1));
				const v = tf.add(tf.mul(this.#second[name], BETA2), tf.mul(tf.square(g), 1 - BETA2));
				const update = tf.div(tf.div(m, fix1), tf.add(tf.sqrt(tf.div(v, fix2)), 1e-8));
				const decayed = name.startsWith('b') ? update : tf.add(update, tf.mul(this.#values[name], alpha));
				return [tf.sub(this.#values[name], tf.mul(decayed, learningRate)), m, v] as Tensor2D[];
			});
		});
		this.#names.forEach((name, i) => {
			tf.dispose([this.#values[name], this.#first[name], this.#second[name]]);
			[this.#values[name], this.#first[name], this.#second[name]] = next.slice(3 * i, 3 * i + 3);
		});
	}

	/** Raw outputs (logits or values), row-major. */
	async forward(x: Matrix, rows: Uint32Array): Promise<Float32Array> {
		const out = this.#tf.tidy(() => this.#pass(this.#batch(x, rows), false).at(-1)!.affine);
		const data = await out.data<'float32'>();
		out.dispose();
		return data;
	}

	async arrays(): Promise<Arrays> {
		const out: Arrays = dictionary();
		for (const name of this.#names) out[name] = Float32Array.from(await this.#values[name].data<'float32'>());
		return out;
	}

	dispose(): void {
		for (const set of [this.#values, this.#first, this.#second]) this.#tf.dispose(Object.values(set));
	}

	#batch(x: Matrix, rows: Uint32Array): Batch {
		const tf = this.#tf;
		const numeric = x.columns.filter((c) => c.kind === 'number');
		const n = rows.length;
		const flat = new Float32Array(n * numeric.length);
		numeric.forEach(({ data }, j) => {
			for (let i = 0; i < n; i++) flat[i * numeric.length + j] = data[rows[i]];
		});
		return {
			rows: n,
			numbers: numeric.length ? tf.tensor2d(flat, [n, numeric.length]) : undefined,
			codes: x.columns.flatMap((c) =>
				c.kind === 'category'
					? [
							tf.cast(
								tf.oneHot(
									tf.tensor1d(
										Int32Array.from(rows, (r) => c.data[r]),
										'int32',
									),
									c.levels,
								),
								'float32',
							),
						]
					: [],
			),
		};
	}

	/** Inputs of each layer with its raw result, the last one's being the output. */
	#pass({ numbers, codes, rows }: Batch, training: boolean): Array<{ input: Tensor2D; affine: Tensor2D; mask?: Tensor2D }> {
		const tf = this.#tf;
		const { dropout } = this.options;
		const categories = this.shape.levels.flatMap((l, j) => (l ? [j] : []));
		const parts = [...(numbers ? [numbers] : []), ...categories.map((j, k) => tf.matMul(codes[k] as Tensor2D, this.#values[`e${j}`]))];
		const layers: Array<{ input: Tensor2D; affine: Tensor2D; mask?: Tensor2D }> = [];
		let input = (parts.length === 1 ? parts[0] : tf.concat(parts, 1)) as Tensor2D;
		for (let l = 0; l < this.#layers; l++) {
			const affine = tf.add(tf.matMul(input, this.#values[`w${l}`]), this.#values[`b${l}`]) as Tensor2D;
			const last = l === this.#layers - 1;
			const mask = training && dropout > 0 && !last ? this.#mask(rows, affine.shape[1]) : undefined;
			layers.push({ input, affine, mask });
			if (!last) {
				const active = activate(tf, affine, this.shape.activation);
				input = (mask ? tf.mul(active, mask) : active) as Tensor2D;
			}
		}
		return layers;
	}

	/** Our own random numbers, so that every backend drops the same units. */
	#mask(rows: number, width: number): Tensor2D {
		const { dropout } = this.options;
		const keep = 1 / (1 - dropout);
		return this.#tf.tensor2d(
			Float32Array.from({ length: rows * width }, () => (this.#random() < dropout ? 0 : keep)),
			[rows, width],
		);
	}

	#gradients(batch: Batch, labels: Labels, rows: Uint32Array): Record<string, Tensor2D> {
		const tf = this.#tf;
		const layers = this.#pass(batch, true);
		const out: Dictionary<Tensor2D> = dictionary();
		let delta = this.#residual(layers.at(-1)!.affine, labels, rows);
		for (let l = this.#layers - 1; l >= 0; l--) {
			out[`w${l}`] = tf.matMul(layers[l].input, delta, true, false);
			out[`b${l}`] = tf.sum(delta, 0, true);
			const back = tf.matMul(delta, this.#values[`w${l}`], false, true) as Tensor2D;
			if (l === 0) {
				delta = back;
				break;
			}
			const before = layers[l - 1];
			const through = tf.mul(back, derivative(tf, before.affine, this.shape.activation));
			delta = (before.mask ? tf.mul(through, before.mask) : through) as Tensor2D;
		}
		let at = batch.numbers?.shape[1] ?? 0;
		let k = 0;
		this.shape.levels.forEach((l, j) => {
			if (!l) return;
			const width = this.shape.embedding[j];
			out[`e${j}`] = tf.matMul(batch.codes[k++] as Tensor2D, tf.slice(delta, [0, at], [batch.rows, width]) as Tensor2D, true, false);
			at += width;
		});
		return out;
	}

	/** d loss / d raw output, weights scaled to mean 1 in the batch. */
	#residual(raw: Tensor2D, { y, weight, classes }: Labels, rows: Uint32Array): Tensor2D {
		const tf = this.#tf;
		const { loss } = this.options;
		const n = rows.length;
		const k = raw.shape[1];
		const truth = new Float32Array(n * k);
		const scale = new Float32Array(n);
		let total = 0;
		for (let i = 0; i < n; i++) {
			const r = rows[i];
			if (loss === 'softmax') truth[i * classes + y[r]] = 1;
			else truth[i] = y[r];
			scale[i] = weight ? weight[r] : 1;
			total += scale[i];
		}
		for (let i = 0; i < n; i++) scale[i] /= total || 1;
		const predicted = loss === 'softmax' ? tf.softmax(raw) : loss === 'logistic' ? tf.sigmoid(raw) : raw;
		return tf.mul(tf.sub(predicted, tf.tensor2d(truth, [n, k])), tf.tensor2d(scale, [n, 1])) as Tensor2D;
	}
}

const BETA1 = 0.9;
const BETA2 = 0.999;

const activate = (tf: Backend['tf'], x: Tensor2D, by: Activation): Tensor2D =>
	by === 'relu' ? tf.relu(x) : by === 'tanh' ? tf.tanh(x) : tf.sigmoid(x);

function derivative(tf: Backend['tf'], x: Tensor2D, by: Activation): Tensor2D {
	if (by === 'relu') return tf.step(x);
	const a = activate(tf, x, by);
	return (by === 'tanh' ? tf.sub(1, tf.square(a)) : tf.mul(a, tf.sub(1, a))) as Tensor2D;
}

/** Glorot's uniform start for tanh and sigmoid, He's for relu; small normal-like embeddings; biases 0. All from the seed. */
function initial(shape: Shape, seed: number): Arrays {
	const random = mulberry32(seed ^ 0x1e7);
	const arrays: Arrays = dictionary();
	for (const { name, rows, columns } of dimensionsOf(shape)) {
		const limit = name.startsWith('e') ? 0.05 * Math.sqrt(3) : Math.sqrt(6 / (shape.activation === 'relu' ? rows : rows + columns));
		arrays[name] = Float32Array.from({ length: rows * columns }, () => (name.startsWith('b') ? 0 : (2 * random() - 1) * limit));
	}
	return arrays;
}
