import { setImmediate as pause } from 'node:timers/promises';
import type { Approval } from '../domain/approval.js';
import type { Comparison, EvaluationRecord } from '../domain/evaluation.js';
import type { RunRecord } from '../domain/run.js';
import { drawChart, type Drawn } from '../report/charts/draw.js';
import { evaluationSentence } from '../report/evaluationText.js';
import { count, date, duration, number } from '../report/formatting.js';
import { learnerName } from '../report/learnerName.js';
import { comparisonVerdict } from '../report/panels/evaluation/champion.js';
import { evaluationCharts } from '../report/reports/evaluation.js';
import { metricValue, metricWords, purposeFact } from '../report/reportWords.js';
import { splitText } from '../report/splitText.js';
import type { Look } from './approvalStyle.js';

/** One line of the comparison; `share` is the length of its bar (0 to 1). */
export interface ApprovalScore {
	label: string;
	ours: string;
	theirs?: string;
	guessing?: string;
	lowerIsBetter: boolean;
	verdict?: 'better' | 'worse' | 'same';
	bars?: { ours: number; theirs?: number };
}

/** All that the approval page shows. */
export interface ApprovalView {
	title: string;
	modelName?: string;
	/** The conclusion in one sentence. */
	sentence?: string;
	/** New against old in one sentence. */
	comparison?: { text: string; verdict: 'better' | 'worse' | 'same' };
	scores: ApprovalScore[];
	/** Whether guessing has the higher accuracy, as it may where one answer is frequent: that needs a word. */
	guessingLooksGood?: boolean;
	/** Rows both were judged on, for example `512,344 rows`. */
	rows?: string;
	/** Whether the scores of a model in use stand beside, and whether it is known that it never saw these rows. */
	hasChampion: boolean;
	comparedOn?: 'new' | 'perhaps_seen';
	/** The model in use, where the two were not compared. */
	notCompared?: string;
	/** What those who call the model must send, or get, that is not as it is now, each in a sentence. */
	changes: readonly string[];
	gate?: EvaluationRecord['gate'];
	/** Each drawn for wide screens and for phones. */
	charts: Array<{ wide: Drawn; narrow: Drawn }>;
	details: Array<{ label: string; value: string }>;
	/** Name from the signed link; absent: the facts alone, without the form. */
	approver?: string;
	/** Colours; else as the reader's device says. */
	look?: Look;
	/** ISO time. */
	expiresAt: string;
	/** Where the form is sent; empty is the page's own address, signature and all. */
	action?: string;
	onApprove?: string;
	onReject?: string;
}

export interface ApprovalViewOptions {
	/** Name from the signed link of the one who looks; absent: the facts alone. */
	approver?: string;
	look?: Look;
	/**
	 * Name and version of the model in use, if there is one. Its scores come from the evaluation's own comparison, nowhere else: those are of
	 * the same rows.
	 */
	champion?: string;
	/** What is different for those who call the model in use, each in a sentence. */
	changes?: readonly string[];
	action?: string;
	/** What the workflow does next, if it is known better than the page's own words. */
	onApprove?: string;
	onReject?: string;
}

/**
 * Lengths of the bars of two values: the better one has the longer bar, whichever direction the metric has. A value that stands alone has
 * none where lower is better.
 */
function barsOf(better: 'higher' | 'lower', ours: number, theirs: number | undefined): ApprovalScore['bars'] {
	const most = Math.max(Math.abs(ours), Math.abs(theirs ?? 0)) || 1;
	if (better === 'higher') {
		const full = Math.max(1, most);
		return { ours: ours / full, ...(theirs === undefined ? {} : { theirs: theirs / full }) };
	}
	const least = Math.min(ours, theirs ?? Infinity);
	return theirs === undefined || least <= 0 ? undefined : { ours: least / ours, theirs: least / theirs };
}

const CHARTS = ['comparison', 'anomaly_scores', 'importance', 'roc', 'residuals', 'confusion', 'calibration'];

/** The main metric first, then the others, at most six. */
function shownMetrics({ primary, metrics }: EvaluationRecord): string[] {
	return [primary, ...Object.keys(metrics).filter((id) => id !== primary)].filter((id) => metrics[id]).slice(0, 6);
}

