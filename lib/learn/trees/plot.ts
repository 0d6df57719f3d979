import { MlopsError } from '../../domain/errors.js';
import type { Ensemble, ModelColumn } from './ensemble.js';
import type { FinishedTree } from './tree.js';

/** A node of one tree, for people to see. */
export interface PlotNode {
	/** Training rows that came here, and their share of the tree's. */
	rows: number;
	share: number;
	/** Raw score that a row ending here adds (in inner nodes: would add). */
	value: number;
	/** The question, where there is one; rows for which it is true go on to `yes`. */
	split?: { column: string; condition: string; missing: 'yes' | 'no'; gain: number; yes: PlotNode; no: PlotNode };
	/** Nodes below that the depth left out. */
	hidden?: number;
}

export interface PlotOptions {
	/** The text of a category's code (0 missing, 1 unseen); without it the number. */
	label?(column: string, code: number): string;
	/** Questions one after the other; all by default. */
	depth?: number;
	/** Categories named in a condition; the others are counted. */
	names?: number;
}

/**
 * Tree `index` of a model (tree i belongs to output i % outputs) as nested nodes with conditions in words that begin with the column: "age
 * ≤ 30.5", "city is Berlin, Rome or 3 more".
 * @throws `learn.parameter_invalid` when there is no such tree
 */
export function plotTree(model: Ensemble, index: number, options: PlotOptions = {}): PlotNode {
	const tree = model.trees[index];
	if (!tree)
		throw new MlopsError('learn.parameter_invalid', `There is no tree ${index}.`, {
			expected: `a whole number from 0 to ${model.trees.length - 1}`,
			found: String(index),
		});
	return plotNode(tree, 0, 0, model.columns, options);
}

function plotNode(tree: FinishedTree, n: number, depth: number, columns: readonly ModelColumn[], options: PlotOptions): PlotNode {
	const node: PlotNode = { rows: tree.count[n], share: tree.count[0] > 0 ? tree.count[n] / tree.count[0] : 0, value: tree.value[n] };
	if (tree.feature[n] < 0) return node;
	if (depth >= (options.depth ?? Infinity)) return { ...node, hidden: below(tree, n) };
	const column = columns[tree.feature[n]];
	return {
		...node,
		split: {
			column: column.name,
			condition: conditionOf(tree, n, column, options),
			missing: missingGoesLeft(tree, n, column) ? 'yes' : 'no',
			gain: tree.gain[n],
			yes: plotNode(tree, tree.left[n], depth + 1, columns, options),
			no: plotNode(tree, tree.right[n], depth + 1, columns, options),
		},
	};
}

/** Children come after their parents, so one pass finds all nodes below. */
function below(tree: FinishedTree, n: number): number {
	const waiting = [tree.left[n], tree.right[n]];
	for (let i = 0; i < waiting.length; i++) if (tree.feature[waiting[i]] >= 0) waiting.push(tree.left[waiting[i]], tree.right[waiting[i]]);
	return waiting.length;
}

/** In columns of categories what is missing is a code like others: 0. */
function missingGoesLeft(tree: FinishedTree, n: number, column: ModelColumn): boolean {
	const codes = tree.codes[n];
	if (column.kind === 'number' || !codes) return tree.defaultLeft[n] === 1;
	return codes.includes(0) || (tree.defaultLeft[n] === 1 && !column.seen.includes(0));
}

function conditionOf(
	tree: FinishedTree,
	n: number,
	column: ModelColumn,
	{ label = (_, code) => String(code), names = 4 }: PlotOptions,
): string {
	const codes = tree.codes[n];
	// What others take for zero (1e-35 and less) reads as zero.
	if (!codes) return `${column.name} ≤ ${Math.abs(tree.threshold[n]) < 1e-30 ? 0 : Number(tree.threshold[n].toPrecision(6))}`;
	const shown = Array.from(codes.length <= names ? codes : codes.subarray(0, names - 1), (code) => label(column.name, code));
	if (codes.length > shown.length) shown.push(`${codes.length - shown.length} more`);
	if (shown.length === 0) return `${column.name} is none that training saw`;
	return `${column.name} is ${shown.length === 1 ? shown[0] : `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`}`;
}
