export interface CorrelationInput {
	name: string;
	data: Float64Array;
}

/** Pearson's correlation of each pair on the rows where both are there; null where one of them does not vary. */
export function correlate(columns: readonly CorrelationInput[]): { columns: string[]; matrix: Array<Array<number | null>>; rows: number } {
	const matrix = columns.map((): Array<number | null> => Array(columns.length).fill(null));
	for (let i = 0; i < columns.length; i++) {
		matrix[i][i] = 1;
		for (let j = 0; j < i; j++) matrix[i][j] = matrix[j][i] = pearson(columns[i].data, columns[j].data);
	}
	return { columns: columns.map((c) => c.name), matrix, rows: columns[0].data.length };
}

/** Pearson's r over pairs of finite values, by two passes; null when undefined. */
export function pearson(x: Float64Array, y: Float64Array): number | null {
	let n = 0;
	let sx = 0;
	let sy = 0;
	for (let i = 0; i < x.length; i++) {
		const s = x[i] + y[i];
		if (s - s !== 0) continue;
		n++;
		sx += x[i];
		sy += y[i];
	}
	if (n < 3) return null;
	const mx = sx / n;
	const my = sy / n;
	let xx = 0;
	let yy = 0;
	let xy = 0;
	for (let i = 0; i < x.length; i++) {
		const s = x[i] + y[i];
		if (s - s !== 0) continue;
		const a = x[i] - mx;
		const b = y[i] - my;
		xx += a * a;
		yy += b * b;
		xy += a * b;
	}
	const r = xy / Math.sqrt(xx * yy);
	return Number.isFinite(r) ? Math.max(-1, Math.min(1, r)) : null;
}
