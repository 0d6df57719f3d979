import { dictionary } from '../../domain/dictionary.js';
import type { MetricValues } from '../../domain/run.js';
import type { Chosen } from './choose.js';
import { crossValidate, type CrossValidation } from './crossValidate.js';
import type { Judged } from './fitModel.js';
import type { TrainingLog } from './log.js';
import type { Plan } from './plan.js';
import { scoreOf } from './trial.js';

/**
 * The model's metrics on rows it had not seen: the judged ones, else the means over the folds of a cross-validation, else none; says
 * how far they can be trusted.
 */
export async function validate(
	plan: Plan,
	{ y, scores }: Judged,
	settled: Chosen,
	threshold: number,
	log: TrainingLog,
	stop: () => boolean,
): Promise<{ metrics: MetricValues; crossValidation?: CrossValidation }> {
	const { spec, task, target, metric } = plan;
	const { note } = log;
	const metrics = scoreOf(target.task, y, scores, target.classes.length, threshold);
	const crossValidation =
		spec.crossValidation && spec.crossValidation > 1 && task.labels === 'required' && !stop()
			? await log.timed('cross-validation', () => crossValidate(plan, settled, threshold, log.fitContext(0.75, 0.85, false)))
			: undefined;
	const scarce = y.length ? task.scarce?.(target, y) : undefined;
	if (scarce)
		note(
			'learn.few_validation',
			`Only ${scarce} among the ${y.length.toLocaleString('en')} validation rows: their scores may be luck. Evaluate tells ` +
				`more, with its intervals.`,
		);
	const valued = crossValidation?.metrics[metric]?.length ?? 0;
	if (crossValidation && valued < crossValidation.folds)
		note(
			'learn.folds_without_class',
			`In ${crossValidation.folds - valued} of ${crossValidation.folds} folds ${metric} has no value, perhaps because a ` +
				`class is missing there: use fewer folds, or bring in more rows of rare classes.`,
		);
	if (y.length) return { metrics, crossValidation };
	if (!crossValidation) {
		note('learn.no_validation', 'There are no validation rows, so there are no metrics yet: Evaluate has the test rows.');
		return { metrics };
	}
	note('learn.no_validation', 'There are no validation rows: the metrics are the means over the folds.');
	const means = Object.entries(crossValidation.metrics).map(
		([m, values]) => [m, values.reduce((a, b) => a + b, 0) / values.length] as [string, number],
	);
	return { metrics: dictionary(means), crossValidation };
}
