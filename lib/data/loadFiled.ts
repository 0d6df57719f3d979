import type { DatasetRecord } from '../domain/dataset.js';
import { FiledColumn, ROWS_WRITTEN_TOGETHER, type ColumnFile } from './columnFile.js';
import { openDuck, type DuckOptions, type StoredFiles } from './duck.js';
import type { Frame, StringVector } from './frame.js';
import { storedParts, type StoredColumn } from './loadFrame.js';
import { storedNames } from './storedNames.js';
import { keptTexts, textColumns } from './texts.js';

/**
 * All rows of a stored dataset as `loadFrame` and `loadKept` give them, but in a file: in memory are 8 bytes a row (its id), dictionaries,
 * one part of the rows while they are read, and what DuckDB may take.
 * @param each called after each part with the rows so far; throws to stop
 * @throws `data.unreadable`, `store.full`
 */
export async function loadFiled(
	path: StoredFiles,
	{ columns, rows, texts = [], fromText }: Pick<DatasetRecord, 'columns' | 'rows' | 'texts' | 'fromText'>,
	file: ColumnFile,
	{ each = () => {}, ...duckOptions }: DuckOptions & { each?: (rows: number) => void } = {},
): Promise<Frame> {
	const stored = storedNames(columns).values;
	const wanted = columns.map((schema, i): StoredColumn => ({ schema, stored: stored[i] }));
	const lost = textColumns(columns, texts);
	const filed = [...wanted, ...lost].map(() => new FiledColumn(file));
	const rowId = new Float64Array(rows);
	let done = 0;
	const duck = await openDuck({ threads: 2, ...duckOptions });
	try {
		for await (const part of storedParts(duck, path, [...wanted, ...lost], { rows: ROWS_WRITTEN_TOGETHER })) {
			for (const [j, vector] of part.vectors.entries()) filed[j].append(vector);
			rowId.set(part.rowId, done);
			done += part.rows;
			each(done);
		}
	} finally {
		duck.close();
	}
	const vectors = filed.map((column) => column.vector());
	const besides = vectors.slice(wanted.length) as StringVector[];
	return {
		rows,
		schema: [...columns],
		vectors: vectors.slice(0, wanted.length),
		rowId,
		source: { texts: keptTexts({ columns, texts }, rowId, besides), fromText: new Set(fromText) },
	};
}
