import type { Ensemble } from '../ensemble.js';
import type { FinishedTree } from '../tree.js';

export type Indices = Int16Array | Int32Array;
type Figures = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

/** Trees behind one another, node after node: what is written, and what was read. */
export interface FlatTrees {
	/** Where each tree begins; the last entry is the number of nodes. */
	starts: Uint32Array;
	/** -1 in leaves, as `left` and `right`, which count from the tree's own root. */
	feature: Indices;
	left: Indices;
	right: Indices;
	threshold: Float64Array;
	defaultLeft: Uint8Array;
	special: Uint8Array;
	/** Of each tree, by node. */
	codes: Array<FinishedTree['codes']>;
	/** One list, or one an output where all outputs of a round share their tree. */
	values: Float64Array[];
	cover: Figures;
	count: Figures;
	gain: Float64Array;
	/** Of each tree; absent where trees do not say it. */
	units?: Float64Array;
}

/** The stems of a model: its trees, or the first of each round where the trees of all outputs differ in their values alone. */
export function stemsOf({ trees, outputs }: Ensemble): { stems: FinishedTree[]; lists: number } {
	if (outputs === 1) return { stems: trees, lists: 1 };
	for (let t = 0, n = trees.length; t < n; t += outputs)
		for (let k = 1; k < outputs; k++) if (!sameShape(trees[t], trees[t + k])) return { stems: trees, lists: 1 };
	return { stems: trees.filter((_, t) => t % outputs === 0), lists: outputs };
}

const SHAPE = ['feature', 'threshold', 'left', 'right', 'defaultLeft', 'special', 'cover', 'count', 'gain'] as const;

function sameShape(a: FinishedTree, b: FinishedTree): boolean {
	if (a.unit !== b.unit || a.feature.length !== b.feature.length) return false;
	if (SHAPE.some((name) => a[name] !== b[name] && !sameNumbers(a[name], b[name]))) return false;
	if (a.codes === b.codes) return true;
	for (let n = 0, size = a.feature.length; n < size; n++) {
		const [one, other] = [a.codes[n], b.codes[n]];
		if (one !== other && !(one && other && sameNumbers(one, other))) return false;
	}
	return true;
}

/** To the bit: -0 is another number than 0. */
function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
	if (a.length !== b.length) return false;
	for (let i = 0, n = a.length; i < n; i++) if (!Object.is(a[i], b[i])) return false;
	return true;
}

/** Stems to be written: one list after the other is copied together when it is asked for, so that they are never all there at once. */
export class Stems {
	readonly starts: Uint32Array;

	/** @param trees those whose values are asked for: `lists` for each stem */
	constructor(
		private readonly stems: readonly FinishedTree[],
		private readonly trees: readonly FinishedTree[],
		readonly lists: number,
	) {
		this.starts = new Uint32Array(stems.length + 1);
		for (const [t, { feature }] of stems.entries()) this.starts[t + 1] = this.starts[t] + feature.length;
	}

	get nodes(): number {
		return this.starts[this.stems.length];
	}

	get codes(): Array<FinishedTree['codes']> {
		return this.stems.map((tree) => tree.codes);
	}

	/** Of each tree; absent where one does not say it. */
	get units(): Float64Array | undefined {
		const { stems } = this;
		return stems.length && stems.every(({ unit }) => unit !== undefined) ? Float64Array.from(stems, ({ unit }) => unit!) : undefined;
	}

	indices(name: 'feature' | 'left' | 'right'): Indices {
		const small = this.stems.every(({ feature }) => feature.length < 32_768);
		return this.gather(this.stems, name, small && name !== 'feature' ? new Int16Array(this.nodes) : new Int32Array(this.nodes));
	}

	flags(name: 'defaultLeft' | 'special'): Uint8Array {
		return this.gather(this.stems, name, new Uint8Array(this.nodes));
	}

	doubles(name: 'threshold' | 'cover' | 'count' | 'gain'): Float64Array {
		return this.gather(this.stems, name, new Float64Array(this.nodes));
	}

	/** Values of list `k`. */
	values(k: number): Float64Array {
		const trees = this.lists === 1 ? this.trees : this.stems.map((_, t) => this.trees[t * this.lists + k]);
		return this.gather(trees, 'value', new Float64Array(this.nodes));
	}

	private gather<T extends { set(from: ArrayLike<number>, at: number): void }>(
		trees: readonly FinishedTree[],
		name: (typeof SHAPE)[number] | 'value',
		out: T,
	): T {
		for (const [t, tree] of trees.entries()) out.set(tree[name], this.starts[t]);
		return out;
	}
}

/** The trees of a model, in its order: views of the flat arrays. */
export function treesOf(flat: FlatTrees): FinishedTree[] {
	const { starts, values, units, codes } = flat;
	const trees: FinishedTree[] = [];
	for (let t = 0, n = starts.length - 1; t < n; t++) {
		const part = <T extends { subarray(from: number, to: number): T }>(all: T): T => all.subarray(starts[t], starts[t + 1]);
		const stem = {
			feature: part<Indices>(flat.feature),
			threshold: part(flat.threshold),
			left: part<Indices>(flat.left),
			right: part<Indices>(flat.right),
			defaultLeft: part(flat.defaultLeft),
			special: part(flat.special),
			codes: codes[t],
			cover: part<Figures>(flat.cover),
			count: part<Figures>(flat.count),
			gain: part(flat.gain),
			...(units ? { unit: units[t] } : {}),
		};
		for (const list of values) trees.push({ ...stem, value: part(list) });
	}
	return trees;
}
