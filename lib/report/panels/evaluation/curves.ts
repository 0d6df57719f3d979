import type { EvaluationRecord } from '../../../domain/evaluation.js';
import type { Chart, LineMark, NumberAxis, Point } from '../../charts/chart.js';
import { twoByTwo } from '../../evaluationText.js';
import { percent, score } from '../../formatting.js';
import { SERIES } from '../../theme.js';
import { definePanel } from '../panel.js';
import type { EvaluationInput } from './input.js';
import { caseName } from '../../../task/classes.js';

type Curve = NonNullable<EvaluationRecord['roc']>[number];

const shares = (title: string): NumberAxis => ({ kind: 'number', title, unit: 'share', from: 0, to: 1 });

/** Curves of the first classes; one alone is shaded and needs no legend. */
const linesOf = (curves: readonly Curve[], tip: (x: number, y: number) => string): LineMark[] =>
	curves.map(({ label, x, y }) => ({
		mark: 'line',
		...(curves.length > 1 ? { name: label } : { filled: true }),
		points: x.map((v, i): Point => [v, y[i]]),
		tips: x.map((v, i) => `${curves.length > 1 ? `${label}: ` : ''}${tip(v, y[i])}`),
	}));

/** Receiver operating characteristic: one curve for two classes, one a class (against the rest) for more. */
function rocChart(e: EvaluationRecord): Chart[] {
	const curves = (e.roc ?? []).slice(0, SERIES.length);
	if (curves.length === 0) return [];
	const many = curves.length > 1;
	const what = many ? `each “${e.target}”` : `“${caseName(e.target, curves[0].label)}”`;
	const { auc } = e.metrics;
	const counts = many ? undefined : twoByTwo(e);
	const [first, ...others] = linesOf(curves, (x, y) => `finds ${percent(y)} of cases at ${percent(x)} false alarms`);
	const note: LineMark['note'] =
		counts?.negatives && counts.positives
			? { at: [counts.falseAlarms / counts.negatives, counts.found / counts.positives], text: 'threshold in use', place: 'right' }
			: undefined;
	return [
		{
			name: 'roc',
			height: 400,
			title: `How well the model tells ${what} apart${auc ? `: ${percent(auc.value)} right when shown a pair` : ''}`,
			subtitle:
				`${auc ? `Area under the curve ${score(auc.value)} (95 % interval ${score(auc.low)} to ${score(auc.high)}). ` : ''}The ` +
				`higher above the dashed line of guessing, the better.`,
			x: shares('False alarms (share of the others called wrongly)'),
			y: shares('Found (share of cases)'),
			marks: [{ mark: 'guide', from: [0, 0], to: [1, 1] }, { ...first, note }, ...others],
		},
	];
}

/** Precision over recall, and what guessing gives. */
function precisionRecallChart(e: EvaluationRecord): Chart[] {
	const curves = (e.pr ?? []).slice(0, SERIES.length);
	if (curves.length === 0) return [];
	const many = curves.length > 1;
	const counts = many ? undefined : twoByTwo(e);
	// The share of positive rows.
	const prevalence = counts && e.rows ? counts.positives / (counts.positives + counts.negatives || 1) : undefined;
	return [
		{
			name: 'precision_recall',
			height: 380,
			title: `How many ${many ? 'alarms' : `“${caseName(e.target, curves[0].label)}” alarms`} are right, the more cases are to be found`,
			subtitle: prevalence === undefined ? 'Higher is better.' : `Guessing is right ${percent(prevalence)} of the time (dashed line).`,
			x: shares('Recall (share of cases found)'),
			y: shares('Precision (share of alarms that are right)'),
			marks: [
				...linesOf(curves, (x, y) => `to find ${percent(x)} of cases, ${percent(y)} of the alarms are right`),
				...(prevalence === undefined ? [] : [{ mark: 'guide' as const, from: [0, prevalence] as const, to: [1, prevalence] as const }]),
			],
		},
	];
}

/** How well the model ranks rows, below its scores. */
export const curves = definePanel<EvaluationInput, EvaluationRecord>({
	id: 'curves',
	data: ({ evaluation }) => (evaluation.roc?.length || evaluation.pr?.length ? evaluation : undefined),
	draw: (e) => ({ charts: [...rocChart(e), ...precisionRecallChart(e)] }),
});
