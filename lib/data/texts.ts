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

/** `vectorDigest` of a stored column of texts, of which most rows have none, so that only the others are looked at. */
export async function textsDigest(duck: Duck, scan: string, column: string, rows: number): Promise<string> {
	const hash = createHash('sha256');
	const result = await duck.stream(
		`SELECT CAST(${quoteName(ROW_ID)} AS DOUBLE), ${quoteName(column)} FROM ${scan} WHERE ` + `${quoteName(column)} IS NOT NULL`,
	);
	let at = 0;
	for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
		const ids = chunk.getColumnValues(0) as number[];
		const texts = chunk.getColumnValues(1) as string[];
		hash.update(
			ids
				.map((id, i) => {
					const gap = '-'.repeat(id - at);
					at = id + 1;
					return `${gap}${texts[i].length}:${texts[i]}`;
				})
				.join(''),
			'utf8',
		);
	}
	hash.update('-'.repeat(rows - at));
	return hash.digest('hex');
}
