import { datasetHandle, type DatasetHandle } from '../domain/dataset.js';
import { MlopsError } from '../domain/errors.js';
import type { ItemRecipe } from '../domain/item.js';
import { modelHandle, type ModelHandle } from '../domain/model.js';
import type { Store } from '../store/contract.js';
import { wholeRecipe } from './carriedRecipe.js';

type Item = Readonly<Record<string, unknown>>;

const noHandle = (what: string, maker: string): MlopsError =>
	new MlopsError('input.no_handle', `The item that came in carries no ${what}.`, {
		expected: `an item from ${maker}`,
		remedy: `Connect this node behind ${maker}, or choose the ${what} by name from the registry.`,
	});

/** The dataset that an item carries, and the recipe so far. @throws `input.no_handle`, `store.foreign`, `store.not_found` */
export async function datasetIn(store: Store, item: Item): Promise<{ dataset: DatasetHandle; recipe: ItemRecipe }> {
	const { data: dataset } = datasetHandle.safeParse(item.dataset);
	if (!dataset) throw noHandle('dataset', 'MLOps Ingest');
	assertOurs(store, dataset.storeId);
	return { dataset, recipe: await wholeRecipe(store, item.recipe) };
}

/** The model that an item carries, if any; a user's own field called `model` is none. */
export const modelIn = (item: Item): ModelHandle | undefined => modelHandle.safeParse(item.model).data;

/** The model that an item must carry. @throws `input.no_handle`, `store.foreign` */
export function ownModelIn(store: Store, item: Item): ModelHandle {
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
