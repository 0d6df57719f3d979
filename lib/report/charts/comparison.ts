import type { Comparison } from '../../domain/evaluation.js';
import { number, percent } from '../format.js';
import type { Chart } from '../render.js';
import { COLOR } from '../theme.js';
import { metricValue, metricWords } from '../words.js';
import { chart, nameAxis, nameRoom, valueAxis } from './base.js';

/** Significant at the 5 % level and in the right direction. */
export const comparisonVerdict = (c: Comparison): 'better' | 'worse' | 'same' =>
	c.difference.low > 0 ? 'better' : c.difference.high < 0 ? 'worse' : 'same';

/** The new model against the one in use, and what guessing gives, on the same rows. */
export function comparisonChart(input: { comparison: Comparison; challenger?: string; baseline?: number }): Chart {
	const { comparison: c } = input;
	const words = metricWords(c.metric);
	const verdict = comparisonVerdict(c);
	const names = [input.challenger ?? 'New model', `In use: ${c.against}`, ...(input.baseline === undefined ? [] : ['Guessing'])];
	const values = [c.ours, c.theirs, ...(input.baseline === undefined ? [] : [input.baseline])];
	return chart(
		{
			name: 'comparison',
			height: names.length * 46,
			left: nameRoom(names, 26),
			right: 84,
			title:
				verdict === 'better'
					? 'The new model is better than the one in use'
					: verdict === 'worse'
						? 'The new model is worse than the one in use'
						: 'The new model is about as good as the one in use',
			subtitle: `${words.label} on the same ${number(c.rows)} rows; ${words.better} is better. Difference ${metricValue(c.metric, c.difference.value)} (95 % interval ${metricValue(c.metric, c.difference.low)} to ${metricValue(c.metric, c.difference.high)}).${c.leftOut ? ` ${number(c.leftOut)} rows left out, since one of the two was trained on them.` : ''}`,
			tips: names.map((name, i) => ({ series: 0, at: [values[i], i], text: `${name}: ${metricValue(c.metric, values[i])}` })),
		},
		{
			xAxis: valueAxis(words.label, 'x', {
				min: 0,
				...(words.share ? { axisLabel: { color: COLOR.muted, formatter: (v: number) => percent(v) } } : {}),
			}),
			yAxis: nameAxis(names, { inverse: true }, 26),
			series: [
				{
					type: 'bar',
					silent: true,
					barWidth: 24,
					data: values.map((value, i) => ({
						value,
						itemStyle: { color: [COLOR.accent, COLOR.accentSoft, COLOR.line][i], borderRadius: [0, 4, 4, 0] },
					})),
					label: {
						show: true,
						position: 'right',
						color: COLOR.ink,
						fontSize: 13,
						fontWeight: 600,
						formatter: (at: { dataIndex: number }) => metricValue(c.metric, values[at.dataIndex]),
					},
				},
			],
		},
	);
}
