import { MlopsError } from '../../domain/errors.js';
import { arenaOn, Planner } from './arena.js';
import { kernelModule } from './hire.js';
import type { Compiled, FastBatch } from './compile.js';
import { callHelpers } from './predictHelpers.js';
import { wasm } from './wasm.js';

interface Exports { predict(job: number): void }

/** A block takes milliseconds. */
const SILENCE_MS = 60_000;
const NODE = 16;
/** Rows of a block: few enough for its values to stay in the first-level cache. */
const MOST = 128;
/** Bytes of values at a time. */
const CHUNK = 16e6;
/** Apart by a little more than a power of two, so that the columns of one row do not compete for the same places in the cache. */
const COLUMN = MOST * 8 + 64;
/** Where the fields of a job lie, see `predict` in kernel/assembly/predict.ts. */
const At = { left: 0, done: 64, fields: 128, rows: 144, blocks: 148 } as const;

/** The model laid out for the kernel's `predict`; undefined where there is no kernel or too little address space. The sums are the plain path's, bit for bit. */
export function fastBatch(c: Compiled): FastBatch | undefined {
	const module = kernelModule();
	if (!module) return undefined;
	const width = Math.max(1, c.model.columns.length);
	const blockBytes = width * COLUMN;
	const blocks = Math.max(1, Math.floor(CHUNK / blockBytes));
	const plan = new Planner(4096);
	// A pair of children takes two nodes; so does a root, of which the second stays empty.
	const slots = c.feature.length + c.roots.length;
	const nodes = plan.take(slots * NODE);
	const values = plan.take(slots * 8);
	const bits = plan.take(c.bits.length * 4);
	const roots = plan.take(c.roots.length * 8);
	const job = plan.take(256);
	const data = plan.take(blocks * blockBytes);
	const out = plan.take(blocks * MOST * c.outputs * 8);
	const pages = Math.ceil(plan.total / 65_536) + 1;
	// The column's offset in a block shares a word of 32 bits with the kind.
	if (pages > 65_536) return undefined;
	const memory = new wasm.Memory({ initial: pages, maximum: pages, shared: true });
	const { i32, u32, f64 } = arenaOn(memory.buffer);
	writeNodes();
	u32.set(c.bits, bits >>> 2);
	u32.set([roots, c.roots.length, c.outputs, MOST, 0, 0, data, blockBytes, nodes, values, out], (job + At.fields) >>> 2);
	const { predict } = new wasm.Instance(module, { env: { memory } }).exports as Exports;
	const helpersJob = { memory, job };
	const used = new Uint8Array(width);
	for (const f of c.feature) if (f >= 0) used[f] = 1;
	const done = (job + At.done) >>> 2;
	return {
		used, most: blocks * MOST, block: MOST, sums: f64.subarray(out >>> 3, (out >>> 3) + blocks * MOST * c.outputs), values: f64,
		at: (block, column) => (data + block * blockBytes + column * COLUMN) >>> 3,
		run(rows, threads) {
			const count = Math.ceil(rows / MOST);
			u32[(job + At.rows) >>> 2] = rows;
			u32[(job + At.blocks) >>> 2] = count;
			Atomics.store(i32, done, 0);
			// The one store that begins the job: helpers still on their way out of the last one find a whole new one or nothing.
			Atomics.store(i32, (job + At.left) >>> 2, count);
			callHelpers(module, helpersJob, Math.min(threads, count) - 1);
			predict(job);
			// A block is only ever held inside the kernel, which comes back soon, unless its thread died.
			for (let finished = Atomics.load(i32, done); finished < count; finished = Atomics.load(i32, done)) {
				if (Atomics.wait(i32, done, finished, SILENCE_MS) === 'timed-out') throw new MlopsError('compute.task_died', 'A thread that helped with the predictions ended before it was done.', { remedy: 'Run again.' });
			}
		},
	};

	/** Level by level: those that every row passes lie together. */
	function writeNodes(): void {
		let slot = 0;
		c.roots.forEach((root, t) => {
			const first = nodes + slot * NODE;
			let any = 0;
			const waiting: Array<readonly [node: number, slot: number]> = [[root, slot]];
			slot += 2;
			for (const [n, here] of waiting) {
				const at = nodes + here * NODE;
				const f = c.feature[n];
				f64[(values >>> 3) + here] = f < 0 ? c.value[n] : 0;
				if (f < 0) {
					f64[at >>> 3] = NaN;
					u32[(at >>> 2) + 3] = at - NODE;
					continue;
				}
				any |= c.kind[n] & 6;
				if (c.kind[n] & 2) {
					u32[at >>> 2] = bits + c.bitsAt[n] * 4;
					u32[(at >>> 2) + 1] = c.levels[f];
				} else f64[at >>> 3] = c.threshold[n];
				u32[(at >>> 2) + 2] = (f * COLUMN) | c.kind[n];
				u32[(at >>> 2) + 3] = nodes + slot * NODE;
				waiting.push([c.left[n], slot], [c.right[n], slot + 1]);
				slot += 2;
			}
			u32.set([first, any], (roots >>> 2) + 2 * t);
		});
	}
}
