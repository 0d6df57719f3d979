import type { Compiled } from './compileTrees.js';
import { LeafGame } from './leafGame.js';
import { PathWalk } from './pathWalk.js';
import { quadrature } from './quadrature.js';

/** What path-dependent SHAP needs of a model besides its trees: shares of rows that take each branch, and expected values. */
export interface ShapTables {
	/** Rows at a node over rows at its parent, by the number of training rows. */
	share: Float64Array;
	/** Mean raw score of each output over the training rows. */
	expected: Float64Array;
	depth: number;
}

export function shapTables(c: Compiled): ShapTables {
	const { model } = c;
	const share = new Float64Array(c.feature.length).fill(1);
	const expected = Float64Array.from(model.initial);
	let depth = 0;
	let at = 0;
	model.trees.forEach((tree, t) => {
		const mean = new Float64Array(tree.feature.length);
		const below = new Int32Array(tree.feature.length);
		for (let n = tree.feature.length - 1; n >= 0; n--) {
			if (tree.feature[n] < 0) {
				mean[n] = tree.value[n];
				continue;
			}
			const l = tree.left[n];
			const r = tree.right[n];
			const total = tree.count[l] + tree.count[r];
			share[at + l] = total > 0 ? tree.count[l] / total : 0.5;
			share[at + r] = total > 0 ? tree.count[r] / total : 0.5;
			mean[n] = share[at + l] * mean[l] + share[at + r] * mean[r];
			below[n] = 1 + Math.max(below[l], below[r]);
		}
		depth = Math.max(depth, below[0]);
		expected[t % model.outputs] += mean[0] * c.scale;
		at += tree.feature.length;
	});
	return { share, expected, depth };
}

/**
 * Exact path-dependent SHAP values of trees (Lundberg et al. 2020, "From local explanations to global understanding"), a leaf at a time for
 * many rows (see pathWalk.ts); what a leaf gives is in leafGame.ts.
 */
export class Shap {
	readonly walk: PathWalk;
	/** Sums over the trees so far, `capacity` rows a column, without the ensemble's scale. */
	readonly phi: Float64Array;
	/** The same for each pair of columns f < g, at `(f * width + g) * capacity`. */
	readonly pairs?: Float64Array;
	private readonly width: number;
	private readonly capacity: number;
	private readonly leadsOn: Uint8Array;
	private readonly z: Float64Array;
	private readonly game: LeafGame;
	/** Answers of the leaf at hand by place and class, and of pairs of places. */
	private readonly byClass: Float64Array;
	private readonly pairByClass: Float64Array;

	constructor(
		private readonly c: Compiled,
		private readonly tables: ShapTables,
		capacity: number,
		interactions = false,
	) {
		const width = c.model.columns.length;
		const most = Math.min(width, tables.depth);
		this.walk = new PathWalk(c, tables.depth, capacity);
		this.width = width;
		this.capacity = capacity;
		this.phi = new Float64Array(width * capacity);
		if (interactions) this.pairs = new Float64Array(width * width * capacity);
		this.leadsOn = new Uint8Array(most);
		this.z = new Float64Array(most);
		this.game = new LeafGame(most);
		this.byClass = new Float64Array(most * capacity);
		this.pairByClass = new Float64Array(interactions ? capacity : 0);
	}

	/** Path-dependent values of the rows in `walk.values` for one output, into `phi` (and `pairs`). */
	rows(rows: number, output: number): void {
		const { roots, outputs } = this.c;
		this.phi.fill(0);
		this.pairs?.fill(0);
		for (let t = output, n = roots.length; t < n; t += outputs) this.walk.leaves(roots[t], rows, (leaf) => this.leaf(leaf, rows));
	}

	private leaf(leaf: number, rows: number): void {
		const { walk, z, leadsOn, byClass, capacity } = this;
		const { places, classes } = walk;
		const value = this.c.value[leaf];
		if (places === 0 || value === 0) return;
		z.fill(1, 0, places);
		for (let l = 1; l <= walk.level; l++) z[walk.placeAt[l]] *= this.tables.share[walk.nodeAt[l]];
		for (let k = 0; k < classes; k++) {
			walk.placesOf(k, leadsOn, 0);
			this.game.values(value, places, z, 0, leadsOn, 0, byClass, k, capacity);
		}
		for (let p = 0; p < places; p++) this.add(this.phi, walk.columnAt[p] * capacity, byClass, p * capacity, rows);
		if (this.pairs) this.leafPairs(value, rows, this.pairs);
	}

	/** What two places do together: half the same integral, with both taken out of the product, goes to each. */
	private leafPairs(value: number, rows: number, pairs: Float64Array): void {
		const { walk, z, capacity, pairByClass, width } = this;
		const { places, classes } = walk;
		const { point, weight } = quadrature((places + 1) >> 1);
		const leads = new Uint8Array(classes * places);
		for (let k = 0; k < classes; k++) walk.placesOf(k, leads, k * places);
		const products = new Float64Array(classes * point.length);
		for (let k = 0, at = 0; k < classes; k++) {
			for (let q = 0, n = point.length; q < n; q++, at++) {
				products[at] = (weight[q] * value) / 2;
				for (let p = 0; p < places; p++) products[at] *= leads[k * places + p] ? point[q] + z[p] * (1 - point[q]) : z[p] * (1 - point[q]);
			}
		}
		const effect = (k: number, p: number, q: number) =>
			leads[k * places + p] ? (1 - z[p]) / (point[q] + z[p] * (1 - point[q])) : -1 / (1 - point[q]);
		for (let p = 0; p < places; p++) {
			for (let o = p + 1; o < places; o++) {
				for (let k = 0; k < classes; k++) {
					let sum = 0;
					for (let q = 0, n = point.length; q < n; q++) sum += products[k * point.length + q] * effect(k, p, q) * effect(k, o, q);
					pairByClass[k] = sum;
				}
				const f = Math.min(walk.columnAt[p], walk.columnAt[o]);
				const g = Math.max(walk.columnAt[p], walk.columnAt[o]);
				this.add(pairs, (f * width + g) * capacity, pairByClass, 0, rows);
			}
		}
	}

	/** Adds what each row's class was given. */
	private add(to: Float64Array, at: number, byClass: Float64Array, from: number, rows: number): void {
		const { classOf, classesFrom } = this.walk;
		for (let r = 0; r < rows; r++) to[at + r] += byClass[from + classOf[classesFrom + r]];
	}
}
