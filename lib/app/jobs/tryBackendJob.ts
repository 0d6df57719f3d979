import { z } from 'zod/v4';
import { defineJob } from '../../compute/contract.js';
import { MlopsError } from '../../domain/errors.js';
import { KINDS } from '../../learn/tensors/backendCosts.js';
import { measuredBackends } from '../../learn/tensors/measuredBackends.js';
import { BACKENDS, openBackend } from '../../learn/tensors/tensorBackends.js';

/** Rows and columns of the matrices that are multiplied. */
const SIZE = 256;
/** Numbers of 32 bits and the order of their sum leave so much. */
const NEAR = 1e-3;

/**
 * Opens a backend for networks and multiplies two matrices whose product is known. With `measure` a few steps of training and answering are
 * timed, and remembered for *Automatic*, unless they were before; `unmeasured` says why they could not be. @throws `learn.backend_missing`,
 * `internal` where it computes wrongly
 */
export const tryBackendJob = defineJob({
	id: 'tryBackend',
	input: z.object({ backend: z.enum(BACKENDS), measure: z.boolean() }),
	output: z.object({ milliseconds: z.number(), unmeasured: z.string().optional() }),
	async run({ backend, measure }) {
		// First, since opening is measured too.
		const { unusable, forgotten } = measure ? await measuredBackends([backend], KINDS) : { unusable: [], forgotten: undefined };
		const unmeasured = unusable[0]?.why ?? forgotten;
		const { tf } = await openBackend(backend);
		const started = performance.now();
		// Row i is i / SIZE throughout, column j is j / SIZE: element (i, j) of the product is i * j / SIZE.
		const rows = tf.tensor2d(
			Float32Array.from({ length: SIZE * SIZE }, (_, at) => Math.floor(at / SIZE) / SIZE),
			[SIZE, SIZE],
		);
		const columns = tf.tensor2d(
			Float32Array.from({ length: SIZE * SIZE }, (_, at) => (at % SIZE) / SIZE),
			[SIZE, SIZE],
		);
		const product = tf.matMul(rows, columns);
		const values = await product.data();
		for (const tensor of [rows, columns, product]) tensor.dispose();
		for (let at = 0; at < values.length; at++) {
			const expected = (Math.floor(at / SIZE) * (at % SIZE)) / SIZE;
			if (Math.abs(values[at] - expected) > NEAR * Math.max(1, expected))
				throw new MlopsError('internal', `The backend "${backend}" computes wrongly: ${values[at]} instead of ${expected}.`, {
					remedy: 'Update its package or driver, or choose another backend.',
				});
		}
		return { milliseconds: performance.now() - started, ...(unmeasured === undefined ? {} : { unmeasured }) };
	},
});
