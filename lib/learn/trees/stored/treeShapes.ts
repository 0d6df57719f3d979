import type { State } from '../../contract.js';
import type { FlatTrees } from './flatTrees.js';
import { hasList, narrowWhole, packBits, readBits, readWhole, listIn } from './narrowNumbers.js';
import { damaged } from './treeDamage.js';

/**
 * How nodes are numbered. Children stand side by side in all but the last: where a pair stands is told by the order in which pairs were
 * made. `breadth`: by the number of their parent. `depth`: one side down to its leaves before the other, of which a bit a split says which
 * comes first. `pairs`: each split says the number of its pair, as where the best split of all leaves came next. `free`: each split names
 * both children.
 */
const ORDERS = ['breadth', 'depth', 'pairs', 'free'] as const;
type Order = (typeof ORDERS)[number];

type Shape = Pick<FlatTrees, 'starts' | 'left' | 'right' | 'feature'>;

/** Writes which nodes split, and where their children are. @returns the order, which belongs into the state's meta */
export function writeShapes(arrays: State['arrays'], flat: Shape, splits: Uint32Array): Order {
	const { starts, feature, left, right } = flat;
	const trees = starts.length - 1;
	arrays.inner = narrowWhole(Uint32Array.from({ length: trees }, (_, t) => (starts[t + 1] - starts[t] - 1) / 2));
	const divides = new Uint8Array(feature.length);
	for (let s = 0, n = splits.length; s < n; s++) divides[splits[s]] = 1;
	arrays.splits = packBits(divides);
	const turned = new Uint8Array(splits.length);
	if (breadth(flat, turned)) return mirrored(arrays, turned, 'breadth');
	if (depth(flat, turned.fill(0))) {
		arrays.rightFirst = packBits(turned);
		return 'depth';
	}
	const pairs = pairsOf(flat, splits, turned.fill(0));
	if (pairs) {
		arrays.pairs = narrowWhole(pairs);
		return mirrored(arrays, turned, 'pairs');
	}
	arrays.left = narrowWhole(splits.map((n) => left[n]));
	arrays.right = narrowWhole(splits.map((n) => right[n]));
	return 'free';
}

function mirrored(arrays: State['arrays'], turned: Uint8Array, order: Order): Order {
	if (turned.includes(1)) arrays.mirrored = packBits(turned);
	return order;
}

/** Whether the pair of the k-th split of each tree is its k-th; notes splits whose right child is the first of the two. */
function breadth({ starts, feature, left, right }: Shape, turned: Uint8Array): boolean {
	for (let t = 0, s = 0, trees = starts.length - 1; t < trees; t++) {
		for (let n = starts[t], first = 1; n < starts[t + 1]; n++) {
			if (feature[n] < 0) continue;
			turned[s] = +(right[n] < left[n]);
			if (Math.min(left[n], right[n]) !== first || Math.abs(left[n] - right[n]) !== 1) return false;
			first += 2;
			s++;
		}
	}
	return true;
}

/** Whether one side of each split was numbered down to its leaves before the other; notes where that was the right one. */
function depth({ starts, feature, left, right }: Shape, turned: Uint8Array): boolean {
	for (let t = 0, s = 0, trees = starts.length - 1; t < trees; t++) {
		const from = starts[t];
		const rank = ranksOf(feature, from, starts[t + 1], s);
		const waiting = [0];
		let next = 1;
		for (let n = waiting.pop(); n !== undefined; n = waiting.pop()) {
			if (feature[from + n] < 0) continue;
			const [l, r] = [left[from + n], right[from + n]];
			if (l !== next || r !== next + 1) return false;
			next += 2;
			const rightFirst = feature[from + r] >= 0 && left[from + r] === next;
			turned[rank[n]] = +rightFirst;
			waiting.push(...(rightFirst ? [l, r] : [r, l]));
		}
		s += (starts[t + 1] - from - 1) / 2;
	}
	return true;
}

/** Which of all splits each split of a tree is; `s` are those of the trees before. */
function ranksOf(feature: ArrayLike<number>, from: number, to: number, s: number): Int32Array {
	const rank = new Int32Array(to - from);
	for (let n = from; n < to; n++) rank[n - from] = feature[n] < 0 ? -1 : s++;
	return rank;
}

/** The number of each split's pair within its tree; nothing where children do not stand side by side. */
function pairsOf({ left, right }: Shape, splits: Uint32Array, turned: Uint8Array): Uint32Array | undefined {
	const pairs = new Uint32Array(splits.length);
	for (let s = 0, n = splits.length; s < n; s++) {
		const [l, r] = [left[splits[s]], right[splits[s]]];
		const first = Math.min(l, r);
		if (Math.abs(l - r) !== 1 || first % 2 !== 1) return undefined;
		pairs[s] = (first - 1) / 2;
		turned[s] = +(r < l);
	}
	return pairs;
}

