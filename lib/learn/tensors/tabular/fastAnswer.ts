import { MlopsError } from '../../../domain/errors.js';
import { arenaOn, Planner, type Arena } from '../../trees/arena.js';
import { kernelModule } from '../../trees/hire.js';
import { callHelpers } from '../../trees/predictHelpers.js';
import { wasm } from '../../trees/wasm.js';
import { FOUR, WAVE, type CompiledNetwork } from './compileNetwork.js';

interface Exports {
	network(job: number): void;
	networkRow(model: number, data: number, slots: number, h: number, z: number, out: number): void;
}

/** The compiler's own few constants lie below. */
const START = 4096;
/** Rows of a block: its numbers stay near the processor. */
const BLOCK = 64;
/** Rows that lie side by side. */
const PANEL = 8;
/** Bytes of rows at a time. */
const CHUNK = 8e6;
const PAGE = 65_536;
const MOST_PAGES = 65_536;
/** Threads that have room to compute in. */
const ROOMS = 16;
/** Columns are so much further apart, so that those of one block do not compete for the same places in the cache. */
const SHIFT = 192;
/** A block takes milliseconds. */
const SILENCE_MS = 60_000;
/** Words of a layer, and bytes of a column's center and factor. */
const [LAYER, AFFINE] = [24, 16];
/** Where the fields of a job lie, see `network` in trees/kernel/assembly/network.ts. */
const At = { left: 0, done: 64, fields: 128, rows: 132, blocks: 136 } as const;

/** Takes the places of a model, and says how it is written there; answers where it begins. */
function placesOf(c: CompiledNetwork, plan: Planner): { model: number; write(arena: Arena): void } {
	const affine = plan.take(c.numbers.length * AFFINE);
	const waves = plan.take(c.numbers.length * WAVE * 4);
	const layers = plan.take(c.layers.length * LAYER);
	const parts = c.layers.map(({ w, bias }) => ({
		w: plan.take(w.byteLength),
		bias: plan.take(bias.byteLength),
		a: plan.take(bias.byteLength),
	}));
	const list = plan.take(c.tables.length * 4);
	const tables = c.tables.map(({ rows }) => plan.take(rows.byteLength));
	const model = plan.take(64);
	return {
		model,
		write({ u32, f32, f64 }) {
			c.numbers.forEach(({ center, factor }, k) => {
				f64.set([center, factor], (affine + k * AFFINE) >>> 3);
			});
			if (c.waves) f32.set(c.waves, waves >>> 2);
			c.layers.forEach(({ into, out, fours, w, bias, a }, l) => {
				const at = parts[l];
				f32.set(w, at.w >>> 2);
				f32.set(bias, at.bias >>> 2);
				if (a) f32.set(a, at.a >>> 2);
				u32.set([into, fours, at.w, at.bias, a ? at.a : 0, out], (layers + l * LAYER) >>> 2);
			});
			c.tables.forEach(({ rows }, t) => {
				f32.set(rows, tables[t] >>> 2);
			});
			u32.set(tables, list >>> 2);
			u32.set(
				[c.numbers.length, affine, c.waves ? waves : 0, Number(c.activation === 'mish'), c.tables.length, c.layers.length, layers, list],
				model >>> 2,
			);
		},
	};
}

/** Numbers of the widest layer, and room for those that are nobody's. */
const widest = (c: CompiledNetwork): number => Math.max(...c.layers.flatMap(({ into, fours }) => [into, fours * FOUR])) + FOUR;

/** Memory for what was planned and the kernel on it; undefined where there is no kernel or too little address space. */
function open(plan: Planner): { memory: InstanceType<typeof wasm.Memory>; arena: Arena; kernel: Exports } | undefined {
	const module = kernelModule();
	const pages = Math.ceil(plan.total / PAGE) + 1;
	if (!module || pages > MOST_PAGES) return undefined;
	const memory = new wasm.Memory({ initial: pages, maximum: pages, shared: true });
	const { exports } = new wasm.Instance(module, { env: { memory } });
	return { memory, arena: arenaOn(memory.buffer), kernel: exports as Exports };
}

