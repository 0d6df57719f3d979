import { z } from 'zod/v4';
import { BACKENDS } from './tensorBackends.js';

/** What a network is to be trained on, as a parameter of its learner. */
export const backendParam = z
	.enum(['auto', ...BACKENDS])
	.default('auto')
	.meta({
		title: 'Compute on',
		description:
			'What trains the network. "Automatic" takes WebAssembly, or for large work what was measured to be fastest on this machine, where ' +
			'something else is installed. The run says which, and why.',
		labels: {
			auto: 'Automatic',
			wasm: 'WebAssembly',
			cpu: 'Plain JavaScript',
			webgpu: 'WebGPU',
			'tfjs-node': 'Native TensorFlow',
			'tfjs-node-gpu': 'Native TensorFlow with CUDA',
		},
		advanced: true,
	});
