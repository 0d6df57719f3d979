import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import { dictionary, type Dictionary } from '../../../domain/dictionary.js';
import type { DeviceTable } from '../deviceTable.js';
import type { TensorFlow } from '../tensorBackends.js';
import { EMBEDDED, numbersOf, oneHotOf, WIDTH, type Form } from './networkForm.js';
import { activationsOf, type Active } from './units.js';

/** The arrays of a network on the device, by their names. */
export type Values = Dictionary<Tensor>;

/** A mask of what stays of a batch's units of a hidden layer (rows x units), scaled so that their sum stays. */
export type Mask = (layer: number, shape: [number, number]) => Tensor2D;

/** A number's periodic embedding, columns first: its angles and their cosines. */
interface Periodic {
	x: Tensor3D;
	angle: Tensor3D;
	cosine: Tensor3D;
}

/** What a backward pass needs of a forward one. */
export interface Pass {
	rows: number;
	periodic?: Periodic;
	/** One-hot rows of each category that has an embedding. */
	chosen: Tensor2D[];
	/** What goes into the first layer, before `scale`. */
	inputs: Tensor2D;
	layers: Array<{ input: Tensor2D; active?: Active; mask?: Tensor2D }>;
	/** Logits or standardised values. */
	raw: Tensor2D;
}

/** Which columns of codes feed which of the network's one-hot inputs: `column` and `slot` of each of them. */
export interface OneHots {
	column: Tensor1D;
	slot: Tensor2D;
}

/**
 * The passes of a tabular network, written out in functions of tfjs-core that all backends have; gradients too, since some backends lack
 * those of gathering. Products with a transposed matrix transpose it first: WebAssembly multiplies such a matrix thirteen times faster.
 */
export class Passes {
	readonly #activation: ReturnType<typeof activationsOf>;
	/** Places of the columns with embeddings among those of codes. */
	readonly #embedded: Array<{ name: string; at: number; slots: number }>;
	readonly #oneHots?: OneHots;

	constructor(
		readonly tf: TensorFlow,
		readonly form: Form,
	) {
		this.#activation = activationsOf(tf, form.activation);
		const categories = form.inputs.map((input, j) => ({ input, j })).filter(({ input }) => input.kind !== 'number');
		this.#embedded = categories.flatMap(({ input, j }, at) =>
			input.kind === 'embedding' ? [{ name: `e${j}`, at, slots: input.slots }] : [],
		);
		const flags = categories.flatMap(({ input }, at) =>
			input.kind === 'onehot' ? Array.from({ length: input.slots }, (_, slot) => ({ at, slot })) : [],
		);
		if (flags.length)
			this.#oneHots = {
				column: tf.tensor1d(
					flags.map((f) => f.at),
					'int32',
				),
				slot: tf.tensor2d(
					flags.map((f) => f.slot),
					[1, flags.length],
					'int32',
				),
			};
	}

	dispose(): void {
		this.#activation.dispose();
		if (this.#oneHots) this.tf.dispose([this.#oneHots.column, this.#oneHots.slot]);
	}

	forward(table: DeviceTable, rows: Tensor1D, values: Values, mask?: Mask): Pass {
		const { tf, form } = this;
		const n = rows.shape[0];
		const x = table.numbers(rows);
		const codes = table.codes(rows);
		const periodic = form.periodic && x ? this.#periodic(x, values) : undefined;
		const chosen = this.#embedded.map(({ at, slots }) =>
			tf.cast(tf.oneHot(tf.reshape(tf.slice(codes!, [0, at], [n, 1]), [n]), slots), 'float32'),
		) as Tensor2D[];
		const flags = this.#oneHots && tf.cast(tf.equal(tf.gather(codes!, this.#oneHots.column, 1), this.#oneHots.slot), 'float32');
		const parts = [x, periodic?.out, flags, ...this.#embedded.map(({ name }, k) => tf.matMul(chosen[k], values[name] as Tensor2D))];
		const there = parts.filter((p): p is Tensor2D => p !== undefined);
		const inputs = there.length > 1 ? tf.concat(there, 1) : there[0];
		const layers: Pass['layers'] = [];
		let input = tf.mul(inputs, values.scale) as Tensor2D;
		for (let l = 0; ; l++) {
			const z = tf.add(tf.matMul(input, values[`w${l}`] as Tensor2D), values[`b${l}`]) as Tensor2D;
			if (l === form.hidden.length) {
				layers.push({ input });
				return { rows: n, periodic, chosen, inputs, layers, raw: z };
			}
			const active = this.#activation.forward(z, values[`a${l}`] as Tensor2D);
			const rests = mask?.(l, z.shape);
			layers.push({ input, active, mask: rests });
			input = rests ? tf.mul(active.out, rests) : active.out;
		}
	}

	#periodic(x: Tensor2D, values: Values): Periodic & { out: Tensor2D } {
		const { tf } = this;
		const [n, columns] = x.shape;
		const across = tf.reshape(tf.transpose(x), [columns, n, 1]) as Tensor3D;
		const angle = tf.add(tf.mul(across, values.pw), values.pb) as Tensor3D;
		const cosine = tf.cos(angle);
		const embedded = tf.add(tf.matMul(cosine, values.lw as Tensor3D), values.lb);
		return { x: across, angle, cosine, out: tf.reshape(tf.transpose(embedded, [1, 0, 2]), [n, columns * EMBEDDED]) };
	}

	/** Gradients of all arrays. `delta`: d loss / d raw. */
	backward({ rows, periodic, chosen, inputs, layers }: Pass, delta: Tensor2D, values: Values): Values {
		const { tf, form } = this;
		const out: Values = dictionary();
		let above = delta;
		for (let l = form.hidden.length; ; l--) {
			out[`w${l}`] = tf.matMul(tf.transpose(layers[l].input), above);
			out[`b${l}`] = tf.sum(above, 0, true);
			const back = tf.matMul(above, tf.transpose(values[`w${l}`] as Tensor2D)) as Tensor2D;
			if (l === 0) {
				above = back;
				break;
			}
			const { active, mask } = layers[l - 1];
			const { z, a } = this.#activation.backward((mask ? tf.mul(back, mask) : back) as Tensor2D, active!, values[`a${l - 1}`] as Tensor2D);
			out[`a${l - 1}`] = a;
			above = z;
		}
		out.scale = tf.sum(tf.mul(above, inputs), 0, true);
		const before = tf.mul(above, values.scale) as Tensor2D;
		let at = numbersOf(form);
		if (periodic) {
			const columns = at;
			const part = tf.reshape(tf.slice(before, [0, at], [rows, columns * EMBEDDED]), [rows, columns, EMBEDDED]);
			Object.assign(out, this.#periodicBack(periodic, tf.transpose(part, [1, 0, 2]) as Tensor3D, values));
			at += columns * EMBEDDED;
		}
		at += oneHotOf(form);
		this.#embedded.forEach(({ name }, k) => {
			out[name] = tf.matMul(tf.transpose(chosen[k]), tf.slice(before, [0, at + k * WIDTH], [rows, WIDTH]) as Tensor2D);
		});
		return out;
	}

	#periodicBack({ x, angle, cosine }: Periodic, delta: Tensor3D, values: Values): Values {
		const { tf } = this;
		const angles = tf.neg(tf.mul(tf.matMul(delta, values.lw as Tensor3D, false, true), tf.sin(angle)));
		return {
			lb: tf.sum(delta, 1, true),
			lw: tf.matMul(cosine, delta, true, false),
			pb: tf.sum(angles, 1, true),
			pw: tf.sum(tf.mul(angles, x), 1, true),
		};
	}
}

