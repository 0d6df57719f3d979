import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { dictionary, type Dictionary } from '../../../domain/dictionary.js';
import { mulberry32 } from '../../../domain/random.js';
import type { DeviceTable } from '../deviceTable.js';
import type { Backend, TensorFlow } from '../tensorBackends.js';
import { FREQUENCIES, lengthOf, partsOf, type Form, type Part } from './networkForm.js';
import { Losses, Passes, type Mask, type Values } from './pass.js';

export interface TabularOptions {
	learningRate: number;
	/** Share of units that rest in a step, at first. */
	dropout: number;
	weightDecay: number;
	labelSmoothing: number;
	/** The share of rows that answers are to lie above, in the place of the mean. */
	quantile?: number;
	seed: number;
}

/** Adam's memories as RealMLP-TD has them. */
const BETA1 = 0.9;
const BETA2 = 0.95;
/** Rows that are answered at a time, unless told. */
const FORWARD = 1024;
/** Random numbers that lie on the device, in stretches; a mask is made of some that are drawn for it. */
const POOL = 251;
const STRETCH = 1024;
/** Arrays of fewer numbers lie in one tensor together. */
const SMALL = 4096;
/**
 * Figures of a step: rate / (1 - beta1^t), 1 / (1 - beta2^t), rate times decay, share of units that rest, 1 / the others, and the share of
 * its weights in their mean.
 */
const FIGURES = 6;

/** Four cosine waves, each twice as long as the one before: rates from 0 to 1 and back, the last to 0. `t` from 0 to 1. */
export const coslog4 = (t: number): number => 0.5 * (1 - Math.cos(2 * Math.PI * Math.log2(1 + 15 * t)));

/** 1 for the first half, then down to 0 as a cosine. */
export const flatCos = (t: number): number => (t < 0.5 ? 1 : 0.5 * (1 + Math.cos(Math.PI * (2 * t - 1))));

/**
 * The share of step `now` (from 0) of `steps` in the mean of the weights, which begins anew where the rates are highest: from there on they
 * go to and fro about what the falling rates then find (Izmailov et al. 2018, "Averaging weights leads to wider optima").
 */
export function shareOfMean(now: number, steps: number): number {
	const peaks = [0.5, 1.5, 2.5, 3.5].map((waves) => Math.ceil((steps * (2 ** waves - 1)) / 15));
	return 1 / (now + 1 - (peaks.findLast((peak) => peak <= now) ?? 0));
}

/** Whether weights are those of the last step, or their mean since the rates were highest. */
export type Weights = 'last' | 'mean';

/** Loss per row over an epoch's steps, and that of the validation rows by the weights of its last step and by their mean. */
export interface EpochLoss {
	train: number;
	validation?: number;
	ofMean?: number;
}

/** Arrays that are learned together, one behind the other in one tensor. */
interface Group {
	parts: Array<Part & { at: number; length: number }>;
	theta: Tensor1D;
	first: Tensor1D;
	second: Tensor1D;
	/** Of `theta` since the rates were highest. */
	mean: Tensor1D;
	/** Rate of each number as a share of that of the weights, and 1 where it decays; one for all where they are the same. */
	readonly rates: Tensor1D;
	readonly decays: Tensor1D;
}

/**
 * A tabular network in training. Its small arrays are one tensor, so that a step of Adam (with decoupled decay) is few kernels, however
 * many arrays there are. An epoch uploads its order, the figures of its steps and what is drawn for their masks, a step nothing; a loss is
 * read back when asked. Nothing is cut out of a large tensor where that can be helped: WebAssembly copies all of it for that.
 */
export class TabularTrainer {
	readonly #tf: TensorFlow;
	readonly #passes: Passes;
	readonly #losses: Losses;
	readonly #groups: Group[];
	/** Loss of the epoch so far and its rows, by weight. */
	#sums: Tensor1D;
	readonly #pool: Tensor2D;
	readonly #fixed: Record<'rest1' | 'beta2' | 'rest2' | 'tiny', Scalar>;
	readonly #random: () => number;
	#steps = 0;
	#epoch?: { size: number; order: Tensor1D; figures: Tensor1D; drawn: Tensor1D };

