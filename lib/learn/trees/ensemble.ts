import { MlopsError } from '../../domain/errors.js';
import type { State, Typed } from '../contract.js';
import { linkOf } from './losses/index.js';
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
const VERSION = 1;
/** Raw category numbers of imported models end here: the table of bits has one for each. */
const MOST_RAW = 1 << 24;

/** The model as plain arrays, all trees behind one another. */
export function toState(model: Ensemble, meta: Record<string, unknown> = {}): State {
	const nodes = model.trees.reduce((n, t) => n + t.feature.length, 0);
	const codeCount = model.trees.reduce((n, t) => n + t.codes.reduce<number>((m, c) => m + (c ? c.length : 0), 0), 0);
	const starts = new Uint32Array(model.trees.length + 1);
	const feature = new Int32Array(nodes);
	const threshold = new Float64Array(nodes);
	const left = new Int32Array(nodes);
	const right = new Int32Array(nodes);
	const flags = new Uint8Array(nodes);
	const value = new Float64Array(nodes);
	const cover = new Float64Array(nodes);
	const count = new Float64Array(nodes);
	const gain = new Float64Array(nodes);
	const codeStart = new Uint32Array(nodes + 1);
	const codes = new Uint32Array(codeCount);
	let at = 0;
	let codeAt = 0;
	model.trees.forEach((tree, t) => {
		starts[t] = at;
		for (let n = 0; n < tree.feature.length; n++, at++) {
			feature[at] = tree.feature[n];
			threshold[at] = tree.threshold[n];
			left[at] = tree.left[n];
			right[at] = tree.right[n];
			flags[at] = tree.defaultLeft[n] | (tree.codes[n] ? 2 : 0) | (tree.special[n] ? 4 : 0);
			value[at] = tree.value[n];
			cover[at] = tree.cover[n];
			count[at] = tree.count[n];
			gain[at] = tree.gain[n];
			codeStart[at] = codeAt;
			const set = tree.codes[n];
			if (set) {
				codes.set(set, codeAt);
				codeAt += set.length;
			}
		}
	});
	starts[model.trees.length] = at;
	codeStart[nodes] = codeAt;
	const arrays: Record<string, Typed> = {
		starts,
		feature,
		threshold,
		left,
		right,
		flags,
		value,
		cover,
		count,
		gain,
		codeStart,
		codes,
		initial: Float64Array.from(model.initial),
	};
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
			columns: model.columns.map((c) =>
				c.kind === 'number' ? { name: c.name, kind: c.kind } : { name: c.name, kind: c.kind, levels: c.levels },
			),
		},
	};
}

const invalid = (what: string) =>
	new MlopsError('learn.model_invalid', `This tree model is damaged: ${what}.`, {
		remedy: 'Train the model again, or restore its file from a backup.',
	});

/** Reads a state and checks everything that prediction relies on. @throws `learn.model_invalid` */
export function fromState(state: State): Ensemble {
	if (state.format !== TREES_FORMAT) throw invalid(`its format is "${state.format}"`);
	if (state.version !== VERSION) throw invalid(`it has version ${state.version}, this program reads version ${VERSION}`);
	const meta = state.meta as { loss?: unknown; outputs?: unknown; average?: unknown; columns?: unknown };
	const outputs = Number(meta.outputs);
	if (typeof meta.loss !== 'string' || !linkOf(meta.loss)) throw invalid('its loss is unknown');
	if (!Number.isInteger(outputs) || outputs < 1 || outputs > 1e6) throw invalid('its number of outputs is impossible');
	if (!Array.isArray(meta.columns)) throw invalid('its columns are missing');
	const columns = meta.columns.map((c: unknown, i) => columnIn(state, c, i));
	const nodes = nodesIn(state);
	const { starts } = nodes;
	const initial = Array.from(array(state, 'initial', Float64Array, outputs));
	if (!initial.every(Number.isFinite)) throw invalid('its first score is not a number');
	if ((starts.length - 1) % outputs !== 0) throw invalid('it has not the same number of trees for each output');
	const trees: FinishedTree[] = [];
	for (let t = 0, n = starts.length; t + 1 < n; t++) trees.push(treeIn(nodes, t, columns));
	return { loss: meta.loss, outputs, initial, average: meta.average === true, trees, columns };
}

function columnIn(state: State, column: unknown, i: number): ModelColumn {
	const { name, kind, levels } = (column ?? {}) as { name?: unknown; kind?: unknown; levels?: unknown };
	if (typeof name !== 'string') throw invalid(`column ${i + 1} has no name`);
	if (kind === 'number') return { name, kind };
	if (kind !== 'category' || !Number.isInteger(levels)) throw invalid(`column "${name}" has no kind`);
	const seen = array(state, `seen${i}`, Uint32Array);
	for (let k = 0, n = seen.length; k < n; k++)
		if (seen[k] >= (levels as number) || (k > 0 && seen[k] <= seen[k - 1]))
			throw invalid(`the categories of column "${name}" are out of order`);
	return { name, kind, levels: levels as number, seen };
}

