import { caseName } from '../../task/classes.js';
import type { EvaluationRecord } from '../../domain/evaluation.js';
import type { RunRecord } from '../../domain/run.js';
import { calibrationChart } from '../charts/calibration.js';
import { comparisonChart, comparisonVerdict } from '../charts/comparison.js';
import { confusionChart } from '../charts/confusion.js';
import { importanceChart } from '../charts/importance.js';
import { precisionRecallChart } from '../charts/precisionRecall.js';
import { residualsChart } from '../charts/residuals.js';
import { rocChart } from '../charts/roc.js';
import { sideBySideChart } from '../charts/sideBySide.js';
import { count, number, percent, plain, score } from '../format.js';
import { learnerName } from '../learnerName.js';
import { modelCard, type ModelCardWords } from '../modelCard.js';
import type { Chart } from '../render.js';
import { makeReport, type Report, type Section } from '../report.js';
import { badge, bar, facts, html, pairs, say, table, type Content } from '../safeHtml.js';
import { COLOR } from '../theme.js';
import { conclusion, headlineMetric, metricValue, metricWords } from '../words.js';

const values = (evaluation: EvaluationRecord): Record<string, number> =>
	Object.fromEntries(Object.entries(evaluation.metrics).map(([id, m]) => [id, m.value]));

/** Scores from 0 to 1. */
const BOUNDED = ['auc', 'auc_ovr', 'average_precision', 'accuracy', 'balanced_accuracy', 'f1', 'precision', 'recall', 'f1_macro'];

/** The sentence that opens every text about an evaluation. */
export const evaluationSentence = (e: EvaluationRecord): string =>
	conclusion({ task: e.task, target: e.target, classes: e.classes, primary: e.primary, metrics: values(e), baseline: e.baseline });

/** False alarms and hits of a two-class confusion matrix, for the mark on the ROC curve. */
function rates(e: EvaluationRecord): { falsePositiveRate: number; truePositiveRate: number } | undefined {
	const c = e.confusion?.counts;
	if (e.task !== 'binary' || c?.length !== 2) return undefined;
	const negatives = c[0][0] + c[0][1];
	const positives = c[1][0] + c[1][1];
	return negatives && positives ? { falsePositiveRate: c[0][1] / negatives, truePositiveRate: c[1][1] / positives } : undefined;
}

/** Share of positive rows, from the confusion matrix. */
const prevalence = (e: EvaluationRecord): number | undefined => {
	const c = e.confusion?.counts;
	return c?.length === 2 && e.rows ? (c[1][0] + c[1][1]) / (c[0][0] + c[0][1] + c[1][0] + c[1][1] || 1) : undefined;
};

/** All charts that an evaluation has the figures for. */
export function evaluationCharts(e: EvaluationRecord): Chart[] {
	return [
		...(e.comparison ? [comparisonChart({ comparison: e.comparison, baseline: e.baseline[e.comparison.metric] })] : []),
		...(e.roc?.length ? [rocChart({ roc: e.roc, auc: e.metrics.auc, target: e.target, mark: rates(e) })] : []),
		...(e.pr?.length ? [precisionRecallChart({ pr: e.pr, target: e.target, prevalence: prevalence(e) })] : []),
		...(e.confusion && e.confusion.labels.length <= 40 ? [confusionChart({ confusion: e.confusion, target: e.target })] : []),
		...(e.calibration?.predicted.length ? [calibrationChart(e.calibration)] : []),
		...(e.residuals?.predicted.length ? [residualsChart({ residuals: e.residuals, target: e.target })] : []),
		...(e.importance.length ? [importanceChart(e)] : []),
		...(e.side?.parts.some((p) => p.metric !== undefined)
			? [sideBySideChart({ side: e.side, overall: e.metrics[e.side.metric]?.value })]
			: []),
	];
}

/** An interval in words; one over all that a score can be says nothing but that the rows were too few. */
const intervalText = (id: string, { low, high }: { low?: number; high?: number }): string =>
	low === undefined || high === undefined
		? '–'
		: low <= 0 && high >= 1 && BOUNDED.includes(id)
			? 'too few to judge'
			: `${metricValue(id, low)} – ${metricValue(id, high)}`;

/** Scores of the model beside what guessing gives and, if compared, the model in use. */
export function scoreTable(e: EvaluationRecord): Content {
	return table(
		[{ head: 'Score' }, { head: 'This model', number: true }, { head: 'Guessing', number: true }],
		Object.entries(e.metrics).map(([id, m]) => {
			const words = metricWords(id);
			return [
				html`${id === e.primary ? html`<b>${words.label}</b>` : words.label}${words.meaning ? html`<br><span class="q">${words.meaning}</span>` : ''}`,
				html`<b>${metricValue(id, m.value)}</b><br><span class="q">${intervalText(id, m)}</span>`,
				metricValue(id, e.baseline[id]),
			];
		}),
	);
}

