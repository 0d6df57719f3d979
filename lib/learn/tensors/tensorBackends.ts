import { createRequire } from 'node:module';
import { MlopsError } from '../../domain/errors.js';

/** What a network can be computed on. `wasm` and `cpu` come with this package; the others are found when a person installed them. */
export const BACKENDS = ['wasm', 'cpu', 'webgpu', 'tfjs-node', 'tfjs-node-gpu'] as const;
export type BackendId = (typeof BACKENDS)[number];

export type TensorFlow = typeof import('@tensorflow/tfjs');
export interface Backend {
	id: BackendId;
	tf: TensorFlow;
}

/** Native packages and GPU drivers are looked for at run time, beside this package: no bundle may hold them. */
const find = createRequire(__filename);

/**
 * Opens a backend. `auto` takes a GPU for work beyond `multiplications` that would keep it busy, if there is one, else `wasm`
 * (for small tables it beats native TensorFlow), else `cpu`.
 * @throws `learn.backend_missing` saying what to install, when one was asked for by name
 */
export async function openBackend(
	wanted: 'auto' | BackendId,
	multiplications: number,
	note: (code: string, text: string) => void,
): Promise<Backend> {
	if (wanted !== 'auto') return open(wanted);
	const order: BackendId[] = multiplications > GPU_WORTH ? ['tfjs-node-gpu', 'webgpu', 'wasm', 'cpu'] : ['wasm', 'cpu'];
	for (const id of order) {
		try {
			return await open(id);
		} catch (thrown) {
			// Absence of something optional is no news; absence of what we bring along is.
			if (id === 'wasm')
				note(
					'learn.backend_fallback',
					`WebAssembly could not be used (${MlopsError.from(thrown).message}); ` +
						'the network is trained in plain JavaScript, which is slower.',
				);
		}
	}
	throw missing('cpu', 'TensorFlow.js cannot be loaded');
}

/** Multiplications of a whole training above which starting a GPU pays. */
const GPU_WORTH = 1e12;

const missing = (id: BackendId, why: string, cause?: unknown): MlopsError =>
	new MlopsError('learn.backend_missing', `The backend "${id}" cannot be used: ${why}.`, { cause, expected: id, remedy: REMEDIES[id] });

const REMEDIES: Record<BackendId, string> = {
	wasm: 'Reinstall n8n-nodes-mlops, or choose the backend "cpu".',
	cpu: 'Reinstall n8n-nodes-mlops.',
	webgpu: 'Install the package "webgpu" beside n8n-nodes-mlops and a Vulkan, Metal or Direct3D driver, or choose "auto".',
	'tfjs-node': 'Install the package "@tensorflow/tfjs-node" beside n8n-nodes-mlops, or choose "auto".',
	'tfjs-node-gpu': 'Install the package "@tensorflow/tfjs-node-gpu", CUDA and cuDNN, or choose "auto".',
};

/** Whoever opens a backend waits for the one before: a second start of the same one would lose the tensors of the first. */
let opening: Promise<unknown> = Promise.resolve();

function open(id: BackendId): Promise<Backend> {
	const mine = opening.then(() => opened(id));
	opening = mine.catch(() => {});
	return mine;
}

async function opened(id: BackendId): Promise<Backend> {
	try {
		if (id === 'tfjs-node' || id === 'tfjs-node-gpu') return { id, tf: await openNative(id) };
		if (id === 'webgpu') return { id, tf: await openWebGpu() };
		const tf = await import('@tensorflow/tfjs');
		quiet(tf);
		if (id === 'wasm') await import('@tensorflow/tfjs-backend-wasm');
		await activate(tf, id);
		return { id, tf };
	} catch (thrown) {
		if (thrown instanceof MlopsError) throw thrown;
		throw missing(id, thrown instanceof Error ? thrown.message.split('\n')[0] : String(thrown), thrown);
	}
}

async function activate(tf: TensorFlow, name: string): Promise<void> {
	if (!(await tf.setBackend(name))) throw new Error('it does not start');
	await tf.ready();
}

/** tfjs greets browsers and advises installing its native package; neither belongs in n8n's log. */
function quiet(tf: TensorFlow): void {
	tf.env().set('IS_TEST', true);
}

async function openNative(id: 'tfjs-node' | 'tfjs-node-gpu'): Promise<TensorFlow> {
	// tfjs-node 4.22 calls this function, which Node 23 took away.
	const util = find('node:util') as { isNullOrUndefined?: (v: unknown) => boolean; isArray?: (v: unknown) => boolean };
	util.isNullOrUndefined ??= (v) => v === null || v === undefined;
	util.isArray ??= Array.isArray;
	const name = `@tensorflow/${id}`;
	try {
		find.resolve(name);
	} catch (cause) {
		throw missing(id, `the package ${name} is not installed`, cause);
	}
	const tf = find(name) as TensorFlow & { node?: unknown };
	if (!tf.node) throw missing(id, `what is installed as ${name} is not the native package`);
	await activate(tf, 'tensorflow');
	return tf;
}

async function openWebGpu(): Promise<TensorFlow> {
	try {
		find.resolve('webgpu');
	} catch (cause) {
		throw missing('webgpu', 'the package webgpu is not installed', cause);
	}
	const { create, globals } = await import('webgpu');
	Object.assign(globalThis, globals);
	if (!('navigator' in globalThis)) Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
	if (!(navigator as { gpu?: unknown }).gpu) Object.defineProperty(navigator, 'gpu', { value: create([]), configurable: true });
	const adapter = await (navigator as unknown as { gpu: { requestAdapter(): Promise<unknown> } }).gpu.requestAdapter();
	if (!adapter) throw missing('webgpu', 'no graphics driver was found');
	const tf = await import('@tensorflow/tfjs');
	quiet(tf);
	await import('@tensorflow/tfjs-backend-webgpu');
	await activate(tf, 'webgpu');
	return tf;
}