/** Of each metric shown: the value of both models on the same rows, where they were compared, and that of guessing. */
function scoresOf(evaluation: EvaluationRecord): ApprovalScore[] {
	const { comparison, comparisons = [], metrics, baseline } = evaluation;
	const pairs = new Map([...comparisons, ...(comparison ? [comparison] : [])].map((one) => [one.metric, one]));
	return shownMetrics(evaluation).map((id): ApprovalScore => {
		const paired = pairs.get(id);
		const theirs = paired?.theirs;
		const words = metricWords(id);
		const shown = paired?.ours ?? metrics[id].value;
		return {
			label: words.label,
			lowerIsBetter: words.better === 'lower',
			ours: metricValue(id, shown),
			...(theirs === undefined ? {} : { theirs: metricValue(id, theirs) }),
			...(baseline[id] === undefined ? {} : { guessing: metricValue(id, baseline[id]) }),
			verdict: paired && comparisonVerdict(paired),
			bars: barsOf(words.better, shown, theirs),
		};
	});
}

/** New against old in one sentence. */
function comparisonOf(c: Comparison): ApprovalView['comparison'] {
	const verdict = comparisonVerdict(c);
	const word = { better: 'Better than', worse: 'Worse than', same: 'About as good as' }[verdict];
	return {
		verdict,
		text:
			`${word} ${c.against}: ${metricWords(c.metric).label} ${metricValue(c.metric, c.ours)} against ` +
			`${metricValue(c.metric, c.theirs)}${verdict === 'same' ? ', which may be chance' : ''} (p = ${number(c.pValue, 2)}).`,
	};
}

/** One after the other: drawing blocks the thread for some milliseconds, and between two others get their turn. */
async function chartsOf(evaluation: EvaluationRecord): Promise<ApprovalView['charts']> {
	const wanted = evaluationCharts(evaluation)
		.filter((chart) => CHARTS.includes(chart.name))
		.sort((a, b) => CHARTS.indexOf(a.name) - CHARTS.indexOf(b.name))
		.slice(0, 4);
	const charts: ApprovalView['charts'] = [];
	for (const chart of wanted) {
		const wide = await drawChart(chart);
		await pause();
		charts.push({ wide, narrow: await drawChart(chart, 360) });
		await pause();
	}
	return charts;
}

const detailsOf = (approval: Approval, evaluation: EvaluationRecord, run: RunRecord | undefined): ApprovalView['details'] => [
	purposeFact(evaluation),
	...(run
		? [
				{ label: 'Kind of model', value: learnerName(run.learner) },
				{ label: 'Learned from', value: splitText(run.split) },
				{ label: 'Training took', value: duration(run.seconds) },
			]
		: []),
	{ label: 'Model', value: evaluation.model.slice(0, 16) },
	{ label: 'Asked for', value: date(approval.createdAt, true) },
];

/**
 * The page's content from the records. Everything is optional but the approval: a request that is about no model shows its title,
 * the decider and the buttons.
 */
export async function approvalView(
	approval: Approval,
	evaluation: EvaluationRecord | undefined,
	run: RunRecord | undefined,
	options: ApprovalViewOptions,
): Promise<ApprovalView> {
	const base = {
		title: approval.subject.title,
		modelName: approval.subject.modelName,
		approver: options.approver,
		look: options.look,
		expiresAt: approval.expiresAt,
		changes: options.changes ?? [],
		action: options.action,
		onApprove: options.onApprove,
		onReject: options.onReject,
	};
	if (!evaluation) return { ...base, scores: [], charts: [], details: [], hasChampion: false };
	const { comparison: c, baseline, metrics } = evaluation;
	return {
		...base,
		sentence: evaluationSentence(evaluation),
		comparison: c && comparisonOf(c),
		scores: scoresOf(evaluation),
		guessingLooksGood: shownMetrics(evaluation).includes('accuracy') && baseline.accuracy > metrics.accuracy.value,
		charts: await chartsOf(evaluation),
		gate: evaluation.gate,
		hasChampion: c !== undefined,
		comparedOn: c?.seenUnknown ? 'perhaps_seen' : 'new',
		notCompared: c ? undefined : options.champion,
		rows: count(c?.rows ?? evaluation.rows, 'row'),
		details: detailsOf(approval, evaluation, run),
	};
}