/** A line for each part: its rows, those of the positive class, the metric and its interval. */
const sideTable = (e: EvaluationRecord, side: NonNullable<EvaluationRecord['side']>): Content =>
	table(
		[
			{ head: side.period ? { month: 'Month', quarter: 'Quarter', year: 'Year' }[side.period] : 'Value' },
			{ head: 'Rows', number: true },
			...(e.task === 'binary' ? [{ head: plain(caseName(e.target, e.classes[1] ?? 'positive'), 40), number: true }] : []),
			{ head: metricWords(side.metric).label, number: true },
			{ head: '95 % interval', number: true },
		],
		side.parts.map((p) => [
			plain(p.value, 60),
			number(p.rows),
			...(e.task === 'binary' ? [number(p.classRows?.[1])] : []),
			p.metric === undefined ? html`<span class="q">too few to judge</span>` : metricValue(side.metric, p.metric),
			intervalText(side.metric, p),
		]),
	);

const confusionTable = (e: EvaluationRecord): Content => {
	const { labels, counts } = e.confusion as NonNullable<EvaluationRecord['confusion']>;
	const shown = labels.slice(0, 12);
	return html`${table(
		[{ head: 'True ↓   said →' }, ...shown.map((l) => ({ head: plain(l, 20), number: true })), { head: 'found' }],
		shown.map((label, i): Content[] => {
			const sum = counts[i].reduce((a, b) => a + b, 0);
			const share = sum ? counts[i][i] / sum : 0;
			return [
				html`<b>${plain(label, 30)}</b>`,
				...shown.map((_, j) => (i === j ? html`<b>${number(counts[i][j])}</b>` : number(counts[i][j]))),
				html`${percent(share)}${bar(share)}`,
			];
		}),
		{ kind: 'matrix' },
	)}${labels.length > shown.length ? html`<p class="hint">The first ${String(shown.length)} of ${number(labels.length)} classes.</p>` : ''}`;
};

/** What the threshold means in rows of a hundred, for two classes. */
function thresholdText(e: EvaluationRecord): string | undefined {
	const c = e.confusion?.counts;
	if (e.task !== 'binary' || c?.length !== 2 || e.threshold === undefined) return undefined;
	const name = caseName(e.target, e.classes[1] ?? 'positive');
	const called = c[0][1] + c[1][1];
	const positives = c[1][0] + c[1][1];
	return `From a probability of ${percent(e.threshold)} a row is called “${name}”. That finds ${percent(positives ? c[1][1] / positives : 0)} of them, and ${called ? percent(c[1][1] / called) : 'none'} of the rows so called are right.${e.thresholdReason ? ` ${e.thresholdReason}` : ''}`;
}

/** What intervals draw, where it is not whole days or groups. */
const RESAMPLED = new Map([
	['rows', 'rows'],
	['copies', 'rows with all their copies'],
]);

/** The gate's sentences, in boxes. */
export const gateBoxes = (gate: EvaluationRecord['gate']): Content =>
	gate.reasons.length === 0
		? html`<p class="hint">No rules were set, so nothing was asked of the model.</p>`
		: gate.reasons.map((r) => say(r.passed ? 'good' : 'bad', r.text, r.passed ? '✓ Passed.' : '✗ Failed.'));

