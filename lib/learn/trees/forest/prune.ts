import type { Ensemble } from '../ensemble.js';
import { addNode, emptyTree, type FinishedTree } from '../tree.js';

/**
 * Minimal cost-complexity pruning (Breiman et al. 1984, "Classification and Regression Trees", chapter 3), as scikit-learn's `ccp_alpha`:
 * of all subtrees with the same root the smallest one that has the least impurity plus `alpha` for each leaf. What a split lowers the
 * impurity by is its gain.
 */
export function prune(model: Ensemble, alpha: number, classes: number): Ensemble {
	if (alpha <= 0) return model;
	const { trees, outputs } = model;
	const pruned = trees.slice();
	// With two classes a tree has the gain of one of them, and the other gains as much.
	const times = classes === 2 ? 2 : 1;
	for (let t = 0; t < trees.length; t += outputs) {
		const keep = worth(trees[t], alpha, times);
		for (let k = t; k < t + outputs; k++) pruned[k] = cut(trees[k], keep);
	}
	return { ...model, trees: pruned };
}

/** Which splits earn more than their leaves cost. */
function worth({ feature, left, right, gain, cover }: FinishedTree, alpha: number, times: number): Uint8Array {
	const nodes = feature.length;
	const keep = new Uint8Array(nodes);
	const surplus = new Float64Array(nodes);
	// Children come after their parent.
	for (let n = nodes - 1; n >= 0; n--) {
		if (feature[n] < 0) continue;
		const own = (times * gain[n]) / cover[0] - alpha + surplus[left[n]] + surplus[right[n]];
		if (own <= 0) continue;
		keep[n] = 1;
		surplus[n] = own;
	}
	return keep;
}

function cut(tree: FinishedTree, keep: Uint8Array): FinishedTree {
	const out = emptyTree();
	const add = (n: number): number => addNode(out, tree.value[n], tree.cover[n], tree.count[n]);
	const todo: Array<[from: number, to: number]> = [[0, add(0)]];
	for (let next = todo.pop(); next; next = todo.pop()) {
		const [from, to] = next;
		if (!keep[from]) continue;
		out.feature[to] = tree.feature[from];
		out.threshold[to] = tree.threshold[from];
		out.defaultLeft[to] = tree.defaultLeft[from];
		out.codes[to] = tree.codes[from];
		out.gain[to] = tree.gain[from];
		out.left[to] = add(tree.left[from]);
		out.right[to] = add(tree.right[from]);
		todo.push([tree.right[from], out.right[to]], [tree.left[from], out.left[to]]);
	}
	return out;
}
