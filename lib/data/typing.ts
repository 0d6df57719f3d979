import type { ColumnSchema, ColumnType } from '../domain/column.js';
import { presentSql, readSql, storeSql, trimSql } from './castSql.js';
import { quoteName, WIDE } from './duck.js';
import { formatText, type ColumnFormat } from './format.js';
import { inferFormat, inferText, type Inferred } from './infer.js';
import type { RawColumn, RawTable, SourceContext } from './sources/contract.js';

/** How a column of the relation becomes a stored one. */
export interface TypedColumn {
	raw: RawColumn;
	schema: ColumnSchema;
	/** Text is read by this format; else `native` is the SQL of the value. */
	format?: ColumnFormat;
	native?: string;
	/** Rows that have a value which cannot be read. */
	failed: number;
	/** Strings whose type (category or text) depends on how many differ. */
	undecided?: boolean;
}

/**
 * SQL for FROM that gives, for each column i, its text or value as it came (`k0`), its stored value (`v0`, NULL where missing or unreadable)
 * and whether there is a value at all (`p0`); and `position`, the place of the row in the source.
 */
export function typedRelation(raw: RawTable, columns: ReadonlyArray<Pick<TypedColumn, 'raw' | 'schema' | 'format' | 'native'> & { failed?: number }>): string {
	const position = raw.position ?? 'row_number() OVER () - 1';
	if (columns.length > WIDE) return `(SELECT ${position} AS position, ${columns.map(inlineColumn).join(', ')} FROM ${raw.relation})`;
	const first: string[] = [];
	const second: string[] = [];
	const third: string[] = [];
	columns.forEach(({ raw: c, schema, format, native }, i) => {
		const key = quoteName(c.key);
		if (!format) {
			first.push(`${key} AS k${i}, ${native ?? key} AS v${i}`);
			second.push(`k${i}, v${i}`);
			third.push(`k${i}, v${i}, k${i} IS NOT NULL AS p${i}`);
			return;
		}
		first.push(`${key} AS k${i}, ${trimSql(key)} AS t${i}`);
		second.push(`k${i}, ${presentSql(`t${i}`, format)} AS p${i}, ${readSql(`t${i}`, schema.type, format)} AS r${i}`);
		third.push(`k${i}, CASE WHEN p${i} THEN ${storeSql(`r${i}`, `k${i}`, schema.type)} END AS v${i}, p${i}`);
	});
	return `(SELECT position, ${third.join(', ')} FROM (SELECT position, ${second.join(', ')} FROM (SELECT ${position} AS position, ${first.join(', ')} FROM ${raw.relation})))`;
}

/** The same in one stage, for wide tables: planning stages takes time that grows with the square of the columns. */
function inlineColumn(column: Parameters<typeof typedRelation>[1][number], i: number): string {
	const key = quoteName(column.raw.key);
	const present = column.format ? presentSql(trimSql(key), column.format) : `${key} IS NOT NULL`;
	return `${key} AS k${i}, ${inlineValue(column)} AS v${i}, ${present} AS p${i}`;
}

/** One column's stored value as a single expression over the relation. */
export function inlineValue({ raw: c, schema: { type }, format, native, failed }: Parameters<typeof typedRelation>[1][number]): string {
	const key = quoteName(c.key);
	if (!format) return native ?? key;
	const text = trimSql(key);
	const read = readSql(text, type, format);
	// Where every value is known to be readable, the checks of the second stage are needless.
	const value = failed === 0 && type === 'integer' ? `CAST(${read} AS BIGINT)` : failed === 0 && type === 'number' ? read : storeSql(read, key, type);
	return `CASE WHEN ${presentSql(text, format)} THEN ${value} END`;
}

/** Rows looked at before all are checked, and the cells that may hold altogether. */
const SAMPLE_ROWS = 20_000;
const SAMPLE_CELLS = 8_000_000;
/** Share of values that may fail a type found from the sample before the column stays text. */
const MAX_FAILED = 0.01;
/** Columns checked in one query; more would make it slow to plan. */
const BATCH = 200;

