import { stat } from 'node:fs/promises';
import { cutText } from '../../domain/text.js';
import { isMissingWord } from '../grammar/missing.js';
import type { BadRow, SourceContext } from '../sources/contract.js';
import { eachRecord } from './carefulCsv.js';
import { cellKind, columnKinds } from './cellKind.js';
import type { Kept } from './csvHollow.js';
import type { CsvFile, CsvShape } from './csvShape.js';

/** Rows below a row of names that are looked at for what they hold. */
const BELOW = 12;
/** Rows of a table that tell the kinds of its columns: of its first half, as the other one may be another table. */
const TELLING = 100;
/** Columns of a wide table that are looked at. */
const LOOKED_AT = 50;
/** Rows that may be names, at most. */
const MOST = 20;
/** Larger files are not read once more for the lines where tables begin. */
const READ_AGAIN_BYTES = 64 << 20;
const SHOWN = 60;

type Kinds = ReadonlyArray<'number' | 'moment' | undefined>;
type Cells = ReadonlyArray<string | null>;

const isEmpty = (cell: string | null | undefined): boolean => !cell || cell.trim() === '';
const filledAt = (cells: Cells): number[] => cells.flatMap((cell, i) => (isEmpty(cell) ? [] : [i]));

/** Words, each once, as names are. */
function areNames(cells: Cells): boolean {
	const names = cells.filter((c) => !isEmpty(c)).map((c) => c!.trim());
	return (
		names.length > 1 &&
		new Set(names.map((n) => n.toLowerCase())).size === names.length &&
		names.every((n) => cellKind(n) === 'text' && !isMissingWord(n) && !n.endsWith(':') && n.length <= SHOWN)
	);
}

/**
 * Whether a row in a table is the names of another one: words where the table has numbers or dates, and below them rows of which at least
 * one column has a kind. Words may as well stand in the place of numbers in a row of the table, so without a gap above it has to be
 * different below, or each column has to have a kind, and none of the names may be a value.
 * @param kinds of the table
 * @param below the rows below it, up to the next gap
 * @param parted a blank row, or one with a title alone, stands above
 */
export function namesAnother(cells: Cells, below: readonly Cells[], kinds: Kinds, parted: boolean): boolean {
	const named = filledAt(cells);
	const against = named.filter((i) => kinds[i] !== undefined);
	if (against.length === 0 || below.length === 0 || !areNames(cells)) return false;
	const rows = below.slice(0, BELOW).filter((r) => filledAt(r).length > 0);
	if (rows.length === 0 || filledAt(rows[0]).some((i) => !named.includes(i))) return false;
	if (rows.some((r) => named.some((i) => !isEmpty(r[i]) && r[i]!.trim() === cells[i]!.trim()))) return false;
	const found = columnKinds(
		rows.map((r) => r.map((c) => c ?? '')),
		Math.max(cells.length, kinds.length),
	);
	if (!named.some((i) => found[i] !== undefined)) return false;
	if (parted) return true;
	const width = kinds.length;
	if (width > 1 && named.length === width && against.length === width) return true;
	return (
		rows.length > 1 && named.some((i) => kinds[i] !== undefined && rows.every((r) => ![kinds[i], 'empty'].includes(cellKind(r[i] ?? ''))))
	);
}

/** Rows below its names from which on what stands above a table is no title but a table. */
const TABLE_ROWS = 3;

/** The place of names with rows below them among the lines above a table, which were left out. */
export function tableAbove(above: readonly Cells[]): number | undefined {
	const at = above.findIndex((cells, i) => {
		const width = filledAt(cells).length;
		if (!areNames(cells)) return false;
		const rows: Cells[] = [];
		for (let k = i + 1; k < above.length && filledAt(above[k]).length > 1 && filledAt(above[k]).length <= width; k++) rows.push(above[k]);
		const kinds = columnKinds(
			rows.slice(0, BELOW).map((r) => r.map((c) => c ?? '')),
			cells.length,
		);
		return rows.length >= TABLE_ROWS && kinds.some((kind) => kind !== undefined);
	});
	return at < 0 ? undefined : at;
}

/** What is said of a table above the one that was read. */
export const aboveSaid = (what: 'line' | 'row', row: number): [code: string, text: string] => [
	'data.another_table',
	`What was left out above the table seems to be another table, with names of columns in ${what} ${row}. The one below was read, as ` +
		'it has more rows. If the other one is meant, save it by itself.',
];

/** Kinds of the columns as the first half of some rows has them. */
export const kindsOfFirst = (rows: readonly Cells[], width: number): Kinds =>
	columnKinds(
		rows.slice(0, Math.max(3, Math.min(TELLING, Math.ceil(rows.length / 2)))).map((r) => r.map((c) => c ?? '')),
		width,
	);

