import type { State, Typed } from '../../../../lib/learn/contract.js';
import { fromState, type Ensemble } from '../../../../lib/learn/trees/ensemble.js';

/**
 * A model as it was stored up to packages of layout 5, node after node: the writer of that time, kept so that tests can hold what is read
 * today against it.
 */
export function toFirstForm(model: Ensemble, meta: Record<string, unknown> = {}): State {
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
		format: 'mlops-trees',
		version: 1,
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

/** The nodes of a stored model in plain arrays, whatever its form. */
export const nodesOf = (state: State): State['arrays'] => toFirstForm(fromState(state)).arrays;
