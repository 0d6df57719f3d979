import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { watchChoices } from '../../lib/app/catalogue.js';
import { assertOurs, modelIn } from '../../lib/app/itemHandles.js';
import { MlopsError } from '../../lib/domain/errors.js';
import { forEachItem, isTool, withReport } from '../shared/execute.js';
import { orNotYet } from '../shared/notYet.js';
import { formValues, textParameter } from '../shared/parameters.js';
import { runtimeOf, type Runtime } from '../shared/runtime.js';
import { watchOf } from './watchFields.js';

/** What nobody can know as long as nobody asked, or told the truth. */
const NOT_YET = ['store.not_found', 'input.no_handle', 'monitor.no_truth', 'monitor.no_estimate', 'monitor.too_few_rows'] as const;

/**
 * Looks over a model's answers, one model an item. An alarm leaves by the first output; what is as usual, and what cannot be judged yet, by
 * the second: too little truth is no alarm, and the item says it.
 */
export async function watchModel(functions: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const runtime = await runtimeOf(functions);
	const tool = isTool(functions);
	return await forEachItem(functions, tool ? 1 : 2, async (index, item) => {
		const { watched, report } = await orNotYet(functions, async () => await look(functions, runtime, index, item), NOT_YET);
		const { drifted, verdict, summary } = watched;
		if (tool) return { item: { json: { drifted, verdict, summary } } };
		if (verdict === 'waiting' || verdict === 'unknown')
			functions.addExecutionHints({ message: `Not judged: ${summary}`, type: 'info', location: 'outputPane' });
		return {
			output: drifted ? 0 : 1,
			item: await withReport(functions, runtime, { ...item.json, watched: watched as unknown as IDataObject }, report),
		};
	});
}

async function look(functions: IExecuteFunctions, runtime: Runtime, index: number, item: INodeExecutionData) {
	const watch = watchOf(functions);
	const choice = watchChoices.find(({ id }) => id === watch)!;
	const text = (name: string) => textParameter(functions, name, index);
	const values = formValues(functions, index, choice.params, choice.label) as Record<string, unknown>;
	const { watchOver } = await import('../../lib/app/watchOver.js');
	const { watchSpan } = await import('../../lib/app/watches/span.js');
	return await watchOver(runtime, {
		watch,
		...(await named(text('watchedModel'), String(functions.getNodeParameter('watchedAlias', index, 'champion')).trim())),
		span: watchSpan.parse(values),
		params: Object.fromEntries(Object.entries(values).filter(([name]) => !Object.hasOwn(watchSpan.shape, name))),
	});

	async function named(name: string, which: string): Promise<{ model: string; alias?: string; version?: number }> {
		const { parseReference, resolveVersion } = await import('../../lib/app/modelReference.js');
		const carried = name ? undefined : modelIn(item.json);
		if (carried) assertOurs(runtime.store, carried.storeId);
		const model = name || carried?.name;
		if (!model)
			throw new MlopsError('input.no_handle', 'No registered model is chosen, and the item carries none.', {
				remedy: 'Connect this node behind MLOps Deploy, or choose a deployed model by its name.',
			});
		if (!which) return { model };
		const { version, alias } = parseReference(`${model}@${which}`);
		await resolveVersion(runtime.store, { name: model, ...(version === undefined ? { alias } : { version }) });
		return { model, ...(version === undefined ? {} : { version }), ...(alias === undefined ? {} : { alias }) };
	}
}
