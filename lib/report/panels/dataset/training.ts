import { memoryByLearner, memoryWords } from '../../../learn/training/memory.js';
import { html, table } from '../../safeHtml.js';
import { definePanel } from '../panel.js';
import type { DatasetInput } from './input.js';

const MEANS =
	"For all of these rows and columns as they are, with the learners' own parameters. Steps that add columns add to it; " +
	'Train says the figure again when it begins. Where a job may use less memory, it learns from as many rows as fit, and says how many.';

/** What a training on these rows would need, by learner. Where no learner needs much there is nothing to say. */
export const datasetTraining = definePanel<DatasetInput, Array<{ label: string; needs: string }>>({
	id: 'dataset_training',
	data({ record }) {
		const all = memoryByLearner({ rows: record.rows, schema: record.columns })
			.sort((a, b) => a.bytes - b.bytes)
			.map(({ label, bytes }) => ({ label, needs: memoryWords(bytes) }));
		return all.some((l) => l.needs) ? all : undefined;
	},
	draw(all) {
		return {
			title: 'What a training would need',
			body: [
				html`<p>${MEANS}</p>`,
				table(
					[{ head: 'Learner' }, { head: 'Memory' }],
					all.map(({ label, needs }) => [label, needs || 'less than 0.5 GB']),
				),
			],
		};
	},
});
