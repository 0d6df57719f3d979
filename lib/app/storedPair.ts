import { isTakenAsItIs } from '../data/reading/index.js';
import { storedNames } from '../data/storedNames.js';
import type { DatasetRecord } from '../domain/dataset.js';
import type { StoredTable } from '../monitor/storedTable.js';
import type { Store } from '../store/contract.js';
import { dataFiles } from './dataFiles.js';

/**
 * Two datasets as they lie in the store, the second one as read by the columns of the first (`readingOf`); undefined where reading changes
 * more than what means "missing", so that rows have to be read first.
 */
export async function storedPair(
	{ artifacts }: Pick<Store, 'artifacts'>,
	reference: DatasetRecord,
	current: DatasetRecord,
): Promise<{ reference: StoredTable; current: StoredTable } | undefined> {
	const known = new Map(reference.columns.map((c) => [c.name, c]));
	const alike = current.columns.every((own) => !known.has(own.name) || isTakenAsItIs(own, known.get(own.name)!, current));
	if (!alike) return undefined;
	const table = async ({ rows, columns, ...lies }: DatasetRecord): Promise<Omit<StoredTable, 'reads' | 'schema'>> => {
		const names = storedNames(columns).values;
		return { path: await dataFiles({ artifacts }, lies), rows, stored: columns.map((schema, i) => ({ schema, stored: names[i] })) };
	};
	return {
		reference: { ...(await table(reference)), schema: reference.columns, reads: false },
		current: {
			...(await table(current)),
			schema: current.columns.map((own) => (known.has(own.name) ? { ...known.get(own.name)!, role: own.role } : own)),
			reads: true,
		},
	};
}
