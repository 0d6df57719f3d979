import type { StoredRecord, Transactional } from '../store/contract.js';

export type Verdict = StoredRecord<'verdict'>;

/** Records of a monitor that a question looks back at. */
const MOST = 1_000;

/** What a monitor found, the newest record of each window, the latest window first. */
export async function verdictsOf(store: Pick<Transactional, 'list'>, monitor: string, limit = MOST): Promise<Verdict[]> {
	const newest = new Map<string, Verdict>();
	for (const record of await store.list('verdict', { name: monitor, limit })) {
		if (!newest.has(record.body.from)) newest.set(record.body.from, record);
	}
	return [...newest.values()].sort((a, b) => Date.parse(b.body.from) - Date.parse(a.body.from));
}

/** Where a monitor's next window begins (ms): behind the last one that was looked at, but not before its first. */
export function positionOf(since: string, verdicts: readonly Pick<Verdict, 'body'>[], now: number): number {
	// A clock that was ahead for a while may have left windows that have not even begun.
	const looked = verdicts.map(({ body }) => Date.parse(body.until)).filter((until) => until <= now);
	return Math.max(Date.parse(since), ...looked);
}