/** The nodes of all trees, one tree behind the other. */
function nodesIn(state: State) {
	const starts = array(state, 'starts', Uint32Array);
	const feature = array(state, 'feature', Int32Array);
	const nodes = feature.length;
	const codeStart = array(state, 'codeStart', Uint32Array, nodes + 1);
	const codes = array(state, 'codes', Uint32Array);
	if (starts.length < 1 || starts[0] !== 0 || starts[starts.length - 1] !== nodes) throw invalid('its trees do not cover its nodes');
	if (codeStart[0] !== 0 || codeStart[nodes] !== codes.length) throw invalid('its categories do not fit its nodes');
	return {
		starts,
		feature,
		threshold: array(state, 'threshold', Float64Array, nodes),
		left: array(state, 'left', Int32Array, nodes),
		right: array(state, 'right', Int32Array, nodes),
		flags: array(state, 'flags', Uint8Array, nodes),
		value: array(state, 'value', Float64Array, nodes),
		cover: array(state, 'cover', Float64Array, nodes),
		count: array(state, 'count', Float64Array, nodes),
		gain: array(state, 'gain', Float64Array, nodes),
		codeStart,
		codes,
	};
}
type Nodes = ReturnType<typeof nodesIn>;

function treeIn(nodes: Nodes, t: number, columns: readonly ModelColumn[]): FinishedTree {
	const { starts, left, right } = nodes;
	const from = starts[t];
	const size = starts[t + 1] - from;
	if (!(size > 0) || size > nodes.feature.length) throw invalid(`tree ${t + 1} has no nodes`);
	const part = <T extends { subarray(from: number, to: number): T }>(all: T): T => all.subarray(from, from + size);
	const codes: Array<Uint32Array | undefined> = [];
	const parents = new Uint8Array(size);
	for (let n = 0; n < size; n++) {
		const at = from + n;
		checkNumbers(nodes, at, n, t);
		const f = nodes.feature[at];
		if (f === -1) continue;
		if (f < 0 || f >= columns.length) throw invalid(`node ${n} of tree ${t + 1} splits on a column that does not exist`);
		// Children come after their parent and have one parent each: no path can be longer than the tree.
		for (const child of [left[at], right[at]]) {
			if (child <= n || child >= size || parents[child]++) throw invalid(`node ${n} of tree ${t + 1} leads nowhere`);
		}
		const set = categoriesAt(nodes, at, columns[f], () => `node ${n} of tree ${t + 1}`);
		if (set) codes[n] = set;
	}
	for (let n = 1; n < size; n++) if (!parents[n]) throw invalid(`node ${n} of tree ${t + 1} cannot be reached`);
	const flags = part(nodes.flags);
	// Views of the state's own arrays: a forest has millions of nodes.
	return {
		feature: part(nodes.feature),
		threshold: part(nodes.threshold),
		left: part(left),
		right: part(right),
		value: part(nodes.value),
		cover: part(nodes.cover),
		count: part(nodes.count),
		gain: part(nodes.gain),
		defaultLeft: flags.map((f) => f & 1),
		special: flags.map((f) => f >>> 2),
		codes,
	};
}

function checkNumbers({ value, cover, count, gain, codeStart, codes, flags }: Nodes, at: number, n: number, t: number): void {
	if (!Number.isFinite(value[at]) || !(cover[at] >= 0) || !(count[at] >= 0) || !Number.isFinite(gain[at]))
		throw invalid(`node ${n} of tree ${t + 1} holds an impossible number`);
	if (codeStart[at + 1] < codeStart[at] || codeStart[at + 1] > codes.length) throw invalid('its categories do not fit its nodes');
	if (flags[at] > 7) throw invalid(`node ${n} of tree ${t + 1} has unknown flags`);
}

/** The categories that go left at a node, or nothing where a threshold decides. */
function categoriesAt(nodes: Nodes, at: number, column: ModelColumn, node: () => string): Uint32Array | undefined {
	const { flags, codes, codeStart, threshold } = nodes;
	const coded = (flags[at] & 2) !== 0;
	if (column.kind === 'category' ? (flags[at] & 6) !== 2 : coded && (flags[at] & 6) !== 6)
		throw invalid(`${node()} splits column "${column.name}" the wrong way`);
	if (!coded) {
		if (!Number.isFinite(threshold[at])) throw invalid(`${node()} has no threshold`);
		return undefined;
	}
	const set = codes.slice(codeStart[at], codeStart[at + 1]);
	for (let k = 0, n = set.length; k < n; k++)
		if ((column.kind === 'category' ? set[k] >= column.levels : set[k] > MOST_RAW) || (k > 0 && set[k] <= set[k - 1]))
			throw invalid(`${node()} has categories that do not exist`);
	return set;
}

function array<T extends Typed>(state: State, name: string, type: new (n: number) => T, length?: number): T {
	const found = state.arrays[name];
	// By tag, not instanceof: arrays that crossed a process or a realm are as good.
	if (Object.prototype.toString.call(found) !== `[object ${type.name}]`) throw invalid(`the array "${name}" is missing or of another type`);
	if (length !== undefined && found.length !== length) throw invalid(`the array "${name}" has the wrong length`);
	return found as T;
}

/**
 * Microseconds that a row takes on a usual core, about: a question of a tree some nanoseconds, and half as many again as a full tree had.
 */
export const treeMicroseconds = ({ trees }: Ensemble): number =>
	trees.reduce((sum, { feature }) => sum + 0.008 * 1.5 * Math.log2(1 + feature.length / 2), 0);
