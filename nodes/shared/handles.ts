import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import { type z } from 'zod/v4';
import { MlopsError } from '../../lib/domain/errors.js';
import { datasetHandle, type DatasetHandle } from '../../lib/domain/dataset.js';
import { itemRecipe, type ItemRecipe } from '../../lib/domain/item.js';
import { withinBytes } from '../../lib/domain/json.js';
import { modelHandle, type ModelHandle } from '../../lib/domain/model.js';
import { datasetByName } from '../../lib/app/datasetByName.js';
import { recipeDigest } from '../../lib/recipe/recipeDigest.js';
import type { Store } from '../../lib/store/contract.js';

/** Resolved by the editor to the dataset that the previous node gave, so that pickers can offer its columns without a look-up. */
const datasetRef: INodeProperties = {
	displayName: 'Dataset Reference',
	name: 'datasetRef',
	type: 'hidden',
	default: '={{ $json.dataset }}',
};
/** The same for the steps so far, which add and remove columns. */
const recipeRef: INodeProperties = { displayName: 'Recipe Reference', name: 'recipeRef', type: 'hidden', default: '={{ $json.recipe }}' };

/**
 * What column lists depend on, as text, since the editor compares it as such (every object would be "[object Object]"): the lists are read anew
 * when it changes. It must be there before any node ran, too, or the editor shows an error in place of the list.
 */
const datasetKey: INodeProperties = {
	displayName: 'Dataset Key',
	name: 'datasetKey',
	type: 'hidden',
	default: '={{ (() => { try { return $json.dataset.id + " " + ($json.recipe?.id ?? "") } catch (e) { return "" } })() }}',
};

/** Where the dataset comes from: the item, or the registry by name (Slack, HTTP and Set nodes replace the item and with it the handle). */
export const datasetSource: INodeProperties[] = [
	datasetRef,
	recipeRef,
	datasetKey,
	{
		displayName: 'Dataset',
		name: 'datasetSource',
		type: 'options',
		default: 'previous',
		noDataExpression: true,
		options: [
			{ name: 'From the Previous Node', value: 'previous' },
			{ name: 'From the Registry by Name', value: 'name', description: 'The version of a dataset that Ingest read last under this name' },
		],
		description: 'Where the dataset comes from',
	},
	{
		displayName: 'Dataset Name or ID',
		name: 'datasetName',
		type: 'options',
		default: '',
		required: true,
		typeOptions: { loadOptionsMethod: 'getDatasets' },
		allowArbitraryValues: true,
		displayOptions: { show: { datasetSource: ['name'] } },
		description:
			'Name given in Ingest. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
	},
];

const noHandle = (what: string, maker: string): MlopsError =>
	new MlopsError('input.no_handle', `The item that came in carries no ${what}.`, {
		expected: `an item from ${maker}`,
		remedy: `Connect this node behind ${maker}, or choose the ${what} by name from the registry.`,
	});

/** The dataset and the recipe so far that an item (or the registry) gives. @throws `input.no_handle`, `store.foreign` */
export async function datasetOf(
	functions: IExecuteFunctions,
	store: Store,
	index: number,
	item: INodeExecutionData,
): Promise<{ dataset: DatasetHandle; recipe: ItemRecipe }> {
	if (functions.getNodeParameter('datasetSource', index, 'previous') === 'name') {
		return { dataset: await datasetByName(store, functions.getNodeParameter('datasetName', index) as string), recipe: emptyRecipe() };
	}
	const parsed = datasetHandle.safeParse(item.json.dataset);
	if (!parsed.success) throw noHandle('dataset', 'MLOps Ingest');
	assertOurs(store, parsed.data.storeId);
	return { dataset: parsed.data, recipe: await recipeOf(store, item.json.recipe) };
}

const MAX_RECIPE_BYTES = 6_000;

/** The recipe as an item carries it; one with long lists of columns lies in the store and is named. */
export async function carriedRecipe(store: Store, recipe: ItemRecipe): Promise<ItemRecipe> {
	const whole = JSON.stringify(recipe);
	if (Buffer.byteLength(whole) <= MAX_RECIPE_BYTES) return recipe;
	const stored = await store.artifacts.put(whole);
	await store.add('file', 'recipe', { what: 'recipe', files: [{ name: 'recipe.json', digest: stored }] });
	return {
		id: recipe.id,
		steps: withinBytes(
			recipe.steps.map(({ step, version }) => ({ step, version, params: {} })),
			MAX_RECIPE_BYTES,
		),
		stored,
	};
}

/** The whole recipe that an item's field `recipe` stands for; none where it is something else. @throws `store.not_found` */
export async function recipeOf(store: Store, carried: unknown): Promise<ItemRecipe> {
	const recipe = itemRecipe.safeParse(carried);
	if (!recipe.success) return emptyRecipe();
	return recipe.data.stored === undefined
		? recipe.data
		: itemRecipe.parse(JSON.parse((await store.artifacts.get(recipe.data.stored)).toString('utf8')));
}

/** The model handle an item carries, if any; a user's own field called `model` is none. */
export function modelIn(item: INodeExecutionData): ModelHandle | undefined {
	const parsed = modelHandle.safeParse(item.json.model);
	return parsed.success ? parsed.data : undefined;
}

export function modelOf(store: Store, item: INodeExecutionData): ModelHandle {
	const model = modelIn(item);
	if (!model) throw noHandle('model', 'MLOps Train');
	assertOurs(store, model.storeId);
	return model;
}

/** @throws `store.foreign` for a handle of another store */
export function assertOurs(store: Store, storeId: string): void {
	if (storeId === store.id) return;
	throw new MlopsError('store.foreign', 'This handle was made on another n8n instance.', {
		remedy: "Run MLOps Ingest and MLOps Train here, so that data and model lie in this instance's store.",
	});
}

/** The recipe of a dataset that nothing was done to. */
export const emptyRecipe = (): ItemRecipe => ({ id: recipeDigest({ steps: [] }), steps: [] });

/** Parses `values` by a schema. @throws `input.invalid` naming the first field that does not fit */
export function parseParams<T>(schema: z.ZodType<T>, values: unknown, what: string): T {
	const parsed = schema.safeParse(values);
	if (parsed.success) return parsed.data;
	const issue = parsed.error.issues[0];
	const field = issue.path.join(' > ') || 'value';
	throw new MlopsError('input.invalid', `${what}: "${field}" is not as it should be: ${issue.message}.`, {
		remedy: `Correct the field "${field}".`,
	});
}