	constructor(
		{ tf }: Backend,
		readonly form: Form,
		private readonly options: TabularOptions,
		start?: Dictionary<Float32Array>,
	) {
		this.#tf = tf;
		this.#passes = new Passes(tf, form);
		this.#losses = new Losses(tf, form, options.labelSmoothing, options.quantile);
		const random = mulberry32(options.seed ^ 0x7ab1e);
		const parts = partsOf(form).map((part) => ({ ...part, start: start?.[part.name] ?? begun(part, form, random) }));
		const large = parts.filter((part) => lengthOf(part) >= SMALL);
		const small = parts.filter((part) => lengthOf(part) < SMALL);
		this.#groups = [small, ...large.map((part) => [part])].filter((group) => group.length > 0).map((group) => grouped(tf, group));
		this.#sums = tf.zeros([2]);
		this.#random = mulberry32(options.seed ^ 0xd409);
		const numbers = mulberry32(options.seed ^ 0xb001);
		this.#pool =
			options.dropout > 0 ? tf.tensor2d(Float32Array.from({ length: POOL * STRETCH }, numbers), [POOL, STRETCH]) : tf.tensor2d([0], [1, 1]);
		this.#fixed = { rest1: tf.scalar(1 - BETA1), beta2: tf.scalar(BETA2), rest2: tf.scalar(1 - BETA2), tiny: tf.scalar(1e-8) };
	}

	/** Begins epoch `epoch` of `epochs`: steps of `size` rows in this order. */
	begin(order: Uint32Array, size: number, epoch: number, epochs: number): void {
		const { learningRate, weightDecay, dropout } = this.options;
		this.#end();
		const steps = Math.ceil(order.length / size);
		const figures = new Float32Array(steps * FIGURES);
		for (let k = 0; k < steps; k++) {
			const t = (epoch - 1 + k / steps) / epochs;
			const now = this.#steps + k + 1;
			const rate = learningRate * coslog4(t);
			const rests = dropout * flatCos(t);
			figures.set(
				[
					rate / (1 - BETA1 ** now),
					1 / (1 - BETA2 ** now),
					rate * weightDecay * flatCos(t),
					rests,
					1 / (1 - rests),
					shareOfMean((epoch - 1) * steps + k, epochs * steps),
				],
				k * FIGURES,
			);
		}
		const tf = this.#tf;
		this.#sums.dispose();
		this.#sums = tf.zeros([2]);
		const draws = this.#drawsOf(size).reduce((a, b) => a + b, 0) * steps;
		const drawn = Int32Array.from({ length: draws || 1 }, () => Math.floor(this.#random() * POOL));
		this.#epoch = {
			size,
			order: tf.tensor1d(Int32Array.from(order), 'int32'),
			figures: tf.tensor1d(figures),
			drawn: tf.tensor1d(drawn, 'int32'),
		};
	}

	/** Stretches of random numbers that the mask of each hidden layer takes for so many rows. */
	#drawsOf(rows: number): number[] {
		return this.form.hidden.map((units) => (this.options.dropout > 0 ? Math.ceil((rows * units) / STRETCH) : 0));
	}

	#end(): void {
		if (this.#epoch) this.#tf.dispose([this.#epoch.order, this.#epoch.figures, this.#epoch.drawn]);
		this.#epoch = undefined;
	}

	/** Step `k` of the epoch that was begun. */
	step(table: DeviceTable, k: number): void {
		const tf = this.#tf;
		const { order, figures, size } = this.#epoch!;
		this.#steps++;
		const next = tf.tidy(() => {
			const now = tf.unstack(tf.slice(figures, [k * FIGURES], [FIGURES])) as Scalar[];
			const rows = tf.slice(order, [k * size], [Math.min(size, order.shape[0] - k * size)]);
			const values = this.#values(this.#weights('last'));
			const { gradients, sums } = this.#gradients(table, rows, values, this.#masks(k, now[3], now[4]));
			return {
				groups: this.#groups.map((group) => this.#moved(group, gradients, now)),
				sums: tf.add(this.#sums, sums) as Tensor1D,
			};
		});
		tf.dispose([this.#sums, ...this.#groups.flatMap(({ theta, first, second, mean }) => [theta, first, second, mean])]);
		this.#sums = next.sums;
		this.#groups.forEach((group, g) => {
			Object.assign(group, next.groups[g]);
		});
	}

	/** What a group is after a step. */
	#moved(group: Group, gradients: Values, now: readonly Scalar[]): Pick<Group, 'theta' | 'first' | 'second' | 'mean'> {
		const tf = this.#tf;
		const { rest1, beta2, rest2, tiny } = this.#fixed;
		const each = group.parts.map(({ name, length }) => tf.reshape(gradients[name], [length]));
		const gradient = each.length > 1 ? tf.concat(each) : each[0];
		const first = tf.add(group.first, tf.mul(tf.sub(gradient, group.first), rest1)) as Tensor1D;
		const second = tf.add(tf.mul(group.second, beta2), tf.mul(tf.square(gradient), rest2)) as Tensor1D;
		const update = tf.div(tf.mul(first, now[0]), tf.add(tf.sqrt(tf.mul(second, now[1])), tiny));
		const decay = tf.mul(group.theta, tf.mul(group.decays, now[2]));
		const theta = tf.sub(tf.sub(group.theta, tf.mul(update, group.rates)), decay) as Tensor1D;
		const mean = tf.add(group.mean, tf.mul(tf.sub(theta, group.mean), now[5])) as Tensor1D;
		return { theta, first, second, mean };
	}

