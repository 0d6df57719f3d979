import { withoutColumns, type Frame } from '../data/frame.js';
import { readPackage } from '../formats/modelPackage.js';
import type { Store, StoredRecord } from '../store/contract.js';
import { readRows } from './frameForModel.js';
import { knownParts, rowsInParts, splitRows } from './splitRows.js';
import { watchedColumns } from './watchedColumns.js';

/**
 * The rows that a model learned from (of an imported one those of the example table), with the columns that are watched.
 * @param raw all rows of the run's dataset
 */
export async function trainingRows(store: Store, { body }: StoredRecord<'run'>, raw: Frame): Promise<Frame> {
	const { manifest } = readPackage(await store.artifacts.get(body.model));
	const watched = new Set(watchedColumns(manifest));
	const known = rowsInParts(await splitRows(store, raw, body), knownParts(body));
	// The table of an import was typed without the model.
	const rows = body.imported ? readRows(known, manifest).frame : known;
	return withoutColumns(
		rows,
		rows.schema.map((c) => c.name).filter((name) => !watched.has(name)),
	);
}
