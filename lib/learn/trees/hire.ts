import type { FitContext } from '../contract.js';
import { arenaOn } from './arena.js';
import { soloCrew, type Crew } from './crew.js';
import type { Layout } from './layout.js';
import type { LossRows, Loss } from './losses/index.js';
import type { TreeParams } from './params.js';
import { plainKernel } from './plainKernel.js';

export type HiredCrew = Crew & { layout: Layout; gradients(loss: Loss, rows: LossRows, g: Float32Array[], h: Float32Array[]): void };

/** Chooses kernel and threads by what the platform has and by the size of the work, and makes the arena. */
export async function hireCrew(
	_context: Pick<FitContext, 'threads' | 'note'>, _params: TreeParams, plan: (threads: number, start: number) => Layout, _cells: number,
): Promise<HiredCrew> {
	const layout = plan(1, 64);
	const arena = arenaOn(new ArrayBuffer(layout.bytes));
	const crew = soloCrew(arena, layout, plainKernel(arena), 'plain, 1 thread');
	return {
		...crew, layout,
		gradients(loss, rows, g, h) {
			if (loss.kernel) crew.kernel[loss.kernel](layout.score, layout.label, layout.weight, layout.gradient, layout.hessian, 0, layout.rows);
			else loss.gradients(rows, g, h);
		},
	};
}
