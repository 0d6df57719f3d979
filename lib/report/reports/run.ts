import type { RunRecord } from '../../domain/run.js';
import { leftOutText } from '../../domain/split.js';
import type { ShownTree } from '../../learn/treeOf.js';
import { leaderboardChart } from '../charts/leaderboard.js';
import { learningCurveChart } from '../charts/learningCurve.js';
import { treeChart } from '../charts/tree.js';
import { bytes, count, date, duration, number, plain } from '../format.js';
import { learnerName } from '../learnerName.js';
import type { Chart } from '../render.js';
import { makeReport, type Report } from '../report.js';
import { badge, bar, facts, html, pairs, table, type Content } from '../safeHtml.js';
import { COLOR } from '../theme.js';
import { conclusion, headlineMetric, metricValue, metricWords } from '../words.js';
import { paramText } from './recipe.js';

/** How rows were divided, in one sentence. */
export function splitText(split: RunRecord['split']): string {
	const { rows, leftOut } = split;
	const how =
		split.used === 'time'
			? `by the clock${split.by ? ` (“${split.by}”)` : ''}`
			: split.used === 'group'
				? `by group${split.by ? ` (“${split.by}”)` : ''}, so that no group is on both sides`
				: 'at random';
	const until =
		split.used === 'time' && split.testStart
			? ` Test rows run from ${date(split.testStart)}${split.testEnd ? ` to ${date(split.testEnd)}` : ''}.`
			: '';
	return `${count(rows.train, 'row')} to learn from, ${number(rows.validation)} to choose by and ${number(rows.test)} kept for the test, divided ${how}.${until}${leftOut ? leftOut.map((out) => ` ${leftOutText(out)}`).join('') : rows.none ? ` ${count(rows.none, 'row')} left out.` : ''}`;
}

/** What a run's learning curve shows. Runs of before do not say: then it is what their learner stopped by, the loss unless a person chose a metric. */
export function curveMetricOf(run: Pick<RunRecord, 'curveMetric' | 'params'>): string {
	const { early_stopping_metric: chosen } = run.params;
	return run.curveMetric ?? (typeof chosen === 'string' ? chosen : 'loss');
}

/** The table of candidates, best first, with bars. */
function leaderboardTable(run: RunRecord, settings: boolean): Content {
	const words = metricWords(run.primary);
	const sign = words.better === 'higher' ? -1 : 1;
	const score = (r: NonNullable<RunRecord['leaderboard']>[number]) => (r.failed ? NaN : (r.metrics[run.primary] ?? NaN));
	const rows = [...(run.leaderboard ?? [])].sort(
		(a, b) => (Number.isNaN(score(a)) ? 1 : 0) - (Number.isNaN(score(b)) ? 1 : 0) || sign * (score(a) - score(b)),
	);
	const finite = rows.map(score).filter(Number.isFinite);
	const [low, high] = [Math.min(...finite), Math.max(...finite)];
	// From the worst to the best candidate, in the metric's own direction: the best has the full bar.
	const share = (v: number) =>
		high === low ? 1 : 0.06 + 0.94 * (words.better === 'higher' ? (v - low) / (high - low) : (high - v) / (high - low));
	const shown = rows.slice(0, 30);
	return html`${table(
		[{ head: 'Learner' }, { head: words.label }, { head: 'Seconds', number: true }, ...(settings ? [{ head: 'Settings' }] : [])],
		shown.map((r, i) => {
			const v = score(r);
			return [
				html`<b>${plain(learnerName(r.learner), 60)}</b>${i === 0 && Number.isFinite(v) ? html` ${badge('chosen', 'good')}` : ''}`,
				Number.isFinite(v)
					? html`${metricValue(run.primary, v)}${r.std ? html` <span class="q">± ${metricValue(run.primary, r.std)}</span>` : ''}${bar(share(v), i === 0 ? COLOR.accent : COLOR.accentMid)}`
					: html`<span class="q">${r.failed ?? 'not ranked'}</span>`,
				number(r.seconds, 2),
				...(settings ? [html`<div class="q long">${paramText(r.params)}</div>`] : []),
			];
		}),
	)}${rows.length > shown.length ? html`<p class="hint">${count(rows.length - shown.length, 'more candidate')} not shown.</p>` : ''}`;
}

/** What was trained, on what, how well by the validation rows, and how to repeat it; for models of trees also what the first of them asks. */
export function runReport(run: RunRecord & { name?: string; tree?: ShownTree }): Promise<Report> {
	const charts: Chart[] = [];
	if (run.leaderboard?.some((r) => !r.failed)) charts.push(leaderboardChart({ leaderboard: run.leaderboard, primary: run.primary }));
	const words = metricWords(run.primary);
	if (run.curve.length > 1) charts.push(learningCurveChart({ curve: run.curve, metric: curveMetricOf(run) }));
	const dummy = run.leaderboard?.find((r) => /dummy|baseline/i.test(r.learner) && !r.failed)?.metrics;
	const value = run.metrics[run.primary];
	const front = headlineMetric(run.task, run.primary, run.metrics);
	return makeReport({
		title: `Training of ${run.target}`,
		eyebrow: `Training · ${learnerName(run.learner)} · predicts “${plain(run.target, 60)}”`,
		sentence: dummy
			? conclusion({ task: run.task, target: run.target, classes: [], primary: run.primary, metrics: run.metrics, baseline: dummy })
			: `A ${learnerName(run.learner).toLowerCase()} model was trained in ${duration(run.seconds)}; ${words.label} is ${metricValue(run.primary, value)} on rows it did not learn from.`,
		lead: `These figures come from validation rows. Evaluate gives the honest ones, from test rows that nothing here has seen. ${splitText(run.split)}`,
		facts: facts([
			{ label: metricWords(front).label, value: metricValue(front, run.metrics[front]) },
			{ label: 'rows to learn from', value: number(run.split.rows.train) },
			{ label: 'training time', value: duration(run.seconds) },
			run.peakMemoryBytes !== undefined && { label: 'memory at peak', value: bytes(run.peakMemoryBytes) },
		]),
		sections: [
			...(run.leaderboard?.length
				? [
						{ title: 'What was tried', only: 'safe' as const, body: leaderboardTable(run, false) },
						// Settings are for people who open the long version.
						{
							title: 'What was tried',
							only: 'full' as const,
							body: leaderboardTable(run, true),
							charts: charts.filter((c) => c.name === 'leaderboard'),
						},
					]
				: []),
			...(run.curve.length > 1
				? [{ title: 'While it learned', only: 'full' as const, charts: charts.filter((c) => c.name === 'learning_curve') }]
				: []),
			...(run.tree ? [{ title: 'A look inside', only: 'full' as const, charts: [treeChart(run.tree)] }] : []),
			{
				title: 'Scores',
				body: table(
					[{ head: 'Score' }, { head: 'Value', number: true }],
					Object.entries(run.metrics).map(([id, v]) => [
						html`${metricWords(id).label}${metricWords(id).meaning ? html`<br><span class="q">${metricWords(id).meaning}</span>` : ''}`,
						metricValue(id, v),
					]),
				),
			},
			...(run.notes.length ? [{ title: 'Good to know', body: run.notes.slice(0, 20).map((n) => html`<p>${n.text}</p>`) }] : []),
			{
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
			},
		],
	});
}