	#gradients(table: DeviceTable, rows: Tensor1D, values: Values, mask: Mask | undefined): { gradients: Values; sums: Tensor1D } {
		const tf = this.#tf;
		const n = rows.shape[0];
		const pass = this.#passes.forward(table, rows, values, mask);
		const truth = this.#losses.truth(table, rows, true);
		const weight = tf.reshape(table.weight(rows)!, [n, 1]);
		const total = tf.sum(weight);
		const share = tf.divNoNan(weight, total);
		const delta = tf.mul(this.#losses.gradient(pass.raw, truth), share) as Tensor2D;
		const loss = tf.sum(tf.mul(this.#losses.each(pass.raw, truth), weight));
		return { gradients: this.#passes.backward(pass, delta, values), sums: tf.stack([loss, total]) as Tensor1D };
	}

	/** Masks of the hidden layers in step `k`: 0 where a number is below `rests`, else `scale`. */
	#masks(k: number, rests: Scalar, scale: Scalar): Mask | undefined {
		if (!(this.options.dropout > 0)) return undefined;
		const tf = this.#tf;
		const { size, drawn } = this.#epoch!;
		const draws = this.#drawsOf(size);
		let at = k * draws.reduce((a, b) => a + b, 0);
		return (layer, [rows, units]) => {
			const from = at;
			at += draws[layer];
			const stretches = Math.ceil((rows * units) / STRETCH);
			const numbers = tf.reshape(tf.gather(this.#pool, tf.slice(drawn, [from], [stretches])), [stretches * STRETCH]);
			const mine = stretches * STRETCH === rows * units ? numbers : tf.slice(numbers, [0], [rows * units]);
			return tf.mul(tf.step(tf.sub(tf.reshape(mine, [rows, units]), rests)), scale);
		};
	}

	/** The arrays that flat tensors hold. */
	#values(thetas: readonly Tensor1D[]): Values {
		const tf = this.#tf;
		const values: Values = dictionary();
		this.#groups.forEach(({ parts }, g) => {
			for (const { name, at, length, shape } of parts)
				values[name] = tf.reshape(parts.length > 1 ? tf.slice(thetas[g], [at], [length]) : thetas[g], shape);
		});
		return values;
	}

	#weights(which: Weights): Tensor1D[] {
		return this.#groups.map(({ theta, mean }) => (which === 'mean' ? mean : theta));
	}

