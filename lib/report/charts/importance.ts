import type { EvaluationRecord } from '../../domain/evaluation.js';
import { number, score } from '../format.js';
import type { Chart } from '../render.js';
import { COLOR } from '../theme.js';
import { metricWords } from '../words.js';
import { chart, nameAxis, nameRoom, valueAxis } from './base.js';

/** Permutation importance: how much worse the model gets when one column is shuffled. The strongest 15. */
export function importanceChart(input: { importance: EvaluationRecord['importance']; primary: string }): Chart {
	const all = [...input.importance].sort((a, b) => b.drop - a.drop);
	const rows = all.slice(0, 15);
	const names = rows.map((r) => r.feature);
	const first = rows[0] && rows[0].drop > 0 ? rows[0].feature : undefined;
	const label = metricWords(input.primary).label;
	return chart(
		{
			name: 'importance',
			height: Math.max(60, rows.length * 26),
			left: nameRoom(names),
			right: 64,
			title: first ? `What the answers depend on most: “${first}”` : 'No single column matters by itself',
			subtitle: `How much worse “${label}” gets when a column is shuffled.${all.length > rows.length ? ` The strongest ${rows.length} of ${number(all.length)} columns.` : ''}`,
			tips: rows.map((r, i) => ({ series: 0, at: [r.drop, i], text: `${r.feature}: ${score(r.drop, 4)} worse (± ${score(r.std, 4)})` })),
		},
		{
			// Wide enough for the longest spread.
			xAxis: valueAxis(`Loss of ${label} without the column`, 'x', {
				min: Math.min(0, ...rows.map((r) => r.drop)),
				max: Math.max(0, ...rows.map((r) => r.drop + r.std)) || 1,
			}),
			yAxis: nameAxis(names, { inverse: true }),
			series: [
				{
					type: 'bar',
					silent: true,
					barWidth: 14,
					itemStyle: { color: COLOR.accent, borderRadius: [0, 4, 4, 0] },
					data: rows.map((r, i) => ({
						value: r.drop,
						itemStyle: { color: r.drop <= 0 ? COLOR.neutral : i === 0 ? COLOR.accent : COLOR.accentMid },
					})),
				},
				{
					// The spread as a line, and the figure beyond it where the two do not touch.
					type: 'custom',
					silent: true,
					data: rows.map((r, i) => [r.drop - r.std, r.drop + r.std, i, r.drop]),
					renderItem: (_: unknown, api: { value(i: number): number; coord(p: number[]): number[] }) => {
						const [x0, y] = api.coord([Math.max(Math.min(0, api.value(3)), api.value(0)), api.value(2)]);
						const [x1] = api.coord([Math.max(0, api.value(1)), api.value(2)]);
						return {
							type: 'group',
							children: [
								...(api.value(1) > api.value(0)
									? [{ type: 'line', shape: { x1: x0, y1: y, x2: x1, y2: y }, style: { stroke: COLOR.accentDark, lineWidth: 1.5 } }]
									: []),
								{
									type: 'text',
									x: x1 + 7,
									y,
									style: { text: score(api.value(3), 3), fill: COLOR.soft, fontSize: 12, verticalAlign: 'middle' },
								},
							],
						};
					},
				},
			],
		},
	);
}
