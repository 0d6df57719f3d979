import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { dictionary, type Dictionary, own } from '../../domain/dictionary.js';
import type { Labels } from '../contract.js';
import { mulberry32 } from '../../domain/random.js';
import type { Backend } from './tensorBackends.js';
import type { DeviceTable } from './deviceTable.js';
import { dimensionsOf, widthsOf, type Activation, type Arrays, type Shape } from './network.js';

export interface TrainerOptions {
	learningRate: number;
	dropout: number;
	alpha: number;
	loss: 'logistic' | 'softmax' | 'squared';
	seed: number;
}

/** Rows of a table as the tensors of one batch. */
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
	/** Numbers that every step needs. */
	readonly #fixed: Record<'beta1' | 'rest1' | 'beta2' | 'rest2' | 'tiny' | 'alpha' | 'rate' | 'one', Scalar>;
	#epoch?: { size: number; order: Tensor1D; fixes: Tensor1D; shares: Tensor2D };
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
		this.#fixed = {
			beta1: tf.scalar(BETA1),
			rest1: tf.scalar(1 - BETA1),
			beta2: tf.scalar(BETA2),
			rest2: tf.scalar(1 - BETA2),
			tiny: tf.scalar(1e-8),
			alpha: tf.scalar(options.alpha),
			rate: tf.scalar(options.learningRate),
			one: tf.scalar(1),
		};
		for (const { name, rows, columns } of dimensionsOf(shape)) {
			this.#values[name] = tf.tensor2d(arrays[name], [rows, columns]);
			this.#first[name] = tf.zeros([rows, columns]);
			this.#second[name] = tf.zeros([rows, columns]);
		}
	}

	/**
	 * Begins an epoch of steps of `size` rows in this order: uploads the order, what corrects Adam's means in each step, and what each row
	 * counts, so that a step has nothing to upload but its dropout.
	 */
	begin(order: Uint32Array, size: number, { weight }: Labels): void {
		const tf = this.#tf;
		this.end();
		const steps = Math.ceil(order.length / size);
		const fixes = Float32Array.from({ length: 2 * steps }, (_, i) => 1 - (i % 2 ? BETA2 : BETA1) ** (this.#steps + 1 + (i >> 1)));
		this.#epoch = {
			size,
			order: tf.tensor1d(Int32Array.from(order), 'int32'),
			fixes: tf.tensor1d(fixes),
			shares: tf.tensor2d(sharesOf(order, size, weight), [order.length, 1]),
		};
	}

	/** Lets go of an epoch. */
	end(): void {
		const { order, fixes, shares } = this.#epoch ?? {};
		this.#tf.dispose([order, fixes, shares].filter((t) => t !== undefined));
		this.#epoch = undefined;
	}

	/** Step `k` of the epoch that was begun: one of Adam. */
	step(table: DeviceTable, k: number): void {
		const tf = this.#tf;
		const { order, fixes, shares, size } = this.#epoch!;
		this.#steps++;
		const next = tf.tidy(() => {
			const rows = Math.min(size, order.shape[0] - k * size);
			const at = tf.slice(order, [k * size], [rows]);
			const gradients = this.#gradients(this.#batch(table, at), table.y(at), tf.slice(shares, [k * size, 0], [rows, 1]));
			const [fix1, fix2] = [tf.slice(fixes, [2 * k], [1]), tf.slice(fixes, [2 * k + 1], [1])];
			const { beta1, rest1, beta2, rest2, tiny, alpha, rate } = this.#fixed;
			return this.#names.flatMap((name): Tensor2D[] => {
				const g = own(gradients, name)!;
				const m = tf.add(tf.mul(this.#first[name], beta1), tf.mul(g, rest1));
				const v = tf.add(tf.mul(this.#second[name], beta2), tf.mul(tf.square(g), rest2));
				const update = tf.div(tf.div(m, fix1), tf.add(tf.sqrt(tf.div(v, fix2)), tiny));
				const decayed = name.startsWith('b') ? update : tf.add(update, tf.mul(this.#values[name], alpha));
				return [tf.sub(this.#values[name], tf.mul(decayed, rate)), m, v] as Tensor2D[];
			});
		});
		this.#names.forEach((name, i) => {
			tf.dispose([this.#values[name], this.#first[name], this.#second[name]]);
			[this.#values[name], this.#first[name], this.#second[name]] = next.slice(3 * i, 3 * i + 3);
		});
	}

	/** Raw outputs (logits or values) of rows by their numbers on the device, row-major: read back once, however many there are. */
	async forward(table: DeviceTable, rows: Tensor1D, together = FORWARD): Promise<Float32Array> {
		const tf = this.#tf;
		const out = tf.tidy(() => {
			const n = rows.shape[0];
			const parts = Array.from({ length: Math.ceil(n / together) }, (_, p) => {
				const at = tf.slice(rows, [p * together], [Math.min(together, n - p * together)]);
				return tf.tidy(() => this.#pass(this.#batch(table, at), false).at(-1)!.affine);
			});
			return parts.length > 1 ? tf.concat(parts, 0) : parts[0];
		});
		const data = await out.data<'float32'>();
		out.dispose();
		return data;
	}

	/** The weights as they are, kept on the device. */
	keep(): Dictionary<Tensor2D> {
		const kept: Dictionary<Tensor2D> = dictionary();
		for (const name of this.#names) kept[name] = this.#tf.clone(this.#values[name]);
		return kept;
	}

	/** Reads weights back: those that were kept, or those of now. */
	async arrays(of: Dictionary<Tensor2D> = this.#values): Promise<Arrays> {
		const out: Arrays = dictionary();
		for (const name of this.#names) out[name] = Float32Array.from(await of[name].data<'float32'>());
		return out;
	}

	dispose(): void {
		this.end();
		for (const set of [this.#values, this.#first, this.#second, this.#fixed]) this.#tf.dispose(Object.values(set) as Tensor[]);
	}

	#batch(table: DeviceTable, rows: Tensor1D): Batch {
		const tf = this.#tf;
		const n = rows.shape[0];
		const levels = this.shape.levels.filter((l) => l > 0);
		const codes = table.codes(rows);
		const column = (k: number): Tensor1D => tf.reshape(tf.slice(codes!, [0, k], [n, 1]), [n]);
		return {
			rows: n,
			numbers: table.numbers(rows),
			codes: levels.map((l, k) => tf.cast(tf.oneHot(column(k), l), 'float32')),
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

	#gradients(batch: Batch, y: Tensor1D, shares: Tensor2D): Record<string, Tensor2D> {
		const tf = this.#tf;
		const layers = this.#pass(batch, true);
		const out: Dictionary<Tensor2D> = dictionary();
		let delta = this.#residual(layers.at(-1)!.affine, y, shares);
		for (let l = this.#layers - 1; l >= 0; l--) {
			out[`w${l}`] = tf.matMul(layers[l].input, delta, true, false);
			out[`b${l}`] = tf.sum(delta, 0, true);
			const back = tf.matMul(delta, this.#values[`w${l}`], false, true) as Tensor2D;
			if (l === 0) {
				delta = back;
				break;
			}
			const before = layers[l - 1];
			const through = tf.mul(back, derivative(tf, before.affine, this.shape.activation, this.#fixed.one));
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

	/** d loss / d raw output; `shares`: what each row counts, 1 in all. */
	#residual(raw: Tensor2D, y: Tensor1D, shares: Tensor2D): Tensor2D {
		const tf = this.#tf;
		const { loss } = this.options;
		const [n, k] = raw.shape;
		const truth = tf.cast(loss === 'softmax' ? tf.oneHot(y, k) : tf.reshape(y, [n, 1]), 'float32');
		const predicted = loss === 'softmax' ? tf.softmax(raw) : loss === 'logistic' ? tf.sigmoid(raw) : raw;
		return tf.mul(tf.sub(predicted, truth), shares) as Tensor2D;
	}
}

/** What each row of an epoch counts in its step: its weight, divided by those of the step together. */
function sharesOf(order: Uint32Array, size: number, weight: Float64Array | undefined): Float32Array {
	const shares = new Float32Array(order.length);
	for (let from = 0, n = order.length; from < n; from += size) {
		const to = Math.min(from + size, order.length);
		let total = 0;
		for (let i = from; i < to; i++) {
			shares[i] = weight ? weight[order[i]] : 1;
			total += shares[i];
		}
		for (let i = from; i < to; i++) shares[i] /= total || 1;
	}
	return shares;
}

/** Rows that are answered at a time, unless told. */
const FORWARD = 2048;
const BETA1 = 0.9;
const BETA2 = 0.999;

const activate = (tf: Backend['tf'], x: Tensor2D, by: Activation): Tensor2D =>
	by === 'relu' ? tf.relu(x) : by === 'tanh' ? tf.tanh(x) : tf.sigmoid(x);

function derivative(tf: Backend['tf'], x: Tensor2D, by: Activation, one: Scalar): Tensor2D {
	if (by === 'relu') return tf.step(x);
	const a = activate(tf, x, by);
	return (by === 'tanh' ? tf.sub(one, tf.square(a)) : tf.mul(a, tf.sub(one, a))) as Tensor2D;
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
