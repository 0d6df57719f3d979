import type { DatasetRecord } from '../domain/dataset.js';
import { openDuck, type DuckOptions, type StoredFiles } from './duck.js';
import { isNumberVector, type Frame, type FrameSource } from './frame.js';
import { storedParts, type StoredColumn } from './loadFrame.js';
import { storedNames } from './storedNames.js';
import { textColumns } from './texts.js';

export interface PartsOptions extends DuckOptions {
	/** Rows of a part; all of them if absent. */
	rows?: number;
	/** One mark for each row: rows whose mark is 0 are passed over. */
	keep?: Uint8Array;
	/** Only columns that pass. */
	columns?: (name: string) => boolean;
}

/**
 * The rows of a stored dataset in their order, part by part, with what their typed values have lost kept beside them. Memory: 8 bytes a
 * number and 4 a text of one part, dictionaries of up to 200,000 texts a column, and what DuckDB may take. @throws `data.unreadable`
 */
export async function* loadParts(
	path: StoredFiles,
	{ columns, texts = [], fromText }: Pick<DatasetRecord, 'columns' | 'texts' | 'fromText'>,
	{ rows, keep, columns: wants = () => true, ...duckOptions }: PartsOptions = {},
): AsyncGenerator<Frame, undefined> {
	const stored = storedNames(columns).values;
	const wanted = columns.map((schema, i): StoredColumn => ({ schema, stored: stored[i] })).filter((c) => wants(c.schema.name));
	const lost = columns.filter((c) => texts.includes(c.name) && wants(c.name)).map((c) => c.name);
	const duck = await openDuck({ threads: 2, ...duckOptions });
	try {
		for await (const part of storedParts(duck, path, [...wanted, ...textColumns(columns, lost)], { rows, keep })) {
			yield {
				rows: part.rows,
				rowId: part.rowId,
				schema: part.schema.slice(0, wanted.length),
				vectors: part.vectors.slice(0, wanted.length),
				source: { texts: textsOf(part, wanted.length, lost), fromText: new Set(fromText) },
			};
		}
	} finally {
		duck.close();
	}
}

/** The texts beside the values of a part, which are its columns from `first` on. */
function textsOf({ rowId, vectors }: Frame, first: number, names: readonly string[]): FrameSource['texts'] {
	const inOrder = rowId.every((id, i) => id === rowId[0] + i);
	const places = inOrder ? undefined : new Map(Array.from(rowId, (id, i) => [id, i]));
	const placeOf = (id: number): number | undefined => (places ? places.get(id) : id - rowId[0]);
	const lookUps = new Map(
		names.map((name, j) => {
			const v = vectors[first + j];
			const text = (id: number): string | undefined => {
				const code = isNumberVector(v) ? 0 : v.codes[placeOf(id) ?? -1];
				return code && !isNumberVector(v) ? v.dictionary[code - 1] : undefined;
			};
			return [name, text] as const;
		}),
	);
	return (column) => lookUps.get(column);
}
