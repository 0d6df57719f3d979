import type { ItemEvent } from '../domain/serverEvent.js';
import type { AuditEvent, Store } from '../store/contract.js';

/** What an entry of the audit chain means to people; undefined: nothing. */
export type Meaning = (store: Store, entry: AuditEvent) => ItemEvent | undefined | Promise<ItemEvent | undefined>;

/** What every event tells of its entry. */
export const basics = ({ at, seq, actor, details: { reason, id } }: AuditEvent) => ({
	actor,
	at,
	seq,
	...(typeof reason === 'string' ? { reason } : {}),
	...(typeof id === 'string' ? { record: id } : {}),
});
