import type { ColumnSchema } from '../domain/column.js';
import type { StoredFiles } from './duck.js';
import { isNumberVector, valueAt, type Frame } from './frame.js';
import { isoText } from './isoText.js';
import { loadFrame } from './loadFrame.js';

export { isoText };

/** A value as people read it: dates as ISO text, booleans as true and false. */
export type PreviewValue = string | number | boolean | null;

/** The first rows of a stored file as plain objects for people, items and reports. */
export async function preview(path: StoredFiles, schema: ColumnSchema[], limit: number): Promise<Array<Record<string, PreviewValue>>> {
	return frameRows(await loadFrame(path, { schema, limit }));
}

/** A frame as plain objects (dates as ISO text, booleans as true and false), rows `from` up to `to`. */
export function frameRows(frame: Frame, from = 0, to = frame.rows): Array<Record<string, PreviewValue>> {
	const show = frame.schema.map((column, j) => {
		const vector = frame.vectors[j];
		const { type } = column;
		return (i: number): PreviewValue => {
			const value = valueAt(vector, i);
			if (value === null || !isNumberVector(vector) || typeof value === 'string') return value;
			if (type === 'boolean') return value !== 0;
			return type === 'datetime' ? isoText(value) : value;
		};
	});
	const rows: Array<Record<string, PreviewValue>> = [];
	for (let i = from; i < Math.min(to, frame.rows); i++) rows.push(Object.fromEntries(frame.schema.map((c, j) => [c.name, show[j](i)])));
	return rows;
}
