import type { RunRecord } from '../../../domain/run.js';
import { membersOf, type EnsembleMember } from '../../../learn/ensemble/ensembleLearner.js';
import { paramText, percent } from '../../formatting.js';
import { learnerName } from '../../learnerName.js';
import { bar, html, table, type Content } from '../../safeHtml.js';
import { definePanel } from '../panel.js';

function memberTable(members: readonly EnsembleMember[], settings: boolean): Content {
	return table(
		[{ head: 'Model' }, { head: 'Share of the answer' }, ...(settings ? [{ head: 'Settings' }] : [])],
		members.map(({ learner, weight, params, repeats = 1 }) => [
			html`<b>${learnerName(learner)}</b>${repeats > 1 ? `, fitted ${repeats} times` : ''}`,
			html`${percent(weight)}${bar(weight)}`,
			...(settings ? [html`<div class="q long">${paramText(params)}</div>`] : []),
		]),
	);
}

/** The models that an answer is the mean of, the weightiest first. */
export const members = definePanel<RunRecord, EnsembleMember[]>({
	id: 'members',
	data: ({ params }) => membersOf(params)?.sort((a, b) => b.weight - a.weight),
	draw: (all) => ({
		title: 'What the model is made of',
		hint: 'Each of these models gives an answer of its own; the model answers with their weighted mean.',
		safe: memberTable(all, false),
		full: memberTable(all, true),
	}),
});
