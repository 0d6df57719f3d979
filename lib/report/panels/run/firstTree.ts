import type { ShownTree } from '../../../learn/treeOf.js';
import type { PlotNode } from '../../../learn/trees/plot.js';
import type { Chart } from '../../charts/chart.js';
import { count, number, percent, shorten } from '../../formatting.js';
import { definePanel } from '../panel.js';

const ROW = 58;

interface Placed {
	node: PlotNode;
	depth: number;
	row: number;
	parent?: { depth: number; row: number; answer: 'yes' | 'no' };
}

/** Leaves lie one below the other, a question between its two answers, "yes" above. */
function place(node: PlotNode, depth: number, next: { row: number }, parent?: Placed['parent']): Placed[] {
	if (!node.split) return [{ node, depth, row: next.row++, parent }];
	const self: Placed = { node, depth, row: 0, parent };
	const answers = (['yes', 'no'] as const).map((answer) => place(node.split![answer], depth + 1, next, { depth, row: 0, answer }));
	self.row = (answers[0][0].row + answers[1][0].row) / 2;
	for (const [child] of answers) child.parent!.row = self.row;
	return [self, ...answers.flat()];
}

/** What a box says: its question or what it adds, and how many rows come there. */
function linesOf({ split, value, share, hidden }: PlotNode, average: boolean): string[] {
	const rows = hidden ? `${percent(share)}, ${count(hidden, 'node')} more` : `${percent(share)} of the rows`;
	if (!split) return [average || value <= 0 ? number(value) : `+${number(value)}`, rows];
	return [shorten(split.column, 19), `${shorten(split.condition.slice(split.column.length + 1), 20)}?`, rows];
}

const tipOf = ({ split, rows, value }: PlotNode): string =>
	`${split ? `${split.condition}? Missing: ${split.missing}. ` : ''}${count(rows, 'row')}, value ` +
	`${number(value, 4)}${split ? `, gain ${number(split.gain, 4)}` : ''}`;

/** One tree, from left to right: questions, how many rows went where, and what a leaf says. */
function treeChart({ root, trees, average }: ShownTree): Chart {
	const nodes = place(root, 0, { row: 0 });
	const rows = nodes.filter((n) => !n.node.split).length;
	return {
		name: 'tree',
		height: rows * ROW,
		title: `The first tree asks first: ${shorten(root.split?.condition ?? '', 60)}?`,
		subtitle:
			`${average ? 'A leaf says what this tree answers' : 'A leaf says what this tree adds to the score'}; ${number(trees)} ` +
			`trees together make the prediction.${nodes.some((n) => n.node.hidden) ? ' Deeper questions are left out.' : ''}`,
		x: { kind: 'bare', from: -0.5, to: Math.max(...nodes.map((n) => n.depth)) + 0.5 },
		y: { kind: 'bare', from: -0.5, to: rows - 0.5 },
		marks: [
			{
				mark: 'boxes',
				boxes: nodes.map(({ node, depth, row, parent }) => ({
					at: [depth, row],
					lines: linesOf(node, average),
					look: { tinted: node.split !== undefined, open: Boolean(node.hidden) },
					tip: tipOf(node),
					edge: parent && {
						from: [parent.depth, parent.row],
						text: parent.answer,
						above: parent.answer === 'yes',
						weight: node.share,
					},
				})),
			},
		],
	};
}

/** For models of trees: what the first of them asks. */
export const firstTree = definePanel<{ tree?: ShownTree }, ShownTree>({
	id: 'first_tree',
	data: ({ tree }) => tree,
	draw: (tree) => ({ title: 'A look inside', charts: [treeChart(tree)] }),
});
