import { binNames } from '../charts/axes.js';
import type { Chart } from '../charts/chart.js';
import { number } from '../formatting.js';

/** How the values of one column are spread: bins of numbers and times, or the most frequent words. */
export type Spread = {
	column: string;
	name?: string;
} & (
	| { edges: readonly number[]; counts: readonly number[]; dates?: boolean }
	| { top: ReadonlyArray<{ value: string | number | boolean; count: number }> }
);

const binned = (column: string, edges: readonly number[], counts: readonly number[], dates: boolean): Omit<Chart, 'name'> => {
	const bins = binNames({ edges, dates });
	const most = counts.indexOf(Math.max(...counts));
	return {
		height: 240,
		title: `How “${column}” is spread: most often ${bins[most].replace(' – ', ' to ')}`,
		x: { kind: 'bins', title: column, edges, dates },
		y: { kind: 'number', title: 'Rows' },
		marks: [
			{ mark: 'bars', series: [{ values: counts, color: 'accentMid' }], tips: counts.map((n, i) => `${bins[i]}: ${number(n)} rows`) },
		],
	};
};

export function spreadChart(spread: Spread): Chart {
	const { column, name = 'histogram' } = spread;
	if ('edges' in spread) return { name, ...binned(column, spread.edges, spread.counts, spread.dates ?? false) };
	const top = spread.top.slice(0, 12);
	const names = top.map((t) => String(t.value));
	const counts = top.map((t) => t.count);
	return {
		name,
		height: Math.max(40, top.length * 26),
		right: 70,
		title: top[0] ? `The most frequent “${column}” is “${names[0]}”` : `“${column}” has no values`,
		x: { kind: 'number', title: 'Rows' },
		y: { kind: 'names', names },
		marks: [
			{
				mark: 'bars',
				series: [{ values: counts, color: 'accentMid' }],
				labels: counts.map((n) => number(n)),
				tips: names.map((value, i) => `${value}: ${number(counts[i])} rows`),
			},
		],
	};
}
