import { NULL_WORDS } from '../format.js';
import { NUMBER_REGEX } from '../parse.js';
import { isUnitName } from '../grammar/inferNumbers.js';
import { isMissingWord } from '../grammar/missing.js';
import { cellKind, columnKinds } from './cellKind.js';

/** A record as far as finding the table needs it. */
export interface Line {
	cells: readonly string[];
	gap: boolean;
}

/** Where in the first records the table lies. */
export interface Location {
	width: number;
	/** Index of the first record with data. */
	body: number;
	/** Indices of the records that name the columns, none where nothing does. */
	header: number[];
	/** Records above the header that are no part of the table. */
	above: number[];
	kinds: Array<'number' | 'moment' | undefined>;
	/** Index of a line below the names that says the types of the columns; it and what stands between it and the body are no rows. */
	types?: number;
}

const filled = (cells: readonly string[]): number => cells.reduce((n, c) => n + (c.trim() === '' ? 0 : 1), 0);
/** Values, without empty ones at the end. */
const trimmedWidth = (cells: readonly string[]): number => {
	let width = cells.length;
	while (width > 1 && cells[width - 1].trim() === '') width--;
	return width;
};

/** The width that most records have, counted where the table probably is; records with one value are no rows of a table. */
export function tableWidth(records: readonly Line[]): number {
	const counts = new Map<number, number>();
	for (const {
		cells: { length },
	} of records)
		counts.set(length, (counts.get(length) ?? 0) + 1);
	let width = records.length ? 1 : 0;
	let most = 0;
	for (const [w, count] of counts) {
		// A single wide line among narrow ones is no table, two of them may be a header and a row.
		const weight = w === 1 ? count * 0.2 : count;
		if (weight > most || (weight === most && w > width)) [width, most] = [w, weight];
	}
	return width;
}

/**
 * Finds header and body in the first records of a text or a sheet: titles, remarks and blank lines may stand above, names may take two
 * lines or be missing. The body is where the columns have the kinds of values that most of the records have.
 */
export function locate(records: readonly Line[], width: number, wanted: 'auto' | 'yes' | 'no'): Location {
	if (records.length === 0) return { width, body: 0, header: [], above: [], kinds: [] };
	const tail = records.slice(Math.floor(records.length / 2)).filter((r) => r.cells.length === width && filled(r.cells) > 0);
	const kinds = columnKinds(
		tail.map((r) => r.cells),
		width,
	);
	const median = tail.map((r) => filled(r.cells)).sort((a, b) => a - b)[Math.floor(tail.length / 2)] ?? 1;
	const need = Math.min(width, Math.max(Math.min(2, width), Math.ceil(median * 0.6)));
	const complete = (r: Line | undefined): boolean =>
		r !== undefined && filled(r.cells) >= need && (r.cells.length === width || trimmedWidth(r.cells) >= width - 1);
	const table = { records, width, kinds, complete };
	const body = firstBody(table);
	const above = (to: number) => Array.from({ length: to }, (_, i) => i);
	let block = body;
	while (block > 0 && complete(records[block - 1]) && !records[block].gap) block--;
	const nameless = (): Location => {
		const top = topRow(table, block);
		return { width, kinds, header: [], body: top, above: above(top) };
	};
	if (wanted === 'no') return nameless();
	const types = typesBelowNames(table, body);
	if (types) return { width, kinds, header: [types - 1], body: Math.max(body, types + 1), above: above(types - 1), types };
	const found = firstIsNames(table, headerOf(table, block, body), body, wanted);
	if (found.length) return { width, kinds, header: found, body: found.at(-1)! + 1, above: above(found[0]) };
	// What can only be a row does not become names because the line of names is damaged.
	if (wanted === 'yes' && (block === 0 || nameLike(records[block].cells, [])))
		return { width, kinds, header: [block], body: block + 1, above: above(block) };
	return nameless();
}

/** The first of the rows that end in one of a table without names: those above it may lack some values. */
function topRow(table: Table, row: number): number {
	const { records, complete } = table;
	let top = row;
	for (let i = row; i > 0 && !records[i].gap && (complete(records[i - 1]) || isGappy(table, records[i - 1])); ) top = --i;
	return top;
}

/** Words by which programs and databases call the type of a column, in a line below the names. */
const TYPE_WORD = new RegExp(
	'^(?:continuous|discrete|[cdst]|string|str|text|(?:var)?char|character varying|nominal|ordinal|categor(?:y|ical)|int(?:eger)?\\d*' +
		'|(?:big|small|tiny)int|long|float\\d*|double(?: precision)?|real|decimal|numeric|number|bool(?:ean)?|date|time|datetime' +
		'|timestamp|object|factor|logical)(?:\\(.*\\)|\\[.*\\])?$',
	'i',
);
/** What Orange writes into its third line. */
const ROLE_WORD = /^(?:class|meta|ignore|weight|[imcw]|-.*)$/i;

