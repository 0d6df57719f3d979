import { own } from '../domain/dictionary.js';
import type { ColumnSchema, ColumnType } from '../domain/column.js';
import { trimSql } from './grammar/sql.js';
import { FEW, rowsOf, tallyOf, type Inferred, type InferOptions } from './grammar/tally.js';
import { quoteName, WIDE } from './duck.js';
import { Disagreement, foundBefore, type Known } from './known.js';
import { formatField, nativeColumn } from './nativeColumn.js';
import type { RawColumn, RawTable, SourceContext } from './sources/contract.js';
import { sampleTexts, SAMPLE_ROWS } from './sampleTexts.js';
import { typedRelation, type Reading } from './typedRelation.js';
import { cutText } from '../domain/text.js';
import { trimBlank } from './parse.js';
import { cellsOf, type CellReading, type Cells } from './wideCells.js';
import type { Made } from './typedTable.js';
import type { Open, Whole } from './openColumn.js';
import { infer, optionsOf, settleTogether } from './settleTypes.js';

/** How a column of the relation becomes a stored one. */
export interface TypedColumn extends Reading {
	schema: ColumnSchema;
	/** Rows that have a value which cannot be read as the type that a person wants. They go to quarantine. */
	failed: number;
	/** Rows that have a value which cannot be read as the type that was found. They are gaps. */
	strays: number;
	/** Rows whose text is kept beside the value, since the value does not give it back. */
	kept: number;
	/** Strings whose type (category or text) depends on how many differ. */
	undecided?: boolean;
	/** Where it lies already as it will be stored, read in the pass that checked its type. */
	made?: Made;
	/** All of its texts, where a wide table is small enough, and how they are read. */
	celled?: { cells: Cells; reading: CellReading };
}

export interface TypingOptions {
	/** Share of cells that may be unreadable in a column of numbers, dates or yes/no. */
	strayShare?: number;
	/** Rows looked at before all are checked. */
	sampleRows?: number;
	/** Columns that rows are added to: their types and formats hold, or `Disagreement` is thrown. */
	known?: ReadonlyMap<string, Known>;
}

/**
 * Finds a type for every column; `forced` types are taken as said. Strings are `category` until their values are counted.
 * What the sample suggested is checked on all rows, and chosen anew where they deny it.
 */
