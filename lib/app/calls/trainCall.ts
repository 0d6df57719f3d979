import { z } from 'zod/v4';
import { taskType } from '../../domain/column.js';
import type { DatasetHandle } from '../../domain/dataset.js';
import { dictionaryOf } from '../../domain/dictionary.js';
import type { ItemRecipe, ItemRun } from '../../domain/item.js';
import type { ModelHandle } from '../../domain/model.js';
import { splitParams } from '../../domain/split.js';
import { learnerChoice } from '../catalogue.js';
import type { Session } from '../session.js';
import { AUTOMATIC, trainOptions } from '../trainOptions.js';
import { trainOn } from '../trainOn.js';
import { checkedRequest, refuseUnknown } from './checkedRequest.js';
import type { Outcome } from './outcome.js';
import { datasetFor, datasetReference, recipeFor, recipeSoFar, stepsRequested } from './references.js';

/** What MLOps Train asks, for scripts and the command line. */
export const trainRequest = z.object({
	dataset: datasetReference,
	recipe: recipeSoFar,
	steps: stepsRequested.optional(),
	target: z.string().optional().meta({ description: "The column to predict; else the dataset's own target", placeholder: 'COLUMN' }),
	task: taskType.optional().meta({ description: "Kind of question; else decided by the target's values" }),
	learner: z
		.string()
		.default(AUTOMATIC)
		.meta({ description: 'How the model learns: automatic, or the id of a learner', placeholder: 'ID' }),
	params: dictionaryOf(z.unknown()).default({}).meta({ description: "The learner's parameters, as the node reference names them" }),
	split: dictionaryOf(z.unknown()).default({}).meta({ description: 'Which rows train and which are kept for the test: {"test":0.3}' }),
	modelName: z.string().optional().meta({ description: "Name under which the run is kept; else the dataset's", placeholder: 'NAME' }),
	...trainOptions.shape,
});
export type TrainRequest = z.input<typeof trainRequest>;

/**
 * Trains a model; the same question again gives the stored run. @throws `learn.*`, `recipe.*`, `store.not_found`, `input.invalid`,
 * `compute.*`
 */
export async function train(
	session: Session,
	asked: TrainRequest,
): Promise<Outcome<{ dataset: DatasetHandle; recipe: ItemRecipe; run: ItemRun; model: ModelHandle }>> {
	const {
		dataset: reference,
		recipe: carried,
		steps,
		target,
		task,
		learner,
		params,
		split,
		modelName,
		...options
	} = checkedRequest(trainRequest, asked, 'train');
	if (learner !== AUTOMATIC) {
		const choice = learnerChoice(learner);
		refuseUnknown(choice.params, params, choice.label);
	}
	refuseUnknown(splitParams, split, 'Split');
	const { dataset, recipe } = await recipeFor(session, await datasetFor(session.store, reference), carried, steps);
	return await trainOn(session, {
		dataset,
		recipe,
		learner,
		params,
		split,
		target: target || undefined,
		task,
		modelName: modelName || undefined,
		options,
	});
}
