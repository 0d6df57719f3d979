import type { FinishedTree } from '../tree.js';
import type { ForestPlan } from './planForest.js';

/** A tree as a grower leaves it: an entry a node in each array, children behind their parent, the right one behind the left one. */
export interface GrownTree {
	/** Column, or -1 in a leaf. */
	feature: Int32Array;
	/**
	 * Numbers: twice the last bin that goes left, plus one if missing values go left too. Categories: twice the number of bins that go left.
	 */
	bin: Uint32Array;
	left: Uint32Array;
	/** Rows, each counted once. */
	rows: Uint32Array;
	/** Where the bins that go left begin in `sets`. */
	set: Uint32Array;
	weight: Float64Array;
	gain: Float64Array;
	/** Mean of each output, node after node. */
	value: Float64Array;
	sets: Uint32Array;
}

/** The arrays of a grown tree but `sets`, in the order in which they travel. */
export const fromBuffers = ([feature, bin, left, rows, set, weight, gain, value]: ArrayBuffer[], sets: Uint32Array): GrownTree => ({
	feature: new Int32Array(feature),
	bin: new Uint32Array(bin),
	left: new Uint32Array(left),
	rows: new Uint32Array(rows),
	set: new Uint32Array(set),
	weight: new Float64Array(weight),
	gain: new Float64Array(gain),
	value: new Float64Array(value),
	sets,
});

/** The trees of a model that a grown one stands for: one an output, of the same shape. */
export function toTrees(grown: GrownTree, plan: ForestPlan): FinishedTree[] {
	const { feature, weight, gain } = grown;
	const nodes = feature.length;
	const { outputs } = plan;
	const bins = new Map(plan.features.map((f) => [f.column, f.bins]));
	const threshold = new Float64Array(nodes);
	const left = new Int32Array(nodes).fill(-1);
	const right = new Int32Array(nodes).fill(-1);
	const defaultLeft = new Uint8Array(nodes);
	const codes: Array<Uint32Array | undefined> = [];
	for (let n = 0; n < nodes; n++) {
		const b = bins.get(feature[n]);
		if (!b) continue;
		const l = grown.left[n];
		left[n] = l;
		right[n] = l + 1;
		// Where training saw nothing missing, such rows go with most.
		const heavyLeft = +(weight[l] >= weight[l + 1]);
		const last = grown.bin[n] >>> 1;
		if (b.kind === 'number') {
			threshold[n] = last <= b.bounds.length ? b.bounds[last - 1] : Number.MAX_VALUE;
			defaultLeft[n] = b.missing ? grown.bin[n] & 1 : heavyLeft;
		} else {
			codes[n] = Uint32Array.from(grown.sets.subarray(grown.set[n], grown.set[n] + last), (k) => b.codes[k]).sort();
			defaultLeft[n] = heavyLeft;
		}
	}
	const special = new Uint8Array(nodes);
	// Rows as often as they were drawn; with weights that cannot be told from the sums, so each counts once.
	const count = plan.weight ? grown.rows : weight;
	return Array.from({ length: outputs }, (_, k) => ({
		feature,
		threshold,
		left,
		right,
		defaultLeft,
		special,
		codes,
		cover: weight,
		count,
		gain,
		value: outputs === 1 ? grown.value : Float64Array.from({ length: nodes }, (_, n) => grown.value[n * outputs + k]),
	}));
}
