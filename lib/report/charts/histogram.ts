import { date, number } from '../format.js';
import type { Chart } from '../render.js';
import { COLOR } from '../theme.js';
import { axisName, chart, nameAxis, nameRoom, shortNumber, valueAxis } from './base.js';

export interface HistogramInput {
	column: string;
	histogram?: { edges: number[]; counts: number[] } | null;
	top?: Array<{ value: string | number | boolean; count: number }> | null;
	dates?: boolean;
}

/** Bin labels `from – to`. */
export const binLabels = (edges: readonly number[], dates = false): string[] => {
	const text = (v: number) => (dates ? date(v) : shortNumber(v));
	return edges.slice(0, -1).map((from, i) => `${text(from)} – ${text(edges[i + 1])}`);
};

/** How the values of one column are spread: bins for numbers and dates, bars for the most frequent words. */
export function histogramChart(input: HistogramInput): Chart {
	const { column, histogram, dates = false } = input;
	if (histogram && histogram.counts.length > 0) {
		const labels = binLabels(histogram.edges, dates);
		const most = histogram.counts.indexOf(Math.max(...histogram.counts));
		return chart(
			{
				name: 'histogram',
				height: 240,
				title: `How “${column}” is spread: most often ${labels[most].replace(' – ', ' to ')}`,
				tips: histogram.counts.map((n, i) => ({ series: 0, at: [i, n], text: `${labels[i]}: ${number(n)} rows` })),
			},
			{
				xAxis: {
					type: 'category',
					data: labels,
					axisLabel: {
						color: COLOR.muted,
						hideOverlap: true,
						interval: Math.max(0, Math.ceil(labels.length / (dates ? 4 : 6)) - 1),
						formatter: (t: string) => t.split(' – ')[0],
					},
					axisTick: { show: false },
					axisLine: { lineStyle: { color: COLOR.line } },
					name: axisName(column),
					nameLocation: 'middle',
					nameGap: 32,
					nameTextStyle: { color: COLOR.soft },
				},
				yAxis: valueAxis('Rows', 'y'),
				series: [
					{
						type: 'bar',
						silent: true,
						barCategoryGap: '6%',
						data: histogram.counts,
						itemStyle: { color: COLOR.accentMid, borderRadius: [3, 3, 0, 0] },
					},
				],
			},
		);
	}
	const top = (input.top ?? []).slice(0, 12);
	const names = top.map((t) => String(t.value));
	return chart(
		{
			name: 'histogram',
			height: Math.max(40, top.length * 26),
			left: nameRoom(names),
			right: 70,
			title: top[0] ? `The most frequent “${column}” is “${String(top[0].value)}”` : `“${column}” has no values`,
			tips: top.map((t, i) => ({ series: 0, at: [t.count, i], text: `${String(t.value)}: ${number(t.count)} rows` })),
		},
		{
			xAxis: valueAxis('Rows', 'x'),
			yAxis: nameAxis(names, { inverse: true }),
			series: [
				{
					type: 'bar',
					silent: true,
					barWidth: 14,
					data: top.map((t) => t.count),
					itemStyle: { color: COLOR.accentMid, borderRadius: [0, 4, 4, 0] },
					label: { show: true, position: 'right', color: COLOR.soft, formatter: (at: { value: unknown }) => number(Number(at.value)) },
				},
			],
		},
	);
}
