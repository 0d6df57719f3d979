import type { EvaluationRecord } from '../domain/evaluation.js';
import { percent } from './formatting.js';
import { caseName } from '../task/classes.js';
import { conclusion, metricValue, saysNothing } from './reportWords.js';

/** The sentence that opens every text about an evaluation. */
export const evaluationSentence = (e: EvaluationRecord): string =>
	conclusion({
		task: e.task,
		target: e.target,
		classes: e.classes,
		primary: e.primary,
		metrics: Object.fromEntries(Object.entries(e.metrics).map(([id, m]) => [id, m.value])),
		baseline: e.baseline,
	});

/** An interval in words; one over all that a score can be says nothing but that the rows were too few. */
export const intervalText = (id: string, { low, high }: { low?: number; high?: number }): string =>
	low === undefined || high === undefined
		? '–'
		: saysNothing(id, low, high)
			? 'too few to judge'
			: `${metricValue(id, low)} – ${metricValue(id, high)}`;

/** The four counts of a confusion matrix of two classes. */
export function twoByTwo(e: EvaluationRecord): { negatives: number; positives: number; falseAlarms: number; found: number } | undefined {
	const c = e.confusion?.counts;
	return c?.length === 2 ? { negatives: c[0][0] + c[0][1], positives: c[1][0] + c[1][1], falseAlarms: c[0][1], found: c[1][1] } : undefined;
}

/** What the threshold means in rows of a hundred, where there is one. */
export function thresholdText(e: EvaluationRecord): string | undefined {
	const counts = twoByTwo(e);
	if (!counts || e.threshold === undefined) return undefined;
	const { positives, found, falseAlarms } = counts;
	const name = caseName(e.target, e.classes[1] ?? 'positive');
	const called = falseAlarms + found;
	return (
		`From a probability of ${percent(e.threshold)} a row is called “${name}”. That finds ` +
		`${percent(positives ? found / positives : 0)} of them, and ${called ? percent(found / called) : 'none'} of the rows ` +
		`so called are right.${e.thresholdReason ? ` ${e.thresholdReason}` : ''}`
	);
}
