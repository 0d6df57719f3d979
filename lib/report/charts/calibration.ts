import type { EvaluationRecord } from '../../domain/evaluation.js';
import { number, percent } from '../format.js';
import type { Chart } from '../render.js';
import { COLOR } from '../theme.js';
import { chart, percentAxis } from './base.js';

/** Reliability diagram: promised probability against what happened; the size of a dot shows how many rows it stands for. */
export function calibrationChart(calibration: NonNullable<EvaluationRecord['calibration']>): Chart {
	const { predicted, observed, count } = calibration;
	const total = count.reduce((a, b) => a + b, 0) || 1;
	const gap = predicted.reduce((sum, p, i) => sum + Math.abs(p - observed[i]) * count[i], 0) / total;
	const most = Math.max(1, ...count);
	return chart(
		{
			name: 'calibration',
			height: 380,
			title:
				gap <= 0.02
					? 'The probabilities can be taken at their word'
					: gap <= 0.06
						? 'The probabilities are roughly what happens'
						: 'The probabilities are not what happens: use them to rank, not to count',
			subtitle: `On average a promised probability is ${number(gap * 100, 2)} percentage points away from what happened. On the dashed line both agree; bigger dots stand for more rows.`,
			tips: predicted.map((p, i) => ({
				series: 1,
				at: [p, observed[i]],
				text: `promised ${percent(p)}, happened ${percent(observed[i])} (${number(count[i])} rows)`,
			})),
		},
		{
			xAxis: percentAxis('Promised by the model', 'x'),
			yAxis: percentAxis('Happened', 'y', { nameGap: 50 }),
			series: [
				{
					type: 'line',
					data: [
						[0, 0],
						[1, 1],
					],
					showSymbol: false,
					silent: true,
					lineStyle: { color: COLOR.neutral, width: 1.5, type: 'dashed' },
				},
				{
					type: 'line',
					data: predicted.map((p, i) => [p, observed[i]]),
					silent: true,
					symbol: 'circle',
					showAllSymbol: true,
					symbolSize: (_: unknown, at: { dataIndex: number }) => 6 + 12 * Math.sqrt(count[at.dataIndex] / most),
					itemStyle: { color: COLOR.accent, borderColor: COLOR.paper, borderWidth: 1.5 },
					lineStyle: { color: COLOR.accentMid, width: 2 },
				},
			],
		},
	);
}
