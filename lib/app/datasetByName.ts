import { handleColumns, type DatasetHandle } from '../domain/dataset.js';
import { MlopsError } from '../domain/errors.js';
import type { Store, StoredRecord } from '../store/contract.js';
import { currentDataset } from './currentDataset.js';

/** The handle that travels for a stored dataset version. */
export function handleOf(store: Store, record: StoredRecord<'dataset'>): DatasetHandle {
	const { body } = record;
	return {
		kind: 'mlops.dataset',
		v: 1,
		storeId: store.id,
		id: record.id,
		name: record.name,
		version: record.version,
		rows: body.rows,
		columnCount: body.columns.length,
		columns: handleColumns(body.columns),
		...(body.target ? { target: body.target } : {}),
		...(body.task ? { task: body.task } : {}),
		...(body.quarantined ? { quarantined: body.quarantined } : {}),
	};
}

/** The version of a dataset that was read last, by its name (or `name@3`). @throws `store.not_found` with the names there are */
export async function datasetByName(store: Store, reference: string): Promise<DatasetHandle> {
	const [, name, version] = /^(.*?)(?:@(\d+))?$/.exec(reference)!;
	const record = version ? await store.find('dataset', name, Number(version)) : await currentDataset(store, name);
	if (record) return handleOf(store, record);
	const names = await store.names('dataset');
	throw new MlopsError('store.not_found', `There is no dataset named "${reference}".`, {
		expected: names.length ? `one of: ${names.slice(0, 10).join(', ')}` : 'a dataset that MLOps Ingest made',
		remedy: 'Run MLOps Ingest with this name first, or pick another.',
	});
}
