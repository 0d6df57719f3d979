import type { ColumnProfile, Profile } from '../domain/profile.js';

/** What a column is like in one version of a dataset. */
export type Side = Pick<ColumnProfile, 'missing' | 'distinct' | 'min' | 'max' | 'mean' | 'std' | 'quantiles' | 'histogram' | 'top'> & {
	/** Rows of the version. */
	rows: number;
};

/** How a column differs between two versions of a dataset, both sides as their profiles tell. */
export interface DistributionDifference {
	name: string;
	type: string;
	a: Side;
	b: Side;
	/** Change of the share of rows without a value. */
	missing: number;
	/** Numbers and dates: how far the mean moved, in standard deviations of `a`; absent where `a` does not vary. */
	shift?: number;
	/** Others: half the sum of the absolute changes of the most frequent values' shares (total variation of what the profiles keep). */
	variation?: number;
}

const sideOf = ({ missing, distinct, min, max, mean, std, quantiles, histogram, top }: ColumnProfile, rows: number): Side => ({
	...{ missing, distinct, min, max, mean, std, quantiles, histogram, top },
	rows,
});

/** Columns that both profiles have with the same type, those that differ most first. It compares what profiles keep, and tests nothing. */
export function profileDifferences(a: Profile, b: Profile): DistributionDifference[] {
	const theirs = new Map(b.columns.map((column) => [column.name, column]));
	const found = a.columns.flatMap((column) => {
		const other = theirs.get(column.name);
		return other && other.type === column.type ? [differenceOf(column, other, a.rows, b.rows)] : [];
	});
	const size = ({ missing, shift, variation }: DistributionDifference) => Math.max(Math.abs(missing), Math.abs(shift ?? 0), variation ?? 0);
	return found.sort((x, y) => size(y) - size(x));
}

const share = (n: number, rows: number): number => (rows > 0 ? n / rows : 0);

function differenceOf(a: ColumnProfile, b: ColumnProfile, rowsA: number, rowsB: number): DistributionDifference {
	const shared = {
		name: a.name,
		type: a.type,
		a: sideOf(a, rowsA),
		b: sideOf(b, rowsB),
		missing: share(b.missing, rowsB) - share(a.missing, rowsA),
	};
	if (a.mean !== undefined && b.mean !== undefined) return { ...shared, ...(a.std ? { shift: (b.mean - a.mean) / a.std } : {}) };
	const values = (top: ColumnProfile['top'], rows: number) =>
		new Map((top ?? []).map(({ value, count }) => [value, share(count, rows)] as const));
	const [ours, theirs] = [values(a.top, rowsA), values(b.top, rowsB)];
	if (ours.size === 0 && theirs.size === 0) return shared;
	const all = [...new Set([...ours.keys(), ...theirs.keys()])];
	const moved = all.reduce<number>((sum, value) => sum + Math.abs((theirs.get(value) ?? 0) - (ours.get(value) ?? 0)), 0);
	return { ...shared, variation: moved / 2 };
}
