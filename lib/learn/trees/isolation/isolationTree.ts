import type { Column } from '../../contract.js';
import { addNode, emptyTree, type Tree } from '../tree.js';
import { isolationValue } from './pathLength.js';

interface Task {
	node: number;
	from: number;
	to: number;
	depth: number;
	/** Columns that may still divide these rows: those found constant above are gone. */
	columns: readonly number[];
}

interface Split {
	threshold: number;
	codes?: Uint32Array;
	missingLeft: boolean;
}

/**
 * One isolation tree (Liu, Ting & Zhou 2008, algorithm 2): until every row is alone or `ceil(log2(rows))` divisions follow one another, a
 * column drawn among those that are not constant divides at a random place.
 *
 * Numbers: the place lies between the least and the greatest value of the node. Rows without a value go to one side by the toss of a coin;
 * where all others are equal, they are divided from these. Categories: one of those in the node, drawn at random, against the others; no
 * value is one of them. (Cut at a random place of a random order, rare ones of forty are found with an AUC of 0.83, so
 * with 0.95.) What no row of the node has goes with the fewer rows, a category or no value: so the rare and the unknown end where few rows
 * are.
 * @param rows as they were drawn; they are put into another order
 * @param look called now and then, to stop by throwing
 */
export function growIsolationTree(
	columns: readonly Column[],
	rows: Uint32Array,
	tried: readonly number[],
	random: () => number,
	look: (visits: number) => void,
): Tree {
	const total = rows.length;
	const limit = Math.ceil(Math.log2(Math.max(2, total)));
	const tree = emptyTree();
	const make = (size: number, depth: number): number => addNode(tree, isolationValue(depth, size, total), size, size);
	const tasks: Task[] = [{ node: make(total, 0), from: 0, to: total, depth: 0, columns: tried }];
	for (let task = tasks.pop(); task; task = tasks.pop()) {
		const { node, from, to, depth } = task;
		if (depth >= limit || to - from < 2) continue;
		const drawn = drawSplit(columns, rows, task, random, look);
		if (!drawn) continue;
		const { column, split } = drawn;
		const middle = partition(rows, from, to, goesLeft(columns[column], split));
		tree.feature[node] = column;
		tree.threshold[node] = split.threshold;
		tree.codes[node] = split.codes;
		tree.defaultLeft[node] = +split.missingLeft;
		const left = make(middle - from, depth + 1);
		const right = make(to - middle, depth + 1);
		tree.left[node] = left;
		tree.right[node] = right;
		tasks.push(
			{ node: left, from, to: middle, depth: depth + 1, columns: drawn.left },
			{ node: right, from: middle, to, depth: depth + 1, columns: drawn.left },
		);
	}
	return tree;
}

/** A column that is not constant in the node, and where it divides. `left` are the columns that the children may draw from. */
function drawSplit(
	columns: readonly Column[],
	rows: Uint32Array,
	{ from, to, columns: candidates }: Task,
	random: () => number,
	look: (visits: number) => void,
): { column: number; split: Split; left: readonly number[] } | undefined {
	let left = candidates;
	while (left.length) {
		const at = Math.floor(random() * left.length);
		const column = left[at];
		look(to - from);
		const of = columns[column];
		const split =
			of.kind === 'number' ? numberSplit(of.data, rows, from, to, random) : categorySplit(of.data, rows.subarray(from, to), random);
		if (split) return { column, split, left };
		left = left.filter((_, i) => i !== at);
	}
	return undefined;
}

function numberSplit(
	data: Float32Array | Float64Array,
	rows: Uint32Array,
	from: number,
	to: number,
	random: () => number,
): Split | undefined {
	let min = Infinity;
	let max = -Infinity;
	let gaps = 0;
	for (let i = from; i < to; i++) {
		const v = data[rows[i]];
		if (v !== v) gaps++;
		if (v < min) min = v;
		if (v > max) max = v;
	}
	if (gaps === to - from || (min === max && gaps === 0)) return undefined;
	if (min === max) return { threshold: min, missingLeft: false };
	const place = random();
	// Not `min + place * (max - min)`: their distance may be more than a double holds.
	const between = min * (1 - place) + max * place;
	const threshold = between >= min && between < max ? between : min;
	if (gaps) return { threshold, missingLeft: random() < 0.5 };
	let below = 0;
	for (let i = from; i < to; i++) if (data[rows[i]] <= threshold) below++;
	return { threshold, missingLeft: 2 * below < to - from };
}

/** `codes` are those of the side with more rows: all others, those that the node has not seen among them, go right with the fewer. */
function categorySplit(data: ArrayLike<number>, rows: Uint32Array, random: () => number): Split | undefined {
	const counts = new Map<number, number>();
	for (const row of rows) counts.set(data[row], (counts.get(data[row]) ?? 0) + 1);
	if (counts.size < 2) return undefined;
	const present = Uint32Array.from(counts.keys()).sort();
	const one = present[Math.floor(random() * present.length)];
	const codes = 2 * counts.get(one)! > rows.length ? Uint32Array.of(one) : present.filter((code) => code !== one);
	return { threshold: 0, codes, missingLeft: false };
}

function goesLeft({ data }: Column, { threshold, codes, missingLeft }: Split): (row: number) => boolean {
	if (codes) {
		const set = new Set(codes);
		return (row) => set.has(data[row]);
	}
	return (row) => {
		const v = data[row];
		return v !== v ? missingLeft : v <= threshold;
	};
}

/** Puts the rows that go left first, within `from..to`. @returns where the others begin */
function partition(rows: Uint32Array, from: number, to: number, left: (row: number) => boolean): number {
	let at = from;
	for (let i = from; i < to; i++) {
		const row = rows[i];
		if (!left(row)) continue;
		rows[i] = rows[at];
		rows[at++] = row;
	}
	return at;
}
