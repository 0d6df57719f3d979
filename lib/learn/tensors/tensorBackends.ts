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
	/** The driver's name, where it is one that computes on the processor. */
	software?: string;
}

/** Native packages and GPU drivers are looked for at run time, beside this package: no bundle may hold them. */
const find = createRequire(__filename);

/** Opens a backend, or makes an open one that which computes. @throws `learn.backend_missing` saying what to install */
export function openBackend(id: BackendId): Promise<Backend> {
	const mine = opening.then(() => opened(id));
	opening = mine.catch(() => {});
	return mine;
}

/** Whoever opens a backend waits for the one before: a second start of the same one would lose the tensors of the first. */
let opening: Promise<unknown> = Promise.resolve();

/** Packages of backends that a person may install, as they are found from here; whether they work is another matter. */
export function optionalBackends(): Array<{ id: BackendId; version: string }> {
	return Object.entries(PACKAGES).flatMap(([id, asked]) => {
		const name = asked.slice(0, asked.lastIndexOf('@'));
		try {
			find.resolve(name);
			return [{ id: id as BackendId, version: (find(`${name}/package.json`) as { version: string }).version }];
		} catch {
			return [];
		}
	});
}

/** Versions of what computes networks here: of this package, and of TensorFlow.js. */
export function ownVersions(): Record<string, string> {
	const versionOf = (file: string): string => {
		try {
			return (find(file) as { version: string }).version;
		} catch {
			return 'unknown';
		}
	};
	return { package: versionOf(path.join(ownRoot(), 'package.json')), tfjs: versionOf('@tensorflow/tfjs/package.json') };
}

const missing = (id: BackendId, why: string, cause?: unknown, remedy = REMEDIES[id]): MlopsError =>
	new MlopsError('learn.backend_missing', `The backend "${id}" cannot be used: ${why}.`, { cause, expected: id, remedy });

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
	return `npm install --no-save --prefix "${ownRoot()}" ${PACKAGES[id]}`;
}

/** The folder of this package, built or not. */
const ownRoot = (): string => path.resolve(__dirname, __dirname.split(path.sep).at(-4) === 'dist' ? '../../../..' : '../../..');

const REMEDIES: Record<BackendId, string> = {
	wasm: 'Reinstall n8n-nodes-mlops, or choose the backend "cpu".',
	cpu: 'Reinstall n8n-nodes-mlops.',
	webgpu: `Run: ${installCommand('webgpu')} (it also takes a Vulkan, Metal or Direct3D driver), or choose "auto".`,
	'tfjs-node': `Run: ${installCommand('tfjs-node')} (its install script downloads TensorFlow), or choose "auto".`,
	'tfjs-node-gpu': `Run: ${installCommand('tfjs-node-gpu')} (it also takes CUDA and cuDNN), or choose "auto".`,
};

async function opened(id: BackendId): Promise<Backend> {
	try {
		if (id === 'tfjs-node' || id === 'tfjs-node-gpu') return { id, tf: await openNative(id) };
		if (id === 'webgpu') return { id, ...(await openWebGpu()) };
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

interface Adapter {
	info: { isFallbackAdapter?: boolean; description: string };
}

const NO_DRIVER = 'Install a driver of the graphics card (Vulkan, Metal or Direct3D), or choose "auto".';

async function openWebGpu(): Promise<Omit<Backend, 'id'>> {
	try {
		find.resolve('webgpu');
	} catch (cause) {
		throw missing('webgpu', 'the package webgpu is not installed', cause);
	}
	const { create, globals } = await import('webgpu');
	Object.assign(globalThis, globals);
	if (!('navigator' in globalThis)) Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
	if (!(navigator as { gpu?: unknown }).gpu) Object.defineProperty(navigator, 'gpu', { value: create([]), configurable: true });
	const adapter = await (navigator as unknown as { gpu: { requestAdapter(): Promise<Adapter | null> } }).gpu.requestAdapter();
	if (!adapter) throw missing('webgpu', 'no graphics driver was found', undefined, NO_DRIVER);
	const tf = await import('@tensorflow/tfjs');
	quiet(tf);
	await import('@tensorflow/tfjs-backend-webgpu');
	await activate(tf, 'webgpu');
	const { info } = adapter;
	return { tf, ...(info.isFallbackAdapter ? { software: info.description } : {}) };
}
