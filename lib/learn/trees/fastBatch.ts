import { MlopsError } from '../../domain/errors.js';
import { arenaOn, Planner } from './arena.js';
import { kernelModule } from './hire.js';
import type { Compiled, FastBatch } from './compileTrees.js';
import { checkCodes } from './matchColumns.js';
import { callHelpers } from './predictHelpers.js';
import { wasm } from './wasm.js';

interface Exports {
	predict(job: number): void;
}

/** A block takes milliseconds. */
const SILENCE_MS = 60_000;
const NODE = 16;
/**
 * Rows of a block: few enough for its values to stay near the processor; many where it is the trees (of more bytes than so many) that do
 * not, since each block walks through them all.
 */
const FEW = 128;
const MANY = 2048;
const LARGE = 1e6;
/** Bytes of values at a time. */
const CHUNK = 8e6;
/** Columns are apart by whole pages and so much more, so that those of one block do not compete for the same places in the cache. */
const PAGE = 4096;
const SHIFT = FEW * 8 + 64;
/** Added to a category: the last bits of the sum are its code, which the kernel reads without converting it. */
const TWO52 = 2 ** 52;
/** Where the fields of a job lie, see `predict` in kernel/assembly/predict.ts. */
const At = { left: 0, done: 64, fields: 128, rows: 144, blocks: 148, blockBytes: 156, floats: 172 } as const;

/**
 * The model laid out for the kernel's `predict`; undefined where there is no kernel or too little address space. The sums are the plain
 * path's, bit for bit.
 */
// eslint-disable-next-line max-lines-per-function -- lays one model out in one memory, each place behind the one before
export function fastBatch(c: Compiled): FastBatch | undefined {
	const module = kernelModule();
	if (!module) return undefined;
	const width = Math.max(1, c.model.columns.length);
	const block = c.feature.length * NODE + c.bits.length * 4 > LARGE ? MANY : FEW;
	const most = Math.max(1, Math.floor(CHUNK / (width * block * 8))) * block;
	const apart = Math.ceil((most * 8) / PAGE) * PAGE + SHIFT;
	// Without special cases a split by category needs no branch.
	const plain = c.kind.every((k) => k < 4);
	const plan = new Planner(4096);
	// A pair of children takes two nodes; so does a root, of which the second stays empty.
	const slots = c.feature.length + c.roots.length;
	const nodes = plan.take(slots * NODE);
	const values = plan.take(slots * 8);
	const bits = plan.take(c.bits.length * 4);
	const roots = plan.take(c.roots.length * 8);
	const job = plan.take(256);
	const data = plan.take(width * apart);
	// Of floats twice as many rows fit.
	const out = plan.take(2 * most * c.outputs * 8);
	const pages = Math.ceil(plan.total / 65_536) + 1;
	// The column's offset in a block shares a word of 32 bits with the kind.
	if (pages > 65_536) return undefined;
	const memory = new wasm.Memory({ initial: pages, maximum: pages, shared: true });
	const { i32, u32, f32, f64 } = arenaOn(memory.buffer);
	writeNodes();
	u32.set(c.bits, bits >>> 2);
	u32.set([roots, c.roots.length, c.outputs, block, 0, 0, data, block * 8, nodes, values, out], (job + At.fields) >>> 2);
	const { predict } = new wasm.Instance(module, { env: { memory } }).exports as Exports;
	const helpersJob = { memory, job, run: 'predict' } as const;
	const used = new Uint8Array(width);
	for (const f of c.feature) if (f >= 0) used[f] = 1;
	const done = (job + At.done) >>> 2;
	return {
		used,
		most: (floats) => (floats ? 2 * most : most),
		sums: f64.subarray(out >>> 3, (out >>> 3) + 2 * most * c.outputs),
		fill(place, column, from, rows, floats) {
			const at = data + place * apart;
			checkCodes(column, from, rows);
			if (column.kind === 'number' || !plain)
				(floats ? f32 : f64).set(column.data.subarray(from, from + rows), floats ? at >>> 2 : at >>> 3);
			else for (let i = 0; i < rows; i++) f64[(at >>> 3) + i] = TWO52 + column.data[from + i];
		},
		run(rows, threads, floats) {
			const count = Math.ceil(rows / block);
			u32[(job + At.rows) >>> 2] = rows;
			u32[(job + At.blockBytes) >>> 2] = block * (floats ? 4 : 8);
			u32[(job + At.floats) >>> 2] = +floats;
			u32[(job + At.blocks) >>> 2] = count;
			Atomics.store(i32, done, 0);
			// The one store that begins the job: helpers still on their way out of the last one find a whole new one or nothing.
			Atomics.store(i32, (job + At.left) >>> 2, count);
			callHelpers(module, helpersJob, Math.min(threads, count) - 1);
			predict(job);
			// A block is only ever held inside the kernel, which comes back soon, unless its thread died.
			for (let finished = Atomics.load(i32, done); finished < count; finished = Atomics.load(i32, done)) {
				if (Atomics.wait(i32, done, finished, SILENCE_MS) === 'timed-out')
					throw new MlopsError('compute.task_died', 'A thread that helped with the predictions ended before it was done.', {
						remedy: 'Run again.',
					});
			}
		},
	};

	/** Level by level: those that every row passes lie together. */
	function writeNodes(): void {
		let slot = 0;
		c.roots.forEach((root, t) => {
			const first = nodes + slot * NODE;
			let kind = 0;
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
				if (c.kind[n] & 6) kind = plain ? 1 : 2;
				if (c.kind[n] & 2) {
					u32[at >>> 2] = bits + c.bitsAt[n] * 4;
					u32[(at >>> 2) + 1] = c.levels[f];
				} else f64[at >>> 3] = c.threshold[n];
				u32[(at >>> 2) + 2] = (f * apart) | c.kind[n];
				u32[(at >>> 2) + 3] = nodes + slot * NODE;
				waiting.push([c.left[n], slot], [c.right[n], slot + 1]);
				slot += 2;
			}
			u32.set([first, kind], (roots >>> 2) + 2 * t);
		});
	}
}
