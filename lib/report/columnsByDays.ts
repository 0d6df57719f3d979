import type { Finding, VerdictRecord } from '../domain/monitor.js';

/** A window as a table of columns by days needs it. */
export type DriftedWindow = Pick<VerdictRecord, 'from' | 'until' | 'findings'>;

export interface ColumnsByDays {
	windows: Array<{ from: string; until: string }>;
	/** What matters most first: by importance times drift, over all windows. */
	columns: Array<{
		about: string;
		segment?: string;
		/** Of each window: the change in multiples of the smallest that matters; null where it was not looked at. */
		changes: Array<number | null>;
		/** What was out of order in each window, as a sentence. */
		why: Array<string | null>;
	}>;
	/** Columns that are not in it. */
	leftOut: number;
}

/**
 * Which columns drifted when: findings that say how great a change is, in a row for each column (and segment) and a place for each window.
 * @param most rows
 */
export function columnsByDays(windows: readonly DriftedWindow[], most = 30): ColumnsByDays {
	const inTime = [...windows].sort((a, b) => (a.from < b.from ? -1 : 1));
	const rows = new Map<string, Row>();
	inTime.forEach(({ findings }, at) => {
		for (const finding of findings) {
			if (finding.effect === undefined) continue;
			const row = rowOf(rows, finding, inTime.length);
			row.row.changes[at] = finding.effect;
			row.row.why[at] = finding.why ?? null;
			row.weight += finding.weight ?? 0;
		}
	});
	const sorted = [...rows.values()].sort((a, b) => b.weight - a.weight || (keyOf(a.row) < keyOf(b.row) ? -1 : 1));
	return {
		windows: inTime.map(({ from, until }) => ({ from, until })),
		columns: sorted.slice(0, most).map(({ row }) => row),
		leftOut: Math.max(0, sorted.length - most),
	};
}

const keyOf = ({ about, segment }: Pick<Finding, 'about' | 'segment'>): string => (segment === undefined ? about : `${about}\0${segment}`);

type Row = { row: ColumnsByDays['columns'][number]; weight: number };

function rowOf(rows: Map<string, Row>, finding: Finding, windows: number): Row {
	const key = keyOf(finding);
	const known = rows.get(key);
	if (known) return known;
	const { about, segment } = finding;
	const nothing = () => Array.from({ length: windows }, () => null);
	const made: Row = { row: { about, ...(segment === undefined ? {} : { segment }), changes: nothing(), why: nothing() }, weight: 0 };
	rows.set(key, made);
	return made;
}
