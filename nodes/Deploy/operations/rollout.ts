import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { RolloutParams } from '../../../lib/app/rolloutParams.js';
import type { RolloutReference } from '../../../lib/app/rollouts.js';
import { modelIn } from '../../../lib/app/itemHandles.js';
import { MlopsError } from '../../../lib/domain/errors.js';
import { itemRollout, type ItemDeployment, type ItemRollout } from '../../../lib/domain/item.js';
import type { RolloutKind } from '../../../lib/domain/rollout.js';
import type { z } from 'zod/v4';
import { withReport } from '../../shared/execute.js';
import { formFields } from '../../shared/form.js';
import { chosenHandle } from '../../shared/modelSource.js';
import { formValues, textParameter } from '../../shared/parameters.js';
import type { Runtime } from '../../shared/runtime.js';
import { hintChanges, hintPreview, isPreview, nameFor } from './change.js';
import type { Operation } from './contract.js';

/** An operation that starts a rollout of the model that the item carries, or of a registered one. */
export const starting = (
	kind: RolloutKind,
	params: z.ZodType<RolloutParams>,
	option: Operation['option'],
	subtitle: string,
): Operation => ({
	option,
	subtitle: `"${subtitle}: " + $parameter["alias"]`,
	takesModel: true,
	changes: true,
	fields: formFields(params, { operation: [option.value] }),
	async run(functions, runtime, index, item) {
		const model = await chosenHandle(functions, runtime.store, index, item, 'modelVersion');
		const { startRollout } = await import('../../../lib/app/rollouts.js');
		const rollout = await startRollout(runtime.store, {
			kind,
			actor: runtime.actor,
			modelName: nameFor(functions, index, model),
			digest: model.digest,
			runId: model.runId,
			ownName: model.name,
			params: formValues(functions, index, params, option.name),
			preview: isPreview(functions, index),
			executionId: functions.getExecutionId(),
		});
		return await rolledOut(functions, runtime, item, { rollout });
	},
});

/** The name of the model whose rollout is meant: that of the form, else that of the item's rollout or model. */
export function modelOf(functions: IExecuteFunctions, index: number, json: IDataObject): string {
	return textParameter(functions, 'modelName', index) || carried(json)?.model || nameFor(functions, index, modelIn(json));
}

/**
 * The rollout that is to end: the one that the item carries where it is of this model and alias, since that is what people were asked
 * about; else the one that runs now.
 */
export function rolloutOf(functions: IExecuteFunctions, index: number, json: IDataObject, alias: string): RolloutReference {
	const model = modelOf(functions, index, json);
	const item = carried(json);
	return item && item.model === model && item.alias === alias && !item.preview ? { model, alias, id: item.id } : { model, alias };
}

const carried = (json: IDataObject): ItemRollout | undefined => itemRollout.safeParse(json.rollout).data;

/** The item after something happened to a rollout, with its report; a preview says that it is one. */
export async function rolledOut(
	functions: IExecuteFunctions,
	runtime: Runtime,
	item: INodeExecutionData,
	{ rollout, deployment }: { rollout: ItemRollout; deployment?: ItemDeployment },
): Promise<INodeExecutionData> {
	if (rollout.preview) hintPreview(functions, rollout.text);
	else hintChanges(functions, deployment?.changes ?? rollout.changes);
	const { reportRollout } = await import('../../../lib/app/reportRollout.js');
	const { rollout: now, report } = await reportRollout(runtime, rollout);
	const told = { rollout: { ...now } as unknown as IDataObject, ...(deployment ? { deployment: { ...deployment } } : {}) };
	// Last, as the newest that happened: a message tells of it, and not of an approval before.
	const { rollout: _before, ...others } = item.json;
	return await withReport(functions, runtime, { ...others, ...told }, report);
}

/** A version by its number, where one was entered. @throws `input.invalid` */
export function versionNumber(text: string): number | undefined {
	if (text.trim() === '') return undefined;
	if (/^\d+$/.test(text.trim())) return Number(text);
	throw new MlopsError('input.invalid', `"${text}" is no number of a version.`, { remedy: 'Enter a number such as 8, or leave it empty.' });
}
