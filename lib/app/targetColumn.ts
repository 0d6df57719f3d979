import type { ColumnSchema } from '../domain/column.js';
import type { Transactional } from '../store/contract.js';

/**
 * The column that a run learned to predict, as its table has it: with the words in which people wrote yes and no. Undefined where the run
 * or its dataset is not in the store (an imported model), or where a step made the column.
 */
export async function targetColumnOf(store: Pick<Transactional, 'get'>, runId: string | undefined): Promise<ColumnSchema | undefined> {
	try {
		const { body } = await store.get('run', runId ?? '');
		const dataset = await store.get('dataset', body.datasetId);
		return dataset.body.columns.find(({ name }) => name === body.target);
	} catch {
		// Only words hang on it: nobody is to go without an answer for their sake.
		return undefined;
	}
}
