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

/** The verdicts of some windows of a monitor, as `Store.windows` names them, in this order. */
export async function verdictsOfWindows(
	store: Pick<Transactional, 'list'>,
	monitor: string,
	windows: ReadonlyArray<{ version: number }>,
): Promise<Verdict[]> {
	if (windows.length === 0) return [];
	const found = await store.list('verdict', { name: monitor, versions: windows.map(({ version }) => version) });
	const known = new Map(found.map((verdict) => [verdict.version, verdict]));
	return windows.flatMap(({ version }) => known.get(version) ?? []);
}

/** Where a monitor's next window begins (ms): behind the last one that was looked at, but not before its first. */
export function positionOf(since: string, verdicts: readonly Pick<Verdict, 'body'>[], now: number): number {
	// A clock that was ahead for a while may have left windows that have not even begun.
	const looked = verdicts.map(({ body }) => Date.parse(body.until)).filter((until) => until <= now);
	return Math.max(Date.parse(since), ...looked);
}
