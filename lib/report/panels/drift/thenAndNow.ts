import type { ColumnDrift, DriftRecord } from '../../../domain/drift.js';
import { binNames } from '../../charts/axes.js';
import type { Axis, Chart } from '../../charts/chart.js';
import { number, percent, plain } from '../../formatting.js';
import { bar, html, table, type Content } from '../../safeHtml.js';
import { COLOR } from '../../theme.js';
import { definePanel } from '../panel.js';
import { detailed } from './strength.js';

const MOST_VALUES = 14;

const sharesOf = (counts: readonly number[]): number[] => {
	const total = counts.reduce((a, b) => a + b, 0) || 1;
	return counts.map((n) => n / total);
};

/** Values of a column by how frequent they are in both data sets together. */
const mostFrequent = (names: readonly string[], reference: readonly number[], current: readonly number[]): number[] =>
	names.map((_, i) => i).sort((a, b) => reference[b] + current[b] - reference[a] - current[a]);

/** One column then and now: shares of rows in each bin or category. */
export function thenAndNowChart(column: ColumnDrift, about: Pick<DriftRecord, 'reference' | 'current'>): Chart {
	const { edges, labels, reference: before, current: after } = column.histogram ?? { reference: [], current: [] };
	const all = labels ?? binNames({ edges: edges ?? [] });
	const order = edges ? all.map((_, i) => i) : mostFrequent(all, before, after).slice(0, MOST_VALUES);
	const shown = order.map((i) => all[i]);
	const [reference, current] = [before, after].map((counts) => {
		const shares = sharesOf(counts);
		return order.map((i) => shares[i]);
	});
	const names = [about.reference.description, about.current.description];
	const [then, now] = names[0] === names[1] ? ['reference', 'current'] : names;
	const slanted = shown.some((name) => name.length * shown.length > 70);
	const x: Axis = edges
		? { kind: 'bins', title: column.column, edges }
		: { kind: 'names', title: column.column, names: shown, letters: 12, slanted };
	return {
		name: 'drift_column',
		height: 260,
		title: column.drifted ? `“${column.column}” changed` : `“${column.column}” is as it was`,
		subtitle: `${column.reason}${all.length > shown.length ? ` The ${shown.length} most frequent of ${number(all.length)} values.` : ''}`,
		x,
		y: { kind: 'number', title: 'Share of rows', unit: 'share' },
		marks: [
			{
				mark: 'bars',
				series: [
					{ name: then, values: reference, color: 'accentSoft' },
					{ name: now, values: current, color: 'accent' },
				],
				tips: shown.map((name, i) => `${name}: ${percent(reference[i])} → ${percent(current[i])}`),
			},
		],
	};
}

/** Shares of rows in at most 12 values, or the bins that hold something. */
function shareTable({ histogram }: ColumnDrift): Content {
	const { edges, labels, reference, current } = histogram ?? { reference: [], current: [] };
	const [then, now] = [sharesOf(reference), sharesOf(current)];
	const all = then.map((share, i) => ({ label: labels?.[i] ?? number(edges?.[i]), then: share, now: now[i] ?? 0 }));
	const shown = labels
		? all.sort((a, b) => b.then + b.now - a.then - a.now).slice(0, 12)
		: all.length > 12
			? all.filter((b) => b.then + b.now > 0.002).slice(0, 16)
			: all;
	const most = Math.max(...shown.flatMap((b) => [b.then, b.now]), 1e-9);
	return table(
		[{ head: labels ? 'Value' : 'From' }, { head: 'Then' }, { head: 'Now' }],
		shown.map((b) => [
			plain(b.label, 30),
			html`${percent(b.then)}${bar(b.then / most, COLOR.accentSoft)}`,
			html`${percent(b.now)}${bar(b.now / most)}`,
		]),
	);
}

/** Each column that changed, in n8n's panel; the full page has charts of them instead. */
export const thenAndNow = definePanel<DriftRecord, ColumnDrift[]>({
	id: 'then_and_now',
	data: ({ columns }) => detailed(columns).filter((c) => c.drifted),
	draw: (columns) => columns.map((c) => ({ title: `“${plain(c.column, 60)}” then and now`, safe: shareTable(c) })),
});
