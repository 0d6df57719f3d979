import { checkState } from '../check.js';
import type { State } from '../contract.js';
import { linkOf } from './losses/index.js';
import { compactSizes, readCompactForm, writeCompactForm } from './stored/compactForm.js';
import { readFirstForm } from './stored/firstForm.js';
import { arrayIn, damaged } from './stored/treeDamage.js';
import type { FinishedTree } from './tree.js';

export type ModelColumn = { name: string; kind: 'number' } | { name: string; kind: 'category'; levels: number; seen: Uint32Array };

/** A trained model: tree `i` belongs to output `i % outputs`. */
export interface Ensemble {
	loss: string;
	outputs: number;
	/** Raw score of each output before any tree. */
	initial: number[];
	/** Forests average their trees, boosted models add them. */
	average: boolean;
	trees: FinishedTree[];
	columns: ModelColumn[];
}

export const TREES_FORMAT = 'mlops-trees';
const VERSION = 2;

/** The model as plain arrays: the compact form (stored/compactForm.ts). */
export function toState(model: Ensemble, meta: Record<string, unknown> = {}): State {
	const { arrays, form, nodes } = writeCompactForm(model);
	arrays.initial = Float64Array.from(model.initial);
	model.columns.forEach((c, i) => {
		if (c.kind === 'category') arrays[`seen${i}`] = c.seen;
	});
	return {
		format: TREES_FORMAT,
		version: VERSION,
		arrays,
		meta: {
			...meta,
			loss: model.loss,
			outputs: model.outputs,
			average: model.average,
			nodes,
			trees: model.trees.length,
			form,
			columns: model.columns.map((c) =>
				c.kind === 'number' ? { name: c.name, kind: c.kind } : { name: c.name, kind: c.kind, levels: c.levels },
			),
		},
	};
}

/** Reads a state and checks everything that prediction relies on. @throws `learn.model_invalid`, `store.version_newer` */
export function fromState(state: State): Ensemble {
	checkForm(state);
	const meta = state.meta as { loss?: unknown; outputs?: unknown; average?: unknown; columns?: unknown };
	const outputs = Number(meta.outputs);
	if (typeof meta.loss !== 'string' || !linkOf(meta.loss)) throw damaged('its loss is unknown');
	if (!Number.isInteger(outputs) || outputs < 1 || outputs > 1e6) throw damaged('its number of outputs is impossible');
	if (!Array.isArray(meta.columns)) throw damaged('its columns are missing');
	const columns = meta.columns.map((c: unknown, i) => columnIn(state, c, i));
	const initial = Array.from(arrayIn(state, 'initial', Float64Array, outputs));
	if (!initial.every(Number.isFinite)) throw damaged('its first score is not a number');
	const trees = state.version === 1 ? readFirstForm(state, columns) : readCompactForm(state, outputs, columns);
	if (trees.length % outputs !== 0) throw damaged('it has not the same number of trees for each output');
	return { loss: meta.loss, outputs, initial, average: meta.average === true, trees, columns };
}

/** What was checked and not yet asked for: whoever checks a state and then makes it ready reads its trees once. */
const checked = new WeakMap<State, Ensemble>();

/** `validate` of the learners that have trees. @throws `learn.model_invalid`, `store.version_newer` */
export function checkTrees(state: State): State {
	checked.set(state, fromState(state));
	return state;
}

/** The model of a state that may just have been checked. @throws `learn.model_invalid`, `store.version_newer` */
export function modelOf(state: State): Ensemble {
	const known = checked.get(state);
	checked.delete(state);
	return known ?? fromState(state);
}

/** @throws `learn.model_invalid`, `store.version_newer` */
function checkForm(state: State): void {
	if (state.format !== TREES_FORMAT) throw damaged(`its format is "${state.format}"`);
	checkState(state, TREES_FORMAT, VERSION, []);
	if (state.version !== 1 && state.version !== VERSION) throw damaged(`it has version ${state.version}`);
}

function columnIn(state: State, column: unknown, i: number): ModelColumn {
	const { name, kind, levels } = (column ?? {}) as { name?: unknown; kind?: unknown; levels?: unknown };
	if (typeof name !== 'string') throw damaged(`column ${i + 1} has no name`);
	if (kind === 'number') return { name, kind };
	if (kind !== 'category' || !Number.isInteger(levels)) throw damaged(`column "${name}" has no kind`);
	const seen = arrayIn(state, `seen${i}`, Uint32Array);
	for (let k = 0, n = seen.length; k < n; k++)
		if (seen[k] >= (levels as number) || (k > 0 && seen[k] <= seen[k - 1]))
			throw damaged(`the categories of column "${name}" are out of order`);
	return { name, kind, levels: levels as number, seen };
}

/** Nodes of each tree of a state, read without its nodes. @throws `learn.model_invalid`, `store.version_newer` */
function treeSizes(state: State): number[] {
	checkForm(state);
	if (state.version === VERSION) return compactSizes(state, Number(state.meta.outputs));
	const starts = arrayIn(state, 'starts', Uint32Array);
	return Array.from({ length: Math.max(0, starts.length - 1) }, (_, t) => starts[t + 1] - starts[t]);
}

/**
 * Microseconds that a row takes on a usual core, about: a question of a tree some nanoseconds, and half as many again as a full tree had.
 */
export const treeMicroseconds = (state: State): number =>
	treeSizes(state).reduce((sum, size) => sum + 0.008 * 1.5 * Math.log2(1 + size / 2), 0);

/** Bytes of a node as it was read and as it is laid out for answers and reasons. */
const NODE_BYTES = 120;
/** Rows of small trees are answered by tables (leafMasks.ts), which grow to so many bytes at most. */
const TABLE_BYTES = { node: 500, most: 32e6 };

/** Bytes that a model takes once it is laid out for answers and reasons, about: 80 to 115 a node of a forest, 410 to 620 of few trees. */
export function treeBytes(state: State): number {
	const nodes = treeSizes(state).reduce((sum, size) => sum + size, 0);
	return NODE_BYTES * nodes + Math.min(TABLE_BYTES.node * nodes, TABLE_BYTES.most);
}
