import { isNumeric, type ColumnSchema } from '../domain/column.js';
import { sortDictionary } from './sortDictionary.js';
import type { Frame, Row, Vector } from './frame.js';

/** A frame of rows that `castRaw` read. Row ids count from 0; dictionaries are sorted. */
export function frameFromRows(rows: readonly Row[], schema: readonly ColumnSchema[]): Frame {
	const vectors = schema.map(({ name, type }): Vector => {
		if (isNumeric(type)) return { data: Float64Array.from(rows, (row) => (typeof row[name] === 'number' ? row[name] : NaN)) };
		const index = new Map<string, number>();
		const codes = Uint32Array.from(rows, (row) => {
			const value = row[name];
			if (value === null || value === undefined) return 0;
			const text = String(value);
			let code = index.get(text);
			if (code === undefined) index.set(text, (code = index.size + 1));
			return code;
		});
		return sortDictionary({ codes, dictionary: [...index.keys()] });
	});
	return { rows: rows.length, schema: [...schema], vectors, rowId: Float64Array.from({ length: rows.length }, (_, i) => i) };
}
