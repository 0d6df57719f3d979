import type { EvaluationRecord } from '../../domain/evaluation.js';
import type { RunRecord } from '../../domain/run.js';
import type { Chart } from '../charts/chart.js';
import { evaluationSentence, thresholdText } from '../evaluationText.js';
import { number } from '../formatting.js';
import { learnerName } from '../learnerName.js';
import { anomalies } from '../panels/evaluation/anomalies.js';
import { calibration } from '../panels/evaluation/calibration.js';
import { champion } from '../panels/evaluation/champion.js';
import { confusion } from '../panels/evaluation/confusion.js';
import { dependence } from '../panels/evaluation/dependence.js';
import { curves } from '../panels/evaluation/curves.js';
import { gate } from '../panels/evaluation/gate.js';
import { importance } from '../panels/evaluation/importance.js';
import type { EvaluationInput, ModelCardWords } from '../panels/evaluation/input.js';
import { modelCard } from '../panels/evaluation/modelCard.js';
import { residuals } from '../panels/evaluation/residuals.js';
import { scores } from '../panels/evaluation/scores.js';
import { sideBySide } from '../panels/evaluation/sideBySide.js';
import { slices } from '../panels/evaluation/slices.js';
import { notesPanel } from '../panels/notes.js';
import { sectionsOf, type Panel } from '../panels/panel.js';
import { makeReport, type Report } from '../makeReport.js';
import { facts } from '../safeHtml.js';
import { TASKS, taskById } from '../../task/index.js';
import { headlineMetric, metricValue, metricWords, purpose, subject } from '../reportWords.js';

/** All panels of evaluations, in their order. */
export const EVALUATION_PANELS: ReadonlyArray<Panel<EvaluationInput>> = [
	gate,
	sideBySide,
	champion,
	anomalies,
	scores,
	curves,
	confusion,
	calibration,
	residuals,
	importance,
	dependence,
	slices,
	notesPanel(({ evaluation }) => evaluation.notes.map((n) => n.text)),
	modelCard,
];

const ofTasks = new Set(TASKS.flatMap((task) => task.panels));

/** Those of an evaluation: the panels of all tasks, and those that its own task names. */
function panelsOf({ task }: EvaluationRecord): Array<Panel<EvaluationInput>> {
	const { panels } = taskById(task);
	return EVALUATION_PANELS.filter(({ id }) => !ofTasks.has(id) || panels.includes(id));
}

/** All charts that an evaluation has the figures for. */
export const evaluationCharts = (evaluation: EvaluationRecord): Chart[] =>
	sectionsOf(panelsOf(evaluation), { evaluation }).flatMap((s) => s.charts ?? []);

/** How good a model is on rows that it never saw: conclusion, gate, comparison, scores, errors, what matters, slices, model card. */
export function evaluationReport(evaluation: EvaluationRecord, run: RunRecord, card: ModelCardWords = {}): Promise<Report> {
	const e = evaluation;
	const front = headlineMetric(e.task, e.primary, e.metrics);
	const c = e.comparison;
	return makeReport(
		{
			title: `Evaluation of ${subject(e)}`,
			eyebrow: `Evaluation · ${learnerName(run.learner)} · ${purpose(e)}`,
			sentence: evaluationSentence(e),
			verdict: e.gate.passed ? { text: 'passed', tone: 'good' } : { text: e.gate.refused ? 'too few to judge' : 'failed', tone: 'bad' },
			lead: thresholdText(e),
			facts: facts([
				{ label: metricWords(front).label, value: metricValue(front, e.metrics[front]?.value) },
				(front in e.baseline || taskById(e.task).labels === 'required') && {
					label: 'guessing',
					value: metricValue(front, e.baseline[front]),
				},
				...(c ? [{ label: 'model in use', value: metricValue(c.metric, c.theirs) }] : []),
				{ label: 'test rows', value: number(e.rows) },
			]),
		},
		panelsOf(e),
		{ evaluation, run, card },
	);
}
