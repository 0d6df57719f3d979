import { stopAsked, takeKeepBest } from '../domain/cancel.js';
import type { JobContext } from '../compute/contract.js';
import type { Frame } from '../data/frame.js';
import { writePackage } from '../formats/modelPackage.js';
import { chooseLearner, type Chosen } from './training/choose.js';
import { fitModel } from './training/fitModel.js';
import { createLog } from './training/log.js';
import { manifestOf } from './training/manifest.js';
import { planTraining, type Plan } from './training/plan.js';
import { thresholdOf } from './training/thresholdOf.js';
import { settledParams } from './training/trial.js';
import type { TrainedRun, TrainResult, TrainSpec } from './training/types.js';
import { validate } from './training/validate.js';

/**
 * Trains a model. `frame` is what `datasetPass` returned: typed raw columns. Recipe and encoder learn from training rows alone (in each
 * fold anew); validation rows serve early stopping, ranking and the threshold; test rows are not looked at.
 * With `refit` the winner is fitted once more on training and validation rows, with the number of rounds and the threshold that were found.
 * The metrics are those of the model before that, on rows it had not seen.
 * @throws `learn.target_missing`, `learn.target_unknown`, `learn.target_one_class`, `learn.target_invalid`, `learn.no_features`,
 * `learn.too_few_rows`, `learn.weights_invalid`, `learn.parameter_invalid`, `learn.memory`, `compute.cancelled`, and what steps and
 * learners throw
 */
export async function trainModel(frame: Frame, spec: TrainSpec, context: JobContext): Promise<TrainResult> {
	const log = createLog(spec.seed, context);
	context.progress({ stage: 'Splitting the rows', share: 0.05 });
	const plan = await planTraining(frame, spec, log);
	const { source, rows, task, target, metric } = plan;
	const { leaderboard, ...chosen } = await chooseLearner(plan, log, context);
	const { learner, params } = chosen;
	// Whoever stops a search wants the best that was found, made as well as it can be: what is left out is all that comes after.
	const cutShort = leaderboard !== undefined && takeKeepBest(context.cancelled);

	const first = await fitModel(source, chosen, rows, ['recipe', 'fit'], log, log.fitContext(leaderboard ? 0.6 : 0.1, 0.75, true));
	let threshold = thresholdOf(plan, first, params);
	const saysThreshold = (): void => {
		if (task.threshold) log.note('learn.threshold', task.threshold.note(target, threshold));
	};
	if (!first.trial.fitted.threshold) saysThreshold();

	const settled: Chosen = { learner, params: settledParams(learner, params, first.trial.fitted) };
	const stop = (): boolean => stopAsked(context, 'The training') || cutShort;
	const { metrics, crossValidation } = await validate(plan, first, settled, threshold.value, log, stop);

	let final = first;
	if ((spec.refit ?? true) && rows.validation.length > 0 && !stop()) {
		const quiet = { ...source, note: () => {} };
		final = await fitModel(quiet, settled, { train: rows.learnable }, ['recipe again', 'refit'], log, log.fitContext(0.85, 0.97, false));
	}
	if (final.trial.fitted.threshold) {
		threshold = final.trial.fitted.threshold;
		saysThreshold();
	}

	const manifest = manifestOf(plan, final, settled, threshold.value);
	const bytes = await log.timed('package', () => writePackage(manifest, final.trial.fitted.state));
	context.progress({ stage: 'Done', share: 1, ...(metric in metrics ? { metric: { name: metric, value: metrics[metric] } } : {}) });
	const keptBest = stop();
	if (keptBest) log.note('learn.kept_best', 'The training was told to stop early, and kept the best that it had by then.');
	const { curve, curveMetric, seconds, stages, notes } = log.kept();
	return {
		package: bytes,
		manifest,
		keptBest,
		parts: plan.split.parts,
		validation: {
			rowId: Float64Array.from(rows.validation, (i) => frame.rowId[i]),
			y: first.y,
			scores: first.trial.scores,
			outputs: first.trial.outputs,
		},
		run: {
			split: splitOf(plan),
			task: target.task,
			target: target.name,
			learner: learner.id,
			params: params as Record<string, unknown>,
			seed: spec.seed,
			metrics,
			primary: metric,
			curve,
			...(curveMetric === undefined ? {} : { curveMetric }),
			leaderboard,
			crossValidation,
			seconds,
			stages,
			backend: first.trial.fitted.backend,
			notes,
			peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
		},
	};
}

/** The split as the run's record has it. */
const splitOf = ({ spec, split }: Plan): TrainedRun['split'] => ({
	...spec.split,
	used: split.used,
	...(split.by === undefined ? {} : { by: split.by }),
	...(split.testStart === undefined ? {} : { testStart: split.testStart, testEnd: split.testEnd }),
	rows: split.rows,
	rule: split.rule,
	...(split.copies ? { copies: split.copies } : {}),
	...(split.leftOut.length ? { leftOut: split.leftOut } : {}),
});
