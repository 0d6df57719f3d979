import type { RunRecord, SolverReport } from '../../../domain/run.js';
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
			...(run.solver ? [['Solved', solved(run.solver)] as [string, string]] : []),
			['Stages', run.stages.map((s) => `${s.name} ${duration(s.seconds)}`).join(' · ')],
			['Data', html`<code>${run.datasetId}</code>`],
			['Model', html`<code>${run.model.slice(0, 16)}</code>`],
			['Version of this package', html`<div class="long">${run.codeVersion}</div>`],
		]),
	}),
});

const solved = ({ iterations, converged, slope, gap }: SolverReport): string =>
	`${count(iterations, 'iteration')}${converged ? '' : ', not to the end'}; largest slope ${slope.toExponential(1)}` +
	(gap === undefined ? '' : `, objective at most ${gap.toExponential(1)} above its minimum (duality gap)`);
