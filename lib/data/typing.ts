import type { ColumnSchema, ColumnType } from '../domain/column.js';
import { castTextSql, presentSql } from './castSql.js';
import { quoteName } from './duck.js';
import { formatText, type ColumnFormat } from './format.js';
import { inferFormat, inferText, type Inferred } from './infer.js';
import type { RawColumn, RawTable, SourceContext } from './sources/contract.js';

/** A column with its type and the SQL that makes it from the relation. */
export interface TypedColumn {
	raw: RawColumn;
	schema: ColumnSchema;
	/** Value in its stored type, NULL where missing or unreadable. */
	sql: string;
	/** True where a value is there that cannot be read; absent when that cannot happen. */
	failed?: string;
	/** Strings whose type (category or text) depends on how many differ. */
	undecided?: boolean;
}

/** Rows looked at before all are checked, and the cells that may hold altogether. */
const SAMPLE_ROWS = 20_000;
const SAMPLE_CELLS = 4_000_000;
/** Share of values that may fail a type found from the sample before the column stays text. */
const MAX_FAILED = 0.01;
/** Columns checked in one query; more would make it slow to plan. */
const BATCH = 200;

/** Finds a type for every column; `forced` types are taken as said. Strings are `category` until their values are counted. */
export async function typeColumns(raw: RawTable, forced: Record<string, ColumnType>, context: SourceContext): Promise<TypedColumn[]> {
	const { duck, note } = context;
	const [{ rows }] = await duck.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${raw.relation}`);
	const textual = raw.columns.filter((c) => c.kind === 'text' || (c.kind === 'string' && forced[c.name] && forced[c.name] !== 'category' && forced[c.name] !== 'text'));
	const samples = await sampleTexts(raw, textual, rows, context);
	const options = { nulls: raw.nulls, decimal: raw.decimal };
	const guesses = new Map<RawColumn, Inferred>();
	textual.forEach((c, i) => {
		const type = forced[c.name];
		guesses.set(c, type ? { type, format: inferFormat(samples[i], type, options) } : inferText(samples[i], options));
	});
	await verify(raw, guesses, forced, context);
	return raw.columns.map((c): TypedColumn => {
		const guess = guesses.get(c);
		if (!guess) return nativeColumn(c, forced[c.name], note);
		if (guess.note) note('data.type', `"${c.name}" ${guess.note}.`);
		const key = quoteName(c.key);
		const sql = castTextSql(key, guess.type, guess.format);
		const always = guess.type === 'category' || guess.type === 'text';
		return {
			raw: c,
			schema: { name: c.name, type: guess.type, role: 'feature', ...formatField(guess.format) },
			sql,
			undecided: guess.type === 'category' && !forced[c.name],
			failed: always ? undefined : `(${presentSql(key, guess.format)} AND (${sql}) IS NULL)`,
		};
	});
}

const formatField = (format: ColumnFormat): { format?: string } => {
	const text = formatText(format);
	return text === undefined ? {} : { format: text };
};

/** Evenly spaced values of each column, the same for the same relation. */
async function sampleTexts(raw: RawTable, columns: RawColumn[], rows: number, { duck }: SourceContext): Promise<Array<Array<string | null>>> {
	if (columns.length === 0) return [];
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
	return samples;
}

/** Checks guesses on all rows; a guess that too many values deny gives way: integer to number, else to text. */
async function verify(raw: RawTable, guesses: Map<RawColumn, Inferred>, forced: Record<string, ColumnType>, { duck, note }: SourceContext): Promise<void> {
	let open = [...guesses].filter(([c, g]) => !forced[c.name] && g.type !== 'category' && g.type !== 'text');
	while (open.length) {
		const again: typeof open = [];
		for (let at = 0; at < open.length; at += BATCH) {
			const batch = open.slice(at, at + BATCH);
			const parts = batch.map(([c, g], i) => {
				const key = quoteName(c.key);
				const bad = `${presentSql(key, g.format)} AND (${castTextSql(key, g.type, g.format)}) IS NULL`;
				return `count(*) FILTER (${presentSql(key, g.format)}) AS p${i}, count(*) FILTER (${bad}) AS f${i}, min(CASE WHEN ${bad} THEN ${key} END) AS e${i}`;
			});
			const [counts] = await duck.rows<Record<string, number | string | null>>(`SELECT ${parts.join(', ')} FROM ${raw.relation}`);
			batch.forEach(([c, g], i) => {
				const failed = Number(counts[`f${i}`]);
				const present = Number(counts[`p${i}`]);
				if (failed === 0) return;
				if (g.type === 'integer') {
					g.type = 'number';
					again.push([c, g]);
				} else if (failed > present * MAX_FAILED) {
					note('data.mixed_values', `"${c.name}" is kept as text: ${failed} of ${present} values are no ${g.type} (for example "${String(counts[`e${i}`]).slice(0, 40)}"). Clean can convert it.`);
					g.type = 'category';
					g.format = g.format.nulls ? { nulls: g.format.nulls } : {};
				}
			});
		}
		open = again;
	}
}

const INTEGERS = /^(U?TINYINT|U?SMALLINT|U?INTEGER|U?BIGINT|U?HUGEINT)$/;
const NUMBERS = /^(FLOAT|DOUBLE|DECIMAL.*|U?HUGEINT)$/;

/** A column whose own type says enough. */
function nativeColumn(c: RawColumn, forced: ColumnType | undefined, note: SourceContext['note']): TypedColumn {
	const key = quoteName(c.key);
	const duckType = c.duckType ?? 'VARCHAR';
	const [type, sql] = nativeType(key, duckType);
	const schema = (t: ColumnType): ColumnSchema => ({ name: c.name, type: t, role: 'feature' });
	if (!forced || forced === type) {
		if (type === 'category' && !/^(VARCHAR|ENUM.*|UUID|JSON|DATE|TIME.*)$/.test(duckType)) note('data.type', `"${c.name}" holds ${duckType.toLowerCase().slice(0, 40)} values and is kept as text.`);
		return { raw: c, schema: schema(type), sql, undecided: type === 'category' && !forced };
	}
	switch (forced) {
		case 'text':
		case 'category': return { raw: c, schema: schema(forced), sql: type === 'category' ? sql : `CAST(${sql} AS VARCHAR)` };
		case 'number': return { raw: c, schema: schema(forced), sql: type === 'datetime' ? `CAST(epoch_ms(${sql}) AS DOUBLE)` : `TRY_CAST(${sql} AS DOUBLE)` };
		case 'integer': {
			const whole = type === 'datetime' ? `epoch_ms(${sql})` : `CASE WHEN trunc(CAST(${sql} AS DOUBLE)) = CAST(${sql} AS DOUBLE) THEN TRY_CAST(${sql} AS BIGINT) END`;
			return { raw: c, schema: schema(forced), sql: whole, failed: `(${sql} IS NOT NULL AND (${whole}) IS NULL)` };
		}
		case 'boolean': {
			const flag = `CASE WHEN ${sql} = 1 THEN true WHEN ${sql} = 0 THEN false END`;
			return { raw: c, schema: schema(forced), sql: flag, failed: `(${sql} IS NOT NULL AND (${flag}) IS NULL)` };
		}
		case 'datetime': {
			const time = `epoch_ms(TRY_CAST(${sql} AS BIGINT))`;
			return { raw: c, schema: schema(forced), sql: time, failed: `(${sql} IS NOT NULL AND (${time}) IS NULL)` };
		}
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
