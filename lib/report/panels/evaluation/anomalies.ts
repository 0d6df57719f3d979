import { z } from 'zod/v4';
import type { Chart } from '../../charts/chart.js';
import { count, number, percent, plain, score } from '../../formatting.js';
import { badge, html, table } from '../../safeHtml.js';
import { definePanel } from '../panel.js';
import type { EvaluationInput } from './input.js';

/** As lib/evaluate/withoutLabels.ts makes it. */
const figures = z.object({
	threshold: z.number(),
	edges: z.array(z.number()),
	judged: z.array(z.number()),
	learned: z.array(z.number()),
	shares: z.object({ judged: z.number(), learned: z.number() }),
	oddest: z.array(
		z.object({
			row: z.number(),
			id: z.string().optional(),
			score: z.number(),
			anomaly: z.boolean(),
			truth: z.boolean().optional(),
			reasons: z.array(z.string()),
		}),
	),
	columns: z.array(z.object({ feature: z.string(), rows: z.number() })),
});
type Figures = z.infer<typeof figures>;

const total = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0) || 1;

/** How scores are spread: the rows judged as bars, those learned from as a line, and where a row becomes an anomaly. */
function scoresChart({ threshold, edges, judged, learned, shares }: Figures): Chart {
	const width = edges[1] - edges[0];
	const bin = (i: number): string => `${score(edges[i], 3)} to ${score(edges[i + 1], 3)}`;
	const share = (counts: readonly number[]): number[] => counts.map((n) => n / total(counts));
	return {
		name: 'anomaly_scores',
		height: 260,
		title: `${percent(shares.judged)} of the test rows score above the threshold, of the rows learned from ${percent(shares.learned)}`,
		subtitle: `Bars: test rows. Line: rows learned from. The dashed line is the threshold, ${score(threshold, 3)}.`,
		x: { kind: 'bins', title: 'Anomaly score', edges },
		y: { kind: 'number', title: 'Share of the rows', unit: 'share' },
		marks: [
			{
				mark: 'bars',
				series: [
					{ name: 'Test rows', values: share(judged), color: edges.slice(0, -1).map((from) => (from >= threshold ? 'bad' : 'accentMid')) },
				],
				tips: judged.map((n, i) => `${bin(i)}: ${count(n, 'test row')}`),
			},
			{ mark: 'line', name: 'Rows learned from', points: share(learned).map((s, i) => [i, s] as const), color: 'muted' },
			{ mark: 'limit', x: (threshold - edges[0]) / width - 0.5 },
		],
	};
}

/** How odd rows are, and the oddest of them with what makes them so. */
export const anomalies = definePanel<EvaluationInput, Figures>({
	id: 'anomalies',
	data: ({ evaluation }) => figures.safeParse(evaluation.panels?.anomalies).data,
	draw: (found) => {
		const truth = found.oddest.some((r) => r.truth !== undefined);
		const chart = scoresChart(found);
		const why = found.columns.slice(0, 5).map((c) => `“${plain(c.feature, 40)}” (${count(c.rows, 'row')})`);
		return [
			{ title: 'How odd the rows are', safe: html`<p>${chart.title}. The threshold is ${score(found.threshold, 3)}.</p>`, charts: [chart] },
			{
				title: 'The oddest rows',
				hint: why.length ? `What makes anomalies odd most often: ${why.join(', ')}.` : undefined,
				body: table(
					[{ head: 'Row' }, { head: 'Score', number: true }, ...(truth ? [{ head: 'Truth' }] : []), { head: 'Why' }],
					found.oddest.map((r) => [
						html`${r.id ? plain(r.id, 40) : number(r.row)} ${r.anomaly ? badge('anomaly', 'warn') : ''}`,
						score(r.score, 3),
						...(truth ? [r.truth === undefined ? '–' : r.truth ? 'anomaly' : 'normal'] : []),
						r.reasons.length ? html`${r.reasons.map((text, i) => html`${i ? html`<br>` : ''}${plain(text, 160)}`)}` : '–',
					]),
				),
			},
		];
	},
});
