import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { RecipeStep } from '../../lib/domain/recipe.js';
import { forEachItem, withReport } from './execute.js';
import { datasetOf } from './datasetSource.js';
import { runtimeOf } from './runtime.js';

/** What Clean and Feature Engineer do: append steps to the item's recipe and show a preview. */
export async function appendSteps(
	functions: IExecuteFunctions,
	key: 'clean' | 'features',
	stepsOf: (index: number) => RecipeStep[] | 'automatic',
): Promise<INodeExecutionData[][]> {
	const runtime = await runtimeOf(functions);
	const { prepareDataset } = await import('../../lib/app/prepareDataset.js');
	return await forEachItem(functions, 1, async (index, item) => {
		const { dataset, recipe } = await datasetOf(functions, runtime.store, index, item);
		const { fields, added, report } = await prepareDataset(runtime, { dataset, recipe, steps: stepsOf(index) });
		return { item: await withReport(functions, runtime, { ...item.json, ...fields, [key]: added } as unknown as IDataObject, report) };
	});
}
