import { own } from '../domain/dictionary.js';
import type { ColumnSchema, ColumnType } from '../domain/column.js';
import { booleanReader } from './grammar/boolean.js';
import { spellingsOf } from './grammar/date.js';
import { countLeftovers, readLeftovers, type LeftoverCounts, type Leftovers } from './grammar/leftovers.js';
import { inferColumn, inferForced, secondGrammar } from './grammar/inferColumn.js';
import { isMissingWord } from './grammar/missing.js';
import { presentSql, trimSql, usualSql, usualTest } from './grammar/sql.js';
import { areSlips, rowsOf, strayLimit, tallyOf, type Inferred, type InferOptions, type Tally } from './grammar/tally.js';
import { voteOf } from './grammar/vote.js';
import { quoteName, WIDE } from './duck.js';
import { Disagreement, foundBefore, type Known } from './known.js';
import { formatField, nativeColumn } from './nativeColumn.js';
import type { RawColumn, RawTable, SourceContext } from './sources/contract.js';
import { readFirst } from './readFirst.js';
import { sampleTexts, SAMPLE_ROWS } from './sampleTexts.js';
import { typedRelation, type Reading } from './typedRelation.js';
import { cutText } from '../domain/text.js';
import { trimBlank } from './parse.js';
import { cellsOf, type CellReading, type Cells } from './wideCells.js';
import { countMade, makeTyped, MOST_MADE, putLeftovers, type Made } from './typedTable.js';

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

/** Columns checked in one query; more would make it slow to plan. */
const BATCH = 200;
/** Times that a type may be chosen anew when all rows are seen. */
const REVISIONS = 3;

export interface TypingOptions {
	/** Share of cells that may be unreadable in a column of numbers, dates or yes/no. */
	strayShare?: number;
	/** Rows looked at before all are checked. */
	sampleRows?: number;
	/** Columns that rows are added to: their types and formats hold, or `Disagreement` is thrown. */
	known?: ReadonlyMap<string, Known>;
}

/** A column of text on its way to a type. */
interface Open {
	column: RawColumn;
	forced?: ColumnType;
	known?: Known;
	tally: Tally;
	guess: Inferred;
	leftovers?: LeftoverCounts & Partial<Leftovers>;
	present: number;
	made?: Made;
	cells?: Cells;
}

