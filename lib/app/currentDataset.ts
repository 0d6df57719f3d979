import type { DatasetRecord } from '../domain/dataset.js';
import { digestOf } from '../domain/json.js';
import type { StoredRecord, Transactional } from '../store/contract.js';

/** Event: an older version's content was read again, so that version is the current one. */
const CURRENT = 'dataset.current';
const subjectOf = (name: string): string => `dataset ${name}`;

/** The version of a dataset that was read last: the newest one, unless the content of an older one came back after it. */
export async function currentDataset(
	store: Pick<Transactional, 'find' | 'auditLog'>,
	name: string,
): Promise<StoredRecord<'dataset'> | undefined> {
	const newest = await store.find('dataset', name);
	if (!newest) return undefined;
	const [event] = await store.auditLog({ subject: subjectOf(name), limit: 1 });
	// A version made after the event is newer news than the event.
	return event?.action === CURRENT && event.details.newest === newest.version
		? await store.find('dataset', name, Number(event.details.version))
		: newest;
}

/**
 * The version with the same values and the same meaning, wherever they were read from, however long ago; it becomes the current one.
 * The audit log keeps that, since no version is made.
 */
export async function sameVersion(store: Transactional, name: string, read: Meant): Promise<StoredRecord<'dataset'> | undefined> {
	const wanted = digestOf(meaning(read));
	const versions = await store.list('dataset', { name });
	const same = versions.find(({ body }) => digestOf(meaning(body)) === wanted);
	if (same && (await currentDataset(store, name))?.version !== same.version) {
		await store.audit({
			actor: 'system',
			action: CURRENT,
			subject: subjectOf(name),
			details: { version: same.version, newest: versions[0].version },
		});
	}
	return same;
}

type Meant = Pick<DatasetRecord, 'content' | 'columns' | 'target' | 'task' | 'quarantined'>;
const meaning = ({ content, columns, target, task, quarantined }: Meant) => ({
	content,
	columns,
	target: target ?? null,
	task: task ?? null,
	quarantined,
});
