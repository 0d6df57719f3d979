import type { ColumnDrift } from '../../../domain/drift.js';

/** A p-value decides "small is drift", a distance "large is drift". */
export const byPValue = (column: Pick<ColumnDrift, 'test' | 'score' | 'pValue'>): boolean =>
	column.pValue !== undefined && column.pValue === column.score;

/** How far a column is towards its alarm: 1 and more is drift, whatever the test. */
export function driftStrength(column: ColumnDrift): number {
	if (byPValue(column)) {
		const p = Math.max(column.score, 1e-12);
		return column.threshold >= 1 ? (column.drifted ? 1 : 0) : Math.log(p) / Math.log(column.threshold || 0.05);
	}
	return column.threshold > 0 ? column.score / column.threshold : column.drifted ? 1 : 0;
}

/** Columns that changed come first, then those that are nearest to their alarm. */
export const byStrength = (columns: readonly ColumnDrift[]): ColumnDrift[] =>
	[...columns].sort((a, b) => Number(b.drifted) - Number(a.drifted) || driftStrength(b) - driftStrength(a));

/** The columns that are looked at one by one. */
export const detailed = (columns: readonly ColumnDrift[]): ColumnDrift[] =>
	byStrength(columns)
		.filter((c) => c.histogram && c.histogram.reference.length > 0)
		.slice(0, 6);
