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

/** A parameter as the editor has it now; undefined where its expression cannot be resolved yet, since no node ran before. */
function parameterNow(functions: ILoadOptionsFunctions, name: string): unknown {
	try {
		return functions.getCurrentNodeParameter(name);
	} catch {
		return undefined;
	}
}

async function knownDataset(this: ILoadOptionsFunctions): Promise<DatasetHandle | undefined> {
	if (parameterNow(this, 'datasetSource') === 'name') {
		const name = parameterNow(this, 'datasetName');
		return typeof name === 'string' && name ? await datasetByName(await openRuntimeStore(), name).catch(() => undefined) : undefined;
	}
	const handle = datasetHandle.safeParse(parameterNow(this, 'datasetRef'));
	// Handles carry the first 200 columns; the store knows the rest.
	if (!handle.success || handle.data.columns.length >= handle.data.columnCount) return handle.data;
	const store = await openRuntimeStore();
	if (handle.data.storeId !== store.id) return handle.data;
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
