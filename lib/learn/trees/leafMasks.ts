import type { Compiled } from './compileTrees.js';

/**
 * A model laid out by column instead of by tree, after QuickScorer (Lucchese et al., SIGIR 2015). Each tree has a set of leaves that a row
 * can still reach, a bit each, from the left. A node that sends the row right takes the leaves of its left subtree away, whether or not the
 * row comes past it; the first leaf that remains is the one a walk would reach. What the nodes of a column take away together is written
 * down for each interval between its thresholds, and for each group of categories that no split tells apart: a row needs
 * one search a column and one pass over some words, where a walk waits for memory at each step.
 */
export interface LeafMasks {
	/** The columns that trees ask for. */
	columns: MaskColumn[];
	/** Mask after mask, of all columns. */
	table: Int32Array;
	/** The first word of each tree's leaves, and the values of the leaves by word and bit, the highest bit first. */
	roots: Int32Array;
	values: Float64Array;
	/** The leaves that the row at hand can still reach. */
	open: Int32Array;
}

interface MaskColumn {
	column: number;
	/** Zero for numbers. */
	levels: number;
	/** Thresholds, ascending: row i of the masks is for values above i + 1 of them, the last for missing ones. */
	cuts: Float64Array;
	/** The row of the masks of each category, then that of a missing or unknown one. */
	rowOf: Int32Array;
	rows: number;
	/** The words that the column changes. */
	words: Int32Array;
	/** Where its rows of `words.length` masks begin. */
	from: number;
}

/** Larger models would take long to lay out; those of deep trees are walked in any case. */
const MOST_NODES = 200_000;
/** A larger table leaves the processor's cache, and memory is for more than speed. */
const MOST_WORDS = 8e6;
/** So many words take less time than a step of a walk: where all splits compare, four trees walk at a time. */
const WORDS_A_STEP = { numbers: 1.5, categories: 5 };

/** A node, the leaves of its left subtree (from `from` to before `to` of all trees), and the categories it sends there. */
interface Split {
	node: number;
	from: number;
	to: number;
	left: number[];
}

/**
 * Lays a model out by column; undefined where walks are faster (trees of many leaves), the table would be too large, or splits have special
 * cases.
 */
export function leafMasks(c: Compiled): LeafMasks | undefined {
	if (c.feature.length > MOST_NODES || c.kind.some((kind) => kind > 3)) return undefined;
	const values: number[] = [];
	const splits = new Map<number, Split[]>();
	const roots = c.roots.map((root) => {
		const first = values.length;
		number(c, root, values, splits);
		while (values.length % 32 !== 0) values.push(0);
		return first / 32;
	});
	const columns: MaskColumn[] = [];
	const most = stepsOf(c) * (c.kind.some((kind) => kind > 1) ? WORDS_A_STEP.categories : WORDS_A_STEP.numbers);
	let size = 0;
	let width = 0;
	for (const [column, nodes] of [...splits].sort(([a], [b]) => a - b)) {
		const changed = new Map<number, number>();
		for (const { from, to } of nodes)
			for (let word = from >> 5; word <= (to - 1) >> 5; word++) changed.set(word, (changed.get(word) ?? 0) + 1);
		const words = Int32Array.from(changed.keys()).sort();
		const levels = c.levels[column];
		// `fillCategories` has a bit for each: more are only in trees that are far from even.
		if (levels) for (const count of changed.values()) if (count > 32) return undefined;
		const cuts = levels ? new Float64Array(0) : Float64Array.from(new Set(nodes.map(({ node }) => c.threshold[node]))).sort();
		const rowOf = levels ? groups(levels, nodes) : new Int32Array(0);
		const rows = levels ? rowOf.reduce((a, b) => Math.max(a, b)) + 1 : cuts.length + 1;
		columns.push({ column, levels, cuts, rowOf, rows, words, from: size });
		width += words.length;
		size += rows * words.length;
		if (size > MOST_WORDS || width > most) return undefined;
	}
	const table = new Int32Array(size).fill(-1);
	for (const each of columns) fill(c, each, splits.get(each.column)!, table);
	return { columns, table, roots, values: Float64Array.from(values), open: new Int32Array(values.length / 32) };
}

/** Steps of a walk through all trees, as the training rows went. */
function stepsOf({ model }: Compiled): number {
	let steps = 0;
	for (const { feature, left, right, cover } of model.trees) {
		for (let n = 0; n < feature.length; n++) if (feature[n] >= 0 && cover[0] > 0) steps += (cover[left[n]] + cover[right[n]]) / cover[0];
	}
	return steps;
}

/** Numbers the leaves of a tree from the left, and notes which of them lie left of each split. */
function number(c: Compiled, root: number, values: number[], splits: Map<number, Split[]>): void {
	// A node, and the split whose left side it ends.
	const waiting: Array<readonly [node: number, ends?: Split]> = [[root]];
	for (let next = waiting.pop(); next; next = waiting.pop()) {
		const [node, ends] = next;
		if (ends) ends.to = values.length;
		const column = c.feature[node];
		if (column < 0) {
			values.push(c.value[node]);
			continue;
		}
		const split: Split = { node, from: values.length, to: 0, left: c.levels[column] ? leftOf(c, node, c.levels[column]) : [] };
		const others = splits.get(column);
		if (others) others.push(split);
		else splits.set(column, [split]);
		waiting.push([c.right[node], split], [c.left[node]]);
	}
}

