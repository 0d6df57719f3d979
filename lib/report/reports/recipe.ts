import { count, humanize, plain } from '../format.js';
import { makeReport, type Report } from '../report.js';
import { html, table } from '../safeHtml.js';
import { previewTable, type Preview } from './dataset.js';

/** A step as a report shows it: `label` and `explanation` come from the step's own definition. */
export interface ReportStep { step: string; label?: string; params: Record<string, unknown>; reason?: string; explanation?: string; automatic?: boolean }

/** Parameters in one line, without those left empty. */
export const paramText = (params: Record<string, unknown>): string =>
	Object.entries(params).filter(([, v]) => v !== undefined && v !== null && v !== '' && !(Array.isArray(v) && v.length === 0)).map(([k, v]) => `${k}: ${plain(v, 60)}`).join(' · ');

/** What Clean or Feature Engineer will do with the rows, step by step, and why. */
export function recipeReport(steps: readonly ReportStep[], options: { title?: string; before?: number; after?: number; preview?: Preview; notes?: string[] } = {}): Promise<Report> {
	const { title = 'Recipe', preview, notes = [] } = options;
	const automatic = steps.filter((s) => s.reason).length;
	const shown = steps.slice(0, 100);
	return makeReport({
		title, eyebrow: title,
		sentence: steps.length === 0 ? 'Nothing will be changed: the data go on as they are.' : `${count(steps.length, 'step')} will prepare the data${automatic ? `, ${automatic === steps.length ? 'all' : automatic} of them proposed automatically` : ''}.`,
		lead: html`${options.before !== undefined && options.after !== undefined && options.before !== options.after ? `In the preview ${count(options.before, 'row')} became ${count(options.after, 'row')}. ` : ''}What a step has to learn, such as a mean, it learns from training rows only, and the same steps run again at every prediction.`,
		sections: [
			...(steps.length ? [{ title: 'Steps, in order', body: [table([{ head: '#', number: true, width: '28px' }, { head: 'Step' }, { head: 'What it does' }, { head: 'Why' }], shown.map((s, i) => [
				String(i + 1), html`<b>${s.label ?? humanize(s.step)}</b>`, html`${s.explanation ?? paramText(s.params)}${s.explanation && paramText(s.params) ? html`<br><span class="q">${plain(paramText(s.params), 160)}</span>` : ''}`, s.reason ?? html`<span class="q">asked for</span>`,
			])), steps.length > shown.length ? html`<p class="hint">${count(steps.length - shown.length, 'more step')} not shown.</p>` : ''] }] : []),
			...(notes.length ? [{ title: 'Good to know', body: notes.map((n) => html`<p>${n}</p>`) }] : []),
			...(preview && preview.rows.length ? [{ title: 'Preview of the result', body: previewTable(preview) }] : []),
		],
	});
}
