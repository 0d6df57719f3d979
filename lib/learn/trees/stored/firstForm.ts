import type { State } from '../../contract.js';
import type { ModelColumn } from '../ensemble.js';
import type { FinishedTree } from '../tree.js';
import { arrayIn, damaged } from './treeDamage.js';
import { MOST_RAW } from './treeSplits.js';

/**
 * Reads trees in the first form: each node has an entry in each array, and each output trees of its own. Written up to packages of layout
 * 5, read for ever. @throws `learn.model_invalid`
 */
export function readFirstForm(state: State, columns: readonly ModelColumn[]): FinishedTree[] {
	const nodes = nodesIn(state);
	const trees: FinishedTree[] = [];
	for (let t = 0, n = nodes.starts.length; t + 1 < n; t++) trees.push(treeIn(nodes, t, columns));
	return trees;
}

/** The nodes of all trees, one tree behind the other. */
function nodesIn(state: State) {
	const starts = arrayIn(state, 'starts', Uint32Array);
	const feature = arrayIn(state, 'feature', Int32Array);
	const nodes = feature.length;
	const codeStart = arrayIn(state, 'codeStart', Uint32Array, nodes + 1);
	const codes = arrayIn(state, 'codes', Uint32Array);
	if (starts.length < 1 || starts[0] !== 0 || starts[starts.length - 1] !== nodes) throw damaged('its trees do not cover its nodes');
	if (codeStart[0] !== 0 || codeStart[nodes] !== codes.length) throw damaged('its categories do not fit its nodes');
	return {
		starts,
		feature,
		threshold: arrayIn(state, 'threshold', Float64Array, nodes),
		left: arrayIn(state, 'left', Int32Array, nodes),
		right: arrayIn(state, 'right', Int32Array, nodes),
		flags: arrayIn(state, 'flags', Uint8Array, nodes),
		value: arrayIn(state, 'value', Float64Array, nodes),
		cover: arrayIn(state, 'cover', Float64Array, nodes),
		count: arrayIn(state, 'count', Float64Array, nodes),
		gain: arrayIn(state, 'gain', Float64Array, nodes),
		codeStart,
		codes,
	};
}
type Nodes = ReturnType<typeof nodesIn>;

function treeIn(nodes: Nodes, t: number, columns: readonly ModelColumn[]): FinishedTree {
	const { starts, left, right } = nodes;
	const from = starts[t];
	const size = starts[t + 1] - from;
	if (!(size > 0) || size > nodes.feature.length) throw damaged(`tree ${t + 1} has no nodes`);
	const part = <T extends { subarray(from: number, to: number): T }>(all: T): T => all.subarray(from, from + size);
	const codes: Array<Uint32Array | undefined> = [];
	const parents = new Uint8Array(size);
	for (let n = 0; n < size; n++) {
		const at = from + n;
		checkNumbers(nodes, at, n, t);
		const f = nodes.feature[at];
		if (f === -1) continue;
		if (f < 0 || f >= columns.length) throw damaged(`node ${n} of tree ${t + 1} splits on a column that does not exist`);
		// Children come after their parent and have one parent each: no path can be longer than the tree.
		for (const child of [left[at], right[at]]) {
			if (child <= n || child >= size || parents[child]++) throw damaged(`node ${n} of tree ${t + 1} leads nowhere`);
		}
		const set = categoriesAt(nodes, at, columns[f], () => `node ${n} of tree ${t + 1}`);
		if (set) codes[n] = set;
	}
	for (let n = 1; n < size; n++) if (!parents[n]) throw damaged(`node ${n} of tree ${t + 1} cannot be reached`);
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
		throw damaged(`node ${n} of tree ${t + 1} holds an impossible number`);
	if (codeStart[at + 1] < codeStart[at] || codeStart[at + 1] > codes.length) throw damaged('its categories do not fit its nodes');
	if (flags[at] > 7) throw damaged(`node ${n} of tree ${t + 1} has unknown flags`);
}

/** The categories that go left at a node, or nothing where a threshold decides. */
function categoriesAt(nodes: Nodes, at: number, column: ModelColumn, node: () => string): Uint32Array | undefined {
	const { flags, codes, codeStart, threshold } = nodes;
	const coded = (flags[at] & 2) !== 0;
	if (column.kind === 'category' ? (flags[at] & 6) !== 2 : coded && (flags[at] & 6) !== 6)
		throw damaged(`${node()} splits column "${column.name}" the wrong way`);
	if (!coded) {
		if (!Number.isFinite(threshold[at])) throw damaged(`${node()} has no threshold`);
		return undefined;
	}
	const set = codes.slice(codeStart[at], codeStart[at + 1]);
	for (let k = 0, n = set.length; k < n; k++)
		if ((column.kind === 'category' ? set[k] >= column.levels : set[k] > MOST_RAW) || (k > 0 && set[k] <= set[k - 1]))
			throw damaged(`${node()} has categories that do not exist`);
	return set;
}
