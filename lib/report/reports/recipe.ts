import { count, humanize, plain } from '../format.js';
import { makeReport, type Report } from '../report.js';
import { html, table, type Content } from '../safeHtml.js';
import { previewTable, type Preview } from './dataset.js';

/** A step as a report shows it: `label` and `explanation` come from the step's own definition. */
export interface ReportStep {
	step: string;
	label?: string;
	params: Record<string, unknown>;
	reason?: string;
	explanation?: string;
	automatic?: boolean;
}

/** Parameters in one line, without those left empty. */
export const paramText = (params: Record<string, unknown>): string =>
	Object.entries(params)
		.filter(([, v]) => v !== undefined && v !== null && v !== '' && !(Array.isArray(v) && v.length === 0))
		.map(([k, v]) => `${k}: ${plain(v, 60)}`)
		.join(' · ');

/** Settings by their own names, for people who open the long version; where there is no explanation they stand in its place already. */
const settings = (s: ReportStep, only: 'safe' | 'full'): Content =>
	only === 'full' && s.explanation && paramText(s.params) ? html`<br><span class="q">${plain(paramText(s.params), 160)}</span>` : '';

/** What Clean or Feature Engineer will do with the rows, step by step, and why. */
export function recipeReport(
	steps: readonly ReportStep[],
	options: { title?: string; before?: number; after?: number; preview?: Preview; notes?: string[] } = {},
): Promise<Report> {
	const { title = 'Recipe', preview, notes = [] } = options;
	const automatic = steps.filter((s) => s.reason).length;
	const shown = steps.slice(0, 100);
	return makeReport({
		title,
		eyebrow: title,
		sentence:
			steps.length === 0
				? 'Nothing will be changed: the data go on as they are.'
				: `${count(steps.length, 'step')} will prepare the data${automatic ? `, ${automatic === steps.length ? 'all' : automatic} of them proposed automatically` : ''}.`,
		lead: html`${options.before !== undefined && options.after !== undefined && options.before !== options.after ? `In the preview ${count(options.before, 'row')} became ${count(options.after, 'row')}. ` : ''}What a step has to learn, such as a mean, it learns from training rows only, and the same steps run again at every prediction.`,
		sections: [
			...(steps.length
				? (['safe', 'full'] as const).map((only) => ({
						title: 'Steps, in order',
						only,
						body: [
							table(
								[{ head: 'Step' }, { head: 'What it does, and why' }],
								shown.map((s, i) => [
									html`<b>${String(i + 1)}. ${s.label ?? humanize(s.step)}</b>`,
									html`${s.explanation ?? paramText(s.params)}<br><span class="q">${s.reason ?? 'Asked for.'}</span>${settings(s, only)}`,
								]),
							),
							steps.length > shown.length ? html`<p class="hint">${count(steps.length - shown.length, 'more step')} not shown.</p>` : '',
						],
					}))
				: []),
			...(notes.length ? [{ title: 'Good to know', body: notes.map((n) => html`<p>${n}</p>`) }] : []),
			...(preview && preview.rows.length ? [{ title: 'Preview of the result', body: previewTable(preview) }] : []),
		],
	});
}
