import { stopAsked } from '../../domain/cancel.js';
import { folds } from '../../data/split.js';
import { dictionary } from '../../domain/dictionary.js';
import type { FitContext } from '../contract.js';
import type { Chosen } from './choose.js';
import type { Plan } from './plan.js';
import { Encodings, prepare, type Source } from './prepare.js';
import { fitChosen } from './fitMembers.js';
import { scoreOf } from './trial.js';
import type { TrainedRun } from './types.js';

export type CrossValidation = NonNullable<TrainedRun['crossValidation']>;

/** A cross-validation may have at most this many folds. */
const MAX_FOLDS = 50;

/** What the model of a fold answered for its rows. */
export type Answered = (rows: Uint32Array, scores: Float64Array) => void;

/**
 * Cross-validation over training and validation rows: each metric's values, one a fold that gave it. Of folds that a wish to end cut short
 * nothing is told; nothing at all where none was whole.
 */
export async function crossValidate(
	{ source, labelled, rows, split, spec, task, target }: Plan,
	chosen: Chosen,
	threshold: number,
	context: FitContext,
	answered?: Answered,
): Promise<CrossValidation | undefined> {
	const count = Math.min(spec.crossValidation ?? 0, MAX_FOLDS);
	const metrics = dictionary<number[]>();
	let whole = 0;
	const quiet: Source = { ...source, note: () => {} };
	for (const [k, fold] of folds(labelled, count, {
		method: spec.split.method,
		seed: spec.seed,
		rows: rows.learnable,
		strata: task.strata?.(target),
		units: split.units,
	}).entries()) {
		const prepared = await prepare(quiet, fold.train, fold.validation);
		const trial = await fitChosen(chosen, target.task, prepared, new Encodings(prepared), {
			...context,
			progress: (p) =>
				context.progress({ ...p, stage: `Cross-validation, fold ${k + 1} of ${count}`, share: (k + (p.share ?? 0)) / count }),
		});
		if (stopAsked(context, 'The training')) break;
		whole++;
		answered?.(fold.validation, trial.scores);
		const values = scoreOf(target.task, prepared.valid!.labels.y, trial.scores, target.classes.length, threshold);
		for (const [metric, value] of Object.entries(values)) (metrics[metric] ??= []).push(value);
	}
	return whole ? { folds: whole, metrics } : undefined;
}