/** The line of types right below the names, with one of roles below it perhaps: nothing that a row could hold. */
function typesBelowNames(table: Table, body: number): number | undefined {
	const { records, width } = table;
	for (const at of [body, body - 1, body - 2]) {
		const line = records[at];
		if (at < 1 || line?.cells.length !== width || filled(line.cells) < width) continue;
		if (!line.cells.every((c) => TYPE_WORD.test(c.trim())) || line.cells.every((c) => c.trim().length === 1)) continue;
		const { checked, right } = fit(table, line.cells);
		const between = records.slice(at + 1, body).every(({ cells }) => cells.every((c) => c.trim() === '' || ROLE_WORD.test(c.trim())));
		const names = records[at - 1];
		if (checked > 0 && right === 0 && between && names.cells.length === width && nameLike(names.cells, [])) return at;
	}
	return undefined;
}

interface Table {
	records: readonly Line[];
	width: number;
	kinds: Location['kinds'];
	complete(record: Line | undefined): boolean;
}

/** How many of the values in columns of a kind are of that kind; gaps and words for them do not count. */
function fit({ kinds }: Pick<Table, 'kinds'>, cells: readonly string[]): { checked: number; right: number } {
	let checked = 0;
	let right = 0;
	kinds.forEach((kind, i) => {
		if (!kind) return;
		const found = cellKind(cells[i] ?? '');
		if (found === 'empty') return;
		checked++;
		if (found === kind) right++;
	});
	return { checked, right };
}

/** A row that lacks some values: what it has is of the kinds of its columns. */
function isGappy(table: Table, record: Line): boolean {
	const { checked, right } = fit(table, record.cells);
	return !table.complete(record) && record.cells.length === table.width && checked > 0 && right === checked;
}

/** A row with nothing but words for "no value" in the columns of a kind. */
const isUnknown = (table: Table, record: Line): boolean =>
	table.complete(record) &&
	fit(table, record.cells).checked === 0 &&
	table.kinds.some((kind, i) => kind !== undefined && (record.cells[i] ?? '').trim() !== '');

/** The first record that looks like those below it; in a table of words alone the first complete one. */
function firstBody(table: Table): number {
	const { records, kinds, complete } = table;
	const typed = kinds.some((k) => k !== undefined);
	const fits = (r: Line | undefined): boolean => {
		if (!complete(r)) return false;
		const { checked, right } = fit(table, r!.cells);
		return checked > 0 && (checked > 2 ? right * 2 >= checked : right === checked);
	};
	for (let i = 0; i < records.length; i++) {
		if (!typed && complete(records[i])) return i;
		if (!typed || !fits(records[i])) continue;
		const next = records.slice(i + 1, i + 4);
		// Rows that lack values belong to a table as others do.
		if (next.filter((r) => fits(r) || isGappy(table, r) || isUnknown(table, r)).length >= next.length / 2) return i;
	}
	return Math.max(
		0,
		records.findIndex((r) => complete(r)),
	);
}

/** The records with names, given the unbroken block of complete records that ends in the body. */
function headerOf(table: Table, block: number, body: number): number[] {
	const { records, complete, width } = table;
	if (block < body) {
		const rows = Array.from({ length: body - block }, (_, i) => block + i);
		const likely = rows.filter((i) => nameLike(records[i].cells, records[body].cells));
		// Remarks such as "Height;34" above the names are no names; words where numbers should be may as well be the first row.
		const remarks =
			rows.length > 2 &&
			likely.at(-1) === body - 1 &&
			fit(table, records[body - 1].cells).right === 0 &&
			rows.some((i) => records[i].cells.some((c) => ['number', 'moment'].includes(cellKind(c))));
		const first = rows.find((i) => i > block && isUnderGroups(table, i)) ?? (remarks ? likely.at(-1) : likely[0]) ?? rows.at(-1)!;
		return withSecond(table, withGroups(table, first), body);
	}
	if (namesFirst(table, records.slice(body))) return withSecond(table, withGroups(table, body), records.length);
	// Names may be parted from the data by a blank line or by a line with units.
	let over = body - 1;
	if (
		over >= 0 &&
		!complete(records[over]) &&
		records[over].cells.length === width &&
		filled(records[over].cells) > 0 &&
		mismatch(table, over) &&
		complete(records[over - 1]) &&
		nameLike(records[over - 1].cells, [])
	)
		return [over - 1, over];
	// So may rows of the table that lack some values: a column that few rows have, in a table of two.
	while (over >= 0 && (filled(records[over].cells) === 0 || isGappy(table, records[over]))) over--;
	if (
		over >= 0 &&
		complete(records[over]) &&
		nameLike(records[over].cells, records[body].cells) &&
		fit(table, records[over].cells).right === 0
	)
		return [...withGroups(table, over)];
	return [];
}

