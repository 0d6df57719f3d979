import { isNumeric, type ColumnSchema, type ColumnType } from '../domain/column.js';
import type { DatasetRecord } from '../domain/dataset.js';
import { own } from '../domain/dictionary.js';
import { MlopsError } from '../domain/errors.js';
import type { Profile, StrayCells } from '../domain/profile.js';
import { parquetScan, quoteName, quoteText, type StoredFiles } from './duck.js';
import { formatOf } from './format.js';
import { isNumberVector } from './frame.js';
import { cellText } from './grammar/cell.js';
import { assertSameTypes, Disagreement, storedType, type Known } from './known.js';
import { loadParts } from './loadParts.js';
import { materialise } from './materialise.js';
import { parquetFormat } from './parquetFormat.js';
import type { RawColumn, RawTable, SourceContext } from './sources/contract.js';
import { storedNames } from './storedNames.js';
import { dropTables } from './typedTable.js';
import { typeTable } from './typeTable.js';
import type { TypedColumn, TypingOptions } from './typing.js';
import { writeTyped, type Written } from './writeTyped.js';

/** The version of a dataset that rows are added to. */
export interface Base {
	version: number;
	record: Pick<DatasetRecord, 'rows' | 'columns' | 'texts' | 'fromText'>;
	/** Where its rows lie, in their order. */
	files: ReadonlyArray<{ path: string; rows: number }>;
	profile: Profile;
}

/** Rows that were added to those of a version. */
export interface Added {
	raw: RawTable;
	typed: TypedColumn[];
	/** The file that was written, which stands behind so many files of the version, and its rows. */
	written: Written;
	behind: { kept: number; rows: number };
	/** The table that all files are: columns of before, then new ones. */
	whole: { files: StoredFiles; schema: ColumnSchema[]; texts: string[]; fromText: string[]; undecided: ReadonlySet<string> };
	/** Unreadable cells of before, and of the rows that were added, which are numbered behind those before. */
	strays(added: ReadonlyMap<string, StrayCells>): ReadonlyMap<string, StrayCells>;
}

/** Files that a table may lie in before small ones are written together. */
const MOST_FILES = 16;
const NAMED = 5;

const named = (columns: readonly ColumnSchema[]): string =>
	columns
		.slice(0, NAMED)
		.map(({ name }) => `"${name}"`)
		.join(', ') + (columns.length > NAMED ? ` and ${columns.length - NAMED} more` : '');

/**
 * Writes rows as a file behind those of a version, read as its columns were. What its files lack, and what the rows lack, is missing there.
 * Where types do not agree, all rows together are to be typed anew, as texts where they were texts: that table is given back instead.
 * @throws `data.schema_mismatch` where they have no column in common
 */
export async function addRows(
	base: Base,
	read: RawTable,
	forced: Record<string, ColumnType>,
	context: SourceContext,
	options: TypingOptions,
): Promise<Added | { together: RawTable }> {
	const { columns } = base.record;
	const before = new Map(columns.map((c) => [c.name, c]));
	if (!read.columns.some((c) => before.has(c.name)))
		throw new MlopsError(
			'data.schema_mismatch',
			`The rows have no column in common with version ${base.version}, to which they are added.`,
			{
				expected: named(columns),
				found: read.columns
					.slice(0, NAMED)
					.map(({ name }) => `"${name}"`)
					.join(', '),
				remedy: 'Add them to another dataset, or rename their columns.',
			},
		);
	try {
		for (const { name, type } of columns) {
			const wanted = own(forced, name);
			if (wanted && storedType(wanted) !== storedType(type)) throw new Disagreement(name, `is ${type} there, and is to be ${wanted}`);
		}
		const { raw, typed } = await typeTable(read, forced, context, { ...options, known: knownOf(base) });
		assertSameTypes(typed, before);
		const fresh = typed.map((t) => t.schema).filter(({ name }) => !before.has(name));
		const schema = [...columns.map((c) => ({ ...c, role: 'feature' as const })), ...fresh];
		const place = placeOf(base, schema, typed);
		const written = await writeTyped(raw, typed, context, place);
		noteColumns(
			base,
			fresh,
			columns.filter(({ name }) => !typed.some((t) => t.schema.name === name)),
			context,
		);
		const { path, ...behind } = await withSmall(base, written, schema.length, context);
		const files = [...base.files.slice(0, behind.kept).map((file) => file.path), path];
		return {
			raw,
			typed,
			written: { ...written, path },
			behind,
			whole: { files, ...wholeOf(base, schema, typed, forced) },
			strays: (added) => straysTogether(base, added),
		};
	} catch (thrown) {
		if (!(thrown instanceof Disagreement)) throw thrown;
		const total = (base.record.rows + (await rowsOf(read, context))).toLocaleString('en');
		context.note(
			'data.retyped',
			`The rows do not fit the columns of version ${base.version}: "${thrown.column}" ${thrown.why}. So types were found over all ` +
				`${total} rows together, and all of them were written anew.`,
		);
		return { together: await allTogether(base, read, context) };
	}
}

