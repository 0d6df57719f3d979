import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { prepareJob } from '../../lib/app/jobs/prepare.js';
import { withinBytes } from '../../lib/domain/json.js';
import { cutText } from '../../lib/domain/text.js';
import type { RecipeStep } from '../../lib/domain/recipe.js';
import { forEachItem, withReport } from './execute.js';
import { carriedRecipe, datasetOf } from './handles.js';
import { runtimeOf } from './runtime.js';

/** What Clean and Feature Engineer do: append steps to the item's recipe and show a preview. */
export async function appendSteps(
	functions: IExecuteFunctions,
	key: 'clean' | 'features',
	stepsOf: (index: number) => RecipeStep[] | 'automatic',
): Promise<INodeExecutionData[][]> {
	const runtime = await runtimeOf(functions);
	return await forEachItem(functions, 1, async (index, item) => {
		const { dataset, recipe } = await datasetOf(functions, runtime.store, index, item);
		const steps = stepsOf(index);
		const result = await runtime.run(prepareJob, {
			store: runtime.store.ref,
			dataset,
			recipe,
			steps: steps === 'automatic' ? [] : steps,
			automatic: steps === 'automatic',
		});
		return {
			item: await withReport(
				functions,
				runtime,
				{
					...item.json,
					dataset: result.dataset,
					recipe: await carriedRecipe(runtime.store, result.recipe),
					[key]: { steps: shown(result.added), sampleRows: result.sampleRows },
				},
				result.report,
			),
		};
	});
}

const MAX_TEXT = 300;
const MAX_SHOWN_BYTES = 2_000;

/** What the steps do, as far as an item has room for it; the report says all. */
function shown<T extends { text: string; reason?: string }>(added: readonly T[]): T[] {
	const cut = (text: string): string => (text.length > MAX_TEXT ? `${cutText(text, MAX_TEXT - 3)}...` : text);
	return withinBytes(
		added.map((a) => ({ ...a, text: cut(a.text), ...(a.reason === undefined ? {} : { reason: cut(a.reason) }) })),
		MAX_SHOWN_BYTES,
	);
}