/** What is said of tables below the first. @param rows those from the first such names on, where they were read as rows */
export function anotherSaid(
	names: ReadonlyArray<{ cells: Cells; row: number }>,
	what: 'line' | 'row',
	rows: number | undefined,
): [code: string, text: string] {
	const shown = (cells: Cells): string =>
		cutText(
			cells
				.filter((c) => !isEmpty(c))
				.map((c) => c!.trim())
				.join(', '),
			SHOWN,
		);
	const [first] = names;
	return [
		'data.another_table',
		`${names.length === 1 ? 'Another table seems' : `${names.length} other tables seem`} to stand below the first: ${what} ${first.row} ` +
			`looks like names of columns ("${shown(first.cells)}"). ` +
			(rows === undefined
				? 'Its lines do not have as many values as those of the first table, and are kept apart. '
				: `It and the ${rows - 1} row${rows === 2 ? '' : 's'} below it were read as rows of the first table. `) +
			`If so, save each table by itself and read the one that is meant.`,
	];
}

/** Looks for names of another table among the rows of CSV files, and says so; gives what was said of lines that are kept apart. */
export async function noteOtherTables(
	shape: CsvShape,
	kept: Kept,
	rows: number,
	bad: readonly BadRow[],
	context: SourceContext,
): Promise<string | undefined> {
	const width = Math.min(shape.names.length, LOOKED_AT);
	const columns = Array.from({ length: width }, (_, i) => `c${i}`).join(', ');
	const part = async (from: number, to: number): Promise<string[][]> => {
		const found = await context.duck.rows<Record<string, string | null>>(
			`SELECT ${columns} FROM ${kept.relation} WHERE ${kept.position} >= ${from} AND ${kept.position} < ${to} ORDER BY ${kept.position}`,
		);
		return found.map((row) => Array.from({ length: width }, (_, i) => row[`c${i}`] ?? ''));
	};
	const kinds = kindsOfFirst(await part(0, Math.min(rows, 2 * TELLING)), width);
	const beside = apart(shape, bad, kinds);
	const said = beside.length ? anotherSaid(beside, 'line', undefined) : undefined;
	if (said) context.note(...said);
	const perhaps: Array<{ at: number; cells: string[]; below: string[][] }> = [];
	for (const at of await placesOfWords(kinds, kept, context)) {
		const [cells, ...below] = await part(at, at + 1 + BELOW);
		if (at > 0 && areNames(cells)) perhaps.push({ at, cells, below });
	}
	if (perhaps.length === 0) return said?.[1];
	const lines = await linesOf(shape, new Set(perhaps.map(({ cells }) => keyOf(cells))), context);
	const names = perhaps.flatMap(({ at, cells, below }) => {
		const found = lines.get(keyOf(cells));
		return namesAnother(cells, below, kinds, found?.parted ?? false) ? [{ at, cells, row: found?.line ?? at + 1 }] : [];
	});
	if (names.length) context.note(...anotherSaid(names, lines.size ? 'line' : 'row', rows - names[0].at));
	return said?.[1];
}

/** Positions of rows with a word in one column of numbers at least, and no number in any: names may hold digits behind a letter. */
async function placesOfWords(kinds: Kinds, { relation, position }: Kept, { duck }: SourceContext): Promise<number[]> {
	const asked = kinds.flatMap((kind, i) => (kind ? [{ kind, cell: `trim(c${i})` }] : []));
	if (asked.length === 0) return [];
	const begins = '^[\\p{L}_#(\\[]';
	const words = asked.map(({ kind, cell }) => {
		const word = `regexp_matches(${cell}, '${begins}')${kind === 'moment' ? ` AND NOT regexp_matches(${cell}, '\\d')` : ''}`;
		return `(coalesce(${cell}, '') = '' OR (${word}))`;
	});
	const some = asked.map(({ cell }) => `regexp_matches(${cell}, '${begins}\\D*\\d?$')`);
	const places = await duck.rows<{ at: number }>(
		`SELECT CAST(${position} AS DOUBLE) AS at FROM ${relation} WHERE ${words.join(' AND ')} AND (${some.join(' OR ')}) ` +
			`ORDER BY 1 LIMIT ${MOST}`,
	);
	return places.map(({ at }) => at);
}

const keyOf = (cells: Cells): string => cells.map((c) => c?.trim() ?? '').join('\u001f');