/** Columns whose values say what they are; a column without any is found anew. */
function knownOf({ record, profile }: Base): Map<string, Known> {
	const profiles = new Map(profile.columns.map((c) => [c.name, c]));
	return new Map(
		record.columns.flatMap((schema): Array<[string, Known]> => {
			const { missing = record.rows, strays } = profiles.get(schema.name) ?? {};
			const present = record.rows - missing;
			return present === 0 ? [] : [[schema.name, { schema, present: present + (strays?.count ?? 0), strays: strays?.count ?? 0 }]];
		}),
	);
}

/** Whether a column's values were somebody's texts. */
export const isFromText = ({ format, schema: { type } }: TypedColumn): boolean =>
	format !== undefined && isNumeric(type) && type !== 'boolean';

function wholeOf(
	{ record: { texts = [], fromText = [] } }: Base,
	schema: readonly ColumnSchema[],
	typed: readonly TypedColumn[],
	forced: Record<string, ColumnType>,
): Omit<Added['whole'], 'files'> {
	const here = new Map(typed.map((t) => [t.schema.name, t]));
	const names = (holds: (name: string, here?: TypedColumn) => boolean | undefined): string[] =>
		schema.map(({ name }) => name).filter((name) => holds(name, here.get(name)));
	return {
		schema: schema.map((c): ColumnSchema => {
			const { format = c.format } = here.get(c.name)?.schema ?? {};
			return format === undefined ? c : { ...c, format };
		}),
		texts: names((name, t) => texts.includes(name) || (t && t.kept > 0)),
		fromText: names((name, t) => fromText.includes(name) || (t && isFromText(t))),
		undecided: new Set(schema.filter((c) => !isNumeric(c.type) && !own(forced, c.name)).map(({ name }) => name)),
	};
}

/** Names of the columns in the new file, which must be those that the files before have. @throws Disagreement */
function placeOf({ record }: Base, schema: readonly ColumnSchema[], typed: readonly TypedColumn[]) {
	const [before, all] = [storedNames(record.columns), storedNames(schema)];
	for (const [i, { name }] of record.columns.entries())
		if (before.values[i] !== all.values[i] || before.text(i) !== all.text(i))
			throw new Disagreement(name, 'is stored under another name now');
	const places = typed.map((t) => schema.findIndex((c) => c.name === t.schema.name));
	return { first: record.rows, stored: { values: places.map((i) => all.values[i]), text: (i: number) => all.text(places[i]) } };
}

function noteColumns(base: Base, fresh: readonly ColumnSchema[], absent: readonly ColumnSchema[], { note }: SourceContext): void {
	const rows = base.record.rows.toLocaleString('en');
	if (fresh.length)
		note('data.columns_added', `${named(fresh)} came with the rows that were added, and is missing in the ${rows} rows before.`);
	if (absent.length) note('data.columns_missing', `The rows that were added lack ${named(absent)}, which is missing in them.`);
}

/** Writes the last files together with the new one where there are too many: so many as are not larger than what follows them. */
async function withSmall(
	{ files }: Base,
	{ path, rows }: Written,
	columns: number,
	{ duck, temporary }: SourceContext,
): Promise<{ path: string; kept: number; rows: number }> {
	if (files.length < MOST_FILES) return { path, kept: files.length, rows };
	let kept = files.length;
	let together = rows;
	while (kept > 0 && (kept >= MOST_FILES - 1 || files[kept - 1].rows <= together)) together += files[--kept].rows;
	const merged = await temporary('parquet');
	const small = [...files.slice(kept).map((file) => file.path), path];
	await duck.run(`COPY (SELECT * FROM ${parquetScan(small)}) TO ${quoteText(merged)} ${parquetFormat(columns)}`);
	return { path: merged, kept, rows: together };
}

