import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';
import { datasetHandle, type DatasetHandle } from '../../lib/domain/dataset.js';
import { datasetByName } from '../../lib/app/datasetByName.js';
import { openRuntimeStore } from './runtime.js';

/** Column names of the dataset that the previous node gave, or of the one chosen by name; before either, a line that says what to do. */
async function getColumns(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	const dataset = await knownDataset.call(this);
	if (!dataset) return [{ name: 'Run the Previous Node to See the Columns Here', value: '', description: 'Or type a name as an expression' }];
	return dataset.columns.map((c) => ({ name: c.name, value: c.name, description: c.role === 'feature' ? c.type : `${c.type}, ${c.role}` }));
}

async function knownDataset(this: ILoadOptionsFunctions): Promise<DatasetHandle | undefined> {
	const handle = datasetHandle.safeParse(this.getCurrentNodeParameter('datasetRef'));
	const store = await openRuntimeStore();
	if (this.getCurrentNodeParameter('datasetSource') === 'name') {
		const name = this.getCurrentNodeParameter('datasetName') as string;
		return name ? await datasetByName(store, name).catch(() => undefined) : undefined;
	}
	if (!handle.success) return undefined;
	// Handles carry the first 200 columns; the store knows the rest.
	if (handle.data.columns.length >= handle.data.columnCount || handle.data.storeId !== store.id) return handle.data;
	const record = await store.get('dataset', handle.data.id);
	return { ...handle.data, columns: record.body.columns };
}

async function getDatasets(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	const store = await openRuntimeStore();
	return (await store.names('dataset')).map((name) => ({ name, value: name }));
}

async function getModels(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	const store = await openRuntimeStore();
	return (await store.names('modelVersion')).map((name) => ({ name, value: name }));
}

/** The `methods` of every node: lists for its pickers. */
export const methods = { loadOptions: { getColumns, getDatasets, getModels } };
