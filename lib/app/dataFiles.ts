import type { StoredFiles } from '../data/duck.js';
import type { DatasetRecord } from '../domain/dataset.js';
import type { Store } from '../store/contract.js';

/** Where the rows of a dataset lie. @throws `store.not_found` */
export async function dataFiles(
	{ artifacts }: { artifacts: Pick<Store['artifacts'], 'materialise'> },
	{ data, parts }: Pick<DatasetRecord, 'data' | 'parts'>,
): Promise<StoredFiles> {
	if (!parts) return await artifacts.materialise(data);
	return await Promise.all(parts.map(async (part) => await artifacts.materialise(part.data)));
}
