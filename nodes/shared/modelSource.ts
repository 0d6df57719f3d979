import type { IDisplayOptions, IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import { handleOfVersion, parseReference, resolveVersion, UNREGISTERED } from '../../lib/app/modelReference.js';
import type { ChosenModel } from '../../lib/app/predictRows.js';
import { modelIn, ownModelIn } from '../../lib/app/itemHandles.js';
import type { ModelHandle } from '../../lib/domain/model.js';
import type { Store } from './runtime.js';
import { isNewer } from './versions.js';

export interface ModelSourceOptions {
	/** Where a new node takes the model from. */
	source: 'previous' | 'registry';
	/** Name of the parameter for alias or version, where the node has another use for `alias`. */
	version?: string;
	/** When the fields are shown at all. */
	show?: NonNullable<IDisplayOptions['show']>;
	/**
	 * Whether a name may be left out, since the node then takes the item's own model. n8n does not even start a workflow with an empty
	 * required field.
	 */
	nameless?: boolean;
}

/** Which model: a registered one by alias or version, or the one that the item carries. */
export function modelSourceFields({ source, version = 'alias', show = {}, nameless = false }: ModelSourceOptions): INodeProperties[] {
	const registry = { show: { ...show, modelSource: ['registry'] } };
	return [
		{
			displayName: 'Model',
			name: 'modelSource',
			type: 'options',
			default: source,
			noDataExpression: true,
			...(Object.keys(show).length ? { displayOptions: { show } } : {}),
			options: [
				{ name: 'From the Previous Node', value: 'previous', description: 'The model that the item carries, deployed or not' },
				{
					name: 'From the Registry by Name',
					value: 'registry',
					description: 'A model that was deployed under a name, whatever the item carries',
				},
			],
			description: 'Where the model comes from',
		},
		{
			displayName: 'Model Name or ID',
			name: 'model',
			type: 'options',
			typeOptions: { loadOptionsMethod: 'getModels' },
			default: '',
			...(nameless ? {} : { required: true }),
			allowArbitraryValues: true,
			displayOptions: registry,
			description:
				`Name given in Deploy${nameless ? '; empty: the model that the item carries' : ''}. Choose from the list, or specify ` +
				`an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.`,
		},
		{
			displayName: 'Alias or Version',
			name: version,
			type: 'string',
			default: 'champion',
			displayOptions: registry,
			description: 'An alias such as champion, or the number of a version',
		},
	];
}

/**
 * The chosen model's package and what to call it in logs; from version 2 on the item's own model where none is named. @throws
 * `store.not_found`, `input.no_handle`
 */
export async function chosenModel(
	functions: IExecuteFunctions,
	store: Store,
	index: number,
	item: INodeExecutionData,
): Promise<ChosenModel & { runId: string }> {
	const chosen = await registered(functions, store, index, 'alias');
	if (chosen)
		return {
			name: chosen.record.name,
			version: chosen.record.version,
			digest: chosen.record.body.digest,
			alias: chosen.alias,
			runId: chosen.record.body.runId,
		};
	const model = ownModelIn(store, item.json);
	return { name: model.name ?? UNREGISTERED, version: model.version, digest: model.digest, runId: model.runId };
}

/**
 * The chosen model as the handle that travels on. `version` is the parameter that `modelSourceFields` was given. @throws `store.not_found`,
 * `input.no_handle`
 */
export async function chosenHandle(
	functions: IExecuteFunctions,
	store: Store,
	index: number,
	item: INodeExecutionData,
	version = 'alias',
): Promise<ModelHandle> {
	const chosen = await registered(functions, store, index, version);
	return chosen ? await handleOfVersion(store, chosen.record) : ownModelIn(store, item.json);
}

async function registered(
	functions: IExecuteFunctions,
	store: Store,
	index: number,
	version: string,
): Promise<{ record: Awaited<ReturnType<typeof resolveVersion>>; alias?: string } | undefined> {
	if (functions.getNodeParameter('modelSource', index) !== 'registry') return undefined;
	if (isNewer(functions) && !String(functions.getNodeParameter('model', index, '')).trim() && modelIn(functions.getInputData()[index].json))
		return undefined;
	const reference = parseReference(
		`${functions.getNodeParameter('model', index) as string}@${functions.getNodeParameter(version, index) as string}`,
	);
	return { record: await resolveVersion(store, reference), alias: reference.alias };
}