const rowsOf = async ({ relation, unread }: RawTable, { duck }: SourceContext): Promise<number> =>
	unread?.rows ?? (await duck.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${relation}`))[0].rows;

let counter = 0;

/** The rows of a version and those that are added as one table, values as the texts that they were read from, where they were. */
async function allTogether(base: Base, read: RawTable, context: SourceContext): Promise<RawTable> {
	const raw = read.unread ? await read.unread.carefully() : read;
	const { columns, fromText = [] } = base.record;
	const stored = storedNames(columns).values;
	const here = new Map(raw.columns.map((c) => [c.name, c]));
	const names = [
		...columns.map((c) => c.name),
		...raw.columns.filter((c) => !columns.some(({ name }) => name === c.name)).map((c) => c.name),
	];
	const kinds = names.map((name, i): RawColumn['kind'] => {
		const kind = here.get(name)?.kind;
		const column = i < columns.length ? columns[i] : undefined;
		if (!column) return kind!;
		if (isNumeric(column.type)) return !fromText.includes(name) && (kind ?? 'native') === 'native' ? 'native' : 'text';
		return formatOf(column).nulls?.length === 0 && (kind ?? 'string') === 'string' ? 'string' : 'text';
	});
	const shown = columns.filter((c, i) => isNumeric(c.type) && kinds[i] === 'text');
	const texts = `before_${++counter}`;
	await writeTexts(base, shown, texts, context);
	const first = names.map((_, i) => {
		const at = shown.indexOf(columns[i]);
		if (i >= columns.length) return 'NULL';
		return at >= 0 ? `t${at}` : quoteName(stored[i]);
	});
	const second = names.map((name, i) => {
		const key = here.get(name)?.key;
		if (key === undefined) return 'NULL';
		return kinds[i] === 'native' ? quoteName(key) : `CAST(${quoteName(key)} AS VARCHAR)`;
	});
	const as = (list: readonly string[]): string => list.map((sql, i) => `${sql} AS c${i}`).join(', ');
	const scan = parquetScan(base.files.map(({ path }) => path)) + (shown.length ? ` POSITIONAL JOIN ${texts}` : '');
	const kept = await materialise(
		`together_${counter}`,
		`SELECT ${as(first)} FROM ${scan} UNION ALL SELECT ${as(second)} FROM ${raw.relation}`,
		names.length,
		context,
	);
	await dropTables([texts, ...(raw.table ? [raw.table] : [])], context.duck);
	const described = await context.duck.rows<{ column_type: string }>(
		`DESCRIBE SELECT ${names.map((_, i) => `c${i}`).join(', ')} FROM ${kept.relation}`,
	);
	return {
		...raw,
		...kept,
		unread: undefined,
		columns: names.map((name, i): RawColumn => {
			const { strings } = here.get(name) ?? {};
			return { key: `c${i}`, name, kind: kinds[i], duckType: described[i].column_type, ...(strings ? { strings } : {}) };
		}),
	};
}

/** The texts that columns were read from, as a table in the order of the rows. */
async function writeTexts(base: Base, shown: readonly ColumnSchema[], table: string, { duck, check }: SourceContext): Promise<void> {
	if (shown.length === 0) return;
	const { DuckDBDataChunk, VARCHAR } = await import('@duckdb/node-api');
	await duck.run(`CREATE TEMP TABLE ${table} (${shown.map((_, i) => `t${i} VARCHAR`).join(', ')})`);
	const appender = await duck.connection.createAppender(table, null, 'temp');
	const names = new Set(shown.map(({ name }) => name));
	const show = shown.map(cellText);
	const parts = loadParts(
		base.files.map(({ path }) => path),
		base.record,
		{ rows: 65_536, columns: (name) => names.has(name) },
	);
	for await (const { rows, rowId, vectors, source } of parts) {
		check();
		const texts = shown.map(({ name }) => source?.texts(name));
		for (let from = 0; from < rows; from += 2048) {
			const count = Math.min(2048, rows - from);
			const chunk = DuckDBDataChunk.create(
				shown.map(() => VARCHAR),
				count,
			);
			for (const [j, vector] of vectors.entries()) {
				if (!isNumberVector(vector)) continue;
				const cells = Array.from({ length: count }, (_, k) => {
					const value = vector.data[from + k];
					return texts[j]?.(rowId[from + k]) ?? (Number.isNaN(value) ? null : show[j](value));
				});
				chunk.setColumnValues(j, cells);
			}
			appender.appendDataChunk(chunk);
		}
	}
	appender.closeSync();
}

function straysTogether({ profile, record }: Base, added: ReadonlyMap<string, StrayCells>): Map<string, StrayCells> {
	const all = new Map(profile.columns.flatMap((c) => (c.strays ? [[c.name, c.strays] as const] : [])));
	for (const [name, { count, cells }] of added) {
		const before = all.get(name);
		const there = new Map((before?.cells ?? []).map((cell) => [cell.value, cell]));
		for (const cell of cells) {
			const known = there.get(cell.value);
			there.set(cell.value, known ? { ...known, count: known.count + cell.count } : { ...cell, row: cell.row + record.rows });
		}
		all.set(name, { count: count + (before?.count ?? 0), cells: [...there.values()].sort((a, b) => b.count - a.count).slice(0, 20) });
	}
	return all;
}