/** A row at a time: fill `values` and `slots`, then read what `answer` gives. */
export interface FastRow {
	values: Float64Array;
	slots: Int32Array;
	answer(): Float32Array;
}

/** Single rows by the kernel; undefined where there is none. The bits are those of `plainAnswer`. */
export function fastRow(c: CompiledNetwork): FastRow | undefined {
	const plan = new Planner(START);
	const { model, write } = placesOf(c, plan);
	const values = plan.take(c.numbers.length * 8);
	const slots = plan.take(c.tables.length * 4);
	const h = plan.take(widest(c) * 4);
	const z = plan.take(widest(c) * 4);
	const out = plan.take(widest(c) * 4);
	const opened = open(plan);
	if (!opened) return undefined;
	const { arena, kernel } = opened;
	write(arena);
	const raw = arena.f32.subarray(out >>> 2, (out >>> 2) + c.outputs);
	return {
		values: arena.f64.subarray(values >>> 3, (values >>> 3) + c.numbers.length),
		slots: arena.i32.subarray(slots >>> 2, (slots >>> 2) + c.tables.length),
		answer() {
			kernel.networkRow(model, values, slots, h, z, out);
			return raw;
		},
	};
}

/** Many rows at a time. */
export interface FastRows {
	/** Rows that fit at once. */
	most: number;
	/** Where the numbers of a column, and the slots of one, are to be written. */
	values(column: number): Float64Array;
	slots(column: number): Int32Array;
	/** Computes so many rows; row-major, written over by the next. */
	answer(rows: number, threads: number): Float32Array;
}

/** Many rows by the kernel and all threads that come; undefined where there is none. The bits are those of `plainAnswer`. */
export function fastRows(c: CompiledNetwork): FastRows | undefined {
	const perRow = 8 * c.numbers.length + 4 * (c.tables.length + c.outputs);
	const most = Math.max(1, Math.floor(CHUNK / perRow / BLOCK)) * BLOCK;
	const [apart, slotsApart] = [most * 8 + SHIFT, most * 4 + SHIFT];
	const half = Math.ceil((widest(c) * (BLOCK + PANEL) * 4) / 64) * 64;
	const plan = new Planner(START);
	const { model, write } = placesOf(c, plan);
	const job = plan.take(256);
	const data = plan.take(c.numbers.length * apart);
	const slots = plan.take(c.tables.length * slotsApart);
	const rooms = plan.take(2 * half * ROOMS);
	const out = plan.take(most * c.outputs * 4);
	const opened = open(plan);
	if (!opened) return undefined;
	const { memory, arena, kernel } = opened;
	const { u32, i32, f32, f64 } = arena;
	write(arena);
	u32.set([model, 0, 0, BLOCK, data, apart, slots, slotsApart, rooms, half, ROOMS, out], (job + At.fields) >>> 2);
	const helpersJob = { memory, job, run: 'network' } as const;
	const done = (job + At.done) >>> 2;
	return {
		most,
		values: (column) => f64.subarray((data + column * apart) >>> 3, ((data + column * apart) >>> 3) + most),
		slots: (column) => i32.subarray((slots + column * slotsApart) >>> 2, ((slots + column * slotsApart) >>> 2) + most),
		answer(rows, threads) {
			const count = Math.ceil(rows / BLOCK);
			u32[(job + At.rows) >>> 2] = rows;
			u32[(job + At.blocks) >>> 2] = count;
			Atomics.store(i32, done, 0);
			// The one store that begins the job: helpers still on their way out of the last one find a whole new one or nothing.
			Atomics.store(i32, (job + At.left) >>> 2, count);
			callHelpers(kernelModule()!, helpersJob, Math.min(threads, count, ROOMS) - 1);
			kernel.network(job);
			for (let finished = Atomics.load(i32, done); finished < count; finished = Atomics.load(i32, done)) {
				if (Atomics.wait(i32, done, finished, SILENCE_MS) === 'timed-out')
					throw new MlopsError('compute.task_died', 'A thread that helped with the predictions ended before it was done.', {
						remedy: 'Run again.',
					});
			}
			return f32.subarray(out >>> 2, (out >>> 2) + rows * c.outputs);
		},
	};
}
