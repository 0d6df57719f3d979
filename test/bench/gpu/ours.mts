/*
 * Ours on one backend, in a process of its own: ours.mts <backend> prints what it computes on as a line of JSON; with the JSON of a task
 * behind it, the points of its curve.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { root } from '../../../scripts/build/paths.mts';
import type { FitContext, Labels, Matrix } from '../../../lib/learn/contract.js';
import type { BackendId, TensorFlow } from '../../../lib/learn/tensors/tensorBackends.js';
import type { Device, Point, Task } from './contract.mts';

const require = createRequire(import.meta.url);
const from = <M,>(file: string): M => require(path.join(root, 'dist/lib', file)) as M;
const { openBackend } = from<typeof import('../../../lib/learn/tensors/tensorBackends.js')>('learn/tensors/tensorBackends.js');
const { tabularNetwork } = from<typeof import('../../../lib/learn/learners/tabularNetwork.js')>('learn/learners/tabularNetwork.js');

const [backend, asked] = process.argv.slice(2) as [BackendId, string?];
try {
	// Opened before any time is taken: the peer's is as well.
	const { tf } = await openBackend(backend);
	process.stdout.write(`${JSON.stringify(asked ? await train(JSON.parse(asked) as Task) : await deviceOf(tf))}\n`);
} catch (thrown) {
	process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
	process.exit(1);
}
process.exit(0);

interface Adapter {
	vendor: string;
	device: string;
	description: string;
	isFallbackAdapter: boolean;
}

async function deviceOf(tf: TensorFlow): Promise<Device> {
	const version = `tensorflow.js ${tf.version_core}`;
	if (backend === 'webgpu') {
		const { gpu } = navigator as unknown as { gpu: { requestAdapter(): Promise<{ info: Adapter }> } };
		const { info } = await gpu.requestAdapter();
		// Programs that play a graphics card on the processor say that they are no more than that.
		return { name: info.description || info.device || info.vendor, gpu: !info.isFallbackAdapter, version };
	}
	const gpu = backend === 'tfjs-node-gpu' && (tf.backend() as { isUsingGpuDevice?: boolean }).isUsingGpuDevice === true;
	return { name: gpu ? 'CUDA' : 'the processor', gpu, version };
}

async function train(task: Task): Promise<Point[]> {
	const curve: Point[] = [];
	const cancelled = new Int32Array(new SharedArrayBuffer(4));
	const [learned, judged] = [rowsOf('train', task.rows, task), rowsOf('test', task.tests, task)];
	const params = tabularNetwork.params.parse({ backend, epochs: task.epochs, batch_size: task.batchSize, early_stopping: false });
	const since = performance.now();
	const seconds = (): number => (performance.now() - since) / 1000;
	const context: FitContext = {
		seed: task.seed,
		threads: 1,
		memoryBytes: 2 ** 36,
		cancelled,
		progress: ({ curve: point }) => {
			if (point) curve.push({ seconds: seconds(), loss: point.validation! });
			// What there is by then is kept.
			if (seconds() > task.seconds) cancelled[0] = 2;
		},
		note: (_, text) => void process.stderr.write(`${text}\n`),
	};
	const valid = { x: judged.x, labels: judged.labels };
	await tabularNetwork.fit({ task: 'binary', train: learned.x, labels: learned.labels, valid }, params, context);
	return curve;
}

function rowsOf(name: string, rows: number, { folder, columns }: Task): { x: Matrix; labels: Labels } {
	const numbers = (file: string): Float32Array => new Float32Array(new Uint8Array(fs.readFileSync(path.join(folder, file))).buffer);
	const flat = numbers(`${name}.x`);
	const data = Array.from({ length: columns }, (_, j) => Float64Array.from({ length: rows }, (_, i) => flat[i * columns + j]));
	return {
		x: { rows, columns: data.map((d, j) => ({ name: `x${j}`, kind: 'number', data: d })) },
		labels: { y: Float64Array.from(numbers(`${name}.y`).subarray(0, rows)), classes: 2 },
	};
}
