import type { FittedRecipe } from '../../domain/recipe.js';
import type { FitContext } from '../contract.js';
import type { Chosen } from './choose.js';
import type { TrainingLog } from './log.js';
import { Encodings, prepare, type Source } from './prepare.js';
import { fitChosen } from './fitMembers.js';
import type { Trial } from './trial.js';

/** Rows that a model had not learned from, with the truth and its answers: what threshold, metrics and calibration go by. */
export interface Judged {
	/** By their index in the frame; empty without any. */
	rows: Uint32Array;
	y: Float64Array;
	/** Row-major. */
	scores: Float64Array;
	outputs: number;
}

/** A recipe and a learner fitted on the same rows. */
export interface ModelFit {
	recipe: FittedRecipe;
	features: string[];
	/** The rows learned from. */
	learned: Uint32Array;
	trial: Trial;
	/** The validation rows; none where there were none. */
	judged: Judged;
}

/** Fits the recipe, then the learner; the rows that they made in between are let go. `stages`: what the record calls the two. */
export async function fitModel(
	source: Source,
	{ learner, params }: Chosen,
	rows: { train: Uint32Array; validation?: Uint32Array },
	stages: readonly [recipe: string, fit: string],
	log: TrainingLog,
	context: FitContext,
): Promise<ModelFit> {
	const prepared = await log.timed(stages[0], () => prepare(source, rows.train, rows.validation));
	const trial = await log.timed(stages[1], () =>
		fitChosen({ learner, params }, source.target.task, prepared, new Encodings(prepared), context),
	);
	const judged = {
		rows: rows.validation ?? new Uint32Array(0),
		y: prepared.valid?.labels.y ?? new Float64Array(0),
		scores: trial.scores,
		outputs: trial.outputs,
	};
	return { recipe: prepared.fitted, features: prepared.features, learned: rows.train, trial, judged };
}
