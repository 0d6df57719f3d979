import { childOf, type Compiled } from './compileTrees.js';
import { quadrature } from './quadrature.js';
import type { ShapTables } from './shap.js';

/** Doubles that the factors of a model may take; larger models are explained path by path (shap.ts). */
const MOST_FACTORS = 8_000_000;
const MOST_DEPTH = 1000;

/**
 * Path-dependent SHAP of single rows (many together are faster by path, see shap.ts): the integral of leafGame.ts, at points enough for the
 * tree's longest path, for all leaves of a tree at once. Down the tree every node gets the product of its path's factors at each point, up
 * the tree the sum over the leaves below it; what playing a column changes is then one number a node and point. All factors are laid out
 * beforehand, so a node costs a few multiplications a point (as in Yu et al. 2022, "Linear TreeShap", whose polynomials are kept by their
 * values too).
 */
export class RowShap {
	/**
	 * Of each node: its parent, the nearest edge above that asks for the same column (the node it leads to, or -1), and the tree's number of
	 * points.
	 */
	private readonly parent: Int32Array;
	private readonly earlier: Int32Array;
	private readonly points: Int32Array;
	/** Where a node's factors begin: `points` each of `on`, `off`, `gainOn`, `gainOff`. */
	private readonly from: Int32Array;
	/**
	 * For each point: what the edge makes of its parent's product if the row goes along or not, and how much playing its column changes below
	 * it.
	 */
	private readonly factors: Float64Array;
	private readonly goes: Uint8Array;
	private readonly product: Float64Array;
	private readonly sum: Float64Array;

	private constructor(
		private readonly c: Compiled,
		private readonly tables: ShapTables,
		layout: Layout,
	) {
		const { parent, earlier, points, from, share } = layout;
		this.parent = parent;
		this.earlier = earlier;
		this.points = points;
		this.from = from;
		this.factors = new Float64Array(layout.factors);
		this.goes = new Uint8Array(c.feature.length);
		this.product = new Float64Array(layout.room);
		this.sum = new Float64Array(layout.room);
		const { factors } = this;
		for (let n = 0, end = parent.length; n < end; n++) {
			if (parent[n] < 0) continue;
			const count = points[n];
			const { point } = quadrature(count);
			const above = earlier[n];
			for (let q = 0, at = from[n]; q < count; q++, at++) {
				const t = point[q];
				const on = t + share[n] * (1 - t);
				const was = above < 0 ? 1 : t + share[above] * (1 - t);
				const gained = above < 0 ? 0 : (1 - share[above]) / was;
				factors[at] = on / was;
				factors[at + count] = (share[n] * (1 - t)) / was;
				factors[at + 2 * count] = (1 - share[n]) / on - gained;
				factors[at + 3 * count] = -1 / (1 - t) - gained;
			}
		}
	}

	/** Undefined for a model whose factors would take too much memory, or too long to lay out. */
	static of(c: Compiled, tables: ShapTables): RowShap | undefined {
		const layout = layOut(c, tables);
		return layout && new RowShap(c, tables, layout);
	}

	/** Adds a row's values for one output to `phi`, without the ensemble's scale. */
	add(row: Float64Array, output: number, phi: Float64Array): void {
		const { roots, outputs, feature } = this.c;
		for (let t = output, n = roots.length; t < n; t += outputs)
			this.tree(roots[t], t + 1 < roots.length ? roots[t + 1] : feature.length, row, phi);
	}

	private tree(root: number, end: number, row: Float64Array, phi: Float64Array): void {
		const { c, parent, earlier, from, factors, goes, product, sum } = this;
		const { feature, left, right, value } = c;
		const count = this.points[root];
		if (end - root < 2) return;
		const { weight } = quadrature(count);
		for (let q = 0; q < count; q++) product[q] = weight[q];
		for (let n = root, at = 0; n < end; n++, at += count) {
			if (n > root) {
				const up = (parent[n] - root) * count;
				const above = earlier[n];
				if (above >= 0 && !goes[above]) {
					// The column led elsewhere already; what is left of its share is all that this edge takes.
					goes[n] = 0;
					const share = this.tables.share[n];
					for (let q = 0; q < count; q++) product[at + q] = product[up + q] * share;
				} else {
					const f = goes[n] ? from[n] : from[n] + count;
					for (let q = 0; q < count; q++) product[at + q] = product[up + q] * factors[f + q];
				}
			}
			if (feature[n] >= 0) {
				const next = childOf(c, n, row[feature[n]]);
				goes[left[n]] = next === left[n] ? 1 : 0;
				goes[right[n]] = next === left[n] ? 0 : 1;
				for (let q = 0; q < count; q++) sum[at + q] = 0;
			} else for (let q = 0; q < count; q++) sum[at + q] = product[at + q] * value[n];
		}
		for (let n = end - 1, at = (n - root) * count; n > root; n--, at -= count) {
			const up = (parent[n] - root) * count;
			const above = earlier[n];
			if (above >= 0 && !goes[above]) {
				for (let q = 0; q < count; q++) sum[up + q] += sum[at + q];
				continue;
			}
			const f = goes[n] ? from[n] + 2 * count : from[n] + 3 * count;
			let gain = 0;
			for (let q = 0; q < count; q++) {
				const s = sum[at + q];
				sum[up + q] += s;
				gain += s * factors[f + q];
			}
			phi[feature[parent[n]]] += gain;
		}
	}
}

interface Layout {
	parent: Int32Array;
	earlier: Int32Array;
	points: Int32Array;
	from: Int32Array;
	/** Share of training rows that all edges of the column, down to this one, lead on. */
	share: Float64Array;
	factors: number;
	/** Doubles that the largest tree's products take. */
	room: number;
}

function layOut(c: Compiled, tables: ShapTables): Layout | undefined {
	if (tables.depth > MOST_DEPTH) return undefined;
	const nodes = c.feature.length;
	const parent = new Int32Array(nodes).fill(-1);
	const earlier = new Int32Array(nodes).fill(-1);
	const places = new Int32Array(nodes);
	const points = new Int32Array(nodes);
	const from = new Int32Array(nodes);
	const share = new Float64Array(nodes).fill(1);
	let factors = 0;
	let room = 1;
	for (let t = 0, size = c.roots.length; t < size; t++) {
		const root = c.roots[t];
		const end = t + 1 < c.roots.length ? c.roots[t + 1] : nodes;
		let most = 1;
		for (let n = root; n < end; n++) {
			const f = c.feature[n];
			if (f < 0) continue;
			let above = n;
			while (above !== root && c.feature[parent[above]] !== f) above = parent[above];
			for (const child of [c.left[n], c.right[n]]) {
				parent[child] = n;
				earlier[child] = above === root ? -1 : above;
				places[child] = places[n] + (above === root ? 1 : 0);
				share[child] = tables.share[child] * (above === root ? 1 : share[above]);
				most = Math.max(most, places[child]);
			}
		}
		const count = (most + 1) >> 1;
		for (let n = root; n < end; n++) {
			points[n] = count;
			from[n] = factors;
			factors += 4 * count;
		}
		room = Math.max(room, (end - root) * count);
		if (factors > MOST_FACTORS) return undefined;
	}
	return { parent, earlier, points, from, share, factors, room };
}
