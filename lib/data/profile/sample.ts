/** Rows that heavy parts of a profile look at, at most. */
export const SAMPLE_ROWS = 200_000;

/** Evenly spaced row numbers: all when there are few, and always the same for the same number of rows. */
export function sampleRows(rows: number, limit = SAMPLE_ROWS): Uint32Array {
	const count = Math.min(rows, limit);
	return Uint32Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count));
}