/** Loss and its gradient: how far raw outputs are from the truth. */
export class Losses {
	readonly #one: Scalar;
	readonly #half: Scalar;
	/** What label smoothing leaves of a truth, and what it adds to it. */
	readonly #keep: Scalar;
	readonly #add: Scalar;
	/** The quantile that values are learned for, in the place of the mean. */
	readonly #quantile?: Scalar;

	constructor(
		readonly tf: TensorFlow,
		readonly form: Form,
		smoothing: number,
		quantile?: number,
	) {
		if (quantile !== undefined) this.#quantile = tf.scalar(quantile);
		this.#one = tf.scalar(1);
		this.#half = tf.scalar(0.5);
		this.#keep = tf.scalar(1 - smoothing);
		this.#add = tf.scalar(smoothing / Math.max(2, form.outputs));
	}

	dispose(): void {
		this.tf.dispose([this.#one, this.#half, this.#keep, this.#add, ...(this.#quantile ? [this.#quantile] : [])]);
	}

	/** Rows x outputs: 0 and 1, or standardised values. */
	truth(table: DeviceTable, rows: Tensor1D, smooth: boolean): Tensor2D {
		const { tf, form } = this;
		const y = table.y(rows);
		if (form.output === 'value') return tf.reshape(y, [y.shape[0], 1]);
		const exact = tf.cast(
			form.output === 'probabilities' ? tf.oneHot(y, form.outputs) : tf.reshape(y, [y.shape[0], 1]),
			'float32',
		) as Tensor2D;
		return smooth ? tf.add(tf.mul(exact, this.#keep), this.#add) : exact;
	}

	/** Loss of each row (rows x 1): cross-entropy, half of the squared error, or that of a quantile (Koenker and Bassett 1978). */
	each(raw: Tensor2D, truth: Tensor2D): Tensor2D {
		const { tf } = this;
		if (this.#quantile) return tf.mul(tf.sub(raw, truth), this.#beyond(raw, truth));
		if (this.form.output === 'value') return tf.mul(tf.square(tf.sub(raw, truth)), this.#half);
		if (this.form.output === 'probability') return tf.sub(tf.softplus(raw), tf.mul(raw, truth));
		return tf.neg(tf.sum(tf.mul(tf.logSoftmax(raw), truth), 1, true));
	}

	/** 1 where an answer lies above the truth, else 0, less the quantile: the slope of its loss. */
	#beyond(raw: Tensor2D, truth: Tensor2D): Tensor2D {
		const { tf } = this;
		return tf.sub(tf.step(tf.sub(raw, truth)), this.#quantile!);
	}

	/** d loss / d raw of each row. */
	gradient(raw: Tensor2D, truth: Tensor2D): Tensor2D {
		const { tf } = this;
		if (this.#quantile) return this.#beyond(raw, truth);
		const { output } = this.form;
		return tf.sub(output === 'value' ? raw : output === 'probability' ? tf.sigmoid(raw) : tf.softmax(raw), truth);
	}
}
