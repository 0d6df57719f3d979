import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import { emptyRecipe } from '../../lib/app/carriedRecipe.js';
import { datasetByName } from '../../lib/app/datasetByName.js';
import { datasetIn } from '../../lib/app/itemHandles.js';
import type { DatasetHandle } from '../../lib/domain/dataset.js';
import type { ItemRecipe } from '../../lib/domain/item.js';
import type { Store } from './runtime.js';

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
 * What column lists depend on, as text, since the editor compares it as such (every object would be "[object Object]"): the lists are read
 * anew when it changes. It must be there before any node ran, too, or the editor shows an error in place of the list.
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
			'Name given in Ingest. Choose from the list, or specify an ID using ' +
			'an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
	},
];

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
	return await datasetIn(store, item.json);
}