	/** Raw outputs of rows, so many at a time, on the device: the caller's to dispose. */
	#answers(table: DeviceTable, rows: Tensor1D, weights: Weights, together = FORWARD): Tensor2D {
		const tf = this.#tf;
		const n = rows.shape[0];
		return tf.tidy(() => {
			const values = this.#values(this.#weights(weights));
			const parts = Array.from({ length: Math.ceil(n / together) }, (_, p) =>
				tf.tidy(() => {
					const at = tf.slice(rows, [p * together], [Math.min(together, n - p * together)]);
					return this.#passes.forward(table, at, values).raw;
				}),
			);
			return parts.length > 1 ? tf.concat(parts, 0) : parts[0];
		});
	}

	/** Raw outputs of rows by their numbers on the device, row-major: logits or standardised values. */
	async forward(table: DeviceTable, rows: Tensor1D, together?: number, weights: Weights = 'last'): Promise<Float32Array> {
		const out = this.#answers(table, rows, weights, together);
		const data = await out.data<'float32'>();
		out.dispose();
		return data;
	}

	/** Mean loss of the epoch's steps and of rows that are held back: one reading of a few numbers. */
	async losses(valid?: { table: DeviceTable; at: Tensor1D }): Promise<EpochLoss> {
		const tf = this.#tf;
		const sums = tf.tidy(() => {
			if (!valid) return this.#sums.clone();
			const { table, at } = valid;
			const weight = tf.reshape(table.weight(at)!, [at.shape[0], 1]);
			const truth = this.#losses.truth(table, at, false);
			const loss = (weights: Weights) => tf.sum(tf.mul(this.#losses.each(this.#answers(table, at, weights), truth), weight));
			return tf.concat([this.#sums, tf.stack([loss('last'), loss('mean'), tf.sum(weight)]) as Tensor1D]);
		});
		const [train, rows, last, mean, heldRows] = await sums.data<'float32'>();
		sums.dispose();
		return { train: train / rows, ...(valid ? { validation: last / heldRows, ofMean: mean / heldRows } : {}) };
	}

	/** All that is learned, kept on the device: the caller's to dispose. */
	keep(weights: Weights): Tensor1D[] {
		return this.#weights(weights).map((theta) => this.#tf.clone(theta));
	}

	/** Reads the arrays back: those that were kept, or those of now. */
	async arrays(of: readonly Tensor1D[] = this.#weights('last')): Promise<Dictionary<Float32Array>> {
		const out = dictionary<Float32Array>();
		for (const [g, { parts }] of this.#groups.entries()) {
			const theta = await of[g].data<'float32'>();
			for (const { name, at, length } of parts) out[name] = theta.slice(at, at + length);
		}
		return out;
	}

	dispose(): void {
		this.#end();
		this.#passes.dispose();
		this.#losses.dispose();
		const groups = this.#groups.flatMap(({ theta, first, second, mean, rates, decays }) => [theta, first, second, mean, rates, decays]);
		this.#tf.dispose([...groups, this.#sums, this.#pool, ...Object.values(this.#fixed)]);
	}
}

/** Arrays as one group on the device. */
function grouped(tf: TensorFlow, given: ReadonlyArray<Part & { start: Float32Array }>): Group {
	let length = 0;
	const parts = given.map(({ start, ...part }) => {
		const at = length;
		length += start.length;
		return { ...part, at, length: start.length };
	});
	const flat = (value: (part: Part & { start: Float32Array }) => Float32Array): Float32Array => {
		const out = new Float32Array(length);
		given.forEach((part, p) => {
			out.set(value(part), parts[p].at);
		});
		return out;
	};
	const same = given.length === 1;
	const eachOf = (value: (part: Part) => number): Tensor1D =>
		tf.tensor1d(same ? [value(given[0])] : flat((part) => new Float32Array(part.start.length).fill(value(part))));
	const theta = tf.tensor1d(flat(({ start }) => start));
	return {
		parts,
		theta,
		mean: tf.clone(theta),
		first: tf.zeros([length]),
		second: tf.zeros([length]),
		rates: eachOf(({ rate }) => rate),
		decays: eachOf(({ decays }) => Number(decays)),
	};
}

/** What an array is before the first step; all from the seed. */
function begun(part: Part, { hidden }: Form, random: () => number): Float32Array {
	const { name } = part;
	const uniform = (limit: number): number => (2 * random() - 1) * limit;
	// Box and Muller 1958.
	const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
	const of = (value: () => number): Float32Array => Float32Array.from({ length: lengthOf(part) }, value);
	if (name === 'pw') return of(() => 2 * Math.PI * 0.1 * normal());
	if (name === 'pb') return of(() => uniform(Math.PI));
	if (name === 'lw' || name === 'lb') return of(() => uniform(1 / Math.sqrt(FREQUENCIES)));
	if (name === 'scale' || name.startsWith('a')) return of(() => 1);
	// The last layer begins with nothing: the first answer is the mean.
	if (name === `w${hidden.length}` || name === `b${hidden.length}`) return of(() => 0);
	if (name.startsWith('w')) return of(() => normal() / Math.sqrt(part.shape[0]));
	return of(normal);
}
