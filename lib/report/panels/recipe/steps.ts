import { count, humanize, paramText, plain } from '../../formatting.js';
import { html, table, type Content } from '../../safeHtml.js';
import { definePanel } from '../panel.js';

/** A step as a report shows it: `label` and `explanation` come from the step's own definition. */
export interface ReportStep {
	step: string;
	label?: string;
	params: Record<string, unknown>;
	reason?: string;
	explanation?: string;
	automatic?: boolean;
}

const MOST = 100;

/** Settings by their own names, for people who open the long version; where there is no explanation they stand in its place already. */
const settings = (s: ReportStep): Content =>
	s.explanation && paramText(s.params) ? html`<br><span class="q">${plain(paramText(s.params), 160)}</span>` : '';

const stepTable = (steps: readonly ReportStep[], withSettings: boolean): Content => [
	table(
		[{ head: 'Step' }, { head: 'What it does, and why' }],
		steps.slice(0, MOST).map((s, i) => [
			html`<b>${String(i + 1)}. ${s.label ?? humanize(s.step)}</b>`,
			html`${s.explanation ?? paramText(s.params)}
					<br><span class="q">${s.reason ?? 'Asked for.'}</span>
					${withSettings ? settings(s) : ''}`,
		]),
	),
	steps.length > MOST ? html`<p class="hint">${count(steps.length - MOST, 'more step')} not shown.</p>` : '',
];

/** What is done with the rows, in order, and why. */
export const recipeSteps = definePanel<{ steps: readonly ReportStep[] }, readonly ReportStep[]>({
	id: 'recipe_steps',
	data: ({ steps }) => (steps.length ? steps : undefined),
	draw: (steps) => ({ title: 'Steps, in order', safe: stepTable(steps, false), full: stepTable(steps, true) }),
});
