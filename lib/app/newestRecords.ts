import type { RecordKind, StoredRecord, Transactional } from '../store/contract.js';

/** Of records that change by one more version under their name: the newest version of each, the latest change first. */
export async function newestRecords<K extends RecordKind>(store: Pick<Transactional, 'list'>, kind: K): Promise<Array<StoredRecord<K>>> {
	const newest = new Map<string, StoredRecord<K>>();
	for (const record of await store.list(kind)) if (!newest.has(record.name)) newest.set(record.name, record);
	return [...newest.values()];
}
