import { stat } from 'node:fs/promises';
import { z } from 'zod/v4';
import { datasetHandle, type DatasetHandle } from '../../domain/dataset.js';
import { dictionaryOf } from '../../domain/dictionary.js';
import { itemRecipe, type ItemRecipe } from '../../domain/item.js';
import { modelHandle, type ModelHandle } from '../../domain/model.js';
import type { Store } from '../../store/contract.js';
import { stepChoice } from '../catalogue.js';
import { emptyRecipe, wholeRecipe } from '../carriedRecipe.js';
import { datasetByName } from '../datasetByName.js';
import { assertOurs } from '../itemHandles.js';
import { handleOfVersion, parseReference, resolveVersion } from '../modelReference.js';
import { prepareDataset } from '../prepareDataset.js';
import { recipeSteps } from '../recipeSteps.js';
import type { Session } from '../session.js';
import { refuseUnknown } from './checkedRequest.js';

const RUN = 'run:';

/** How a caller names a dataset. */
export const datasetReference = z.union([z.string(), datasetHandle]).meta({
	description: 'Name of the dataset, or one of its versions (churn@2)',
	placeholder: 'NAME',
});

/** How a caller names a model. */
export const modelReference = z.union([z.string(), modelHandle]).meta({
	description: 'A registered model (churn), by alias or version (churn@champion, churn@3), or the model of a run (run:ID)',
	placeholder: 'MODEL',
});

/** Steps to append to the recipe, each with its parameters, or `automatic`: what the profile calls for. */
export const stepsRequested = z
	.union([z.literal('automatic'), z.array(z.object({ step: z.string(), params: dictionaryOf(z.unknown()).default({}) }))])
	.meta({
		description: 'Steps before learning, [{"step":"impute","params":{...}}, ...], or automatic: those that the data call for',
		placeholder: 'JSON',
	});

/** @throws `store.not_found`, `store.foreign` */
export async function datasetFor(store: Store, reference: string | DatasetHandle): Promise<DatasetHandle> {
	if (typeof reference === 'string') return await datasetByName(store, reference);
	assertOurs(store, reference.storeId);
	return reference;
}

/** The model, and by which alias it was asked for. @throws `store.not_found`, `store.foreign` */
export async function modelFor(store: Store, reference: string | ModelHandle): Promise<{ model: ModelHandle; alias?: string }> {
	if (typeof reference !== 'string') {
		assertOurs(store, reference.storeId);
		return { model: reference };
	}
	if (reference.startsWith(RUN)) return { model: await modelOfRun(store, reference.slice(RUN.length)) };
	const named = parseReference(reference);
	return { model: await handleOfVersion(store, await resolveVersion(store, named)), ...(named.alias ? { alias: named.alias } : {}) };
}

/** The model that a run made, as Train hands it on. @throws `store.not_found` */
async function modelOfRun(store: Store, id: string): Promise<ModelHandle> {
	const { name, body } = await store.get('run', id);
	const { size } = await stat(await store.artifacts.materialise(body.model));
	return { kind: 'mlops.model', v: 1, storeId: store.id, id, name, digest: body.model, runId: id, size };
}

export const recipeSoFar = itemRecipe.optional().meta({ description: 'The recipe that an item carries', placeholder: 'JSON' });

/** The recipe so far with further steps. @throws `recipe.*`, `input.invalid` naming step and field */
export async function recipeFor(
	session: Session,
	dataset: DatasetHandle,
	carried: ItemRecipe | undefined,
	steps: z.output<typeof stepsRequested> | undefined,
): Promise<{ dataset: DatasetHandle; recipe: ItemRecipe }> {
	const recipe = carried ? await wholeRecipe(session.store, carried) : emptyRecipe();
	if (steps === undefined) return { dataset, recipe };
	if (steps !== 'automatic')
		for (const { step, params } of steps) {
			const choice = stepChoice(step);
			refuseUnknown(choice.params, params, choice.label);
		}
	const { fields } = await prepareDataset(session, { dataset, recipe, steps: steps === 'automatic' ? steps : recipeSteps(steps) });
	return { dataset: fields.dataset, recipe: await wholeRecipe(session.store, fields.recipe) };
}
