import type { EvaluationRecord } from '../../domain/evaluation.js';
import { percent } from '../format.js';
import type { Chart, Tip } from '../render.js';
import { COLOR, SERIES } from '../theme.js';
import { caseName } from '../../task/classes.js';
import { chart, legend, percentAxis } from './base.js';

/** Precision over recall. `prevalence` (share of positives) draws what guessing gives. */
export function precisionRecallChart(input: { pr: NonNullable<EvaluationRecord['pr']>; target: string; prevalence?: number }): Chart {
	const curves = input.pr.slice(0, SERIES.length);
	const many = curves.length > 1;
	const name = caseName(input.target, curves[0]?.label ?? input.target);
	const tips: Tip[] = curves.flatMap((curve, i) =>
		curve.x.map((x, j) => ({
			series: i,
			at: [x, curve.y[j]],
			text: `${many ? `${curve.label}: ` : ''}to find ${percent(x)} of cases, ${percent(curve.y[j])} of the alarms are right`,
		})),
	);
	return chart(
		{
			name: 'precision_recall',
			height: 380,
			tips,
			bottom: many ? 84 : 56,
			title: many
				? 'How many alarms are right, the more cases are to be found'
				: `How many “${name}” alarms are right, the more cases are to be found`,
			subtitle:
				input.prevalence === undefined || many
					? 'Higher is better.'
					: `Guessing is right ${percent(input.prevalence)} of the time (dashed line).`,
		},
		{
			xAxis: percentAxis('Recall (share of cases found)', 'x'),
			yAxis: percentAxis('Precision (share of alarms that are right)', 'y', { nameGap: 50 }),
			...(many ? { legend: legend(curves.map((c) => c.label)) } : {}),
			series: [
				...curves.map((curve, i) => ({
					type: 'line' as const,
					name: curve.label,
					data: curve.x.map((x, j) => [x, curve.y[j]]),
					showSymbol: false,
					silent: true,
					itemStyle: { color: SERIES[i] },
					lineStyle: { color: SERIES[i], width: 2.5 },
					...(many ? {} : { areaStyle: { color: COLOR.accentPale, opacity: 0.7 } }),
				})),
				...(input.prevalence === undefined || many
					? []
					: [
							{
								type: 'line' as const,
								name: 'guessing',
								data: [
									[0, input.prevalence],
									[1, input.prevalence],
								],
								showSymbol: false,
								silent: true,
								lineStyle: { color: COLOR.neutral, width: 1.5, type: 'dashed' as const },
							},
						]),
			],
		},
	);
}