/**
 * The first line where it is whole names, of which none is a value of its column, and what was found instead is none: odd cells or a broken
 * row below the names make no title of them.
 */
function firstIsNames(table: Table, found: number[], body: number, wanted: 'auto' | 'yes' | 'no'): number[] {
	const { records, width } = table;
	const [{ cells }] = records;
	const mayBe = (names: readonly string[]): boolean => names.length === width && nameLike(names, []) && fit(table, names).right === 0;
	const named = filled(cells) === width && areUnique(cells) && fit(table, cells).checked > 0 && mayBe(cells);
	// What stands between is mostly rows that lack some values, as where a column has few.
	const between = records.slice(1, found[0] ?? body);
	if (named && between.filter((r) => isGappy(table, r)).length > between.length / 2) return [0];
	if (found[0] === 0 || (found.length && mayBe(records[found.at(-1)!].cells))) return found;
	// Two words above a table of two columns that nothing names may be its title.
	return named && (width > 2 || found.length > 0 || wanted === 'yes') ? [0] : found;
}

/** Cells that can be names: words, each once, none with a colon at its end; not a sentence cut by the separator. */
function nameLike(cells: readonly string[], below: readonly string[]): boolean {
	const names = cells.map((c) => c.trim()).filter((c) => c !== '');
	if (
		names.some((n) => n.endsWith(':') || n.length > 200 || cellKind(n) === 'moment' || (cellKind(n) === 'number' && !/^\d{1,4}$/.test(n)))
	)
		return false;
	if (names.filter((n) => cellKind(n) === 'number').length > names.length / 2 && names.length < 3) return false;
	const blanks = (row: readonly string[]) => row.slice(1).filter((c) => /^ \S/.test(c)).length;
	return !(blanks(cells) > 0 && below.length > 0 && blanks(below) === 0);
}

/** Every value in a column of a kind is of another kind, and other columns are empty. */
function mismatch(table: Table, at: number): boolean {
	const { cells } = table.records[at];
	const { checked, right } = fit(table, cells);
	return checked > 0 && right === 0 && cells.every((c, i) => table.kinds[i] !== undefined || c.trim() === '');
}

/** A unit, as it stands below a name: `kg`, `[mm]`, `(°C)`, `EUR`, `€/m²`. */
const isUnitCell = (cell: string): boolean =>
	!isMissingWord(cell) &&
	(/^(?:\[.*\]|\(.*\)|[%€$£¥‰]|[A-Z]{3}|[^\s\d]{1,8}[/·][^\s]{1,8}|\p{L}{0,3}[°µμΩ²³]\p{L}{0,3})$/u.test(cell) || isUnitName(cell));

/** A line of units or of second names right below the names. */
function withSecond(table: Table, header: number[], body: number): number[] {
	const next = header.at(-1)! + 1;
	const { records } = table;
	if (next >= body || next >= records.length - 1 || records[next].gap || !mismatch(table, next)) return header;
	const cells = records[next].cells.filter((c) => c.trim() !== '');
	// Words that stand where numbers should be are a row as well: names are those that nobody would write into a cell.
	if (cells.filter((c) => isUnitCell(c.trim())).length * 2 < cells.length) return header;
	return fit(table, records[next].cells).checked >= 2 ? [...header, next] : header;
}

/** Words, years and gaps: what may stand above the names of several columns. */
const mayNameGroups = (cells: readonly string[]): boolean =>
	cells.every((c) => c.trim() === '' || cellKind(c) === 'text' || /^\d{4}$/.test(c.trim()));

const areUnique = (cells: readonly string[]): boolean => new Set(cells.map((c) => c.trim().toLowerCase())).size === cells.length;

/** Whether a group stands there several times, as programs write what a sheet shows once. */
const repeatsGroups = (cells: readonly string[]): boolean => !areUnique(cells.filter((c) => c.trim() !== ''));

/**
 * Names right below a line with names of groups. Both are words, so what tells them from the first row is that they are whole, that none is
 * a value further down, and that no number stands where numbers should be.
 */
