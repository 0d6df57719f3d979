import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** A thread of its own: Jest's module registry cannot load the runtime's WebAssembly module. */
const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads');
const { env, InferenceSession, Tensor } = require(workerData);
env.wasm.numThreads = 1;
parentPort.on('message', async ({ model, rows, columns }) => {
	try {
		const session = await InferenceSession.create(model);
		const { prediction } = await session.run({ input: new Tensor(rows instanceof Float64Array ? 'float64' : 'float32', rows, [rows.length / columns, columns]) });
		parentPort.postMessage({ answers: Array.from(prediction.data) });
		await session.release();
	} catch (error) {
		parentPort.postMessage({ error: String(error) });
	}
});`;

/**
 * ONNX Runtime in its WebAssembly build. `run` takes rows of numbers, one question at a time, and gives what the output `prediction` holds.
 */
export function onnxRuntime() {
	const worker = new Worker(PROGRAM, { eval: true, workerData: require.resolve('onnxruntime-web') });
	return {
		async run(model: Uint8Array, rows: Float64Array | Float32Array, columns: number): Promise<number[]> {
			worker.postMessage({ model, rows, columns });
			const [{ answers, error }] = (await once(worker, 'message')) as [{ answers: number[]; error?: string }];
			if (error) throw new Error(error);
			return answers;
		},
		close: () => worker.terminate(),
	};
}
