import type { EvaluationRecord } from '../../domain/evaluation.js';
import { number } from '../format.js';
import type { Chart } from '../render.js';
import { COLOR } from '../theme.js';
import { metricValue, metricWords } from '../words.js';
import { chart, nameAxis, nameRoom, valueAxis } from './base.js';

type Side = NonNullable<EvaluationRecord['side']>;

/** A metric with its interval in each part of the rows: a dot on a line, one row a part. Parts with too few rows are left out. */
export function sideBySideChart({ side, overall }: { side: Side; overall?: number }): Chart {
	const shown = side.parts
		.flatMap((p) =>
			p.metric === undefined || p.low === undefined || p.high === undefined ? [] : [{ ...p, metric: p.metric, low: p.low, high: p.high }],
		)
		.slice(0, 40);
	const names = shown.map((p) => p.value);
	const words = metricWords(side.metric);
	const worse = (a: number, b: number): boolean => (words.better === 'higher' ? a < b : a > b);
	const worst = shown.reduce<(typeof shown)[number] | undefined>((w, p) => (!w || worse(p.metric, w.metric) ? p : w), undefined);
	const apart = worst && overall !== undefined && (words.better === 'higher' ? worst.high < overall : worst.low > overall);
	return chart(
		{
			name: 'side_by_side',
			height: Math.max(60, shown.length * 26),
			left: nameRoom(names),
			right: 64,
			title: apart ? `It does worse where “${side.column}” is ${worst.value}` : `“${side.column}” makes no difference that is sure`,
			subtitle: `${words.label} with its 95 % interval; ${words.better} is better.`,
			tips: shown.map((p, i) => ({
				series: 0,
				at: [p.metric, i],
				text: `${p.value}: ${metricValue(side.metric, p.metric)} (${metricValue(side.metric, p.low)} to ${metricValue(side.metric, p.high)}) on ${number(p.rows)} rows`,
			})),
		},
		{
			xAxis: valueAxis(words.label, 'x', { scale: true }),
			yAxis: nameAxis(names, { inverse: true }),
			series: [
				{ type: 'scatter', silent: true, symbolSize: 9, itemStyle: { color: COLOR.accent }, data: shown.map((p, i) => [p.metric, i]) },
				{
					type: 'custom',
					silent: true,
					data: shown.map((p, i) => [p.low, p.high, i]),
					renderItem: (_: unknown, api: { value(i: number): number; coord(p: number[]): number[] }) => {
						const [x1, y] = api.coord([api.value(0), api.value(2)]);
						const [x2] = api.coord([api.value(1), api.value(2)]);
						return { type: 'line', shape: { x1, y1: y, x2, y2: y }, style: { stroke: COLOR.accentDark, lineWidth: 1.5 } };
					},
					encode: { x: [0, 1], y: 2 },
				},
				...(overall === undefined
					? []
					: [
							{
								type: 'line',
								silent: true,
								showSymbol: false,
								lineStyle: { color: COLOR.neutral, type: 'dashed', width: 1.5 },
								data: names.length
									? [
											[overall, 0],
											[overall, names.length - 1],
										]
									: [],
							},
						]),
			],
		},
	);
}
