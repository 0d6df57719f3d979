import type { ColumnSchema } from '../domain/column.js';
import type { DatasetHandle } from '../domain/dataset.js';
import { resolveSchema } from '../recipe/fit.js';
import type { Store } from '../store/contract.js';
import { wholeRecipe } from './carriedRecipe.js';

/**
 * All columns of a dataset after the steps so far. A handle has the first ones alone; the store knows the rest, and the recipe what became
 * of them.
 */
export async function columnsNow(
	open: () => Promise<Store>,
	{ id, storeId, columns, columnCount }: DatasetHandle,
	recipe: unknown,
): Promise<ColumnSchema[]> {
	if (columns.length >= columnCount) return columns;
	const store = await open();
	if (storeId !== store.id) return columns;
	const [record, whole] = await Promise.all([store.get('dataset', id), wholeRecipe(store, recipe)]);
	return resolveSchema(record.body.columns, whole);
}