/** How good a model is on rows that it never saw: conclusion, gate, comparison, scores, errors, what matters, slices, model card. */
export function evaluationReport(evaluation: EvaluationRecord, run: RunRecord, card: ModelCardWords = {}): Promise<Report> {
	const e = evaluation;
	const charts = new Map(evaluationCharts(e).map((c) => [c.name, c]));
	const some = (...names: string[]) => names.flatMap((n) => charts.get(n) ?? []);
	const words = metricWords(e.primary);
	const primary = e.metrics[e.primary];
	const front = headlineMetric(e.task, e.primary, e.metrics);
	const c = e.comparison;
	const threshold = thresholdText(e);
	const drops = [...e.importance].sort((a, b) => b.drop - a.drop);
	const sections: Section[] = [
		{
			title: e.gate.passed ? 'Why it passed' : e.gate.refused ? 'Why it was not judged' : 'Why it did not pass',
			hint: e.gate.judged && `Judged on ${e.gate.judged}`,
			body: gateBoxes(e.gate),
		},
		...(e.side
			? [
					{
						title: `Side by side: ${plain(e.side.column, 60)}`,
						hint: `${metricWords(e.side.metric).label} with its 95 % interval.${e.side.leftOut ? ` ${count(e.side.leftOut, 'more part')} not shown.` : ''}`,
						body: sideTable(e, e.side),
						charts: some('side_by_side'),
					},
				]
			: []),
		...(c
			? [
					{
						title: 'Against the model in use',
						charts: some('comparison'),
						body: [
							say(
								comparisonVerdict(c) === 'better' ? 'good' : comparisonVerdict(c) === 'worse' ? 'bad' : 'plain',
								html`${metricWords(c.metric).label} ${metricValue(c.metric, c.ours)} against ${metricValue(c.metric, c.theirs)} of ${c.against}, on the same ${number(c.rows)} rows.`,
								comparisonVerdict(c) === 'better' ? 'Better.' : comparisonVerdict(c) === 'worse' ? 'Worse.' : 'No clear difference.',
							),
							pairs([
								[
									'Difference',
									`${score(c.difference.value, 4)} (95 % interval ${score(c.difference.low, 4)} to ${score(c.difference.high, 4)}; positive is better)`,
								],
								['Could it be chance?', `p = ${number(c.pValue, 2)}, ${c.test}`],
								...(c.leftOut ? [['Left out', `${count(c.leftOut, 'row')} that one of the two was trained on`] as [string, Content]] : []),
								...(c.seenUnknown
									? [
											['Take care', `${c.against} may have been trained on some of these rows, and then looks better here than it is`] as [
												string,
												Content,
											],
										]
									: []),
							]),
						],
					},
				]
			: []),
		{
			title: 'Scores',
			hint: `On ${count(e.rows, 'test row')}; intervals resample ${RESAMPLED.get(e.resampled) ?? `whole ${e.resampled}s`}.`,
			body: scoreTable(e),
			charts: some('roc', 'precision_recall'),
		},
		...(e.confusion ? [{ title: 'Right and wrong answers', hint: threshold, body: confusionTable(e), charts: some('confusion') }] : []),
		...(charts.has('calibration')
			? [
					{
						title: 'Can the probabilities be trusted?',
						charts: some('calibration'),
						body: table(
							[{ head: 'Promised' }, { head: 'Happened' }, { head: '' }, { head: 'Rows', number: true }],
							(e.calibration as NonNullable<EvaluationRecord['calibration']>).predicted
								.slice(0, 20)
								.map((p, i) => [
									percent(p),
									percent(e.calibration?.observed[i]),
									bar(e.calibration?.observed[i] ?? 0, COLOR.accentMid),
									number(e.calibration?.count[i]),
								]),
						),
					},
				]
			: []),
		...(charts.has('residuals') ? [{ title: 'Where it misses', only: 'full' as const, charts: some('residuals') }] : []),
		...(drops.length
			? [
					{
						title: 'What the answers depend on',
						hint: `Loss of ${words.label} when a column is shuffled.`,
						charts: some('importance'),
						body: table(
							[{ head: 'Column' }, { head: '' }, { head: 'Loss', number: true }],
							drops
								.slice(0, 15)
								.map((d) => [plain(d.feature, 60), bar(d.drop / (drops[0].drop || 1)), `${score(d.drop, 4)} ± ${score(d.std, 4)}`]),
						),
					},
				]
			: []),
		...(e.slices.length
			? [
					{
						title: 'Does it work for everyone?',
						hint: `${words.label} in parts of the test rows; “look” marks parts whose whole interval is worse than the overall figure.`,
						body: html`${table(
							[{ head: 'Part' }, { head: 'Rows', number: true }, { head: words.label, number: true }],
							[...e.slices]
								.sort((a, b) => (words.better === 'higher' ? a.metric - b.metric : b.metric - a.metric))
								.slice(0, 40)
								.map((s) => {
									const worse =
										primary && (words.better === 'higher' ? (s.high ?? Infinity) < primary.value : (s.low ?? -Infinity) > primary.value);
									return [
										html`<span class="q">${plain(s.column, 40)}:</span> ${plain(s.value, 40)} ${worse ? badge('look', 'warn') : ''}`,
										number(s.rows),
										html`<b>${metricValue(e.primary, s.metric)}</b><br><span class="q">${intervalText(e.primary, s)}</span>`,
									];
								}),
						)}${e.slices.length > 40 ? html`<p class="hint">The worst 40 of ${number(e.slices.length)} parts.</p>` : ''}`,
					},
				]
			: []),
		...(e.notes.length ? [{ title: 'Good to know', body: e.notes.slice(0, 20).map((n) => html`<p>${n.text}</p>`) }] : []),
		{ title: 'Model card', only: 'full', body: modelCard(e, run, card) },
	];
	return makeReport({
		title: `Evaluation of ${e.target}`,
		eyebrow: `Evaluation · ${learnerName(run.learner)} · predicts “${plain(e.target, 60)}”`,
		sentence: evaluationSentence(e),
		verdict: e.gate.passed ? { text: 'passed', tone: 'good' } : { text: e.gate.refused ? 'too few to judge' : 'failed', tone: 'bad' },
		lead: threshold,
		sections,
		facts: facts([
			{ label: metricWords(front).label, value: metricValue(front, e.metrics[front]?.value) },
			{ label: 'guessing', value: metricValue(front, e.baseline[front]) },
			...(c ? [{ label: 'model in use', value: metricValue(c.metric, c.theirs) }] : []),
			{ label: 'test rows', value: number(e.rows) },
		]),
	});
}
