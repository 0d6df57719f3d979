import { isNumeric, type ColumnSchema } from '../../lib/domain/column.js';
import { contentDigest, vectorDigest } from '../../lib/data/content.js';
import { isNumberVector, vectorOf, type Frame, type StringVector, type Vector } from '../../lib/data/frame.js';
import { own } from '../../lib/domain/dictionary.js';

/** Builds a frame from plain values, Numeric columns take numbers, others strings; null and undefined are missing. */
export function frameOf(schema: ColumnSchema[], values: Record<string, readonly unknown[]>): Frame {
	const rows = schema.length ? (own(values, schema[0].name) ?? []).length : 0;
	const vectors = schema.map((c): Vector => {
		const column = own(values, c.name) ?? [];
		if (isNumeric(c.type)) return { data: Float64Array.from(column, (v) => (v === null || v === undefined ? NaN : Number(v))) };
		const index = new Map<string, number>();
		const codes = Uint32Array.from(column, (v) => {
			if (v === null || v === undefined) return 0;
			const text = String(v);
			let code = index.get(text);
			if (code === undefined) index.set(text, (code = index.size + 1));
			return code;
		});
		return { codes, dictionary: [...index.keys()] };
	});
	return { rows, schema, vectors, rowId: Float64Array.from({ length: rows }, (_, i) => i) };
}

export function stringsOf(frame: Frame, name: string): StringVector {
	const v = vectorOf(frame, name);
	if (isNumberVector(v)) throw new TypeError(`Column "${name}" holds numbers.`);
	return v;
}

/** `contentDigest` of a frame in memory. */
export const frameContent = (frame: Frame): string => contentDigest(frame.schema, frame.rows, frame.vectors.map(vectorDigest));
