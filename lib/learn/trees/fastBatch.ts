import { arenaOn, Planner } from './arena.js';
import { kernelModule } from './hire.js';
import type { Compiled, FastBatch } from './compile.js';
import { wasm } from './wasm.js';

interface Exports { predict(roots: number, trees: number, outputs: number, rows: number, data: number, rowBytes: number, out: number): void }

const NODE = 32;
/** A kind that no split has. */
const LEAF = 8;

/** The model laid out for the kernel's `predict`; undefined where there is no kernel. The sums are the plain path's, bit for bit. */
export function fastBatch(c: Compiled, most = 256): FastBatch | undefined {
	const module = kernelModule();
	if (!module) return undefined;
	const width = Math.max(1, c.model.columns.length);
	const plan = new Planner(4096);
	const nodes = plan.take(c.feature.length * NODE);
	const bits = plan.take(c.bits.length * 4);
	const roots = plan.take(c.roots.length * 4);
	const data = plan.take(most * width * 8);
	const out = plan.take(most * c.outputs * 8);
	const pages = Math.ceil(plan.total / 65_536) + 1;
	if (pages > 65_536) return undefined;
	const memory = new wasm.Memory({ initial: pages, maximum: pages, shared: true });
	const { u32, f64 } = arenaOn(memory.buffer);
	const at = (n: number) => nodes + n * NODE;
	for (let n = 0; n < c.feature.length; n++) {
		const f = c.feature[n];
		const w = at(n) >>> 2;
		f64[at(n) >>> 3] = f < 0 ? c.value[n] : c.threshold[n];
		u32[w + 2] = f < 0 ? 0 : f * 8;
		u32[w + 3] = f < 0 ? LEAF : c.kind[n];
		u32[w + 4] = at(c.left[n]);
		u32[w + 5] = at(c.right[n]);
		u32[w + 6] = bits + c.bitsAt[n] * 4;
		u32[w + 7] = f < 0 ? 0 : c.levels[f];
	}
	u32.set(c.bits, bits >>> 2);
	c.roots.forEach((n, t) => { u32[(roots >>> 2) + t] = at(n); });
	const { predict } = new wasm.Instance(module, { env: { memory } }).exports as Exports;
	const sums = f64.subarray(out >>> 3, (out >>> 3) + most * c.outputs);
	return {
		most, sums, rows: f64.subarray(data >>> 3, (data >>> 3) + most * width),
		run(rows) {
			sums.fill(0, 0, rows * c.outputs);
			predict(roots, c.roots.length, c.outputs, rows, data, width * 8, out);
		},
	};
}
