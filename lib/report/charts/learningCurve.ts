import type { RunRecord } from '../../domain/run.js';
import type { Chart } from '../render.js';
import { COLOR } from '../theme.js';
import { metricValue, metricWords } from '../words.js';
import { chart, legend, valueAxis } from './base.js';

/** The metric while training went on, on training and on validation rows. */
export function learningCurveChart(input: { curve: RunRecord['curve']; metric: string; best?: number }): Chart {
	const words = metricWords(input.metric);
	const valid = input.curve.filter((p) => p.validation !== undefined);
	const train = input.curve.filter((p) => p.train !== undefined);
	const better = words.better === 'higher' ? Math.max : Math.min;
	const bestValue = valid.length ? better(...valid.map((p) => p.validation as number)) : undefined;
	const best = valid.find((p) => p.validation === bestValue);
	const last = valid[valid.length - 1];
	const late = best && last && best.step > 0.95 * last.step;
	const line = (name: string, data: number[][], color: string, width: number) => ({
		type: 'line' as const,
		name,
		data,
		showSymbol: data.length === 1,
		silent: true,
		itemStyle: { color },
		lineStyle: { color, width },
	});
	return chart(
		{
			name: 'learning_curve',
			height: 300,
			left: 70,
			bottom: 84,
			title: !best
				? 'How training went on'
				: late
					? 'The model was still learning at the end'
					: `The model stopped getting better after step ${best.step}`,
			subtitle: `${words.label}: ${words.better} is better. ${valid.length ? 'Validation rows were not trained on.' : ''}`,
			tips: [
				...valid.map((p) => ({
					series: train.length ? 1 : 0,
					at: [p.step, p.validation as number],
					text: `step ${p.step}: ${metricValue(input.metric, p.validation)} on validation rows`,
				})),
			],
		},
		{
			xAxis: valueAxis('Training step', 'x', { splitLine: { show: false }, scale: true }),
			yAxis: valueAxis(words.label, 'y', { scale: true }),
			legend: legend([...(train.length ? ['training rows'] : []), ...(valid.length ? ['validation rows'] : [])]),
			series: [
				...(train.length
					? [
							line(
								'training rows',
								train.map((p) => [p.step, p.train as number]),
								COLOR.neutral,
								2,
							),
						]
					: []),
				...(valid.length
					? [
							{
								...line(
									'validation rows',
									valid.map((p) => [p.step, p.validation as number]),
									COLOR.accent,
									2.5,
								),
								...(best
									? {
											markPoint: {
												symbol: 'circle',
												symbolSize: 10,
												itemStyle: { color: COLOR.paper, borderColor: COLOR.accentDark, borderWidth: 3 },
												label: {
													show: true,
													position: words.better === 'higher' ? ('bottom' as const) : ('top' as const),
													distance: 8,
													...(late ? { align: 'right' as const } : {}),
													color: COLOR.ink,
													fontSize: 12,
													formatter: `best ${metricValue(input.metric, bestValue)}`,
												},
												data: [{ coord: [best.step, bestValue as number] }],
											},
										}
									: {}),
							},
						]
					: []),
			],
		},
	);
}