/** What `writeShapes` wrote; `feature` is 0 where a node splits. @throws `learn.model_invalid` */
export function readShapes(state: State, order: unknown): { shape: Shape; splits: Uint32Array; leaves: Uint32Array } {
	const kind = ORDERS.find((o) => o === order);
	if (!kind) throw damaged('the order of its nodes is unknown');
	const inner = listIn(state, 'inner');
	const starts = new Uint32Array(inner.length + 1);
	let nodes = 0;
	let largest = 1;
	for (let t = 0, n = inner.length; t < n; t++) {
		const size = 2 * inner[t] + 1;
		if (!Number.isInteger(inner[t]) || !(nodes + size <= 0x7fffffff)) throw damaged(`tree ${t + 1} has an impossible size`);
		nodes += size;
		largest = Math.max(largest, size);
		starts[t + 1] = nodes;
	}
	const divides = readBits(state, 'splits', nodes);
	const Index = largest < 32_768 ? Int16Array : Int32Array;
	const shape: Shape = { starts, feature: new Int16Array(0), left: new Index(nodes).fill(-1), right: new Index(nodes).fill(-1) };
	const { splits, leaves } = partsOf(divides, starts);
	link(state, kind, shape, divides, splits);
	if (kind !== 'depth') checkPaths(shape, divides);
	return { shape, splits, leaves };
}

/** The nodes that split, and those that do not, in their order. */
function partsOf(divides: Uint8Array, starts: Uint32Array): { splits: Uint32Array; leaves: Uint32Array } {
	const trees = starts.length - 1;
	const most = (divides.length - trees) / 2;
	const splits = new Uint32Array(most);
	const leaves = new Uint32Array(most + trees);
	let s = 0;
	let l = 0;
	for (let t = 0; t < trees; t++) {
		for (let n = starts[t], end = starts[t + 1]; n < end; n++) {
			if (divides[n]) splits[s++] = n;
			else leaves[l++] = n;
		}
		if (2 * s !== starts[t + 1] - t - 1) throw damaged(`tree ${t + 1} has another number of leaves than of splits`);
	}
	return { splits, leaves };
}

function link(state: State, order: Order, { starts, left, right }: Shape, divides: Uint8Array, splits: Uint32Array): void {
	if (order === 'depth') return linkByDepth({ starts, left, right }, divides, readBits(state, 'rightFirst', splits.length));
	const most = left.length;
	if (order === 'free') {
		const [l, r] = [readWhole(state, 'left', splits.length, most), readWhole(state, 'right', splits.length, most)];
		for (let s = 0, n = splits.length; s < n; s++) {
			left[splits[s]] = l[s];
			right[splits[s]] = r[s];
		}
		return;
	}
	const turned = hasList(state, 'mirrored') ? readBits(state, 'mirrored', splits.length) : undefined;
	const pairs = order === 'pairs' ? readWhole(state, 'pairs', splits.length, most) : undefined;
	for (let t = 0, s = 0, trees = starts.length - 1; t < trees; t++) {
		for (let p = 0, n = (starts[t + 1] - starts[t] - 1) / 2; p < n; p++, s++) {
			const first = 1 + 2 * (pairs ? pairs[s] : p);
			const swap = turned ? turned[s] : 0;
			left[splits[s]] = first + swap;
			right[splits[s]] = first + 1 - swap;
		}
	}
}

function linkByDepth({ starts, left, right }: Omit<Shape, 'feature'>, divides: Uint8Array, rightFirst: Uint8Array): void {
	let largest = 0;
	for (let t = 0, trees = starts.length - 1; t < trees; t++) largest = Math.max(largest, starts[t + 1] - starts[t]);
	const waiting = new Int32Array(largest);
	const rank = new Int32Array(largest);
	for (let t = 0, s = 0, trees = starts.length - 1; t < trees; t++) {
		const from = starts[t];
		const size = starts[t + 1] - from;
		for (let n = 0; n < size; n++) rank[n] = divides[from + n] ? s++ : 0;
		let next = 1;
		let top = 0;
		waiting[top++] = 0;
		while (top > 0) {
			const n = waiting[--top];
			if (!divides[from + n]) continue;
			if (next + 1 >= size) throw damaged(`node ${n} of tree ${t + 1} leads nowhere`);
			const second = rightFirst[rank[n]];
			left[from + n] = next;
			right[from + n] = next + 1;
			waiting[top++] = next + 1 - second;
			waiting[top++] = next + second;
			next += 2;
		}
		// Numbered as they are met, children come after their parent: all is well if every node was.
		if (next !== size) throw damaged(`node ${next} of tree ${t + 1} cannot be reached`);
	}
}

/** Children come after their parent and have one parent each: no path can be longer than the tree, and every node is on one. */
function checkPaths({ starts, left, right }: Shape, divides: Uint8Array): void {
	const parents = new Uint8Array(left.length);
	for (let t = 0, trees = starts.length - 1; t < trees; t++) {
		const from = starts[t];
		const size = starts[t + 1] - from;
		for (let n = 0; n < size; n++) {
			// Two children a split and no node twice: of as many nodes none is left out.
			if (!divides[from + n]) continue;
			const [l, r] = [left[from + n], right[from + n]];
			if (l <= n || l >= size || r <= n || r >= size || l === r || parents[from + l]++ || parents[from + r]++)
				throw damaged(`node ${n} of tree ${t + 1} leads nowhere`);
		}
	}
}
