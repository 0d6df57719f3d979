import { childOf, type Compiled } from './compile.js';
import { LeafGame } from './leafGame.js';
import type { ShapTables } from './shap.js';

/** Answers of paths with so many places are kept, one for each pattern of places that lead on, while there is room for them. */
const KEPT_PLACES = 7;
const KEPT_VALUES = 1 << 20;
/** Edges of all paths: above this the paths of a model are not worth their memory. */
const MOST_EDGES = 4_000_000;

/** One leaf's path among `RowShap`'s flat arrays. */
interface Leaf { node: number; places: number; placesFrom: number; edgesFrom: number; edgesTo: number; kept: number }

/**
 * Path-dependent SHAP of single rows, with every path laid out beforehand and answers kept by pattern: the same operations in the same order
 * as for many rows (shap.ts), and so the same bits.
 */
export class RowShap {
	private readonly leaves: Leaf[][];
	private readonly columnAt: Int32Array;
	private readonly z: Float64Array;
	/** Twice the node that is asked, plus 1 if its left answer leads on. */
	private readonly asked: Int32Array;
	private readonly placeOf: Uint16Array;
	private readonly kept: Float64Array;
	private readonly left: Uint8Array;
	private readonly leadsOn: Uint8Array;
	private readonly values: Float64Array;
	private readonly game: LeafGame;

	/** @param edges see `edgesOf` */
	constructor(private readonly c: Compiled, tables: ShapTables, edges: number) {
		const width = c.model.columns.length;
		const most = Math.min(width, tables.depth);
		this.asked = new Int32Array(edges);
		this.placeOf = new Uint16Array(edges);
		this.left = new Uint8Array(c.feature.length);
		this.leadsOn = new Uint8Array(most);
		this.values = new Float64Array(most);
		this.game = new LeafGame(most);
		const columns = new Int32Array(edges);
		const shares = new Float64Array(edges);
		let edge = 0;
		let place = 0;
		let kept = 0;
		const path: number[] = [];
		const known = new Int32Array(width).fill(-1);
		const read = (node: number): Leaf => {
			const leaf: Leaf = { node, places: 0, placesFrom: place, edgesFrom: edge, edgesTo: edge + path.length - 1, kept: -1 };
			for (let l = 1; l < path.length; l++, edge++) {
				const f = c.feature[path[l - 1]];
				if (known[f] < 0) {
					known[f] = leaf.places++;
					columns[place] = f;
					shares[place++] = 1;
				}
				this.asked[edge] = 2 * path[l - 1] + (c.left[path[l - 1]] === path[l] ? 1 : 0);
				this.placeOf[edge] = known[f];
				shares[leaf.placesFrom + known[f]] *= tables.share[path[l]];
			}
			for (let p = leaf.placesFrom; p < place; p++) known[columns[p]] = -1;
			const room = leaf.places << leaf.places;
			if (leaf.places <= KEPT_PLACES && kept + room <= KEPT_VALUES) {
				leaf.kept = kept;
				kept += room;
			}
			return leaf;
		};
		this.leaves = Array.from(c.roots, (root) => {
			const found: Leaf[] = [];
			const waiting = [root];
			const levels = [0];
			while (waiting.length) {
				const node = waiting.pop()!;
				const level = levels.pop()!;
				path.length = level;
				path.push(node);
				if (c.feature[node] < 0) found.push(read(node));
				else {
					waiting.push(c.right[node], c.left[node]);
					levels.push(level + 1, level + 1);
				}
			}
			return found;
		});
		this.columnAt = columns.slice(0, place);
		this.z = shares.slice(0, place);
		this.kept = new Float64Array(kept).fill(NaN);
	}

	/** Edges of all paths of a model; undefined where they are too many to lay out. */
	static edgesOf(c: Compiled): number | undefined {
		const depth = new Int32Array(c.feature.length);
		let edges = 0;
		for (let n = 0; n < depth.length; n++) {
			if (c.feature[n] < 0) edges += depth[n];
			else depth[c.left[n]] = depth[c.right[n]] = depth[n] + 1;
		}
		return edges > MOST_EDGES ? undefined : edges;
	}

	/** Adds a row's values for one output to `phi`, without the ensemble's scale. */
	add(row: Float64Array, output: number, phi: Float64Array): void {
		const { c, leaves, left, kept, columnAt } = this;
		const { roots, outputs, feature } = c;
		for (let t = output; t < roots.length; t += outputs) {
			const end = t + 1 < roots.length ? roots[t + 1] : feature.length;
			for (let n = roots[t]; n < end; n++) left[n] = feature[n] >= 0 && childOf(c, n, row[feature[n]]) === c.left[n] ? 1 : 0;
			const list = leaves[t];
			for (let i = 0; i < list.length; i++) {
				const leaf = list[i];
				const { places, placesFrom } = leaf;
				if (c.value[leaf.node] === 0) continue;
				if (leaf.kept < 0) {
					this.play(leaf, this.values, 0);
					for (let p = 0; p < places; p++) phi[columnAt[placesFrom + p]] += this.values[p];
					continue;
				}
				const at = leaf.kept + this.pattern(leaf) * places;
				if (places > 0 && kept[at] !== kept[at]) this.play(leaf, kept, at);
				for (let p = 0; p < places; p++) phi[columnAt[placesFrom + p]] += kept[at + p];
			}
		}
	}

	/** Places that do not lead on, as bits. */
	private pattern(leaf: Leaf): number {
		const { asked, placeOf, left } = this;
		let pattern = 0;
		for (let e = leaf.edgesFrom; e < leaf.edgesTo; e++) {
			const a = asked[e];
			pattern |= (left[a >> 1] ^ (a & 1)) << placeOf[e];
		}
		return pattern;
	}

	private play(leaf: Leaf, out: Float64Array, at: number): void {
		const { asked, placeOf, left, leadsOn } = this;
		leadsOn.fill(1, 0, leaf.places);
		for (let e = leaf.edgesFrom; e < leaf.edgesTo; e++) if (left[asked[e] >> 1] !== (asked[e] & 1)) leadsOn[placeOf[e]] = 0;
		this.game.values(this.c.value[leaf.node], leaf.places, this.z, leaf.placesFrom, leadsOn, 0, out, at, 1);
	}
}
