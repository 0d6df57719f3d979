import type { RunRecord } from '../../../domain/run.js';
import { html, table } from '../../safeHtml.js';
import { metricValue, metricWords } from '../../reportWords.js';
import { definePanel } from '../panel.js';

/** All metrics on the rows that the training chose by. */
export const validationScores = definePanel<RunRecord, RunRecord['metrics']>({
	id: 'validation_scores',
	data: ({ metrics }) => metrics,
	draw: (metrics) => ({
		title: 'Scores',
		body: table(
			[{ head: 'Score' }, { head: 'Value', number: true }],
			Object.entries(metrics).map(([id, v]) => [
				html`${metricWords(id).label}${metricWords(id).meaning ? html`<br><span class="q">${metricWords(id).meaning}</span>` : ''}`,
				metricValue(id, v),
			]),
		),
	}),
});
