import { createHash } from 'node:crypto';
import { isNumeric, type ColumnSchema } from '../domain/column.js';
import { ROW_ID, type DatasetRecord } from '../domain/dataset.js';
import { sortDictionary } from './dictionary.js';
import { quoteName, quotePath, withDuck, type Duck } from './duck.js';
import { columnIndex, isNumberVector, type StringVector, type Vector } from './frame.js';
import { cellText } from './grammar/cell.js';
import { loadStored, type LoadOptions, type StoredColumn } from './loadFrame.js';
import { storedNames } from './storedNames.js';

/** The stored columns of texts, in the order of the schema. */
export function textColumns(schema: readonly ColumnSchema[], texts: readonly string[]): StoredColumn[] {
	const { text } = storedNames(schema);
	return schema.flatMap((c, i) => (texts.includes(c.name) ? [textColumn(text(i))] : []));
}

const textColumn = (name: string): StoredColumn => ({ schema: { name, type: 'category', role: 'ignore' }, stored: name });

/**
 * The texts of columns as they stood in the source, whatever types they were stored with: the text kept beside a value where there is one (also of
 * cells that could not be read and are gaps), else the value as its column writes it; code 0 where there was no value. Blanks around typed values are gone.
 *
 * Use, to read a dataset by the signature of a model:
 * ```ts
 * const texts = await loadTexts(path, record, signature.map((c) => c.name).filter((name) => record.columns.some((c) => c.name === name)));
 * const read = cellReader(signatureColumn);        // grammar/cell.ts: null missing, undefined unreadable
 * const { codes, dictionary } = texts[i];
 * const values = dictionary.map(read);              // one reading a different text, not a row
 * ```
 * @param record columns and `texts` of the dataset's record
 * @param names columns to give, in this order; all if absent
 * @throws `data.column_unknown`, `data.unreadable`
 */
export async function loadTexts(
	path: string,
	record: Pick<DatasetRecord, 'columns' | 'texts'>,
	names?: readonly string[],
	options: Omit<LoadOptions, 'schema' | 'columns'> = {},
): Promise<StringVector[]> {
	return await withDuck(
		{ threads: options.threads ?? 2, memoryBytes: options.memoryBytes, temporaryDirectory: options.temporaryDirectory },
		async (duck) => await loadTextsIn(duck, path, record, names, options.limit),
	);
}

/** `loadTexts` in a session that is open already. */
export async function loadTextsIn(
	duck: Duck,
	path: string,
	{ columns, texts = [] }: Pick<DatasetRecord, 'columns' | 'texts'>,
	names?: readonly string[],
	limit?: number,
): Promise<StringVector[]> {
	const wanted = names ? names.map((name) => columnIndex(columns, name)) : columns.map((_, i) => i);
	const stored = storedNames(columns);
	const beside = wanted.map((i) => (texts.includes(columns[i].name) ? textColumn(stored.text(i)) : undefined));
	const kept = beside.filter((c) => c !== undefined);
	const load = [...wanted.map((i): StoredColumn => ({ schema: columns[i], stored: stored.values[i] })), ...kept];
	const frame = await loadStored(duck, path, load, limit);
	return wanted.map((i, at) => {
		const own = beside[at];
		const text = own ? frame.vectors[wanted.length + kept.indexOf(own)] : undefined;
		return textVector(columns[i], frame.vectors[at], text as StringVector | undefined);
	});
}

/**
 * The texts that are kept beside values, and only those: for a column a function from row id to text (undefined where the value gives its text back), undefined
 * for a column without any. @throws `data.unreadable`
 */
export async function loadKept(
	path: string,
	{ columns, texts = [] }: Pick<DatasetRecord, 'columns' | 'texts'>,
	options: Omit<LoadOptions, 'schema' | 'columns'> = {},
): Promise<(column: string) => ((rowId: number) => string | undefined) | undefined> {
	if (texts.length === 0) return () => undefined;
	const frame = await withDuck(
		{ threads: options.threads ?? 2, memoryBytes: options.memoryBytes, temporaryDirectory: options.temporaryDirectory },
		async (duck) => await loadStored(duck, path, textColumns(columns, texts), options.limit),
	);
	const named = columns.filter((c) => texts.includes(c.name));
	const at = frame.rowId.every((id, i) => id === i) ? undefined : new Map(Array.from(frame.rowId, (id, i) => [id, i]));
	const lookups = new Map(
		named.map(({ name }, j) => {
			const { codes, dictionary } = frame.vectors[j] as StringVector;
			return [
				name,
				(rowId: number): string | undefined => {
					const code = codes[at ? (at.get(rowId) ?? -1) : rowId];
					return code ? dictionary[code - 1] : undefined;
				},
			] as const;
		}),
	);
	return (column) => lookups.get(column);
}

/** `vectorDigest` of a stored column of texts, of which most rows have none, so that only the others are looked at. */
export async function textsDigest(duck: Duck, path: string, column: string, rows: number): Promise<string> {
	const hash = createHash('sha256');
	const result = await duck.stream(
		`SELECT CAST(${quoteName(ROW_ID)} AS DOUBLE), ${quoteName(column)} FROM read_parquet(${quotePath(path)}) WHERE ${quoteName(column)} IS NOT NULL`,
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

/** The texts of one column: the kept ones, else the values as the column writes them. */
export function textVector(column: ColumnSchema, vector: Vector, kept?: StringVector): StringVector {
	if (!isNumberVector(vector)) return vector;
	if (!isNumeric(column.type)) throw new TypeError(`"${column.name}" is text`);
	const show = cellText(column);
	const index = new Map<string, number>();
	const known = new Map<number, number>();
	const codeOf = (text: string): number => {
		let code = index.get(text);
		if (code === undefined) index.set(text, (code = index.size + 1));
		return code;
	};
	const keptCodes = kept ? kept.dictionary.map(codeOf) : [];
	const codes = Uint32Array.from(vector.data, (value, i) => {
		if (kept && kept.codes[i] !== 0) return keptCodes[kept.codes[i] - 1];
		if (Number.isNaN(value)) return 0;
		let code = known.get(value);
		if (code === undefined) known.set(value, (code = codeOf(show(value))));
		return code;
	});
	return sortDictionary({ codes, dictionary: [...index.keys()] });
}
