import type { ColumnDrift, DriftRecord } from '../../domain/drift.js';
import { list, number, percent, score, shorten } from '../format.js';
import type { Chart } from '../render.js';
import { COLOR } from '../theme.js';
import { axisName, chart, legend, nameAxis, nameRoom, shortNumber, valueAxis } from './base.js';

/** A p-value decides "small is drift", a distance "large is drift". */
export const byPValue = (column: Pick<ColumnDrift, 'test' | 'score' | 'pValue'>): boolean =>
	column.pValue !== undefined && column.pValue === column.score;

/** How far a column is towards its alarm: 1 and more is drift, whatever the test. */
export function driftStrength(column: ColumnDrift): number {
	if (byPValue(column)) {
		const p = Math.max(column.score, 1e-12);
		return column.threshold >= 1 ? (column.drifted ? 1 : 0) : Math.log(p) / Math.log(column.threshold || 0.05);
	}
	return column.threshold > 0 ? column.score / column.threshold : column.drifted ? 1 : 0;
}

/** All columns beside each other, as a multiple of the limit that raises the alarm; the strongest 20. */
export function driftChart(drift: Pick<DriftRecord, 'columns' | 'driftedColumns' | 'reference' | 'current'>): Chart {
	const all = [...drift.columns].sort((a, b) => Number(b.drifted) - Number(a.drifted) || driftStrength(b) - driftStrength(a));
	const rows = all.slice(0, 20);
	const names = rows.map((c) => c.column);
	const shown = rows.map((c) => Math.min(driftStrength(c), 5));
	const n = drift.driftedColumns.length;
	return chart(
		{
			name: 'drift',
			height: Math.max(60, rows.length * 26),
			left: nameRoom(names),
			right: 116,
			title:
				n === 0
					? `None of ${number(all.length)} columns changed`
					: `${number(n)} of ${number(all.length)} columns changed: ${list(drift.driftedColumns, 3)}`,
			subtitle: `${drift.current.description} against ${drift.reference.description}. Past the dashed line a change is too large to be chance.`,
			tips: rows.map((c, i) => ({ series: 0, at: [shown[i], i], text: `${c.column}: ${c.reason}` })),
		},
		{
			xAxis: valueAxis('Change, as a multiple of the alarm limit', 'x', {
				min: 0,
				max: Math.max(1.5, Math.ceil(Math.max(...shown, 1) * 2) / 2),
				axisLabel: { color: COLOR.muted, formatter: (v: number) => (v >= 5 ? '5×+' : `${shortNumber(v)}×`) },
			}),
			yAxis: nameAxis(names, { inverse: true }),
			series: [
				{
					type: 'bar',
					silent: true,
					barWidth: 14,
					data: rows.map((c, i) => ({
						value: shown[i],
						itemStyle: { color: c.drifted ? COLOR.accent : COLOR.accentSoft, borderRadius: [0, 4, 4, 0] },
					})),
					label: {
						show: true,
						position: 'right',
						color: COLOR.soft,
						fontSize: 12,
						backgroundColor: COLOR.paper,
						padding: [1, 3],
						formatter: (at: { dataIndex: number }) => {
							const c = rows[at.dataIndex];
							return `${byPValue(c) ? `p ${number(c.score, 2)}` : score(c.score, 3)}${c.drifted ? '  drifted' : ''}`;
						},
					},
					markLine: {
						silent: true,
						z: 1,
						symbol: 'none',
						label: { show: false },
						lineStyle: { color: COLOR.ink, type: 'dashed', width: 1.2 },
						data: [{ xAxis: 1 }],
					},
				},
			],
		},
	);
}

/** One column then and now: shares of rows in each bin or category. */
export function driftHistogramChart(
	column: ColumnDrift,
	names: { reference: string; current: string } = { reference: 'reference', current: 'current' },
): Chart {
	const h = column.histogram ?? { reference: [], current: [] };
	const numeric = h.edges !== undefined;
	const sum = (a: number[]) => a.reduce((x, y) => x + y, 0) || 1;
	const shares = (a: number[]) => {
		const total = sum(a);
		return a.map((v) => v / total);
	};
	const all =
		h.labels ?? (h.edges ?? []).slice(0, -1).map((from, i) => `${shortNumber(from)} – ${shortNumber((h.edges as number[])[i + 1])}`);
	const order = numeric
		? all.map((_, i) => i)
		: all
				.map((_, i) => i)
				.sort((a, b) => h.reference[b] + h.current[b] - h.reference[a] - h.current[a])
				.slice(0, 14);
	const reference = shares(h.reference);
	const current = shares(h.current);
	const labels = order.map((i) => all[i]);
	const same = names.reference === names.current ? { reference: 'reference', current: 'current' } : names;
	const long = !numeric && labels.some((l) => l.length * labels.length > 70);
	return chart(
		{
			name: 'drift_column',
			height: 260,
			bottom: long ? 120 : 84,
			title: column.drifted ? `“${column.column}” changed` : `“${column.column}” is as it was`,
			subtitle: `${column.reason}${!numeric && all.length > order.length ? ` The ${order.length} most frequent of ${number(all.length)} values.` : ''}`,
			tips: order.map((i, k) => ({
				series: 1,
				at: [k, Math.max(reference[i], current[i])],
				text: `${all[i]}: ${percent(reference[i])} → ${percent(current[i])}`,
			})),
		},
		{
			legend: legend([same.reference, same.current]),
			xAxis: {
				type: 'category',
				data: labels,
				axisTick: { show: false },
				axisLine: { lineStyle: { color: COLOR.line } },
				name: axisName(column.column),
				nameLocation: 'middle',
				nameGap: long ? 66 : 32,
				nameTextStyle: { color: COLOR.soft },
				axisLabel: {
					color: numeric ? COLOR.muted : COLOR.soft,
					hideOverlap: true,
					rotate: long ? 40 : 0,
					interval: numeric ? Math.max(0, Math.ceil(labels.length / 6) - 1) : 0,
					formatter: (t: string) => (numeric ? t.split(' – ')[0] : shorten(t, 12)),
				},
			},
			yAxis: valueAxis('Share of rows', 'y', { axisLabel: { color: COLOR.muted, formatter: (v: number) => percent(v) } }),
			series: [
				{
					type: 'bar',
					name: same.reference,
					silent: true,
					barGap: '0%',
					barCategoryGap: '18%',
					data: order.map((i) => reference[i]),
					itemStyle: { color: COLOR.accentSoft, borderRadius: [2, 2, 0, 0] },
				},
				{
					type: 'bar',
					name: same.current,
					silent: true,
					data: order.map((i) => current[i]),
					itemStyle: { color: COLOR.accent, borderRadius: [2, 2, 0, 0] },
				},
			],
		},
	);
}
