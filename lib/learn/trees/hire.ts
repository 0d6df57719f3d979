import fs from 'node:fs';
import path from 'node:path';
import type { FitContext } from '../contract.js';
import { arenaOn } from './arena.js';
import { soloCrew, type Crew } from './treeCrew.js';
import type { Layout } from './layout.js';
import { plainKernel } from './plainKernel.js';
import { teamCrew } from './team.js';
import { wasm, type WasmModule } from './wasm.js';

/** Where the arena begins: the compiler's own few constants lie below. */
const START = 4096;
const PAGE = 65_536;
const MOST = 65_536 * PAGE;

let compiled: WasmModule | null | undefined;

/** The kernel, compiled once a process; null where it was not built or the platform lacks SIMD or threads. */
export function kernelModule(): WasmModule | null {
	if (compiled !== undefined) return compiled;
	try {
		compiled = new wasm.Module(fs.readFileSync(path.join(__dirname, 'kernel', 'kernel.wasm')));
	} catch {
		compiled = null;
	}
	return compiled;
}

export interface Hiring {
	context: Pick<FitContext, 'threads' | 'note'>;
	/** Rows times columns: small work is done faster alone. */
	cells: number;
	/** The plain kernel even where the other one runs, and a thread for so much work: for comparisons. */
	plain?: boolean;
	cellsPerThread?: number;
	plan(threads: number, start: number): Layout;
}

/**
 * Chooses kernel and threads by what the platform has and by the size of the work, and makes the arena. The model does not depend on the
 * choice.
 */
export function hireCrew({ context, cells, plain, cellsPerThread = 400_000, plan }: Hiring): Crew {
	const module = plain || typeof SharedArrayBuffer === 'undefined' ? null : kernelModule();
	if (!module) {
		if (!plain)
			context.note(
				'trees.plain_kernel',
				'The fast kernel is not available here (it needs WebAssembly SIMD, threads and shared memory): training runs in plain ' +
					'JavaScript, several times slower.',
			);
		const layout = plan(1, START);
		const arena = arenaOn(new ArrayBuffer(layout.bytes));
		return soloCrew(arena, layout, plainKernel(arena));
	}
	const threads = Math.max(1, Math.min(context.threads, Math.floor(cells / cellsPerThread), 64));
	const layout = plan(threads, START);
	if (layout.bytes > MOST) {
		context.note('trees.plain_kernel', 'The data are larger than the fast kernel can address: training runs in plain JavaScript.');
		const wide = plan(1, START);
		const arena = arenaOn(new ArrayBuffer(wide.bytes));
		return soloCrew(arena, wide, plainKernel(arena));
	}
	const pages = Math.ceil(layout.bytes / PAGE) + 1;
	const memory = new wasm.Memory({ initial: Math.min(pages, 65_536), maximum: Math.min(pages, 65_536), shared: true });
	return teamCrew(module, memory, layout, threads);
}
