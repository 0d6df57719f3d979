import type { RunRecord } from '../../domain/run.js';
import type { ShownTree } from '../../learn/treeOf.js';
import { leaderboardChart } from '../charts/leaderboard.js';
import { learningCurveChart } from '../charts/learningCurve.js';
import { treeChart } from '../charts/tree.js';
import { bytes, count, date, duration, humanize, number, plain } from '../format.js';
import type { Chart } from '../render.js';
import { makeReport, type Report } from '../report.js';
import { badge, bar, facts, html, pairs, table, type Content } from '../safeHtml.js';
import { COLOR } from '../theme.js';
import { conclusion, metricValue, metricWords } from '../words.js';
import { paramText } from './recipe.js';

/** How rows were divided, in one sentence. */
export function splitText(split: RunRecord['split']): string {
	const { rows } = split;
	const how = split.used === 'time' ? `by the clock${split.by ? ` (“${split.by}”)` : ''}` : split.used === 'group' ? `by group${split.by ? ` (“${split.by}”)` : ''}, so that no group is on both sides` : 'at random';
	const until = split.used === 'time' && split.testStart ? ` Test rows run from ${date(split.testStart)}${split.testEnd ? ` to ${date(split.testEnd)}` : ''}.` : '';
	return `${count(rows.train, 'row')} to learn from, ${number(rows.validation)} to choose by and ${number(rows.test)} kept for the test, divided ${how}.${until}${rows.none ? ` ${count(rows.none, 'row')} left out.` : ''}`;
}

/** The table of candidates, best first, with bars. */
function leaderboardTable(run: RunRecord): Content {
	const words = metricWords(run.primary);
	const sign = words.better === 'higher' ? -1 : 1;
	const score = (r: NonNullable<RunRecord['leaderboard']>[number]) => (r.failed ? NaN : (r.metrics[run.primary] ?? NaN));
	const rows = [...(run.leaderboard ?? [])].sort((a, b) => (Number.isNaN(score(a)) ? 1 : 0) - (Number.isNaN(score(b)) ? 1 : 0) || sign * (score(a) - score(b)));
	const finite = rows.map(score).filter(Number.isFinite);
	const [low, high] = [Math.min(...finite), Math.max(...finite)];
	// From the worst to the best candidate, in the metric's own direction: the best has the full bar.
	const share = (v: number) => (high === low ? 1 : 0.06 + 0.94 * (words.better === 'higher' ? (v - low) / (high - low) : (high - v) / (high - low)));
	const shown = rows.slice(0, 30);
	return html`${table([{ head: 'Learner' }, { head: words.label, number: true }, { head: '' }, { head: 'Seconds', number: true }, { head: 'Settings' }], shown.map((r, i) => {
		const v = score(r);
		return [html`<b>${plain(humanize(r.learner), 60)}</b>${i === 0 && Number.isFinite(v) ? html` ${badge('chosen', 'good')}` : ''}`, Number.isFinite(v) ? `${metricValue(run.primary, v)}${r.std ? ` ± ${metricValue(run.primary, r.std)}` : ''}` : '–', Number.isFinite(v) ? bar(share(v), i === 0 ? COLOR.accent : COLOR.accentMid) : html`<span class="q">${r.failed ?? 'not ranked'}</span>`, number(r.seconds, 2), html`<span class="q">${paramText(r.params)}</span>`];
	}))}${rows.length > shown.length ? html`<p class="hint">${count(rows.length - shown.length, 'more candidate')} not shown.</p>` : ''}`;
}

/** What was trained, on what, how well by the validation rows, and how to repeat it; for models of trees also what the first of them asks. */
export function runReport(run: RunRecord & { name?: string; tree?: ShownTree }): Promise<Report> {
	const charts: Chart[] = [];
	if (run.leaderboard?.some((r) => !r.failed)) charts.push(leaderboardChart({ leaderboard: run.leaderboard, primary: run.primary }));
	const words = metricWords(run.primary);
	if (run.curve.length > 1) charts.push(learningCurveChart({ curve: run.curve, metric: run.primary }));
	const dummy = run.leaderboard?.find((r) => /dummy|baseline/i.test(r.learner) && !r.failed)?.metrics;
	const value = run.metrics[run.primary];
	return makeReport({
		title: `Training of ${run.target}`, eyebrow: `Training · ${humanize(run.learner)} · predicts “${plain(run.target, 60)}”`,
		sentence: dummy ? conclusion({ task: run.task, target: run.target, classes: [], primary: run.primary, metrics: run.metrics, baseline: dummy }) : `A ${humanize(run.learner).toLowerCase()} model was trained in ${duration(run.seconds)}; ${words.label} is ${metricValue(run.primary, value)} on rows it did not learn from.`,
		lead: `These figures come from validation rows. Evaluate gives the honest ones, from test rows that nothing here has seen. ${splitText(run.split)}`,
		facts: facts([{ label: words.label, value: metricValue(run.primary, value) }, { label: 'rows to learn from', value: number(run.split.rows.train) }, { label: 'training time', value: duration(run.seconds) }, run.peakMemoryBytes !== undefined && { label: 'memory at peak', value: bytes(run.peakMemoryBytes) }]),
		sections: [
			...(run.leaderboard?.length ? [{ title: 'What was tried', body: leaderboardTable(run), charts: charts.filter((c) => c.name === 'leaderboard') }] : []),
			...(run.curve.length > 1 ? [{ title: 'While it learned', only: 'full' as const, charts: charts.filter((c) => c.name === 'learning_curve') }] : []),
			...(run.tree ? [{ title: 'A look inside', only: 'full' as const, charts: [treeChart(run.tree)] }] : []),
			{ title: 'Scores', body: table([{ head: 'Score' }, { head: 'Value', number: true }, { head: 'What it means' }], Object.entries(run.metrics).map(([id, v]) => [metricWords(id).label, metricValue(id, v), html`<span class="q">${metricWords(id).meaning}</span>`])) },
			...(run.notes.length ? [{ title: 'Good to know', body: run.notes.slice(0, 20).map((n) => html`<p>${n.text}</p>`) }] : []),
			{ title: 'To repeat it', body: pairs([['Learner', humanize(run.learner)], ['Settings', paramText(run.params) || 'all defaults'], ['Seed', String(run.seed)], ['Preparation', count(run.recipe.steps.length, 'step')], ['Computed with', run.backend], ['Stages', run.stages.map((s) => `${s.name} ${duration(s.seconds)}`).join(' · ')], ['Data', html`<code>${run.datasetId}</code>`], ['Model', html`<code>${run.model.slice(0, 16)}</code>`], ['Version of this package', run.codeVersion]]) },
		],
	});
}
