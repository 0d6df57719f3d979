import type { EvaluationRecord } from '../../../domain/evaluation.js';
import { intervalText } from '../../evaluationText.js';
import { count } from '../../formatting.js';
import { html, table, type Content } from '../../safeHtml.js';
import { metricValue, metricWords } from '../../reportWords.js';
import { definePanel } from '../panel.js';
import type { EvaluationInput } from './input.js';

/** What intervals draw, where it is not whole days or groups. */
const RESAMPLED = new Map([
	['rows', 'rows'],
	['copies', 'rows with all their copies'],
]);

/** Scores of the model beside what guessing gives. */
const scoreTable = (e: EvaluationRecord): Content => {
	// Without truth there is nothing to guess.
	const guessed = Object.keys(e.baseline).length > 0;
	return table(
		[{ head: 'Score' }, { head: 'This model', number: true }, ...(guessed ? [{ head: 'Guessing', number: true }] : [])],
		Object.entries(e.metrics).map(([id, m]) => {
			const words = metricWords(id);
			return [
				html`${id === e.primary ? html`<b>${words.label}</b>` : words.label}
					${words.meaning ? html`<br><span class="q">${words.meaning}</span>` : ''}`,
				html`<b>${metricValue(id, m.value)}</b><br><span class="q">${intervalText(id, m)}</span>`,
				...(guessed ? [metricValue(id, e.baseline[id])] : []),
			];
		}),
	);
};

/** All metrics with their intervals. */
export const scores = definePanel<EvaluationInput, EvaluationRecord>({
	id: 'scores',
	data: ({ evaluation }) => evaluation,
	draw: (e) => ({
		title: 'Scores',
		hint: `On ${count(e.rows, 'test row')}; intervals resample ${RESAMPLED.get(e.resampled) ?? `whole ${e.resampled}s`}.`,
		body: scoreTable(e),
	}),
});
