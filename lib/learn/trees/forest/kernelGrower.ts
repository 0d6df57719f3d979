import type { Column } from '../../contract.js';
import { arenaOn, type Arena } from '../arena.js';
import { wasm, type WasmMemory, type WasmModule } from '../wasm.js';
import { fromBuffers, type GrownTree } from './grown.js';
import { layOut, NODES, SET_BASE, SET_COUNT, writePlan, type ForestLayout } from './forestLayout.js';
import { placeCodes, type ForestPlan, type Place } from './planForest.js';

interface Exports {
	forestBegin(plan: number, mine: number, seed: number): void;
	forestGrow(plan: number, mine: number, budget: number): number;
}

const PAGE = 65_536;
const MOST = 65_536 * PAGE;
/** Visits of rows between two looks at whether to stop: a few milliseconds. */
export const BUDGET = 1 << 20;
const NOT_YET = 0;
const SETS_FULL = 2;

/** The memory that all threads of a forest work in, with its bins and labels. */
export interface Ground {
	plan: ForestPlan;
	layout: ForestLayout;
	memory: WasmMemory;
	module: WasmModule;
	arena: Arena;
}

/** Makes the memory for as many of `threads` as fit into what the kernel can address; undefined where not even one does. */
export function breakGround(plan: ForestPlan, columns: readonly Column[], module: WasmModule, threads: number): Ground | undefined {
	let layout = layOut(plan, threads);
	while (layout.bytes > MOST && layout.growers.length > 1) layout = layOut(plan, layout.growers.length - 1);
	if (layout.bytes > MOST) return undefined;
	const pages = Math.min(65_536, Math.ceil(layout.bytes / PAGE) + 1);
	const memory = new wasm.Memory({ initial: pages, maximum: pages, shared: true });
	const arena = arenaOn(memory.buffer);
	const { rows, features, stride } = plan;
	placeCodes(
		plan,
		columns,
		features.map((f, i): Place => {
			if (f.slot >= 0) return { codes: arena.u8.subarray(layout.together, layout.together + stride * rows), base: f.slot, step: stride };
			const first = layout.codes[i] / f.codeBytes;
			return {
				codes: (f.codeBytes === 1 ? arena.u8 : f.codeBytes === 2 ? arena.u16 : arena.u32).subarray(first, first + rows),
				base: 0,
				step: 1,
			};
		}),
	);
	writePlan(plan, layout, arena.u32, arena.f64);
	return { plan, layout, memory, module, arena };
}

/** Grows trees with the WASM kernel in the calling thread. */
export class KernelGrower {
	private readonly exports: Exports;

	constructor(private readonly ground: Ground) {
		this.exports = new wasm.Instance(ground.module, { env: { memory: ground.memory } }).exports as Exports;
	}

	/** Grows tree number `tree`; `stop` is asked every few milliseconds, and when it says so there is none. */
	grow(tree: number, stop: () => boolean): GrownTree | undefined {
		const {
			plan,
			layout: {
				plan: head,
				growers: [{ grower, arrays, sets }],
			},
			arena: { buffer, u32 },
		} = this.ground;
		const word = grower >>> 2;
		const chosen: Uint32Array[] = [];
		const empty = (): void => {
			chosen.push(u32.slice(sets >>> 2, (sets >>> 2) + u32[word + SET_COUNT]));
			u32[word + SET_BASE] += u32[word + SET_COUNT];
			u32[word + SET_COUNT] = 0;
		};
		this.exports.forestBegin(head, grower, plan.seeds[tree]);
		for (let state = NOT_YET; ; ) {
			state = this.exports.forestGrow(head, grower, BUDGET);
			if (state === SETS_FULL) empty();
			else if (state !== NOT_YET) break;
			if (stop()) return undefined;
		}
		empty();
		const nodes = u32[word + NODES];
		return fromBuffers(
			arrays.map(({ at, nodeBytes }) => new Uint8Array(buffer, at, nodes * nodeBytes).slice().buffer),
			joined(chosen),
		);
	}
}

export function joined(parts: readonly Uint32Array[]): Uint32Array {
	const out = new Uint32Array(parts.reduce((n, p) => n + p.length, 0));
	let at = 0;
	for (const part of parts) {
		out.set(part, at);
		at += part.length;
	}
	return out;
}