/** The categories that a split sends left; the one after the last is that of a missing category. */
function leftOf({ bits, bitsAt, kind }: Compiled, node: number, levels: number): number[] {
	const codes: number[] = [];
	const first = bitsAt[node];
	for (let word = 0; 32 * word < levels; word++) {
		// Few go left: most words are empty.
		for (let rest = bits[first + word]; rest !== 0; rest &= rest - 1) {
			const code = 32 * word + 31 - Math.clz32(rest & -rest);
			if (code < levels) codes.push(code);
		}
	}
	if (kind[node] & 1) codes.push(levels);
	return codes;
}

/**
 * Numbers categories so that those which every split sends the same way have the same number: each split takes those that it sends left out
 * of their groups.
 */
function groups(levels: number, splits: readonly Split[]): Int32Array {
	const group = new Int32Array(levels + 1);
	// At most one group more for each category that a split names.
	const most = splits.reduce((n, { left }) => n + left.length, 1);
	const renamed = new Int32Array(most);
	const when = new Int32Array(most);
	let count = 1;
	splits.forEach(({ left }, s) => {
		for (const code of left) {
			const old = group[code];
			if (when[old] !== s + 1) {
				when[old] = s + 1;
				renamed[old] = count++;
			}
			group[code] = renamed[old];
		}
	});
	// Some groups have lost all their categories.
	renamed.fill(-1);
	count = 0;
	return group.map((g) => (renamed[g] < 0 ? (renamed[g] = count++) : renamed[g]));
}

/** Writes the masks of a column. */
function fill(c: Compiled, { levels, cuts, rowOf, rows, words, from }: MaskColumn, splits: readonly Split[], table: Int32Array): void {
	const width = words.length;
	const placeOf = new Map(Array.from(words, (word, i) => [word, i]));
	// What each split takes away, by the words it takes from.
	const taken = Array.from(words, (): Taken[] => []);
	for (const split of splits) {
		for (let word = split.from >> 5; word <= (split.to - 1) >> 5; word++) {
			const first = Math.max(split.from - 32 * word, 0);
			const end = Math.min(split.to - 32 * word, 32);
			// All but the bits from the `first` highest to before the `end` highest; a shift by 32 would be one by 0.
			taken[placeOf.get(word)!].push({ split, mask: ~((-1 >>> first) & (end === 32 ? -1 : ~(-1 >>> end))) });
		}
	}
	if (levels) {
		// All splits send most groups right.
		const all = Int32Array.from(taken, (list) => list.reduce((mask, t) => mask & t.mask, -1));
		for (let row = 0; row < rows; row++) table.set(all, from + row * width);
		const left = new Int32Array(rows);
		taken.forEach((list, place) => fillCategories(list, rowOf, left, table, from + place, width));
		return;
	}
	const rank = new Map(Array.from(cuts, (cut, i) => [cut, i]));
	taken.forEach((list, place) => {
		for (const {
			split: { node },
			mask,
		} of list) {
			table[from + rank.get(c.threshold[node])! * width + place] &= mask;
			if ((c.kind[node] & 1) === 0) table[from + cuts.length * width + place] &= mask;
		}
	});
	// What lies above a threshold lies above those before it.
	for (let at = from + width; at < from + cuts.length * width; at++) table[at] &= table[at - width];
}

interface Taken {
	split: Split;
	mask: number;
}

/**
 * Writes one word of the groups of categories that a split sends left: what the other splits take away. `left` is zero before and after.
 */
function fillCategories(list: readonly Taken[], rowOf: Int32Array, left: Int32Array, table: Int32Array, at: number, width: number): void {
	const rows: number[] = [];
	for (let i = 0; i < list.length; i++) {
		for (const code of list[i].split.left) {
			const row = rowOf[code];
			if (left[row] === 0) rows.push(row);
			left[row] |= 1 << i;
		}
	}
	for (const row of rows) {
		let mask = -1;
		for (let i = 0; i < list.length; i++) if (((left[row] >>> i) & 1) === 0) mask &= list[i].mask;
		table[at + row * width] = mask;
		left[row] = 0;
	}
}

/** Adds the leaves of one row to `out`, tree after tree. No allocation. */
export function addByMasks(
	{ columns, table, roots, values: leaves, open }: LeafMasks,
	values: Float64Array,
	offset: number,
	out: Float64Array,
	at: number,
	outputs: number,
): void {
	open.fill(-1);
	for (let i = 0; i < columns.length; i++) {
		const { column, levels, cuts, rowOf, words, from } = columns[i];
		const row = levels ? rowOf[known(values[offset + column], levels)] : interval(cuts, values[offset + column]);
		if (row < 0) continue;
		const first = from + row * words.length;
		for (let k = 0, n = words.length; k < n; k++) open[words[k]] &= table[first + k];
	}
	for (let t = 0, k = 0, n = roots.length; t < n; t++) {
		let word = roots[t];
		while (open[word] === 0) word++;
		out[at + k] += leaves[32 * word + Math.clz32(open[word])];
		if (++k === outputs) k = 0;
	}
}

const known = (code: number, levels: number): number => (code >= 0 && code < levels ? code | 0 : levels);

/** How many of the thresholds lie below a value, less one; their number for a missing value. */
function interval(cuts: Float64Array, value: number): number {
	if (value !== value) return cuts.length;
	if (!(value > cuts[0])) return -1;
	let first = 0;
	// No branch depends on the value: it would be guessed wrong every other time.
	for (let rest = cuts.length; rest > 1; ) {
		const half = rest >> 1;
		first += half & -(value > cuts[first + half]);
		rest -= half;
	}
	return first;
}
