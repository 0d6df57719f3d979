import type { RunRecord } from '../../../domain/run.js';
import { count, duration, paramText } from '../../formatting.js';
import { learnerName } from '../../learnerName.js';
import { html, pairs } from '../../safeHtml.js';
import { definePanel } from '../panel.js';

/** All that is needed to train the same once more. */
export const repeat = definePanel<RunRecord, RunRecord>({
	id: 'repeat',
	data: (run) => run,
	draw: (run) => ({
		title: 'To repeat it',
		body: pairs([
			['Learner', learnerName(run.learner)],
			['Settings', html`<div class="long">${paramText(run.params) || 'all defaults'}</div>`],
			['Seed', String(run.seed)],
			['Preparation', count(run.recipe.steps.length, 'step')],
			['Computed with', run.backend],
			['Stages', run.stages.map((s) => `${s.name} ${duration(s.seconds)}`).join(' · ')],
			['Data', html`<code>${run.datasetId}</code>`],
			['Model', html`<code>${run.model.slice(0, 16)}</code>`],
			['Version of this package', html`<div class="long">${run.codeVersion}</div>`],
		]),
	}),
});
