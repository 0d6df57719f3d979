import { z } from 'zod/v4';
import { columnRole, columnSchema, columnType, taskType, type ColumnSchema } from './column.js';
import { dictionaryOf } from './dictionary.js';
import { withinBytes } from './json.js';

const MAX_HANDLE_COLUMNS = 200;
const MAX_HANDLE_BYTES = 10_000;

/** The columns that a handle carries: the first 200, fewer where names and formats are long. The store knows the rest. */
export const handleColumns = (columns: readonly ColumnSchema[]): ColumnSchema[] =>
	withinBytes(columns.slice(0, MAX_HANDLE_COLUMNS), MAX_HANDLE_BYTES);

/** The dataset as it travels on the canvas: ids, counts and the first columns, never rows. */

export const datasetHandle = z.object({
	kind: z.literal('mlops.dataset'),
	v: z.literal(1),
	storeId: z.string(),
	/** Id of the immutable version in the store. */
	id: z.string(),
	name: z.string(),
	/** 1, 2, ... among versions of one name. */
	version: z.number().int(),
	rows: z.number().int(),
	columnCount: z.number().int(),
	columns: z.array(columnSchema),
	target: z.string().optional(),
	task: taskType.optional(),
	/** Rows that could not be read; they lie in the quarantine file, not in the data. */
	quarantined: z.number().int().optional(),
});
export type DatasetHandle = z.infer<typeof datasetHandle>;

/** The stored version behind a handle (record kind `dataset`). `content` is the SHA-256 of canonical schema and ordered values. */
export const datasetRecord = z.object({
	name: z.string(),
	rows: z.number().int(),
	columns: z.array(columnSchema),
	target: z.string().optional(),
	task: taskType.optional(),
	content: z.string(),
	/**
	 * Digest of the Parquet artifact. Columns in schema order, preceded by `__row` (BIGINT, 0-based, stable row id); what each is called
	 * there says `storedNames` in lib/data/storedNames.ts.
	 */
	data: z.string(),
	/**
	 * Where the rows lie in several such files, in their order: the version that was added to and this one share those that they have in
	 * common. A column that a file lacks is missing in its rows. `data` is then a list of them, which no earlier version of this package
	 * takes for rows.
	 */
	parts: z.array(z.object({ data: z.string(), rows: z.number().int() })).optional(),
	/** What a person said of it, which rows that are added later are read by too. */
	said: z.object({ target: z.string().optional(), roles: dictionaryOf(columnRole), types: dictionaryOf(columnType) }).optional(),
	/**
	 * Columns whose texts are kept beside their values in the Parquet artifact, where the values do not give them back (`loadKept` in
	 * lib/data/texts.ts reads them).
	 */
	texts: z.array(z.string()).optional(),
	/** Columns of numbers and dates that were text in their source: where that was ambiguous, a model reads it in its own notation. */
	fromText: z.array(z.string()).optional(),
	/** Digest of the quarantine NDJSON artifact, if rows were refused. */
	quarantine: z.string().optional(),
	quarantined: z.number().int().default(0),
	/** Digest of the JSON profile artifact. */
	profile: z.string().optional(),
	source: z.object({ type: z.string(), description: z.string() }),
	/**
	 * What was said while its rows were read (another table in the file, hidden rows, types and roles that were guessed), also of those
	 * that rows were added to. Versions made before this was kept have none.
	 */
	notes: z.array(z.object({ code: z.string(), text: z.string() })).optional(),
});
export type DatasetRecord = z.infer<typeof datasetRecord>;

/** Name of the hidden row-id column in every stored Parquet file. */
export const ROW_ID = '__row';