export async function typeColumns(
	raw: RawTable,
	forced: Record<string, ColumnType>,
	context: SourceContext,
	{ strayShare, sampleRows = SAMPLE_ROWS, known = new Map() }: TypingOptions = {},
): Promise<TypedColumn[]> {
	const { duck, note } = context;
	await duck.widen(raw.columns.length);
	const [{ rows }] = raw.unread ? [raw.unread] : await duck.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${raw.relation}`);
	const wanted = (c: RawColumn): ColumnType | undefined => own(forced, c.name);
	const textual = raw.columns.filter(
		(c) => c.kind === 'text' || (c.kind === 'string' && wanted(c) && wanted(c) !== 'category' && wanted(c) !== 'text'),
	);
	const { samples, complete, exact } = await sampleTexts(raw, textual, rows, sampleRows, context);
	const options: InferOptions = { nulls: raw.nulls, decimal: raw.decimal, plainNumbers: raw.plainNumbers, share: strayShare };
	const wide = complete && raw.columns.length > WIDE;
	const columns = await inferAll(raw, textual, samples, wanted, { ...options, known, keep: wide });
	// Columns of a wide table are many queries, or very long ones: where all of its texts were looked at, they are kept instead.
	if (!exact()) for (const c of columns) c.cells = undefined;
	const wantedNative = (c: RawColumn): ColumnType | undefined =>
		wanted(c) ?? (c.kind === 'native' ? known.get(c.name)?.schema.type : undefined);
	const natives = raw.columns.filter((c) => !textual.includes(c)).map((c) => [c, nativeColumn(c, wantedNative(c), () => {})] as const);
	const whole: Whole = { columns, others: new Map(natives) };
	await settleTogether(raw, whole, complete, options, context);
	const open = new Map(columns.map((c) => [c.column, c]));
	const typed = raw.columns.map((c): TypedColumn => {
		const found = open.get(c);
		if (!found) return { ...nativeColumn(c, wantedNative(c), note), made: whole.others.get(c)?.made };
		const column = typedColumn(found, complete, context);
		// A source that has values has no texts of its own, but for what is no value of the column's type.
		return raw.valuesOnly && column.strays === 0 ? { ...column, kept: 0 } : column;
	});
	for (const c of columns) if (!raw.nulls && holdsCodes(c)) await noteMissingCode(raw, c, context);
	// A native column can only fail where a person wants another type than its own.
	const odd = typed.filter((t) => t.native !== undefined && wantedNative(t.raw) === t.schema.type);
	for (const t of odd) {
		const [{ failed }] = await duck.rows<{ failed: number }>(
			`SELECT count(*) FILTER (p0 AND v0 IS NULL) AS failed FROM ${typedRelation(raw, [t])}`,
		);
		t.failed = failed;
		if (failed > 0 && !wanted(t.raw))
			throw new Disagreement(t.schema.name, `is ${t.schema.type} there, and ${failed} of its values are not`);
	}
	return typed;
}

/** Codes of two letters, as countries and states have: among them NA may be one. */
function holdsCodes({ guess: { type }, tally }: Open): boolean {
	if (type !== 'category' || tally.size < 3) return false;
	const codes = rowsOf(new Map([...tally].filter(([text]) => /^[A-Z]{2}$/.test(text))));
	return codes >= rowsOf(tally) * 0.9;
}

async function noteMissingCode(raw: RawTable, { column, cells }: Open, { duck, note }: SourceContext): Promise<void> {
	const query = `SELECT count(*) AS n FROM ${raw.relation} WHERE ${trimSql(quoteName(column.key))} = 'NA'`;
	const n = cells ? rowsWith(cells, 'NA') : (await duck.rows<{ n: number }>(query))[0].n;
	if (n === 0) return;
	note(
		'data.missing_code',
		`"${column.name}" holds codes of two letters, and "NA" (${n} row${n === 1 ? '' : 's'}) was read as missing. If it is a code, as ` +
			'Namibia has it, name the words that mean "missing" under "Options" of Ingest.',
	);
}

/** Rows that have this text, blanks around it aside. */
function rowsWith({ texts, codes }: Cells, wanted: string): number {
	const numbers = new Set(texts.flatMap((text, i) => (trimBlank(text) === wanted ? [i + 1] : [])));
	return numbers.size === 0 ? 0 : codes.reduce((n, code) => n + Number(numbers.has(code)), 0);
}

async function inferAll(
	raw: RawTable,
	textual: readonly RawColumn[],
	samples: AsyncIterable<Array<string | null>>,
	wanted: (c: RawColumn) => ColumnType | undefined,
	{ known: before, keep, ...options }: InferOptions & { known: ReadonlyMap<string, Known>; keep: boolean },
): Promise<Open[]> {
	const open: Open[] = [];
	for await (const sample of samples) {
		const column = textual[open.length];
		const forced = wanted(column);
		const tally = tallyOf(sample, raw.nulls);
		const known = before.get(column.name);
		const guess = known ? foundBefore(known) : infer({ tally, forced }, optionsOf(column, options));
		open.push({ column, forced, known, tally, guess, present: rowsOf(tally), cells: keep ? cellsOf(sample) : undefined });
	}
	return open;
}

function typedColumn({ column, forced, guess, leftovers, made, cells }: Open, complete: boolean, { note }: SourceContext): TypedColumn {
	for (const text of guess.notes) note('data.type', `"${column.name}" ${text}.`);
	if (guess.mixed && !forced) note('data.mixed_values', mixedNote(column.name, guess.mixed, complete || guess.mixed.all === true));
	const unreadable = leftovers ? leftovers.unreadable + leftovers.words : 0;
	return {
		raw: column,
		schema: { name: column.name, type: guess.type, role: 'feature', ...formatField(guess.format) },
		format: guess.format,
		long: guess.long,
		leftovers: leftovers?.table,
		failed: forced ? unreadable : 0,
		strays: forced ? 0 : unreadable,
		kept: leftovers?.kept ?? 0,
		undecided: guess.type === 'category' && !forced,
		made,
		...(cells ? { celled: { cells, reading: { ...guess, wholeOnly: forced === 'integer' } } } : {}),
	};
}

/** @param all whether all rows were counted, or a sample of them */
function mixedNote(name: string, { type, failed, present, examples }: NonNullable<Inferred['mixed']>, all: boolean): string {
	const list = examples.texts.map((text) => `"${cutText(text, 40)}"`).join(', ');
	return (
		`"${name}" is kept as text: ${failed} of ${present} values${all ? '' : ' that were looked at'} ${failed === 1 ? 'is' : 'are'} no ` +
		`${TYPE_WORDS[type]} (${list}${examples.more ? ' and others' : ''}). Clean can convert it. Or choose its type under ` +
		'"Column Settings" of Ingest, which keeps rows that do not fit apart' +
		(present < FEW ? '.' : ', or allow more unreadable cells under "Reading Options", which makes gaps of them.')
	);
}

const TYPE_WORDS: Record<ColumnType, string> = {
	number: 'number',
	integer: 'whole number',
	boolean: 'yes or no',
	datetime: 'date',
	category: 'text',
	text: 'text',
};
