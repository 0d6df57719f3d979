import { createRequire } from 'node:module';
import path from 'node:path';
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

/** What a person installs for a backend; the versions are those of the peer dependencies, which n8n's install screen takes away. */
const PACKAGES = {
	webgpu: 'webgpu@0.6.2',
	'tfjs-node': '@tensorflow/tfjs-node@4.22.0',
	'tfjs-node-gpu': '@tensorflow/tfjs-node-gpu@4.22.0',
} as const;

/**
 * The command that makes a backend reachable from where this runs: above the folder `nodes` where n8n installed this package, since npm
 * would there fetch it anew, and an update leaves what lies above; beside it elsewhere; else in the clone.
 */
function installCommand(id: keyof typeof PACKAGES): string {
	const installed = __dirname.lastIndexOf(`${path.sep}node_modules${path.sep}n8n-nodes-mlops${path.sep}`);
	if (installed >= 0) {
		const beside = __dirname.slice(0, installed);
		return `npm install --prefix "${path.basename(beside) === 'nodes' ? path.dirname(beside) : beside}" ${PACKAGES[id]}`;
	}
	const root = path.resolve(__dirname, __dirname.split(path.sep).at(-4) === 'dist' ? '../../../..' : '../../..');
	return `npm install --no-save --prefix "${root}" ${PACKAGES[id]}`;
}

const REMEDIES: Record<BackendId, string> = {
	wasm: 'Reinstall n8n-nodes-mlops, or choose the backend "cpu".',
	cpu: 'Reinstall n8n-nodes-mlops.',
	webgpu: `Run: ${installCommand('webgpu')} (it also takes a Vulkan, Metal or Direct3D driver), or choose "auto".`,
	'tfjs-node': `Run: ${installCommand('tfjs-node')} (its install script downloads TensorFlow), or choose "auto".`,
	'tfjs-node-gpu': `Run: ${installCommand('tfjs-node-gpu')} (it also takes CUDA and cuDNN), or choose "auto".`,
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
