import { Worker } from 'node:worker_threads';
import type { WasmMemory, WasmModule } from './wasm.js';

/** Helpers that had nothing to do for so long go home. */
const IDLE_MS = 10_000;
/** Models that a helper keeps ready. */
const KEPT = 8;

/** What a helper runs; given as text, so that it needs no file of its own to be found. All it does is in the WASM kernel. */
const HELPER = `
const { parentPort, workerData: { module } } = require('node:worker_threads');
const ready = new Map();
parentPort.on('message', ({ id, memory, job, run }) => {
	if (!memory) return parentPort.close();
	let work = ready.get(id);
	if (!work) {
		if (ready.size >= ${KEPT}) ready.delete(ready.keys().next().value);
		ready.set(id, work = new WebAssembly.Instance(module, { env: { memory } }).exports[run]);
	}
	work(job);
});
`;

/** A model in shared memory, and where in it the kernel reads what is to be done. */
export interface HelpersJob {
	memory: WasmMemory;
	job: number;
	/** The kernel's function that takes blocks of it. */
	run: 'predict' | 'network';
}

const helpers: Worker[] = [];
const ids = new WeakMap<HelpersJob, number>();
let nextId = 0;
let home: NodeJS.Timeout | undefined;

/**
 * Tells `count` threads of this process to help with a job. They take what is left of it when they come, so nobody waits for one to start,
 * and stay a while for the next. They are not counted on: one that never comes is not missed.
 */
export function callHelpers(module: WasmModule, job: HelpersJob, count: number): void {
	if (!(count > 0)) return;
	while (helpers.length < Math.min(count, 63)) {
		const helper = new Worker(HELPER, { eval: true, name: 'trees-predict', workerData: { module } });
		helper.on('error', () => {
			helpers.splice(helpers.indexOf(helper) >>> 0, 1);
		});
		helper.unref();
		helpers.push(helper);
	}
	let id = ids.get(job);
	if (id === undefined) ids.set(job, (id = nextId++));
	for (const helper of helpers.slice(0, count)) helper.postMessage({ id, ...job });
	clearTimeout(home);
	// By a message, which comes after all jobs that wait: to be ended by force, one might hold rows of a job that began meanwhile.
	home = setTimeout(() => {
		for (const helper of helpers.splice(0)) helper.postMessage({});
	}, IDLE_MS);
	home.unref();
}
