import type { TaskType } from '../../domain/column.js';
import type { ModelManifest } from '../../domain/model.js';
import type { Recipe } from '../../domain/recipe.js';
import type { RunRecord } from '../../domain/run.js';
import type { LeftOut, SplitParams } from '../../domain/split.js';

/** What a person chose for a training. */
export interface TrainSpec {
	/** Column to predict; empty: the one with the role `target`. */
	target: string;
	/** By default decided by the target's values. */
	task?: TaskType;
	recipe: Recipe;
	split: SplitParams;
	/** A learner's id, or `automatic`. */
	learner: string;
	/** The learner's parameters; what is left out takes its default. */
	params: Record<string, unknown>;
	seed: number;
	/** Folds of a cross-validation over training and validation rows; below 2 there is none. */
	crossValidation?: number;
	classWeight?: 'none' | 'balanced';
	/** How long `automatic` may take, in seconds, all in all. */
	timeBudgetSeconds?: number;
	/** Whether `automatic` is to give one learner, and no mean of several. */
	oneModelOnly?: boolean;
	/** Most members of an ensemble (default 5), and microseconds that they may take together for a row (200). */
	mostMembers?: number;
	rowMicroseconds?: number;
	/** Of these so many went by before, reading the data. */
	secondsBefore?: number;
	/** A digest of data, choices and code: `automatic` takes over what a training of the same tried before its process was killed. */
	question?: string;
	/** Fit once more on training and validation rows with what was found (default true). */
	refit?: boolean;
	/** Metric that ranks; by default the task's usual one. */
	metric?: string;
	positiveClass?: string;
	/** With the other one: the threshold is the one of least cost. */
	falsePositiveCost?: number;
	falseNegativeCost?: number;
	/** Written into the package. Left out by default, so that the same data and choices give the same bytes; the run record has the time. */
	trainedAt?: string;
	codeVersion?: string;
	/** Rows that the recipe's steps dropped before, for the record and for people. */
	leftOut?: LeftOut[];
}

/** All of a run record that training knows; the caller adds ids and digests. */
export type TrainedRun = Omit<RunRecord, 'datasetId' | 'recipe' | 'model' | 'codeVersion' | 'split'> & {
	split: Omit<RunRecord['split'], 'artifact'>;
};

export interface TrainResult {
	/** The model package, see lib/formats/modelPackage.ts. */
	package: Uint8Array;
	manifest: ModelManifest;
	/** Whether it was told to end early. */
	keptBest: boolean;
	/** `PART` of each row of the frame, in its order. */
	parts: Uint8Array;
	/** Scores of the validation rows by the model that had not seen them (before the refit); empty without validation rows. */
	validation: { rowId: Float64Array; y: Float64Array; scores: Float64Array; outputs: number };
	run: TrainedRun;
}
