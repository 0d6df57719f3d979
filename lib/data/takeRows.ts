import { takenVectors } from './derived.js';
import type { Frame } from './frame.js';

/** The rows at `indices`, in that order; dictionaries are shared, and values are picked when they are read (derived.ts). */
export function takeRows(frame: Frame, indices: Uint32Array): Frame {
	const rowId = new Float64Array(indices.length);
	for (let i = 0; i < indices.length; i++) rowId[i] = frame.rowId[indices[i]];
	return {
		rows: indices.length,
		schema: frame.schema,
		vectors: takenVectors(frame.vectors, indices),
		rowId,
		...(frame.source ? { source: frame.source } : {}),
	};
}
