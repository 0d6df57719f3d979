import type { EvaluationRecord } from '../../domain/evaluation.js';
import { number, percent, shorten } from '../format.js';
import type { Chart } from '../render.js';
import { ACCENT_SCALE, COLOR } from '../theme.js';
import { chart, nameAxis, nameRoom } from './base.js';

/** Confusion matrix: rows are what was true, columns what the model said; shading is the share of the row. */
export function confusionChart(input: { confusion: NonNullable<EvaluationRecord['confusion']>; target: string }): Chart {
	const { labels, counts } = input.confusion;
	const sums = counts.map((row) => row.reduce((a, b) => a + b, 0));
	const total = sums.reduce((a, b) => a + b, 0) || 1;
	const right = counts.reduce((sum, row, i) => sum + (row[i] ?? 0), 0);
	const cell = Math.max(18, Math.min(88, Math.floor(400 / Math.max(1, labels.length))));
	const text = labels.length <= 10;
	const cells = counts.flatMap((row, i) => row.map((n, j) => ({ i, j, n, share: sums[i] ? n / sums[i] : 0 })));
	const left = nameRoom(labels, 16) + 34;
	return chart(
		{
			name: 'confusion',
			height: cell * labels.length,
			left,
			bottom: labels.length > 6 ? 92 : 56,
			title: `${percent(right / total)} of the answers are right: what was true against what the model said`,
			subtitle: 'Each row adds up to 100 %. Right answers lie on the diagonal.',
			tips: cells.map((c) => ({
				series: 0,
				at: [c.j, c.i],
				text: `true ${shorten(labels[c.i], 30)}, said ${shorten(labels[c.j], 30)}: ${number(c.n)} rows, ${percent(c.share)} of ${shorten(labels[c.i], 30)}`,
			})),
		},
		{
			xAxis: {
				...nameAxis(
					labels,
					{
						name: 'What the model said',
						nameLocation: 'middle',
						nameGap: labels.length > 6 ? 66 : 32,
						nameTextStyle: { color: COLOR.soft, fontSize: 12 },
						splitArea: { show: false },
					},
					16,
				),
				axisLabel: {
					color: COLOR.soft,
					interval: 0,
					rotate: labels.length > 6 ? 40 : 0,
					formatter: (t: string) => shorten(t, labels.length > 6 ? 12 : 16),
				},
			},
			yAxis: nameAxis(
				labels,
				{
					inverse: true,
					name: `What was true`,
					nameLocation: 'middle',
					nameGap: left - 18,
					nameTextStyle: { color: COLOR.soft, fontSize: 12 },
				},
				16,
			),
			visualMap: { show: false, min: 0, max: 1, dimension: 2, inRange: { color: [...ACCENT_SCALE] } },
			series: [
				{
					type: 'heatmap',
					silent: true,
					itemStyle: { borderColor: COLOR.paper, borderWidth: 2 },
					data: cells.map((c) => ({ value: [c.j, c.i, c.share], label: { color: c.share > 0.45 ? COLOR.paper : COLOR.ink } })),
					label: {
						show: text,
						fontSize: labels.length > 6 ? 11 : 13,
						lineHeight: 16,
						formatter: (at: { dataIndex: number }) => {
							const c = cells[at.dataIndex];
							return cell >= 50 ? `${percent(c.share)}\n${number(c.n)}` : percent(c.share);
						},
					},
				},
			],
		},
	);
}
