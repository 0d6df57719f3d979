import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import { parseReference, resolveVersion } from '../../lib/app/modelReference.js';
import type { ChosenModel } from '../../lib/app/predictRows.js';
import type { Store } from '../../lib/store/contract.js';
import { modelOf } from './handles.js';

/** Which model: a registered one by alias or version, or the one that the item carries. */
export const modelSource: INodeProperties[] = [
	{
		displayName: 'Model', name: 'modelSource', type: 'options', default: 'registry', noDataExpression: true,
		options: [
			{ name: 'From the Previous Node', value: 'previous', description: 'The model that the item carries, deployed or not' },
			{ name: 'From the Registry by Name', value: 'registry', description: 'What is deployed under a name' },
		],
		description: 'Which model answers',
	},
	{
		displayName: 'Model Name or ID', name: 'model', type: 'options', typeOptions: { loadOptionsMethod: 'getModels' }, default: '', required: true, allowArbitraryValues: true,
		displayOptions: { show: { modelSource: ['registry'] } },
		description: 'Name given in Deploy. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
	},
	{ displayName: 'Alias or Version', name: 'alias', type: 'string', default: 'champion', displayOptions: { show: { modelSource: ['registry'] } }, description: 'An alias such as champion, or the number of a version' },
];

/** The chosen model's package and what to call it in logs. @throws `store.not_found`, `input.no_handle` */
export async function chosenModel(functions: IExecuteFunctions, store: Store, index: number, item: INodeExecutionData): Promise<ChosenModel & { runId: string }> {
	if (functions.getNodeParameter('modelSource', index) === 'registry') {
		const reference = parseReference(`${functions.getNodeParameter('model', index) as string}@${functions.getNodeParameter('alias', index) as string}`);
		const record = await resolveVersion(store, reference);
		return { name: record.name, version: record.version, digest: record.body.digest, alias: reference.alias, runId: record.body.runId };
	}
	const model = modelOf(store, item);
	return { name: model.name ?? 'unregistered model', version: model.version, digest: model.digest, runId: model.runId };
}

