import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';
import type { ColumnSchema } from '../../lib/domain/column.js';
import { datasetHandle, type DatasetHandle } from '../../lib/domain/dataset.js';
import { datasetByName } from '../../lib/app/datasetByName.js';
import { columnsNow } from '../../lib/app/columnsNow.js';
import { openRuntimeStore } from './runtime.js';
import { STORE_TEST, testStore } from './storeCredential.js';

/** The editor reads a list when a node is opened, and anew by its own menu; that a node before has run meanwhile it does not notice. */
const REFRESH = '⋮ > Refresh List';
const HOW = 'Afterwards choose "Refresh List" in the menu ⋮ above this field; or type a name as an expression';

/** Column names of the dataset that the previous node gave, or of the one chosen by name; before either, a line that says what to do. */
async function getColumns(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	const dataset = await knownDataset.call(this);
	if (!dataset) return notYet('the Previous Node');
	return optionsOf(dataset.columns);
}

/**
 * The same for a target, where a person looks before a training: each line says too what it would need, where that is much.
 */
async function getTargets(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	const dataset = await knownDataset.call(this);
	if (!dataset) return notYet('the Previous Node');
	const { memoryToTrain } = await import('../../lib/app/memoryToTrain.js');
	const needed = memoryToTrain({ rows: dataset.rows, schema: dataset.columns }, parameterNow(this, 'learner'));
	const all = optionsOf(dataset.columns);
	return needed ? all.map((o) => ({ ...o, description: `${o.description}. A training needs ${needed}.` })) : all;
}

/** The line that says what to do before there are columns. */
export const notYet = (node: string): INodePropertyOptions[] => [{ name: `Run ${node}, Then ${REFRESH}`, value: '', description: HOW }];

/** Columns as a list to choose from. */
export const optionsOf = (columns: readonly ColumnSchema[]): INodePropertyOptions[] =>
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
		return typeof name === 'string' && name ? await datasetByName(await openRuntimeStore(this), name).catch(() => undefined) : undefined;
	}
	const handle = datasetHandle.safeParse(parameterNow(this, 'datasetRef'));
	if (!handle.success) return undefined;
	return {
		...handle.data,
		columns: await columnsNow(async () => await openRuntimeStore(this), handle.data, parameterNow(this, 'recipeRef')),
	};
}

async function getDatasets(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	const store = await openRuntimeStore(this);
	return (await store.names('dataset')).map((name) => ({ name, value: name }));
}

async function getModels(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	const store = await openRuntimeStore(this);
	return (await store.names('modelVersion')).map((name) => ({ name, value: name }));
}

/** The model server's keys that still open something, by what they are for. */
async function getApiKeys(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	const { keysOfItem } = await import('../../lib/app/keyItems.js');
	const good = (await keysOfItem(await openRuntimeStore(this))).filter(({ state }) => state === 'good');
	return good.map(({ id, label, scopes, expiresAt }) => ({
		name: label,
		value: id,
		description: `${id}: ${scopes.join(', ')}${expiresAt === undefined ? '' : `, until ${expiresAt.slice(0, 10)}`}`,
	}));
}

/** The `methods` of every node: lists for its pickers, and the test of the store's credential. */
export const methods = {
	loadOptions: { getColumns, getTargets, getDatasets, getModels, getApiKeys },
	credentialTest: { [STORE_TEST]: testStore },
};
