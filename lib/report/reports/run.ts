import { doubtIn, type RunRecord } from '../../domain/run.js';
import type { ShownTree } from '../../learn/treeOf.js';
import { bytes, duration, number } from '../formatting.js';
import { learnerName } from '../learnerName.js';
import { notesPanel } from '../panels/notes.js';
import type { Panel } from '../panels/panel.js';
import { firstTree } from '../panels/run/firstTree.js';
import { leaderboard } from '../panels/run/leaderboard.js';
import { learningCurve } from '../panels/run/learningCurve.js';
import { members } from '../panels/run/members.js';
import { repeat } from '../panels/run/repeat.js';
import { validationScores } from '../panels/run/validationScores.js';
import { makeReport, type Report } from '../makeReport.js';
import { facts } from '../safeHtml.js';
import { splitText } from '../splitText.js';
import { conclusion, headlineMetric, metricValue, metricWords, purpose, subject } from '../reportWords.js';

const withArticle = (name: string): string => `${/^[aeiou]/.test(name) ? 'An' : 'A'} ${name}`;

type RunInput = RunRecord & { name?: string; tree?: ShownTree };

export const RUN_PANELS: ReadonlyArray<Panel<RunInput>> = [
	members,
	leaderboard,
	learningCurve,
	firstTree,
	validationScores,
	notesPanel((run) => run.notes.map((n) => n.text)),
	repeat,
];

/**
 * What was trained, on what, how well by the validation rows, and how to repeat it; for models of trees also what the first of them asks.
 */
export function runReport(run: RunInput): Promise<Report> {
	const words = metricWords(run.primary);
	const dummy = run.leaderboard?.find((r) => /dummy|baseline/i.test(r.learner) && !r.failed)?.metrics;
	const value = run.metrics[run.primary];
	const doubt = doubtIn(run);
	const front = headlineMetric(run.task, run.primary, run.metrics);
	return makeReport(
		{
			title: `Training of ${subject(run)}`,
			eyebrow: `Training · ${learnerName(run.learner)} · ${purpose(run)}`,
			sentence: dummy
				? conclusion({ task: run.task, target: run.target, classes: [], primary: run.primary, metrics: run.metrics, baseline: dummy })
				: `${withArticle(learnerName(run.learner).toLowerCase())} model was trained in ${duration(run.seconds)}; ${words.label} ` +
					`is ${metricValue(run.primary, value)} on rows it did not learn from.`,
			...(doubt ? { verdict: { text: 'may be no better than guessing', tone: 'warn' } } : {}),
			lead:
				(doubt ? `${doubt} ` : '') +
				`These figures come from validation rows. Evaluate gives the honest ones, from test rows that nothing here has seen. ` +
				`${splitText(run.split)}`,
			facts: facts([
				{ label: metricWords(front).label, value: metricValue(front, run.metrics[front]) },
				{ label: 'rows to learn from', value: number(run.split.rows.train) },
				{ label: 'training time', value: duration(run.seconds) },
				run.peakMemoryBytes !== undefined && { label: 'memory at peak', value: bytes(run.peakMemoryBytes) },
			]),
		},
		RUN_PANELS,
		run,
	);
}
