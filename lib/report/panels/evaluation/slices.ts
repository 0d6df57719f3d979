import type { EvaluationRecord } from '../../../domain/evaluation.js';
import { intervalText } from '../../evaluationText.js';
import { number, plain } from '../../formatting.js';
import { badge, html, table } from '../../safeHtml.js';
import { metricValue, metricWords } from '../../reportWords.js';
import { definePanel } from '../panel.js';
import type { EvaluationInput } from './input.js';

const MOST = 40;

/** The main metric in parts of the test rows, the worst first. */
export const slices = definePanel<EvaluationInput, EvaluationRecord>({
	id: 'slices',
	data: ({ evaluation }) => (evaluation.slices.length ? evaluation : undefined),
	draw({ slices: parts, primary, metrics }) {
		const words = metricWords(primary);
		const higher = words.better === 'higher';
		const overall = metrics[primary]?.value;
		return {
			title: 'Does it work for everyone?',
			hint: `${words.label} in parts of the test rows; “look” marks parts whose whole interval is worse than the overall figure.`,
			body: html`${table(
				[{ head: 'Part' }, { head: 'Rows', number: true }, { head: words.label, number: true }],
				[...parts]
					.sort((a, b) => (higher ? a.metric - b.metric : b.metric - a.metric))
					.slice(0, MOST)
					.map((s) => {
						const worse = overall !== undefined && (higher ? (s.high ?? Infinity) < overall : (s.low ?? -Infinity) > overall);
						return [
							html`<span class="q">${plain(s.column, 40)}:</span> ${plain(s.value, 40)} ${worse ? badge('look', 'warn') : ''}`,
							number(s.rows),
							html`<b>${metricValue(primary, s.metric)}</b><br><span class="q">${intervalText(primary, s)}</span>`,
						];
					}),
			)}${parts.length > MOST ? html`<p class="hint">The worst ${String(MOST)} of ${number(parts.length)} parts.</p>` : ''}`,
		};
	},
});