/** Names of other tables among the lines that were kept apart: as many values in the next line, of which one has a kind. */
function apart({ names, files }: CsvShape, bad: readonly BadRow[], kinds: Kinds): Array<{ cells: Cells; row: number }> {
	if (files.length > 1) return [];
	const { delimiter } = files[0].dialect;
	const rows = bad.map(({ row, text }) => ({ row, cells: text.split(delimiter) }));
	return rows.filter(({ cells }, i) => {
		const below: string[][] = [];
		for (let k = i + 1; k < rows.length && rows[k].cells.length === cells.length && below.length < BELOW; k++) below.push(rows[k].cells);
		if (cells.length === names.length || below.length === 0) return false;
		return namesAnother(cells, below, [...kinds, ...cells.slice(kinds.length).map(() => undefined)], true);
	});
}

/** Where such rows stand in the files, and whether something parts them from the rows above; nothing of large files. */
async function linesOf(
	{ files }: CsvShape,
	wanted: ReadonlySet<string>,
	context: SourceContext,
): Promise<ReadonlyMap<string, { line: number; parted: boolean }>> {
	const found = new Map<string, { line: number; parted: boolean }>();
	if (files.length > 1 || (await stat(files[0].path)).size > READ_AGAIN_BYTES) return found;
	const [file] = files;
	const place = ofTable(file);
	let next = 0;
	let alone = false;
	await eachRecord(
		file,
		async ({ cells, lines }, line) => {
			const key = keyOf(place(cells));
			if (wanted.has(key) && !found.has(key)) found.set(key, { line, parted: (next > 0 && line > next) || alone });
			alone = filledAt(cells).length < 2;
			next = line + lines;
			return await Promise.resolve();
		},
		context,
	);
	return found;
}

/** The cells of a record in the order of the table's columns, as far as they are looked at. */
const ofTable =
	({ at }: CsvFile) =>
	(cells: readonly string[]): string[] =>
		at.slice(0, LOOKED_AT).map((k) => cells[k] ?? '');

/**
 * Says where an empty column without a name parts the others in two: two tables side by side perhaps, as sheets have them.
 * @param empty places of the columns that are left out
 */
export async function noteBeside(names: readonly string[], empty: readonly number[], kept: Kept, context: SourceContext): Promise<void> {
	const parts: number[][] = [[]];
	for (const i of names.keys()) {
		if (!empty.includes(i)) parts.at(-1)!.push(i);
		else if (parts.at(-1)!.length) parts.push([]);
	}
	const tables = parts.filter((part) => part.length > 1);
	if (tables.length < 2) return;
	const none = (part: readonly number[]): string =>
		`(${part
			.slice(0, LOOKED_AT)
			.map((i) => `coalesce(trim(c${i}), '') = ''`)
			.join(' AND ')})`;
	const [{ rows, whole }] = await context.duck.rows<{ rows: number; whole: number }>(
		`SELECT count(*) AS rows, count(*) FILTER (WHERE NOT (${tables.map(none).join(' OR ')})) AS whole FROM ${kept.relation}`,
	);
	const shown = tables.map((part) => `${part.length} from "${cutText(names[part[0]], SHOWN)}" on`);
	context.note(
		'data.tables_beside',
		`Empty columns without a name part the others (${shown.join(', ')}): these may be ${tables.length === 2 ? 'two' : tables.length} ` +
			`tables side by side, which were read as one. ${whole === rows ? 'All' : whole} of ${rows} rows have values in each. ` +
			'If they have nothing to do with one another, save each table by itself.',
	);
}

/** Looks for names of other tables among the rows of a sheet, which come one by one. */
export class NamesBelow {
	private kinds: Kinds = [];
	private rows = 0;
	private last = { number: 0, alone: false };
	private readonly perhaps: Array<{ cells: Cells; row: number; from: number; parted: boolean; below: Cells[] }> = [];

	/** @param rows the first ones of the table */
	begin(rows: readonly Cells[], width: number): void {
		this.kinds = kindsOfFirst(rows, width);
	}

	/** @param number of the row in the sheet, in which blank rows count */
	see(cells: Cells, number: number): void {
		for (const { below } of this.perhaps) if (below.length < BELOW) below.push(cells);
		const { last } = this;
		const parted = last.number > 0 && (number > last.number + 1 || last.alone);
		if (this.rows > 0 && this.perhaps.length < MOST && areNames(cells))
			this.perhaps.push({ cells, row: number, from: this.rows, parted, below: [] });
		this.rows++;
		this.last = { number, alone: filledAt(cells).length < 2 };
	}

	/** Notes, once all rows were seen. */
	said(): Array<[code: string, text: string]> {
		const found = this.perhaps.filter(({ cells, below, parted }) => namesAnother(cells, below, this.kinds, parted));
		return found.length ? [anotherSaid(found, 'row', this.rows - found[0].from)] : [];
	}
}
