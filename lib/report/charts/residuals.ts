import type { EvaluationRecord } from '../../domain/evaluation.js';
import { number } from '../format.js';
import type { Chart } from '../render.js';
import { COLOR } from '../theme.js';
import { chart, valueAxis } from './base.js';

/** Residual (true minus predicted) over the prediction. */
export function residualsChart(input: { residuals: NonNullable<EvaluationRecord['residuals']>; target: string }): Chart {
	const { predicted, residual } = input.residuals;
	const mean = residual.reduce((a, b) => a + b, 0) / (residual.length || 1);
	const spread = Math.sqrt(residual.reduce((a, b) => a + (b - mean) ** 2, 0) / (residual.length || 1));
	const lean =
		Math.abs(mean) <= 0.15 * spread ? 'miss high and low alike' : mean > 0 ? 'are too low on average' : 'are too high on average';
	return chart(
		{
			name: 'residuals',
			height: 340,
			left: 70,
			title: `Predictions of “${input.target}” ${lean}`,
			subtitle: `Each dot is one row: above the line the truth was higher than predicted. ${predicted.length ? `Two thirds lie within about ±${number(spread, 2)}.` : ''}`,
			tips: predicted.map((p, i) => ({ series: 0, at: [p, residual[i]], text: `predicted ${number(p)}, true ${number(p + residual[i])}` })),
		},
		{
			xAxis: valueAxis(`Predicted ${input.target}`, 'x', { scale: true }),
			yAxis: valueAxis('True minus predicted', 'y', { scale: true }),
			series: [
				{
					type: 'scatter',
					silent: true,
					symbolSize: 6,
					itemStyle: { color: COLOR.accent, opacity: 0.45 },
					data: predicted.map((p, i) => [p, residual[i]]),
					markLine: {
						silent: true,
						symbol: 'none',
						label: { show: false },
						lineStyle: { color: COLOR.ink, type: 'dashed', width: 1.2 },
						data: [{ yAxis: 0 }],
					},
				},
			],
		},
	);
}
