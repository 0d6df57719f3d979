import type { ColumnDrift } from '../domain/drift.js';
import type { Finding } from '../domain/monitor.js';

export interface FindingOptions {
	/** Rows of the two sides. */
	rows: { reference: number; current: number };
	/** A change of the share of missing values below this is passed over. */
	minMissing: number;
	/** How much the column matters, in any unit. */
	importance: number;
	/** Whether nothing comes from it any more. */
	dead: boolean;
	segment?: string;
}

/**
 * What a window shows of one column: the distance from the reference, how certain it is, and how much it is of what counts. Two looks at
 * a column (values and gaps), and two at its categories (shares and new values), so p-values count double; a part of it that is too small
 * to matter does not make the other one certain.
 */
export function findingOf(
	column: Pick<ColumnDrift, 'column' | 'type' | 'test' | 'score' | 'threshold' | 'pValue' | 'missing' | 'reason' | 'drifted'>,
	{ rows, minMissing, importance, dead, segment }: FindingOptions,
): Finding & { effect: number; weight: number } {
	const { pValue, score, threshold, missing, test } = column;
	const looks = column.type === 'categorical' ? 4 : 2;
	const gap = missing.current - missing.reference;
	const parts = [
		...(pValue === undefined || test === 'missing' ? [] : [{ p: Math.min(1, looks * pValue), effect: score / threshold }]),
		{ p: Math.min(1, 2 * missing.pValue), effect: Math.abs(gap) / Math.max(minMissing, 1e-9) },
	];
	const gone = dead || test === 'schema';
	const [shown] = gone
		? [{ p: 0, effect: Math.max(1, ...parts.map((part) => part.effect)) }]
		: parts.sort((a, b) => Number(b.effect >= 1) - Number(a.effect >= 1) || a.p - b.p || b.effect - a.effect);
	return {
		about: column.column,
		...(segment === undefined ? {} : { segment }),
		value: test === 'missing' ? Math.abs(gap) : score,
		pValue: shown.p,
		shared: gone ? 0 : rows.current / (rows.reference + rows.current),
		effect: shown.effect,
		// Importance times drift; never nothing, which would mean that it is only shown.
		weight: Math.max(1e-9, importance * shown.effect),
		...(column.drifted || gone ? { why: `"${column.column}": ${column.reason}` } : {}),
	};
}

/** Weights that are 1 together. */
export function inShares<F extends { weight: number }>(findings: readonly F[]): F[] {
	const total = findings.reduce((sum, f) => sum + f.weight, 0) || 1;
	return findings.map((f) => ({ ...f, weight: f.weight / total }));
}
