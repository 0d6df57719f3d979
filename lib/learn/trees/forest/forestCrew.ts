import { Worker } from 'node:worker_threads';
import { breathe } from '../../check.js';
import type { FitContext } from '../../contract.js';
import { fromBuffers, type GrownTree } from './grown.js';
import { BUDGET, joined, KernelGrower, type Ground } from './kernelGrower.js';
import { NODES, SET_BASE, SET_COUNT } from './forestLayout.js';

/** Who grows the trees. `stop` ends the work; trees come in any order. */
export interface Crew {
	grow(trees: number, stop: () => boolean, done: (tree: number, grown: GrownTree) => void): Promise<void>;
	backend(): string;
}

/** Everything in the calling thread. */
export function soloCrew(grower: { grow(tree: number, stop: () => boolean): GrownTree | undefined }, kind: string): Crew {
	return {
		backend: () => `${kind}, 1 thread`,
		async grow(trees, stop, done) {
			for (let t = 0; t < trees && !stop(); t++) {
				const grown = grower.grow(t, stop);
				if (!grown) return;
				done(t, grown);
				await breathe();
			}
		},
	};
}

/**
 * What a worker runs. It is given as text, so that it needs no file of its own to be found, and all it does is in the WASM kernel:
 * take the next tree, grow it, send it.
 */
const WORKER = `
const { parentPort, workerData } = require('node:worker_threads');
const { module, memory, plan, seeds, next, stop, grower, sets, arrays, budget } = workerData;
const { forestBegin, forestGrow } = new WebAssembly.Instance(module, { env: { memory } }).exports;
const words = new Int32Array(memory.buffer);
const own = grower >>> 2;
const copy = (at, bytes) => new Uint8Array(memory.buffer, at, bytes).slice().buffer;
for (;;) {
	const tree = Atomics.add(words, next >>> 2, 1);
	if (tree >= seeds.length) break;
	const chosen = [];
	const empty = () => {
		chosen.push(new Uint32Array(copy(sets, 4 * words[own + ${SET_COUNT}])));
		words[own + ${SET_BASE}] += words[own + ${SET_COUNT}];
		words[own + ${SET_COUNT}] = 0;
	};
	forestBegin(plan, grower, seeds[tree]);
	let state = 0;
	while (state !== 1 && !Atomics.load(words, stop >>> 2)) {
		state = forestGrow(plan, grower, budget);
		if (state === 2) empty();
	}
	if (state !== 1) break;
	empty();
	const nodes = words[own + ${NODES}];
	const buffers = arrays.map(({ at, nodeBytes }) => copy(at, nodes * nodeBytes));
	parentPort.postMessage({ tree, buffers, chosen }, buffers);
}
`;

/**
 * A tree a thread: the calling one and a worker for each further part of the ground. A worker that fails leaves its trees to the others.
 */
export function workerCrew(ground: Ground, context: Pick<FitContext, 'note'>): Crew {
	const {
		layout,
		memory,
		module,
		arena: { i32 },
		plan,
	} = ground;
	const next = layout.next >>> 2;
	const grower = new KernelGrower(ground);
	/** Threads that finished a tree. */
	const busy = new Set<number>();
	return {
		backend: () => `wasm, ${busy.size} ${busy.size === 1 ? 'thread' : 'threads'}`,
		async grow(trees, stop, done) {
			const missing = new Set(Array.from({ length: trees }, (_, t) => t));
			const take = (thread: number, tree: number, grown: GrownTree): void => {
				busy.add(thread);
				missing.delete(tree);
				done(tree, grown);
			};
			let failed = 0;
			const workers: Worker[] = [];
			const ends = layout.growers.slice(1).map(async (own, i) => {
				try {
					const worker = new Worker(WORKER, {
						eval: true,
						name: 'trees',
						workerData: {
							...own,
							module,
							memory,
							plan: layout.plan,
							seeds: plan.seeds.slice(0, trees),
							next: layout.next,
							stop: layout.stop,
							budget: BUDGET,
						},
					});
					workers.push(worker);
					worker.on('message', ({ tree, buffers, chosen }: { tree: number; buffers: ArrayBuffer[]; chosen: Uint32Array[] }) =>
						take(i + 1, tree, fromBuffers(buffers, joined(chosen))),
					);
					worker.on('error', () => {
						failed++;
					});
					await new Promise((resolve) => worker.once('exit', resolve));
				} catch {
					failed++;
				}
			});
			try {
				const one = (tree: number): boolean => {
					const grown = grower.grow(tree, stop);
					if (grown) take(0, tree, grown);
					return grown !== undefined;
				};
				for (let tree = Atomics.add(i32, next, 1); tree < trees && !stop(); tree = Atomics.add(i32, next, 1)) {
					if (!one(tree)) return;
					await breathe();
				}
				let working = true;
				const over = Promise.all(ends).then(() => {
					working = false;
				});
				while (working && missing.size > 0 && !stop()) await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 10))]);
				if (failed)
					context.note('trees.fewer_threads', `${failed} of ${layout.growers.length} threads could not work: the others grew their trees.`);
				// What a failed worker had taken.
				for (const tree of [...missing]) if (stop() || !one(tree)) return;
			} finally {
				Atomics.store(i32, layout.stop >>> 2, 1);
				await Promise.all(workers.map((worker) => worker.terminate()));
			}
		},
	};
}
