import type { EvaluationRecord, Interval } from '../../domain/evaluation.js';
import { percent, score } from '../format.js';
import type { Chart, Tip } from '../render.js';
import { COLOR, SERIES } from '../theme.js';
import { caseName } from '../../task/classes.js';
import { chart, legend, percentAxis } from './base.js';

/** Receiver operating characteristic: one curve for two classes, one a class (against the rest) for more. */
export function rocChart(input: {
	roc: NonNullable<EvaluationRecord['roc']>;
	auc?: Interval;
	target: string;
	mark?: { falsePositiveRate: number; truePositiveRate: number };
}): Chart {
	const curves = input.roc.slice(0, SERIES.length);
	const many = curves.length > 1;
	const what = many ? `each “${input.target}”` : `“${caseName(input.target, curves[0]?.label ?? input.target)}”`;
	const tips: Tip[] = curves.flatMap((curve, series) =>
		curve.x.map((x, i) => ({
			series: series + 1,
			at: [x, curve.y[i]],
			text: `${many ? `${curve.label}: ` : ''}finds ${percent(curve.y[i])} of cases at ${percent(x)} false alarms`,
		})),
	);
	return chart(
		{
			name: 'roc',
			height: 400,
			tips,
			bottom: many ? 84 : 56,
			title: input.auc
				? `How well the model tells ${what} apart: ${percent(input.auc.value)} right when shown a pair`
				: `How well the model tells ${what} apart`,
			subtitle: `${input.auc ? `Area under the curve ${score(input.auc.value)} (95 % interval ${score(input.auc.low)} to ${score(input.auc.high)}). ` : ''}The higher above the dashed line of guessing, the better.`,
		},
		{
			xAxis: percentAxis('False alarms (share of the others called wrongly)', 'x'),
			yAxis: percentAxis('Found (share of cases)', 'y', { nameGap: 50 }),
			...(many ? { legend: legend(curves.map((c) => c.label)) } : {}),
			series: [
				{
					type: 'line',
					name: 'guessing',
					data: [
						[0, 0],
						[1, 1],
					],
					showSymbol: false,
					lineStyle: { color: COLOR.neutral, width: 1.5, type: 'dashed' },
					silent: true,
				},
				...curves.map((curve, i) => ({
					type: 'line' as const,
					name: curve.label,
					data: curve.x.map((x, j) => [x, curve.y[j]]),
					showSymbol: false,
					silent: true,
					itemStyle: { color: SERIES[i] },
					lineStyle: { color: SERIES[i], width: 2.5 },
					...(many ? {} : { areaStyle: { color: COLOR.accentPale, opacity: 0.7 } }),
					...(i === 0 && input.mark
						? {
								markPoint: {
									symbol: 'circle',
									symbolSize: 10,
									itemStyle: { color: COLOR.paper, borderColor: COLOR.accentDark, borderWidth: 3 },
									label: { show: true, formatter: 'threshold in use', position: 'right', offset: [4, 12], color: COLOR.ink, fontSize: 12 },
									data: [{ coord: [input.mark.falsePositiveRate, input.mark.truePositiveRate] }],
								},
							}
						: {}),
				})),
			],
		},
	);
}
