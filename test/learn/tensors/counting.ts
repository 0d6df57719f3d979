import type { TensorFlow } from '../../../lib/learn/tensors/tensorBackends.js';

/** What went to a device and came back, in numbers of tensors; `uploaded` in values. */
export interface Traffic {
	uploads: number;
	uploaded: number;
	readbacks: number;
}

/**
 * Counts what crosses to the device and back while `work` runs. It listens where TensorFlow.js takes values from its caller and gives them
 * back: below it, the backends `wasm` and `cpu` write the results of their own kernels by the same functions.
 */
export async function counted(tf: TensorFlow, work: () => void | Promise<void>): Promise<Traffic> {
	const engine = tf.engine();
	const { makeTensor, read, readSync } = engine;
	const traffic: Traffic = { uploads: 0, uploaded: 0, readbacks: 0 };
	engine.makeTensor = function (values, ...rest) {
		traffic.uploads++;
		traffic.uploaded += values.length;
		return makeTensor.call(engine, values, ...rest);
	};
	engine.read = (id) => {
		traffic.readbacks++;
		return read.call(engine, id);
	};
	engine.readSync = (id) => {
		traffic.readbacks++;
		return readSync.call(engine, id);
	};
	try {
		await work();
	} finally {
		Object.assign(engine, { makeTensor, read, readSync });
	}
	return traffic;
}
