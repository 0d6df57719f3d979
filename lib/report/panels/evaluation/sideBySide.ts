import type { EvaluationRecord } from '../../../domain/evaluation.js';
import type { Chart } from '../../charts/chart.js';
import { intervalText } from '../../evaluationText.js';
import { count, number, plain } from '../../formatting.js';
import { html, table, type Content } from '../../safeHtml.js';
import { caseName } from '../../../task/classes.js';
import { metricValue, metricWords } from '../../reportWords.js';
import { definePanel } from '../panel.js';
import type { EvaluationInput } from './input.js';

type Side = NonNullable<EvaluationRecord['side']>;

interface Parts {
	side: Side;
	/** The figure of all rows. */
	overall?: number;
	/** What rows of the positive class are called, where there is one. */
	positive?: string;
}

/** A line for each part: its rows, those of the positive class, the metric and its interval. */
const partTable = ({ side, positive }: Parts): Content =>
	table(
		[
			{ head: side.period ? { month: 'Month', quarter: 'Quarter', year: 'Year' }[side.period] : 'Value' },
			{ head: 'Rows', number: true },
			...(positive === undefined ? [] : [{ head: plain(positive, 40), number: true }]),
			{ head: metricWords(side.metric).label, number: true },
			{ head: '95 % interval', number: true },
		],
		side.parts.map((p) => [
			plain(p.value, 60),
			number(p.rows),
			...(positive === undefined ? [] : [number(p.classRows?.[1])]),
			p.metric === undefined ? html`<span class="q">too few to judge</span>` : metricValue(side.metric, p.metric),
			intervalText(side.metric, p),
		]),
	);

/** A metric with its interval in each part of the rows: a dot on a line. Parts with too few rows are left out. */
function partChart({ side, overall }: Parts): Chart[] {
	const shown = side.parts
		.flatMap(({ metric, low, high, ...p }) =>
			metric === undefined || low === undefined || high === undefined ? [] : [{ ...p, metric, low, high }],
		)
		.slice(0, 40);
	if (shown.length === 0) return [];
	const words = metricWords(side.metric);
	const value = (v: number) => metricValue(side.metric, v);
	const worst = shown.reduce((w, p) => ((words.better === 'higher' ? p.metric < w.metric : p.metric > w.metric) ? p : w));
	const apart = overall !== undefined && (words.better === 'higher' ? worst.high < overall : worst.low > overall);
	return [
		{
			name: 'side_by_side',
			right: 64,
			title: apart ? `It does worse where “${side.column}” is ${worst.value}` : `“${side.column}” makes no difference that is sure`,
			subtitle: `${words.label} with its 95 % interval; ${words.better} is better.`,
			x: { kind: 'number', title: words.label, free: true },
			y: { kind: 'names', names: shown.map((p) => p.value) },
			marks: [
				{
					mark: 'dots',
					size: 9,
					points: shown.map((p, i) => [p.metric, i]),
					tips: shown.map((p) => `${p.value}: ${value(p.metric)} (${value(p.low)} to ${value(p.high)}) on ${number(p.rows)} rows`),
				},
				{ mark: 'intervals', rows: shown.map(({ low, high }) => ({ low, high })) },
				...(overall === undefined
					? []
					: [{ mark: 'guide' as const, from: [overall, 0] as const, to: [overall, shown.length - 1] as const }]),
			],
		},
	];
}

/** The metric of each value of a column, or of each period. */
export const sideBySide = definePanel<EvaluationInput, Parts>({
	id: 'side_by_side',
	data: ({ evaluation: e }) =>
		e.side && {
			side: e.side,
			overall: e.metrics[e.side.metric]?.value,
			positive: e.classes.length === 2 ? caseName(e.target, e.classes[1]) : undefined,
		},
	draw: (parts) => ({
		title: `Side by side: ${plain(parts.side.column, 60)}`,
		hint:
			`${metricWords(parts.side.metric).label} with its 95 % ` +
			`interval.${parts.side.leftOut ? ` ${count(parts.side.leftOut, 'more part')} not shown.` : ''}`,
		body: partTable(parts),
		charts: partChart(parts),
	}),
});