function isUnderGroups(table: Table, at: number): boolean {
	const { records, width } = table;
	const [{ cells: groups }, { cells: names, gap }] = [records[at - 1], records[at]];
	if (gap || groups.length !== width || names.length !== width || filled(names) < width || !mayNameGroups(groups)) return false;
	const repeated = repeatsGroups(groups);
	if (!repeated && (groups[0].trim() === '' || filled(groups) === width || filled(groups) < 2)) return false;
	const { checked, right } = fit(table, names);
	if (right > 0 || checked < (repeated ? 1 : 2)) return false;
	if (!nameLike(names, []) || names.some((c) => isMissingWord(c.trim()) || cellKind(c) !== 'text')) return false;
	return areUnique(headerNames([groups, names], width)) && !records.slice(at + 1).some((r) => names.some((c, i) => r.cells[i] === c));
}

/** A line above the names with names for several columns, as merged cells leave it: needed where the names alone are not unique. */
function withGroups({ records, width }: Table, at: number): number[] {
	const above = records[at - 1];
	if (at === 0 || above.cells.length !== width || records[at].gap) return [at];
	const names = records[at].cells;
	const groups = filled(above.cells);
	const lacking = filled(names) < names.length || !areUnique(names);
	const parts = groups >= 2 && (groups < width || repeatsGroups(above.cells));
	return lacking && parts && mayNameGroups(above.cells) ? [at - 1, at] : [at];
}

/** One name a column, of one line or two: a group's name holds for the columns to its right that have none. */
export function headerNames(rows: ReadonlyArray<readonly string[]>, width: number): string[] {
	if (rows.length === 1) return Array.from({ length: Math.max(width, trimmedWidth(rows[0])) }, (_, i) => rows[0][i] ?? '');
	const [upper, lower] = rows;
	const grouped = filled(upper) < filled(lower);
	let group = '';
	return Array.from({ length: width }, (_, i) => {
		const own = (upper[i] ?? '').trim();
		if (own !== '') group = own;
		else if (!grouped) group = '';
		const first = grouped && (lower[i] ?? '').trim() === '' ? own : group;
		return [first, (lower[i] ?? '').trim()].filter((part) => part !== '').join(' ');
	});
}

/** So many columns count no longer up from 0 by chance. */
const COUNTED = 6;

/** The names that a program gives columns without any: numbers beside an index without a name, or the numbers from 0 on. */
function isNumbered(names: readonly string[], below: readonly Line[]): boolean {
	if (below.length < 3) return false;
	const counts = (values: readonly string[], from: number): boolean => values.every((value, i) => value.trim() === String(from + i));
	const index = below.map(({ cells }) => cells[0]);
	if (names[0] === '') return names.slice(1).every((name) => name !== '') && [0, 1].some((from) => counts(index, from));
	const rest = below.map(({ cells }) => cells);
	if (!counts(names, 0) || rest.some((cells) => counts(cells, Number(cells[0])))) return false;
	return names.length >= COUNTED || names.every((_, j) => rest.some((cells) => /\d[.,]\d/.test(cells[j] ?? '')));
}

/** The first line names the columns unless a value in it can only be data. */
function namesFirst(table: Table, records: readonly Line[]): boolean {
	const { kinds } = table;
	const number = new RegExp(`^(?:${NUMBER_REGEX})$`);
	const first = records[0].cells.map((v) => v.trim());
	const numbers = first.filter((v) => number.test(v)).map(Number);
	// Years or counted-up numbers beside a word are names.
	const named = !number.test(first[0]) && numbers.every((v, i) => i === 0 || v === numbers[i - 1] + 1);
	const counted = named && numbers.length > 1;
	const below = records.slice(1, 20);
	if (isNumbered(first, below)) return true;
	const asBelow = (i: number): boolean => kinds[i] !== undefined && cellKind(first[i] ?? '') === kinds[i];
	// Where every value is of the kind of its column, another number that is no year and no small one is data.
	const { checked, right } = fit(table, first);
	if (right === checked && !counted && kinds.some((_, i) => asBelow(i) && !/^\d{1,4}$/.test(first[i]))) return false;
	// A date above dates is no name, whatever stands beside it.
	if (kinds.some((kind, i) => kind === 'moment' && asBelow(i))) return false;
	// Dates, money and the like where their columns have them are data as well.
	if (numbers.length === 0) return !kinds.some((_, i) => asBelow(i));
	if (counted || (named && numbers[0] >= 1900 && numbers[0] <= 2100)) return true;
	const nulls = new Set(NULL_WORDS);
	const alike = first.every(
		(v, i) =>
			nulls.has(v) ||
			below.every(({ cells: r }) => r[i] === undefined || nulls.has(r[i].trim()) || number.test(v) === number.test(r[i].trim())),
	);
	return !(alike && below.length > 0);
}
