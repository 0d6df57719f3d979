import { createHash } from 'node:crypto';
import type { ColumnSchema } from '../domain/column.js';
import { ROW_ID, type DatasetRecord } from '../domain/dataset.js';
import { quoteName, withDuck, type Duck, type StoredFiles } from './duck.js';
import { valueAt, type StringVector } from './frame.js';
import { loadStored, type LoadOptions, type StoredColumn } from './loadFrame.js';
import { storedNames } from './storedNames.js';

/** The stored columns of texts, in the order of the schema. */
export function textColumns(schema: readonly ColumnSchema[], texts: readonly string[]): StoredColumn[] {
	const { text } = storedNames(schema);
	return schema.flatMap((c, i) => (texts.includes(c.name) ? [textColumn(text(i))] : []));
}

const textColumn = (name: string): StoredColumn => ({ schema: { name, type: 'category', role: 'ignore' }, stored: name });

/**
 * The texts that are kept beside values, and only those: for a column a function from row id to text (undefined where the value gives its
 * text back), undefined for a column without any. @throws `data.unreadable`
 */
export async function loadKept(
	path: StoredFiles,
	{ columns, texts = [] }: Pick<DatasetRecord, 'columns' | 'texts'>,
	options: Omit<LoadOptions, 'schema' | 'columns'> = {},
): Promise<(column: string) => ((rowId: number) => string | undefined) | undefined> {
	if (texts.length === 0) return () => undefined;
	const frame = await withDuck(
		{ threads: options.threads ?? 2, memoryBytes: options.memoryBytes, temporaryDirectory: options.temporaryDirectory },
		async (duck) => await loadStored(duck, path, textColumns(columns, texts), options),
	);
	return keptTexts({ columns, texts }, frame.rowId, frame.vectors as StringVector[]);
}

/** The same of texts that were read already, in the order of `textColumns`. */
export function keptTexts(
	{ columns, texts = [] }: Pick<DatasetRecord, 'columns' | 'texts'>,
	rowIds: Float64Array,
	vectors: readonly StringVector[],
): (column: string) => ((rowId: number) => string | undefined) | undefined {
	const at = rowIds.every((id, i) => id === i) ? undefined : new Map(Array.from(rowIds, (id, i) => [id, i]));
	const named = columns.filter((c) => texts.includes(c.name));
	const lookups = new Map(
		named.map(({ name }, j) => {
			const vector = vectors[j];
			return [
				name,
				(rowId: number): string | undefined => {
					const row = at ? (at.get(rowId) ?? -1) : rowId;
					return row < 0 || row >= rowIds.length ? undefined : ((valueAt(vector, row) as string | null) ?? undefined);
				},
			] as const;
		}),
	);
	return (column) => lookups.get(column);
}

/** With more columns than this a query a column takes longer than all rows of them, if these are few. */
const FEW_COLUMNS = 20;
const FEW_ROWS = 20_000;
/** Columns read by one query. */
const TOGETHER = 500;

/** `vectorDigest` of stored columns of texts, of which most rows have none. @param check throws when all is to stop */
export async function textsDigests(
	duck: Duck,
	scan: string,
	columns: readonly string[],
	rows: number,
	check: () => void,
): Promise<string[]> {
	const together = columns.length > FEW_COLUMNS && rows <= FEW_ROWS;
	const digests: string[] = [];
	for (let from = 0; from < columns.length; from += together ? TOGETHER : 1) {
		const part = columns.slice(from, from + (together ? TOGETHER : 1)).map(quoteName);
		// A column by itself is asked for the texts that it has alone.
		const where = part.length > 1 ? '' : ` WHERE ${part[0]} IS NOT NULL`;
		digests.push(...(await digestsOf(duck, `SELECT CAST(${quoteName(ROW_ID)} AS DOUBLE), ${part.join(', ')} FROM ${scan}${where}`, rows)));
		check();
	}
	return digests;
}

/** Digests of the columns of a query behind the first, which has the numbers of the rows. */
async function digestsOf(duck: Duck, query: string, rows: number): Promise<string[]> {
	const result = await duck.stream(query);
	const columns = Array.from({ length: result.columnCount - 1 }, () => ({ hash: createHash('sha256'), at: 0 }));
	for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
		const ids = chunk.getColumnValues(0) as number[];
		for (const [j, column] of columns.entries()) {
			const texts = chunk.getColumnValues(j + 1) as Array<string | null>;
			let marked = '';
			for (const [i, text] of texts.entries()) {
				if (text === null) continue;
				marked += `${'-'.repeat(ids[i] - column.at)}${text.length}:${text}`;
				column.at = ids[i] + 1;
			}
			column.hash.update(marked, 'utf8');
		}
	}
	return columns.map(({ hash, at }) => hash.update('-'.repeat(rows - at)).digest('hex'));
}