/** Finds a type for every column; `forced` types are taken as said. Strings are `category` until their values are counted. */
export async function typeColumns(raw: RawTable, forced: Record<string, ColumnType>, context: SourceContext): Promise<TypedColumn[]> {
	const { duck, note } = context;
	await duck.widen(raw.columns.length);
	const [{ rows }] = await duck.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${raw.relation}`);
	const textual = raw.columns.filter((c) => c.kind === 'text' || (c.kind === 'string' && forced[c.name] && forced[c.name] !== 'category' && forced[c.name] !== 'text'));
	const { samples, complete } = await sampleTexts(raw, textual, rows, context);
	const options = { nulls: raw.nulls, decimal: raw.decimal };
	const guesses = new Map<RawColumn, Inferred>();
	textual.forEach((c, i) => {
		const type = forced[c.name];
		guesses.set(c, type ? { type, format: inferFormat(samples[i], type, options) } : inferText(samples[i], options));
	});
	// A sample of all rows has shown all there is; only what a person forced may still fail.
	const failures = await verify(raw, complete ? new Map([...guesses].filter(([c]) => forced[c.name])) : guesses, forced, context);
	const typed = raw.columns.map((c): TypedColumn => {
		const guess = guesses.get(c);
		if (!guess) return nativeColumn(c, forced[c.name], note);
		if (guess.note) note('data.type', `"${c.name}" ${guess.note}.`);
		return {
			raw: c, schema: { name: c.name, type: guess.type, role: 'feature', ...formatField(guess.format) }, format: guess.format,
			failed: failures.get(c) ?? 0, undecided: guess.type === 'category' && !forced[c.name],
		};
	});
	// A native column can only fail where a person wants another type than its own.
	const odd = typed.filter((t) => t.native !== undefined && forced[t.schema.name] === t.schema.type);
	for (const t of odd) {
		const [{ failed }] = await duck.rows<{ failed: number }>(`SELECT count(*) FILTER (p0 AND v0 IS NULL) AS failed FROM ${typedRelation(raw, [t])}`);
		t.failed = failed;
	}
	return typed;
}

const formatField = (format: ColumnFormat): { format?: string } => {
	const text = formatText(format);
	return text === undefined ? {} : { format: text };
};

/** Evenly spaced values of each column, the same for the same relation. */
async function sampleTexts(raw: RawTable, columns: RawColumn[], rows: number, { duck }: SourceContext): Promise<{ samples: Array<Array<string | null>>; complete: boolean }> {
	if (columns.length === 0) return { samples: [], complete: true };
	const wanted = Math.max(200, Math.min(SAMPLE_ROWS, Math.floor(SAMPLE_CELLS / columns.length)));
	const step = Math.max(1, Math.floor(rows / wanted));
	const position = raw.position ?? 'row_number() OVER () - 1';
	const list = columns.map((c) => quoteName(c.key)).join(', ');
	const where = step === 1 ? '' : raw.position ? ` WHERE ${position} % ${step} = 0` : ` QUALIFY (${position}) % ${step} = 0`;
	const result = await duck.stream(`SELECT ${list} FROM ${raw.relation}${where}`);
	const samples: Array<Array<string | null>> = columns.map(() => []);
	for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
		for (let j = 0; j < columns.length; j++) for (const v of chunk.getColumnValues(j)) samples[j].push(v === null ? null : String(v));
	}
	return { samples, complete: step === 1 };
}

/**
 * Checks guesses on all rows; a guess that too many values deny gives way: integer to number, else to text. Types that a person forced stay.
 * Returns how many values of each column cannot be read.
 */
async function verify(raw: RawTable, guesses: Map<RawColumn, Inferred>, forced: Record<string, ColumnType>, context: SourceContext): Promise<Map<RawColumn, number>> {
	const failures = new Map<RawColumn, number>();
	// Failures of columns tried as integers: if they fail as often as numbers, no fraction is among them.
	const integers = new Map<RawColumn, number>();
	let open = [...guesses].filter(([, g]) => g.type !== 'category' && g.type !== 'text');
	while (open.length) {
		const again: typeof open = [];
		for (let at = 0; at < open.length; at += BATCH) {
			context.check();
			const batch = open.slice(at, at + BATCH);
			const relation = typedRelation(raw, batch.map(([c, g]) => typedGuess(c, g)));
			const [counts] = await context.duck.rows<Record<string, number>>(`SELECT ${batch.map((_, i) => `count(*) FILTER (p${i}) AS p${i}, count(v${i}) AS v${i}`).join(', ')} FROM ${relation}`);
			for (const [i, [c, g]] of batch.entries()) {
				const present = counts[`p${i}`];
				const failed = present - counts[`v${i}`];
				failures.set(c, failed);
				const asInteger = integers.get(c);
				if (asInteger !== undefined && failed === asInteger) g.type = 'integer';
				if (failed === 0 || forced[c.name]) continue;
				if (g.type === 'integer' && asInteger === undefined) {
					g.type = 'number';
					integers.set(c, failed);
					again.push([c, g]);
				} else if (failed > present * MAX_FAILED) {
					const [{ example }] = await context.duck.rows<{ example: string }>(`SELECT min(k0) AS example FROM ${typedRelation(raw, [typedGuess(c, g)])} WHERE p0 AND v0 IS NULL`);
					context.note('data.mixed_values', `"${c.name}" is kept as text: ${failed} of ${present} values are no ${g.type} (for example "${example.slice(0, 40)}"). Clean can convert it.`);
					g.type = 'category';
					g.format = g.format.nulls ? { nulls: g.format.nulls } : {};
					failures.set(c, 0);
				}
			}
		}
		open = again;
	}
	return failures;
}

const typedGuess = (raw: RawColumn, { type, format }: Inferred): Pick<TypedColumn, 'raw' | 'schema' | 'format'> => ({ raw, schema: { name: raw.name, type, role: 'feature' }, format });

const INTEGERS = /^(U?TINYINT|U?SMALLINT|U?INTEGER|U?BIGINT|U?HUGEINT)$/;
const NUMBERS = /^(FLOAT|DOUBLE|DECIMAL.*|U?HUGEINT)$/;

/** A column whose own type says enough. */
function nativeColumn(c: RawColumn, forced: ColumnType | undefined, note: SourceContext['note']): TypedColumn {
	const key = quoteName(c.key);
	if (c.kind === 'string') {
		// The source vouches for text: only empty text is missing there, and "NA" may be a place.
		const format: ColumnFormat = { nulls: [] };
		const type = forced ?? 'category';
		return { raw: c, schema: { name: c.name, type, role: 'feature', ...formatField(format) }, format, failed: 0, undecided: !forced };
	}
	const duckType = c.duckType ?? 'BLOB';
	const [type, sql] = nativeType(key, duckType);
	const schema = (t: ColumnType): ColumnSchema => ({ name: c.name, type: t, role: 'feature' });
	if (!forced || forced === type) {
		if (type === 'category' && !/^(VARCHAR|ENUM.*|UUID|JSON|DATE|TIME.*)$/.test(duckType)) note('data.type', `"${c.name}" holds ${duckType.toLowerCase().slice(0, 40)} values and is kept as text.`);
		return { raw: c, schema: schema(type), native: sql, failed: 0, undecided: type === 'category' && !forced };
	}
	const cast = (native: string): TypedColumn => ({ raw: c, schema: schema(forced), native, failed: 0 });
	switch (forced) {
		case 'text':
		case 'category': return cast(type === 'category' ? sql : `CAST(${sql} AS VARCHAR)`);
		case 'number': return cast(type === 'datetime' ? `CAST(epoch_ms(${sql}) AS DOUBLE)` : `TRY_CAST(${sql} AS DOUBLE)`);
		case 'integer': return cast(type === 'datetime' ? `epoch_ms(${sql})` : `CASE WHEN trunc(CAST(${sql} AS DOUBLE)) = CAST(${sql} AS DOUBLE) THEN TRY_CAST(${sql} AS BIGINT) END`);
		case 'boolean': return cast(`CASE WHEN ${sql} = 1 THEN true WHEN ${sql} = 0 THEN false END`);
		case 'datetime': return cast(`epoch_ms(TRY_CAST(${sql} AS BIGINT))`);
	}
}

function nativeType(key: string, duckType: string): [ColumnType, string] {
	if (duckType === 'BOOLEAN') return ['boolean', key];
	if (INTEGERS.test(duckType) && !duckType.includes('HUGE')) return ['integer', `CAST(${key} AS BIGINT)`];
	// NaN is how some writers say "missing".
	if (NUMBERS.test(duckType)) return ['number', `CASE WHEN isnan(CAST(${key} AS DOUBLE)) THEN NULL ELSE CAST(${key} AS DOUBLE) END`];
	if (duckType === 'DATE' || duckType.startsWith('TIMESTAMP')) return ['datetime', `date_trunc('millisecond', CAST(${key} AS TIMESTAMP))`];
	if (/^(VARCHAR|UUID|TIME.*|ENUM.*)$/.test(duckType)) return ['category', `nullif(CAST(${key} AS VARCHAR), '')`];
	return ['category', `CAST(${key} AS VARCHAR)`];
}
