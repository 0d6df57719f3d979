import { score, shorten } from '../format.js';
import type { Chart } from '../render.js';
import { COLOR } from '../theme.js';
import { chart, nameAxis, nameRoom } from './base.js';

/** Correlations of number columns as a heat map; the first 16 columns. Strength is shade, the sign is in the label. */
export function correlationChart(input: { columns: string[]; matrix: Array<Array<number | null>> }): Chart {
	const names = input.columns.slice(0, 16);
	const cells = names.flatMap((_, i) => names.map((__, j) => ({ i, j, r: input.matrix[i]?.[j] ?? NaN })));
	const pairs = cells.filter((c) => c.i < c.j && Number.isFinite(c.r)).sort((a, b) => Math.abs(b.r) - Math.abs(a.r));
	const strongest = pairs[0];
	const cell = Math.max(22, Math.min(56, Math.floor(400 / Math.max(1, names.length))));
	const left = nameRoom(names, 18);
	return chart(
		{
			name: 'correlation',
			height: cell * names.length,
			left,
			bottom: 92,
			title:
				strongest && Math.abs(strongest.r) >= 0.1
					? `“${names[strongest.i]}” and “${names[strongest.j]}” move together most (${score(strongest.r, 2)})`
					: 'No two columns move together',
			subtitle: `Correlation: 1 together, −1 opposite, 0 unrelated.${input.columns.length > names.length ? ` The first ${names.length} of ${input.columns.length} columns.` : ''}`,
			tips: cells
				.filter((c) => c.i !== c.j && Number.isFinite(c.r))
				.map((c) => ({ series: 0, at: [c.j, c.i], text: `${names[c.i]} and ${names[c.j]}: ${score(c.r, 3)}` })),
		},
		{
			xAxis: { ...nameAxis(names), axisLabel: { color: COLOR.soft, interval: 0, rotate: 40, formatter: (t: string) => shorten(t, 14) } },
			yAxis: nameAxis(names, { inverse: true }, 18),
			visualMap: {
				show: false,
				min: -1,
				max: 1,
				dimension: 2,
				inRange: { color: ['#5f6b85', '#c9cfdb', '#f7f8fe', '#b9c4f4', '#4257c9'] },
			},
			series: [
				{
					type: 'heatmap',
					silent: true,
					itemStyle: { borderColor: COLOR.paper, borderWidth: 2 },
					data: cells.map((c) => ({
						value: [c.j, c.i, c.i === c.j || !Number.isFinite(c.r) ? 0 : c.r],
						label: { color: c.r > 0.6 || c.r < -0.75 ? COLOR.paper : COLOR.ink },
					})),
					label: {
						show: names.length <= 10,
						fontSize: 11,
						formatter: (at: { dataIndex: number }) => {
							const c = cells[at.dataIndex];
							return c.i === c.j || !Number.isFinite(c.r) ? '' : score(c.r, 2);
						},
					},
				},
			],
		},
	);
}
