import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';
import type { ColumnSchema } from '../../lib/domain/column.js';
import { datasetHandle, type DatasetHandle } from '../../lib/domain/dataset.js';
import { datasetByName } from '../../lib/app/datasetByName.js';
import { currentDataset } from '../../lib/app/currentDataset.js';
import { datasetNameOf } from '../../lib/app/datasetNameOf.js';
import { exampleName } from '../../lib/data/sources/example.js';
import { resolveSchema } from '../../lib/recipe/fit.js';
import { recipeOf } from './handles.js';
import { openRuntimeStore } from './runtime.js';

/** The editor reads a list when a node is opened, and anew by its own menu; that a node before has run meanwhile it does not notice. */
const REFRESH = '⋮ > Refresh List';
const HOW = 'Afterwards choose "Refresh List" in the menu ⋮ above this field; or type a name as an expression';

/** Column names of the dataset that the previous node gave, or of the one chosen by name; before either, a line that says what to do. */
async function getColumns(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	const dataset = await knownDataset.call(this);
	if (!dataset) return [{ name: `Run the Previous Node, Then ${REFRESH}`, value: '', description: HOW }];
	return optionsOf(dataset.columns);
}

const optionsOf = (columns: readonly ColumnSchema[]): INodePropertyOptions[] =>
	columns.map((c) => ({ name: c.name, value: c.name, description: c.role === 'feature' ? c.type : `${c.type}, ${c.role}` }));

/** A parameter as the editor has it now; undefined where its expression cannot be resolved yet, since no node ran before. */
export function parameterNow(functions: ILoadOptionsFunctions, name: string): unknown {
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
	// Handles carry the first columns only; the store knows the rest, and the recipe what became of them.
	if (!handle.success || handle.data.columns.length >= handle.data.columnCount) return handle.data;
	const store = await openRuntimeStore();
	if (handle.data.storeId !== store.id) return handle.data;
	const [record, recipe] = await Promise.all([store.get('dataset', handle.data.id), recipeOf(store, parameterNow(this, 'recipeRef'))]);
	return { ...handle.data, columns: resolveSchema(record.body.columns, recipe) };
}

/** Columns that Ingest found when it last read what its fields say; before, a line that says what to do. */
async function getIngestColumns(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	const store = await openRuntimeStore();
	const text = (name: string): string => String(parameterNow(this, name) ?? '').trim();
	const source = text('source');
	const params = { path: text('path'), url: text('url'), fileName: text('fileName') };
	const name =
		text('name') ||
		(source === 'example' ? exampleName(text('example')) : datasetNameOf({ source: source === 'binary' ? 'file' : source, params }));
	const dataset = await currentDataset(store, name);
	if (!dataset) return [{ name: `Run This Node, Then ${REFRESH}`, value: '', description: HOW }];
	return [{ name: 'Not Chosen', value: '' }, ...optionsOf(dataset.body.columns)];
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
export const methods = { loadOptions: { getColumns, getIngestColumns, getDatasets, getModels } };
