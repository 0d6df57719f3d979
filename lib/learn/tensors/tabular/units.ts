import type { Scalar, Tensor2D } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorBackends.js';
import type { Form } from './networkForm.js';

/** A layer's units after a forward pass: `out = z + a (f(z) - z)`, and what its gradient needs. */
export interface Active {
	out: Tensor2D;
	/** f(z) - z. */
	moved: Tensor2D;
	/** f'(z) - 1. */
	slope: Tensor2D;
}

/** Constants of SELU (Klambauer et al. 2017). */
export const SELU = { lambda: 1.0507009873554805, alpha: 1.6732632423543772 };
/** From here on mish(x) is x, as far as 32 bits tell. */
export const MISH_FROM = 20;

/** Parametric activations: SELU for classes, Mish (Misra 2019) for values. */
export function activationsOf(tf: TensorFlow, kind: Form['activation']) {
	const scalars: Scalar[] = [];
	const fixed = (value: number): Scalar => {
		scalars.push(tf.scalar(value));
		return scalars[scalars.length - 1];
	};
	const one = fixed(1);
	const two = fixed(2);
	const four = fixed(4);
	const far = fixed(MISH_FROM);
	const lambda = fixed(SELU.lambda);
	const below = fixed(SELU.lambda * SELU.alpha);
	const gap = fixed(SELU.lambda - SELU.lambda * SELU.alpha);

	/** f(z) and f'(z). */
	const selu = (z: Tensor2D): [Tensor2D, Tensor2D] => {
		const positive = tf.relu(z);
		const e = tf.mul(tf.exp(tf.sub(z, positive)), below);
		return [tf.add(tf.mul(positive, lambda), tf.sub(e, below)), tf.add(e, tf.mul(tf.step(z), gap))];
	};
	/** With e = exp(z): mish(z) = z n / (n + 2), n = e (e + 2). */
	const mish = (z: Tensor2D): [Tensor2D, Tensor2D] => {
		const e = tf.exp(tf.minimum(z, far)) as Tensor2D;
		const n = tf.mul(e, tf.add(e, two));
		const over = tf.add(n, two);
		const share = tf.div(n, over) as Tensor2D;
		const rise = tf.div(tf.mul(tf.mul(e, tf.add(e, one)), four), tf.square(over));
		return [tf.mul(z, share), tf.add(share, tf.mul(z, rise))];
	};
	const f = kind === 'selu' ? selu : mish;
	return {
		forward(z: Tensor2D, a: Tensor2D): Active {
			const [value, slope] = f(z);
			const moved = tf.sub(value, z) as Tensor2D;
			return { out: tf.add(z, tf.mul(moved, a)), moved, slope: tf.sub(slope, one) };
		},
		/** Gradients of z and a from that of `out`. */
		backward: (delta: Tensor2D, { moved, slope }: Active, a: Tensor2D): { z: Tensor2D; a: Tensor2D } => ({
			z: tf.mul(delta, tf.add(tf.mul(slope, a), one)),
			a: tf.sum(tf.mul(delta, moved), 0, true),
		}),
		dispose: () => tf.dispose(scalars),
	};
}
