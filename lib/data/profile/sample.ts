/** Rows that heavy parts of a profile look at, at most. */
export const SAMPLE_ROWS = 200_000;

/** Evenly spaced row numbers, `limit` at most: all when there are few, and always the same for the same number of rows. */
export function evenRows(rows: number, limit: number): Uint32Array {
	const count = Math.min(rows, limit);
	return Uint32Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count));
}

export const sampleRows = (rows: number): Uint32Array => evenRows(rows, SAMPLE_ROWS);

/** Whether a row is one of `evenRows`, as SQL. @param row an expression of a whole number */
export function isEvenSql(row: string, rows: number, limit: number): string {
	if (rows <= limit) return 'true';
	// The first k with k * rows / limit >= row.
	const k = `((${row})::BIGINT * ${limit} + ${rows - 1}) // ${rows}`;
	return `(${k}) * ${rows} // ${limit} = (${row})`;
}
