import { number, percent } from '../format.js';
import type { Chart } from '../render.js';
import { COLOR } from '../theme.js';
import { chart, nameAxis, nameRoom, percentAxis } from './base.js';

/** Share of missing values of the columns that lack most; the first 15. */
export function missingChart(input: { rows: number; columns: Array<{ name: string; missing: number }> }): Chart {
	const gaps = input.columns.filter((c) => c.missing > 0).sort((a, b) => b.missing - a.missing);
	const shown = gaps.slice(0, 15);
	const share = (n: number) => (input.rows ? n / input.rows : 0);
	const names = shown.map((c) => c.name);
	return chart(
		{
			name: 'missing',
			height: Math.max(40, shown.length * 26),
			left: nameRoom(names),
			right: 64,
			title:
				gaps.length === 0
					? 'Nothing is missing'
					: `${number(gaps.length)} of ${number(input.columns.length)} columns have gaps; “${gaps[0].name}” most`,
			subtitle: gaps.length > shown.length ? `The ${shown.length} with the most gaps.` : undefined,
			tips: shown.map((c, i) => ({
				series: 0,
				at: [share(c.missing), i],
				text: `${c.name}: ${number(c.missing)} of ${number(input.rows)} missing`,
			})),
		},
		{
			xAxis: percentAxis('Missing values (share of rows)', 'x'),
			yAxis: nameAxis(names, { inverse: true }),
			series: [
				{
					type: 'bar',
					silent: true,
					barWidth: 14,
					showBackground: true,
					backgroundStyle: { color: COLOR.faint, borderRadius: 4 },
					data: shown.map((c) => share(c.missing)),
					itemStyle: { color: COLOR.accent, borderRadius: [0, 4, 4, 0] },
					label: { show: true, position: 'right', color: COLOR.soft, formatter: (at: { value: unknown }) => percent(Number(at.value)) },
				},
			],
		},
	);
}
