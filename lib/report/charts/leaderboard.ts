import type { RunRecord } from '../../domain/run.js';
import { duration, humanize, visible } from '../format.js';
import { learnerName } from '../learnerName.js';
import type { Chart } from '../render.js';
import { COLOR } from '../theme.js';
import { metricValue, metricWords } from '../words.js';
import { chart, nameAxis, nameRoom, valueAxis } from './base.js';

/** The candidates that were tried, best first; the best 12, failures left out. */
export function leaderboardChart(input: { leaderboard: NonNullable<RunRecord['leaderboard']>; primary: string }): Chart {
	const words = metricWords(input.primary);
	const sign = words.better === 'higher' ? -1 : 1;
	const ranked = input.leaderboard
		.filter((r) => !r.failed && Number.isFinite(r.metrics[input.primary]))
		.sort((a, b) => sign * (a.metrics[input.primary] - b.metrics[input.primary]));
	const rows = ranked.slice(0, 12);
	const names = rows.map((r, i) => `${i + 1}. ${learnerName(r.learner)}`);
	const values = rows.map((r) => r.metrics[input.primary]);
	const low = Math.min(...values, Infinity);
	const high = Math.max(...values, -Infinity);
	// Bars of a score near its best all look alike from zero, so the axis starts a little below the worst.
	const start =
		words.better === 'higher' && low > 0 && (high - low) / high < 0.5
			? Math.max(0, low - (high - low) * 0.6 - 0.01 * high)
			: Math.min(0, low);
	return chart(
		{
			name: 'leaderboard',
			height: Math.max(60, rows.length * 30),
			left: nameRoom(names, 26),
			right: 110,
			title: rows[0] ? `${visible(humanize(rows[0].learner))} did best of ${ranked.length} candidates` : 'No candidate could be ranked',
			subtitle: `${words.label}: ${words.better} is better.${start > 0 ? ' The axis does not start at zero.' : ''}`,
			tips: rows.map((r, i) => ({
				series: 0,
				at: [values[i], i],
				text: `${learnerName(r.learner)}: ${metricValue(input.primary, values[i])}, ${duration(r.seconds)}`,
			})),
		},
		{
			xAxis: valueAxis(words.label, 'x', { min: Number(start.toPrecision(2)) }),
			yAxis: nameAxis(names, { inverse: true }, 26),
			series: [
				{
					type: 'bar',
					silent: true,
					barWidth: 16,
					data: values.map((value, i) => ({
						value,
						itemStyle: { color: i === 0 ? COLOR.accent : COLOR.accentSoft, borderRadius: [0, 4, 4, 0] },
					})),
					label: {
						show: true,
						position: 'right',
						color: COLOR.soft,
						fontSize: 12,
						formatter: (at: { dataIndex: number }) =>
							`${metricValue(input.primary, values[at.dataIndex])} · ${duration(rows[at.dataIndex].seconds)}`,
					},
				},
			],
		},
	);
}
