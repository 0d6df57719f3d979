import type { ModelColumn } from '../ensemble.js';
import type { FinishedTree } from '../tree.js';
import { intervalsOf, type Intervals } from './featureIntervals.js';

/** Longest chain of comparisons; more intervals than that are searched from the middle. */
const CHAIN = 8;

/**
 * Trees as ONNX's TreeEnsembleRegressor has them: one row a node, in one table. Comparisons are `x <= value` (BRANCH_LEQ) alone. A split
 * that has more than two intervals, as those by category have, becomes several nodes that share their two children.
 *
 * ONNX Runtime takes a child of two parents, provided the false child of a node is one that no path led to before; it goes along false
 * edges first. So only true edges lead to a child for the second time, where needed from a node in between that is true for every number.
 */
export class NodeTable {
	readonly tree: number[] = [];
	readonly id: number[] = [];
	readonly feature: number[] = [];
	readonly leaf: boolean[] = [];
	readonly value: number[] = [];
	readonly whenTrue: number[] = [];
	readonly whenFalse: number[] = [];
	/** 1: a missing value goes the way of true. */
	readonly missingTrue: number[] = [];
	private trees = 0;
	private nextId = 0;

	/** @param threshold how a threshold is rounded for the type of the input */
	constructor(
		private readonly columns: readonly ModelColumn[],
		private readonly threshold: (v: number) => number,
	) {}

	/** Adds the next tree; a node keeps its number, further ones come after. */
	add(tree: FinishedTree): void {
		this.nextId = tree.feature.length;
		for (let n = 0; n < tree.feature.length; n++) {
			const f = tree.feature[n];
			if (f < 0) this.addLeaf(n, tree.value[n]);
			else this.addSplit(n, f, intervalsOf(tree, n, this.columns[f]), tree.left[n], tree.right[n]);
		}
		this.trees++;
	}

	private addLeaf(id: number, value: number): number {
		this.row(id, 0, true, value, 0, 0, false);
		return id;
	}

	private addSplit(id: number, feature: number, split: Intervals, left: number, right: number): void {
		const { upTo, missingLeft } = split;
		const child = (i: number) => (split.left[i] ? left : right);
		const branch = (own: number, value: number, whenTrue: number, whenFalse: number, missing: boolean) =>
			this.row(own, feature, false, value, whenTrue, whenFalse, missing);
		if (upTo.length === 0) {
			// Everything but a missing value goes one way.
			branch(id, Infinity, child(0), split.left[0] ? right : left, split.left[0] === missingLeft);
			return;
		}
		/** Intervals from..to below node `own`; the last of them has no upper end here. */
		const place = (own: number, from: number, to: number): void => {
			if (to - from > CHAIN) {
				const middle = (from + to) >> 1;
				const [low, high] = [this.nextId++, this.nextId++];
				// Missing values take the false edges up to the highest intervals, which know them.
				branch(own, upTo[middle], low, high, false);
				place(high, middle + 1, to);
				place(low, from, middle);
				return;
			}
			const top = to === upTo.length;
			for (let i = from, at = own; i < to; i++) {
				const next = i + 1 < to || !top ? this.nextId++ : child(to);
				branch(at, upTo[i], child(i), next, top && split.left[i] === missingLeft);
				at = next;
			}
			if (!top) this.detour(from === to ? own : this.nextId - 1, feature, child(to));
		};
		place(id, 0, upTo.length);
	}

	/** A node that leads to a child which other nodes lead to as well. */
	private detour(id: number, feature: number, child: number): void {
		this.row(id, feature, false, Infinity, child, this.addLeaf(this.nextId++, 0), false);
	}

	private row(id: number, feature: number, leaf: boolean, value: number, whenTrue: number, whenFalse: number, missing: boolean): void {
		this.tree.push(this.trees);
		this.id.push(id);
		this.feature.push(feature);
		this.leaf.push(leaf);
		this.value.push(leaf ? value : this.threshold(value));
		this.whenTrue.push(whenTrue);
		this.whenFalse.push(whenFalse);
		this.missingTrue.push(+missing);
	}
}
