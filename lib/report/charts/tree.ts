import type { ShownTree } from '../../learn/treeOf.js';
import type { PlotNode } from '../../learn/trees/plot.js';
import { count, number, percent, shorten } from '../format.js';
import type { Chart } from '../render.js';
import { COLOR, FONT } from '../theme.js';
import { chart } from './base.js';

const BOX = { width: 128, height: 50 };
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

const signed = (v: number) => (v > 0 ? `+${number(v)}` : number(v));

/** One tree, from left to right: questions, how many rows went where, and what a leaf says. */
export function treeChart({ root, trees, average }: ShownTree): Chart {
	const nodes = place(root, 0, { row: 0 });
	const rows = nodes.filter((n) => !n.node.split).length;
	const depth = Math.max(...nodes.map((n) => n.depth));
	const cut = nodes.some((n) => n.node.hidden);
	const text = ({ node }: Placed) => [
		...(node.split
			? [shorten(node.split.column, 19), `${shorten(node.split.condition.slice(node.split.column.length + 1), 20)}?`]
			: [average ? number(node.value) : signed(node.value)]),
		node.hidden ? `${percent(node.share)}, ${count(node.hidden, 'node')} more` : `${percent(node.share)} of the rows`,
	];
	return chart(
		{
			name: 'tree',
			height: rows * ROW,
			left: 16,
			right: 16,
			bottom: 16,
			title: `The first tree asks first: ${shorten(root.split?.condition ?? '', 60)}?`,
			subtitle: `${average ? 'A leaf says what this tree answers' : 'A leaf says what this tree adds to the score'}; ${number(trees)} trees together make the prediction.${cut ? ' Deeper questions are left out.' : ''}`,
			tips: nodes.map((p) => ({
				series: 0,
				at: [p.depth, p.row],
				text: `${p.node.split ? `${p.node.split.condition}? Missing: ${p.node.split.missing}. ` : ''}${count(p.node.rows, 'row')}, value ${number(p.node.value, 4)}${p.node.split ? `, gain ${number(p.node.split.gain, 4)}` : ''}`,
			})),
		},
		{
			xAxis: { type: 'value', min: -0.5, max: depth + 0.5, show: false },
			yAxis: { type: 'value', min: -0.5, max: rows - 0.5, inverse: true, show: false },
			series: [
				{
					type: 'custom',
					silent: true,
					data: nodes.map((p) => [p.depth, p.row]),
					renderItem: ({ dataIndex }: { dataIndex: number }, api: { coord(p: number[]): number[] }) => {
						const p = nodes[dataIndex];
						const [x, y] = api.coord([p.depth, p.row]);
						// Fewer pixels on a phone: boxes become narrower, not the gaps.
						const width = Math.min(BOX.width, api.coord([1, 0])[0] - api.coord([0, 0])[0] - 18);
						const lines = text(p);
						const line = (content: string, dy: number, style: object) => ({
							type: 'text',
							x,
							y: y + dy,
							style: {
								text: content,
								align: 'center',
								verticalAlign: 'middle',
								fontFamily: FONT,
								width: width - 8,
								overflow: 'truncate',
								...style,
							},
						});
						const edge = () => {
							const [px, py] = api.coord([p.parent!.depth, p.parent!.row]);
							const [from, to] = [px + width / 2, x - width / 2];
							return [
								{
									type: 'bezierCurve',
									z2: -1,
									shape: { x1: from, y1: py, x2: to, y2: y, cpx1: (from + to) / 2, cpy1: py, cpx2: (from + to) / 2, cpy2: y },
									style: { stroke: COLOR.neutral, lineWidth: 1 + 2 * p.node.share, fill: 'none' },
								},
								{
									type: 'text',
									x: to - 2,
									y: y + (p.parent!.answer === 'yes' ? -9 : 10),
									style: {
										text: p.parent!.answer,
										align: 'right',
										verticalAlign: 'middle',
										fontFamily: FONT,
										fontSize: 10,
										fill: COLOR.muted,
									},
								},
							];
						};
						return {
							type: 'group',
							children: [
								...(p.parent ? edge() : []),
								{
									type: 'rect',
									shape: { x: x - width / 2, y: y - BOX.height / 2, width, height: BOX.height, r: 6 },
									style: {
										fill: p.node.split ? COLOR.accentPale : COLOR.faint,
										stroke: p.node.split ? COLOR.accentMid : COLOR.line,
										lineDash: p.node.hidden ? [3, 3] : undefined,
									},
								},
								...lines.map((content, i) =>
									line(
										content,
										(i - (lines.length - 1) / 2) * 15,
										i < lines.length - 1 ? { fontSize: 11.5, fontWeight: 600, fill: COLOR.ink } : { fontSize: 10.5, fill: COLOR.muted },
									),
								),
							],
						};
					},
				},
			],
		},
	);
}