/** The open columns of a table, and all others that are read in the same pass. */
interface Whole {
	columns: readonly Open[];
	others: Map<RawColumn, Reading & { made?: Made }>;
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

const infer = ({ tally, forced }: Pick<Open, 'tally' | 'forced'>, options: InferOptions): Inferred =>
	forced ? inferForced(tally, forced, options) : inferColumn(tally, options);

const optionsOf = ({ strings }: RawColumn, options: InferOptions): InferOptions =>
	strings ? { ...options, plainNumbers: false } : options;

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

const needsCheck = ({ guess: { type } }: Open): boolean => type !== 'category' && type !== 'text';

/**
 * The columns vote on the notation of the file, and each is settled with it. Where all rows say something else of a column than the sample
 * did, those that left it to the vote are settled anew.
 */
async function settleTogether(
	raw: RawTable,
	whole: Whole,
	complete: boolean,
	options: InferOptions,
	context: SourceContext,
): Promise<void> {
	const { columns } = whole;
	const isOpen = ({ guess: { open } }: Open): boolean => Boolean(open.mark || open.order);
	const vote = voteOf(
		columns.map((c) => c.guess),
		raw.delimiter,
	);
	for (const c of columns) if (isOpen(c)) c.guess = infer(c, optionsOf(c.column, { ...options, vote }));
	// It must be read, even where nothing is to be checked.
	if (raw.unread && !columns.some(needsCheck)) await readMade(raw, whole, [], context);
	await settle(raw, whole, columns, complete, { ...options, vote }, context);
	if (complete) return;
	const later = voteOf(
		columns.map((c) => c.guess),
		raw.delimiter,
	);
	if (later.mark !== vote.mark || later.dayFirst !== vote.dayFirst) {
		const again = columns.filter((c) => !c.forced && isOpen(c));
		for (const c of again) Object.assign(c, { guess: revised(c, { ...options, vote: later }), leftovers: undefined, made: undefined });
		await settle(raw, whole, again, complete, { ...options, vote: later }, context);
	}
	// What became text after its first pass.
	const late = columns.filter((c) => !c.made);
	if (late.length === 0 || late.length === columns.length) return;
	const made = await makeTyped(raw, late.map(readingOf), context.duck);
	for (const [i, c] of late.entries()) c.made = made[i];
}

function readingOf({ column, guess, tally }: Open): Reading {
	const { type, format, long } = guess;
	const usual = usualTest(type, format, long);
	return { raw: column, schema: guess, format, long, usual: tally.size > 0 && [...tally.keys()].every(usual) };
}

/** Reads what SQL does not read itself; a guess that too many values deny is made anew from them, and gives way to text at last. */
async function settle(
	raw: RawTable,
	whole: Whole,
	columns: readonly Open[],
	complete: boolean,
	options: InferOptions,
	context: SourceContext,
): Promise<void> {
	let open = columns.filter(needsCheck);
	for (let round = 0; open.length; round++) {
		const again: Open[] = [];
		const rest = complete
			? await readTallies(open, context)
			: raw.columns.length <= MOST_MADE
				? await readMade(raw, whole, open, context)
				: await readRelation(raw, open, context);
		for (const c of rest) {
			context.check();
			if (c.forced) {
				await settled(c, context);
				continue;
			}
			if (c.known) {
				if (!fits(c, options)) throw new Disagreement(c.column.name, notAsBefore(c));
				await settled(c, context);
				continue;
			}
			const before = c.guess;
			// What the sample left open may be said by a row that was not in it, and a date may stand there in another spelling.
			const told = !complete && round < REVISIONS ? toldBy(c, options) : undefined;
			if (told) {
				Object.assign(c, { guess: told, leftovers: undefined, made: undefined });
				again.push(c);
				continue;
			}
			if (fits(c, options)) {
				await settled(c, context);
				continue;
			}
			if (round < REVISIONS) c.guess = revised(c, options);
			else c.guess = { ...before, type: 'category' };
			if (c.guess.type === 'category') mixed(c, before, options);
			else again.push(c);
			Object.assign(c, { leftovers: undefined, made: undefined });
		}
		open = again;
	}
}

/** The guess that rows outside of the sample allow: one that leaves nothing open, or that reads dates which this one does not. */
function toldBy(c: Open, options: InferOptions): Inferred | undefined {
	const { guess, leftovers } = c;
	const unread = guess.type === 'datetime' && (leftovers?.unreadable ?? 0) > 0;
	if (!leftovers || !(guess.open.mark || guess.open.order || unread)) return undefined;
	const told = revised(c, options);
	if (told.type !== guess.type) return undefined;
	const more = unread && spellingsOf(told.format).length > spellingsOf(guess.format).length;
	const closed = (guess.open.mark || guess.open.order) && !told.open.mark && !told.open.order;
	return more || closed ? told : undefined;
}

/** What was read by the JavaScript form takes its place. */
async function settled(c: Open, { duck }: SourceContext): Promise<void> {
	if (c.made && c.leftovers?.table) await putLeftovers(c.made, c.guess.type, c.leftovers.table, duck);
	c.guess = withGrammar(c);
}

/** The format names the second grammar where a text of the leftovers needs it. */
function withGrammar({ guess, leftovers }: Open): Inferred {
	if (guess.format.v || !leftovers || !secondGrammar(guess.type, guess.format, leftovers.texts.keys())) return guess;
	return { ...guess, format: { ...guess.format, v: 2 } };
}

const notAsBefore = ({ guess: { type }, leftovers }: Open): string => {
	const [text] = leftovers?.example === undefined ? [...(leftovers?.texts.keys() ?? [])] : [leftovers.example];
	return `is ${type} there, which ${text === undefined ? 'some values are' : `"${cutText(text, 40)}" is`} not`;
};

function fits({ guess, leftovers, present: here, known }: Open, { share }: InferOptions): boolean {
	if (!leftovers) return true;
	const present = here + (known?.present ?? 0);
	if (guess.type === 'integer' && (leftovers.fractions || leftovers.unsafe)) return false;
	// Codes with a leading zero among whole numbers.
	if (guess.type === 'integer' && [...leftovers.texts.keys()].some((text) => /^[+-]?0\d+$/.test(text))) return false;
	if (guess.type === 'boolean' && !areSlips(strayWords(leftovers, guess.format), present, share)) return false;
	return leftovers.unreadable + (known?.strays ?? 0) <= strayLimit(present, share) && leftovers.words <= present / 2;
}

/** Rows of each word that is neither yes nor no. */
function strayWords({ texts }: LeftoverCounts, format: Inferred['format']): number[] {
	const read = booleanReader(format);
	const words = new Map<string, number>();
	for (const [text, rows] of texts) {
		const word = text.toLowerCase();
		if (read(text) === undefined && !isMissingWord(text)) words.set(word, (words.get(word) ?? 0) + rows);
	}
	return [...words.values()];
}

/** Chooses anew from the sample and from what was left over of all rows; the sample stands for the rows that it was taken from. */
function revised(c: Open, options: InferOptions): Inferred {
	const factor = c.present / Math.max(1, rowsOf(c.tally));
	const texts = new Map([...c.tally].map(([text, rows]) => [text, rows * factor]));
	for (const [text, rows] of [...(c.leftovers?.texts ?? [])].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) texts.set(text, rows);
	return inferColumn(texts, optionsOf(c.column, options));
}

function mixed(c: Open, before: Inferred, options: InferOptions): void {
	c.guess = { ...c.guess, format: options.nulls ? { nulls: [...options.nulls] } : {} };
	if (!c.leftovers || c.guess.notes.length) return;
	const failed = c.leftovers.unreadable + c.leftovers.words;
	if (!failed) return;
	c.guess.mixed = { type: before.type, failed, present: c.present, example: c.leftovers.example ?? '', all: true };
}

/** @param all whether all rows were counted, or a sample of them */
const mixedNote = (name: string, { type, failed, present, example }: NonNullable<Inferred['mixed']>, all: boolean): string =>
	`"${name}" is kept as text: ${failed} of ${present} values${all ? '' : ' that were looked at'} are no ${TYPE_WORDS[type]} (for example ` +
	`"${cutText(example, 40)}"). Clean can convert it, or allow more unreadable cells under "Options" of Ingest.`;
const TYPE_WORDS: Record<ColumnType, string> = {
	number: 'number',
	integer: 'integer',
	boolean: 'yes or no',
	datetime: 'date',
	category: 'text',
	text: 'text',
};

/** All rows are in the sample: what SQL would not read is known without asking. */
async function readTallies(open: readonly Open[], { duck }: SourceContext): Promise<Open[]> {
	for (const c of open) {
		const { type, format, long } = c.guess;
		const usual = usualTest(type, format, long);
		const rest = [...c.tally].filter(([text]) => !usual(text));
		if (rest.length === 0) continue;
		const whole = c.forced === 'integer';
		c.leftovers = c.cells
			? countLeftovers({ type }, format, rest, whole)
			: await readLeftovers(duck, { type }, format, batched(rest), whole);
	}
	return [...open];
}

/** Texts that SQL does not read, as a table, of columns whose cells lie in memory: for who asks the database about them all the same. */
export async function tabulated(typed: readonly TypedColumn[], { duck }: SourceContext): Promise<TypedColumn[]> {
	const all: TypedColumn[] = [];
	for (const t of typed) {
		if (!t.celled || t.leftovers) {
			all.push(t);
			continue;
		}
		const { cells, reading } = t.celled;
		const { type, format, long, wholeOnly } = reading;
		const usual = usualTest(type, format, long);
		const rest = [...tallyOf(cells.texts, format.nulls)].filter(([text]) => !usual(text));
		const leftovers = rest.length ? (await readLeftovers(duck, { type }, format, batched(rest), wholeOnly)).table : undefined;
		all.push({ ...t, leftovers });
	}
	return all;
}

async function* batched<T>(list: readonly T[]): AsyncGenerator<readonly T[]> {
	yield list;
}

/**
 * Reads columns into a table as they will be stored, in the first pass all of the relation, so that what fits is read once. What SQL does
 * not read stands there as text.
 */
async function readMade(raw: RawTable, { columns, others }: Whole, open: readonly Open[], { duck }: SourceContext): Promise<Open[]> {
	const all = columns.some((c) => c.made) ? open : columns;
	const besides = all === columns ? [...others.values()] : [];
	const made = await (raw.unread && all === columns
		? readFirst(raw, all.map(readingOf), duck)
		: makeTyped(raw, [...all.map(readingOf), ...besides], duck));
	for (const [i, c] of [...all, ...besides].entries()) c.made = made[i];
	const counts = await countMade(
		open.map((c) => c.made!),
		duck,
	);
	for (const [i, c] of open.entries()) {
		c.present = counts[i].read + counts[i].left;
		if (counts[i].left === 0) continue;
		const { table, text } = c.made!;
		const rest = streamed(duck, `SELECT ${text} AS t, count(*) AS rows FROM ${table} WHERE ${text} IS NOT NULL GROUP BY t`);
		c.leftovers = await readLeftovers(duck, { type: c.guess.type }, c.guess.format, rest, c.forced === 'integer');
	}
	return [...open];
}

/** The same for wide tables, which are read once more when they are written. */
async function readRelation(raw: RawTable, open: readonly Open[], { duck, check }: SourceContext): Promise<Open[]> {
	for (let at = 0; at < open.length; at += BATCH) {
		check();
		const batch = open.slice(at, at + BATCH);
		const relation = typedRelation(raw, batch.map(readingOf));
		const [counts] = await duck.rows<Record<string, number>>(
			`SELECT ${batch.map((_, i) => `count(*) FILTER (p${i}) AS p${i}, count(v${i}) AS v${i}`).join(', ')} FROM ${relation}`,
		);
		for (const [i, c] of batch.entries()) {
			c.present = counts[`p${i}`];
			if (c.present === counts[`v${i}`]) continue;
			const { type, format, long } = c.guess;
			const text = trimSql(quoteName(c.column.key));
			const rest =
				`SELECT t, count(*) AS rows FROM (SELECT ${text} AS t FROM ${raw.relation}) WHERE ${presentSql('t', format)} AND ` +
				`${usualSql('t', type, format, long)} IS NULL GROUP BY t`;
			c.leftovers = await readLeftovers(duck, { type }, format, streamed(duck, rest), c.forced === 'integer');
		}
	}
	return [...open];
}

async function* streamed(duck: SourceContext['duck'], sql: string): AsyncGenerator<ReadonlyArray<readonly [string, number]>> {
	const result = await duck.stream(sql);
	for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
		const texts = chunk.getColumnValues(0) as string[];
		const rows = chunk.getColumnValues(1) as bigint[];
		yield texts.map((text, i) => [text, Number(rows[i])] as const);
	}
}
