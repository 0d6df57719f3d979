import type { Profile } from '../../../domain/profile.js';
import type { Chart } from '../../charts/chart.js';
import { number, percent, score } from '../../formatting.js';

/** Share of missing values of the columns that lack most; the first 15. */
export function missingChart({ rows, columns }: Pick<Profile, 'rows' | 'columns'>): Chart {
	const gaps = columns.filter((c) => c.missing > 0).sort((a, b) => b.missing - a.missing);
	const shown = gaps.slice(0, 15);
	const shares = shown.map((c) => (rows ? c.missing / rows : 0));
	return {
		name: 'missing',
		height: Math.max(40, shown.length * 26),
		right: 64,
		title: `${number(gaps.length)} of ${number(columns.length)} columns have gaps; “${gaps[0].name}” most`,
		subtitle: gaps.length > shown.length ? `The ${shown.length} with the most gaps.` : undefined,
		x: { kind: 'number', title: 'Missing values (share of rows)', unit: 'share', from: 0, to: 1 },
		y: { kind: 'names', names: shown.map((c) => c.name) },
		marks: [
			{
				mark: 'bars',
				track: true,
				series: [{ values: shares, color: 'accent' }],
				labels: shares.map((share) => percent(share)),
				tips: shown.map((c) => `${c.name}: ${number(c.missing)} of ${number(rows)} missing`),
			},
		],
	};
}

/** Correlations of number columns, over the rows that were looked at; the first 16 columns. Strength is shade, the sign is in the label. */
export function correlationChart({ columns, matrix, rows }: NonNullable<Profile['correlations']>, of: Pick<Profile, 'rows'>): Chart {
	const names = columns.slice(0, 16);
	// A column says nothing about itself, and where there is no figure, there is none.
	const known = (i: number, j: number): number | undefined => {
		const r = matrix[i]?.[j];
		return i === j || r === null || r === undefined || !Number.isFinite(r) ? undefined : r;
	};
	const table = <T>(cell: (r: number | undefined, i: number, j: number) => T): T[][] =>
		names.map((_, i) => names.map((__, j) => cell(known(i, j), i, j)));
	const pairs = table((r, i, j) => ({ i, j, r: r ?? 0 })).flat();
	const strongest = pairs.filter((p) => p.i < p.j).sort((a, b) => Math.abs(b.r) - Math.abs(a.r))[0];
	return {
		name: 'correlation',
		title:
			strongest && Math.abs(strongest.r) >= 0.1
				? `“${names[strongest.i]}” and “${names[strongest.j]}” move together most (${score(strongest.r, 2)})`
				: 'No two columns move together',
		subtitle:
			`Correlation: 1 together, −1 opposite, 0 ` +
			`unrelated.${columns.length > names.length ? ` The first ${names.length} of ${columns.length} columns.` : ''}` +
			`${rows < of.rows ? ` From ${number(rows)} of ${number(of.rows)} rows, evenly spaced.` : ''}`,
		x: { kind: 'names', names, letters: 14, slanted: true },
		y: { kind: 'names', names, letters: 18, row: Math.max(22, Math.min(56, Math.floor(400 / names.length))) },
		marks: [
			{
				mark: 'cells',
				scale: 'signed',
				values: table((r) => r ?? 0),
				texts: names.length <= 10 ? table((r) => (r === undefined ? '' : score(r, 2))) : undefined,
				tips: table((r, i, j) => (r === undefined ? null : `${names[i]} and ${names[j]}: ${score(r, 3)}`)),
			},
		],
	};
}
