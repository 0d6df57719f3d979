import { rangeOf, takenVectors, workedOutFrom } from './derived.js';
import type { Frame } from './frame.js';

/** The rows at `indices`, in that order; dictionaries are shared, and values are picked when they are read (derived.ts). */
export function takeRows(frame: Frame, indices: Uint32Array): Frame {
	const rowId = new Float64Array(indices.length);
	for (let i = 0, n = indices.length; i < n; i++) rowId[i] = frame.rowId[indices[i]];
	return {
		rows: indices.length,
		schema: frame.schema,
		vectors: takenVectors(frame.vectors, indices),
		rowId,
		...(frame.source ? { source: frame.source } : {}),
	};
}

/** The same rows, of which those that lie elsewhere are in memory. */
export const inMemory = (frame: Frame): Frame => ({
	...frame,
	vectors: frame.vectors.map((v) => (workedOutFrom(v) === 'elsewhere' ? rangeOf(v, 0, frame.rows) : v)),
});

/** The rows `from..to` in memory. Nothing is copied of columns that lie there. */
export const rowsBetween = (frame: Frame, from: number, to: number): Frame =>
	from === 0 && to === frame.rows
		? inMemory(frame)
		: { ...frame, rows: to - from, rowId: frame.rowId.subarray(from, to), vectors: frame.vectors.map((v) => rangeOf(v, from, to)) };
