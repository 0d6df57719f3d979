import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { prepareTask } from '../../lib/app/tasks/prepare.js';
import type { RecipeStep } from '../../lib/domain/recipe.js';
import { forEachItem, withReport } from './execute.js';
import { datasetOf } from './handles.js';
import { runtimeOf } from './runtime.js';

/** What Clean and Feature Engineer do: append steps to the item's recipe and show a preview. */
export async function appendSteps(functions: IExecuteFunctions, key: 'clean' | 'features', stepsOf: (index: number) => RecipeStep[] | 'automatic'): Promise<INodeExecutionData[][]> {
	const runtime = await runtimeOf(functions);
	return await forEachItem(functions, 1, async (index, item) => {
		const { dataset, recipe } = await datasetOf(functions, runtime.store, index, item);
		const steps = stepsOf(index);
		const result = await runtime.run(prepareTask, { home: runtime.store.home, dataset, recipe, steps: steps === 'automatic' ? [] : steps, automatic: steps === 'automatic' });
		return { item: await withReport(functions, runtime, { ...item.json, dataset: result.dataset, recipe: result.recipe, [key]: { steps: result.added, sampleRows: result.sampleRows } }, result.report) };
	});
}
