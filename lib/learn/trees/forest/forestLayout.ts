import { Planner } from '../arena.js';
import { mostNodes, type ForestPlan } from './planForest.js';

/** Below lie the compiler's own few constants. */
const START = 4096;
/** Fields of the kernel's classes `Plan`, `Feature`, `Entry` and `Grower`, in bytes. */
const PLAN_BYTES = 128;
const FEATURE_BYTES = 32;
const ENTRY_BYTES = 64;
const GROWER_BYTES = 256;
/** A list of nodes to do never holds more than one for each halving of the rows. */
const PENDING = 64;
/** Categories that go left, of all splits of a tree: emptied when full. */
const SET_ROOM = 65_536;

/** A thread's own part of the memory, as byte offsets. */
export interface GrowerLayout {
	grower: number;
	/** The fields of `Grower` that say where its arrays lie, in order. */
	pointers: number[];
	sets: number;
	/** The arrays of the tree: where, and how many bytes a node. */
	arrays: Array<{ at: number; nodeBytes: number }>;
}

/** Where everything lies in the memory that the threads of a forest share. */
export interface ForestLayout {
	plan: number;
	table: number;
	label: number;
	weight: number;
	/** The number of the next tree, and whether to stop. */
	next: number;
	stop: number;
	/** Bins of narrow columns, row by row, and of each other column. */
	together: number;
	codes: number[];
	/** The borders of each number, where thresholds are drawn. */
	borders: number[];
	setRoom: number;
	growers: GrowerLayout[];
	bytes: number;
}

export const SET_COUNT = 25;
export const SET_BASE = 26;
export const NODES = 24;

export function layOut(plan: ForestPlan, threads: number): ForestLayout {
	const { rows, outputs, size, features } = plan;
	const at = new Planner(START);
	const head = at.take(PLAN_BYTES);
	const table = at.take(features.length * FEATURE_BYTES);
	const next = at.take(4);
	const stop = at.take(4);
	const label = at.take(rows * 8);
	const weight = plan.weight ? at.take(rows * 8) : 0;
	const together = at.take(plan.stride * rows);
	const codes = features.map((f) => (f.slot >= 0 ? 0 : at.take(rows * f.codeBytes)));
	const borders = features.map((f) => (plan.random && f.bins.kind === 'number' ? at.take(f.bins.bounds.length * 8) : 0));
	const setRoom = features.some((f) => f.bins.kind === 'category') ? Math.max(SET_ROOM, size) : 1;
	const most = mostNodes(plan);
	const growers = Array.from({ length: threads }, (): GrowerLayout => {
		const grower = at.take(GROWER_BYTES);
		const index = at.take(rows * 4);
		const spare = at.take(rows * 4);
		const values = at.take(rows * 16);
		const spareValues = at.take(rows * 16);
		const cells = at.take(size * (outputs + 1) * 8);
		const flags = at.take(512);
		const tally = at.take(size * 4);
		const present = at.take(size * 4);
		const keys = at.take(size * 8);
		const order = at.take(features.length * 4);
		const stack = at.take(PENDING * ENTRY_BYTES);
		const waiting = at.take((plan.bestFirst ? plan.maxLeaves + 1 : 1) * ENTRY_BYTES);
		const moved = at.take(ENTRY_BYTES);
		const partial = at.take(2 * (outputs + 1) * 8);
		const sides = at.take(size + 1);
		const sets = at.take(setRoom * 4);
		const arrays = [4, 4, 4, 4, 4, 8, 8, 8 * outputs].map((nodeBytes) => ({ at: at.take(most * nodeBytes), nodeBytes }));
		return {
			grower,
			sets,
			arrays,
			pointers: [
				index,
				spare,
				values,
				spareValues,
				cells,
				flags,
				tally,
				present,
				keys,
				order,
				stack,
				waiting,
				moved,
				partial,
				sides,
				sets,
				...arrays.map((a) => a.at),
			],
		};
	});
	return { plan: head, table, label, weight, next, stop, together, codes, borders, setRoom, growers, bytes: at.total };
}

/** Writes what the kernel reads of a plan. */
export function writePlan(plan: ForestPlan, layout: ForestLayout, u32: Uint32Array, f64: Float64Array): void {
	u32.set(
		[
			plan.rows,
			plan.features.length,
			plan.outputs,
			plan.tries,
			plan.maxDepth,
			plan.minLeaf,
			plan.minSplit,
			plan.maxLeaves,
			+plan.bootstrap,
			+plan.random,
			+plan.bestFirst,
			plan.classes,
			+(plan.minLeaf > 1),
			layout.setRoom,
			layout.label,
			layout.weight,
			layout.table,
		],
		layout.plan >>> 2,
	);
	f64.set([plan.speck, plan.minGain], (layout.plan + 72) >>> 3);
	f64.set(plan.y, layout.label >>> 3);
	if (plan.weight) f64.set(plan.weight, layout.weight >>> 3);
	plan.features.forEach((f, i) => {
		const [base, step] = f.slot >= 0 ? [layout.together + f.slot, plan.stride] : [layout.codes[i], f.codeBytes];
		u32.set(
			[base, step, f.codeBytes, f.bins.bins, +(f.bins.kind === 'category'), f.column, layout.borders[i]],
			(layout.table + i * FEATURE_BYTES) >>> 2,
		);
		if (layout.borders[i] && f.bins.kind === 'number') f64.set(f.bins.bounds, layout.borders[i] >>> 3);
	});
	for (const { grower, pointers } of layout.growers) u32.set(pointers, grower >>> 2);
}
