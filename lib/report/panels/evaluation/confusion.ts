import type { EvaluationRecord } from '../../../domain/evaluation.js';
import type { Chart } from '../../charts/chart.js';
import { thresholdText } from '../../evaluationText.js';
import { number, percent, plain, shorten } from '../../formatting.js';
import { bar, html, table, type Content } from '../../safeHtml.js';
import { definePanel } from '../panel.js';
import type { EvaluationInput } from './input.js';

type Confusion = NonNullable<EvaluationRecord['confusion']>;

/** More classes than these would be cells without meaning. */
const MOST_CLASSES = 40;
const MOST_LISTED = 12;

/** Confusion matrix: rows are what was true, columns what the model said; shading is the share of the row. */
function confusionChart({ labels, counts }: Confusion): Chart {
	const sums = counts.map((row) => row.reduce((a, b) => a + b, 0));
	const total = sums.reduce((a, b) => a + b, 0) || 1;
	const right = counts.reduce((sum, row, i) => sum + (row[i] ?? 0), 0);
	const shares = counts.map((row, i) => row.map((n) => (sums[i] ? n / sums[i] : 0)));
	const row = Math.max(18, Math.min(88, Math.floor(400 / Math.max(1, labels.length))));
	const short = labels.map((label) => shorten(label, 30));
	const slanted = labels.length > 6;
	return {
		name: 'confusion',
		height: row * labels.length,
		title: `${percent(right / total)} of the answers are right: what was true against what the model said`,
		subtitle: 'Each row adds up to 100 %. Right answers lie on the diagonal.',
		x: { kind: 'names', names: labels, title: 'What the model said', letters: slanted ? 12 : 16, slanted },
		y: { kind: 'names', names: labels, title: 'What was true', letters: 16, row },
		marks: [
			{
				mark: 'cells',
				scale: 'share',
				values: shares,
				texts:
					labels.length <= 10
						? shares.map((of, i) => of.map((share, j) => (row >= 50 ? `${percent(share)}\n${number(counts[i][j])}` : percent(share))))
						: undefined,
				tips: shares.map((of, i) =>
					of.map((share, j) => `true ${short[i]}, said ${short[j]}: ${number(counts[i][j])} rows, ${percent(share)} of ${short[i]}`),
				),
			},
		],
	};
}

const confusionTable = ({ labels, counts }: Confusion): Content => {
	const shown = labels.slice(0, MOST_LISTED);
	const shorter = labels.length > shown.length;
	return html`${table(
		[{ head: 'True ↓   said →' }, ...shown.map((l) => ({ head: plain(l, 20), number: true })), { head: 'found' }],
		shown.map((label, i): Content[] => {
			const sum = counts[i].reduce((a, b) => a + b, 0);
			const share = sum ? counts[i][i] / sum : 0;
			return [
				html`<b>${plain(label, 30)}</b>`,
				...shown.map((_, j) => (i === j ? html`<b>${number(counts[i][j])}</b>` : number(counts[i][j]))),
				html`${percent(share)}${bar(share)}`,
			];
		}),
		{ kind: 'matrix' },
	)}${shorter ? html`<p class="hint">The first ${String(shown.length)} of ${number(labels.length)} classes.</p>` : ''}`;
};

/** Which classes are taken for which. */
export const confusion = definePanel<EvaluationInput, { confusion: Confusion; threshold?: string }>({
	id: 'confusion',
	data: ({ evaluation: e }) => e.confusion && { confusion: e.confusion, threshold: thresholdText(e) },
	draw: ({ confusion: found, threshold }) => ({
		title: 'Right and wrong answers',
		hint: threshold,
		body: confusionTable(found),
		charts: found.labels.length <= MOST_CLASSES ? [confusionChart(found)] : [],
	}),
});
