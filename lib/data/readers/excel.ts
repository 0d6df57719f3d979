import { stat } from 'node:fs/promises';
import type { Row, Worksheet } from 'exceljs';
import { MlopsError } from '../../domain/errors.js';
import { CsvWriter } from '../csvWriter.js';
import type { SourceContext } from '../sources/contract.js';
import { aboveSaid, NamesBelow, tableAbove } from './anotherTable.js';
import { emptyFile } from './emptyFile.js';
import { mergedCells, underMerged } from './mergedCells.js';
import { headerNames, locate, type Line } from './locate.js';
import { cutText } from '../../domain/text.js';

/** Rows of a sheet in which the table is looked for. */
const HEAD_ROWS = 500;
const SHOWN = 5;

type Cells = Array<string | null>;
/** Cells that show an error or have no result, rows with values beside the table, hidden rows, cells under merged ones. */
type Count = { errors: number; unknown: number; first?: number; aside: number; hidden: number; covered: number };

/** A sheet written as CSV: one line of names, then the rows. */
interface Sheet {
	name: string;
	path: string;
	rows: number;
	width: number;
	notes: Array<[code: string, text: string]>;
}

/**
 * Writes one sheet of an Excel workbook as CSV, streaming, and gives its path: names in the first line, whatever stands above, beside and
 * between left out. Without a name the first sheet that holds a table is taken. @throws `data.unreadable`, `data.empty`
 */
export async function excelToCsv(
	path: string,
	sheet: string | undefined,
	header: 'auto' | 'yes' | 'no',
	label: string,
	context: SourceContext,
): Promise<string> {
	const names: string[] = [];
	let found: Sheet | undefined;
	let seen = false;
	try {
		for await (const { name, rows } of sheetsOf(path)) {
			names.push(name);
			const wanted = sheet ? name === sheet : !found || found.width < 2 || found.rows === 0;
			seen ||= wanted;
			if (!wanted) {
				for await (const row of rows) void row;
				continue;
			}
			const next = await writeSheet(name, rows, header, context);
			if (!found || (next.width > 1 && next.rows > 0)) found = next;
		}
	} catch (thrown) {
		if (thrown instanceof MlopsError) throw thrown;
		throw new MlopsError('data.unreadable', `${label} is no readable Excel workbook (.xlsx).`, {
			cause: thrown,
			remedy: 'Save it again as .xlsx, without a password, or export it as CSV.',
		});
	}
	if (names.length === 0) {
		throw new MlopsError('data.unreadable', `${label} is a zip file, but no workbook with sheets.`, {
			expected: 'an Excel workbook (.xlsx), or a table that is not packed or packed with gzip',
			remedy: 'Unpack it first, or save the workbook again as .xlsx.',
		});
	}
	if (!seen || !found) {
		throw new MlopsError('data.unreadable', `${label} has no sheet "${sheet ?? ''}".`, {
			expected: `one of: ${names.join(', ')}`,
			remedy: 'Choose the sheet by its name.',
		});
	}
	if (found.width === 0) throw emptyFile(label);
	if (names.length > 1) {
		const others = names.filter((n) => n !== found.name);
		const shown = others.slice(0, SHOWN).map((n) => `"${n}"`);
		context.note(
			'data.sheet',
			`The sheet "${found.name}" of ${label} was read; ` +
				`${others.length === 1 ? 'there is another one' : `there are ${others.length} others`}: ` +
				`${shown.join(', ')}${others.length > SHOWN ? ', ...' : ''}.`,
		);
	}
	for (const [code, text] of found.notes) context.note(code, text);
	return found.path;
}

/** A row that is looked at for where the table begins. */
type HeadRow = Omit<SheetRow, 'values'> & { cells: Cells };

/** What exceljs calls the type of a cell with a text. */
const TEXT = 3;

/** A cell holds the number of its text, and the list of texts is not there. */
const lostTexts = (): MlopsError =>
	new MlopsError('data.unreadable', 'The workbook is damaged: the texts of its cells are missing.', {
		remedy: 'Open it in Excel or LibreOffice and save it anew.',
	});

interface SheetRow {
	number: number;
	values: unknown[];
	/** It is not shown in the workbook. */
	hidden?: boolean;
	/** Cells that lie under a merged one of a row above. */
	covered?: number;
}

/** Workbooks up to this size are read as a whole. */
const WHOLE_BYTES = 3 << 20;

/**
 * The sheets of a workbook. The streaming reader needs little memory, but it loses names and dates where the parts of a small workbook come
 * in an unusual order (https://github.com/exceljs/exceljs/pull/3078), so only large workbooks are left to it.
 */
async function* sheetsOf(path: string): AsyncGenerator<{ name: string; rows: AsyncIterable<SheetRow> }> {
	const { default: ExcelJs } = await import('exceljs');
	if ((await stat(path)).size > WHOLE_BYTES) {
		const reader = new ExcelJs.stream.xlsx.WorkbookReader(path, {
			worksheets: 'emit',
			sharedStrings: 'cache',
			styles: 'cache',
			hyperlinks: 'ignore',
			entries: 'emit',
		});
		const merged = await mergedCells(path);
		for await (const sheet of reader)
			yield {
				name: sheetName(reader as unknown as Workbook, sheet as unknown as { id: number | string; name: string }),
				rows: streamed(
					sheet as unknown as AsyncIterable<Row>,
					underMerged(merged.get(String((sheet as unknown as { id: number | string }).id)) ?? []),
				),
			};
		return;
	}
	const book = new ExcelJs.Workbook();
	await book.xlsx.readFile(path);
	const shown = book.worksheets.filter((s) => s.state === 'visible');
	for (const sheet of [...shown, ...book.worksheets.filter((s) => !shown.includes(s))]) yield { name: sheet.name, rows: rowsOf(sheet) };
}

async function* streamed(rows: AsyncIterable<Row>, under: ReturnType<typeof underMerged>): AsyncGenerator<SheetRow> {
	for await (const row of rows) {
		const { number, values } = row as unknown as SheetRow;
		const shown = values.map((value, column) => (dateIn(value) ? clockOr(value, row.getCell(column).numFmt) : value));
		const covered = under(number, shown);
		yield { number, values: shown, hidden: row.hidden, covered };
	}
}

async function* rowsOf(sheet: Worksheet): AsyncGenerator<SheetRow> {
	for (let number = 1; number <= sheet.rowCount; number++) {
		const values: unknown[] = [];
		let covered = 0;
		const row = sheet.findRow(number);
		// What is merged shows its value once, in its first cell.
		row?.eachCell((cell, column) => {
			if (cell.type === TEXT && typeof cell.value !== 'string') throw lostTexts();
			if (!cell.isMerged || cell.master === cell) values[column] = clockOr(cell.value, cell.numFmt);
			else if (Number(cell.master.row) < number && cell.master.value !== null) covered++;
		});
		if (values.length) yield { number, values, hidden: row?.hidden, covered };
	}
}

interface Workbook {
	workbookRels?: Array<{ Target: string; Id: string }>;
	model?: { sheets?: Array<{ name: string; rId: string }> };
}

/** Some writers (openpyxl, and so pandas) give the place of a sheet from the root, and then the streaming reader does not find its name. */
function sheetName({ workbookRels = [], model }: Workbook, { id, name }: { id: number | string; name: string }): string {
	if (name !== `Sheet${id}`) return name;
	const rel = workbookRels.find(({ Target }) => Target.replace(/^\/?xl\//, '') === `worksheets/sheet${id}.xml`);
	return model?.sheets?.find((s) => s.rId === rel?.Id)?.name ?? name;
}

async function writeSheet(
	name: string,
	rows: AsyncIterable<SheetRow>,
	header: 'auto' | 'yes' | 'no',
	context: SourceContext,
): Promise<Sheet> {
	const sheet: Sheet = { name, path: await context.temporary('csv'), rows: 0, width: 0, notes: [] };
	const writer = new CsvWriter(sheet.path);
	const count: Count = { errors: 0, unknown: 0, aside: 0, hidden: 0, covered: 0 };
	const head: HeadRow[] = [];
	let from = -1;
	const others = new NamesBelow();
	const add = async ({ cells, number, hidden, covered = 0 }: HeadRow) => {
		if (cells.slice(0, from).some((c) => c !== null)) count.aside++;
		const own = cells.slice(from);
		if (own.every((c) => c === null)) return;
		others.see(own, number);
		if (hidden) count.hidden++;
		count.covered += covered;
		sheet.rows++;
		await writer.write(Array.from({ length: Math.max(sheet.width, own.length) }, (_, i) => own[i] ?? null));
		if (sheet.rows % 1000 === 0) context.check();
	};
	const begin = async () => {
		const place = tableIn(head, header);
		if (!place) return;
		from = place.from;
		sheet.width = place.names.length;
		sheet.notes.push(...place.notes);
		await writer.write(place.names);
		others.begin(
			head.slice(place.body).map(({ cells }) => cells.slice(from)),
			sheet.width,
		);
		for (const row of head.slice(place.body)) await add(row);
	};
	for await (const row of rows) {
		const cells = row.values.slice(1).map((value) => cellText(value, count, row.number)) as Cells;
		for (let i = 0; i < cells.length; i++) cells[i] ??= null;
		while (cells.length && cells.at(-1) === null) cells.pop();
		if (cells.length === 0) continue;
		const read: HeadRow = { cells, number: row.number, hidden: row.hidden, covered: row.covered };
		if (from >= 0) await add(read);
		else if (head.push(read) === HEAD_ROWS) await begin();
	}
	if (from < 0) await begin();
	await writer.close();
	sheet.notes.push(...notesOf(count), ...others.said());
	return sheet;
}

/** What is to be said of the cells and rows of a table. */
function notesOf({ aside, errors, first, unknown, hidden, covered }: Count): Sheet['notes'] {
	const one = (n: number, single: string, several: string): string => `${n} ${n === 1 ? single : several}`;
	const notes: Sheet['notes'] = [];
	if (aside) notes.push(['data.beside', `${one(aside, 'row has', 'rows have')} values to the left of the table, which were left out.`]);
	if (errors)
		notes.push([
			'data.cell_errors',
			`${one(errors, 'cell shows', 'cells show')} an error such as #N/A (the first in row ${first}) and ` +
				`${errors === 1 ? 'is' : 'are'} missing.`,
		]);
	if (unknown)
		notes.push([
			'data.cell_formulas',
			`${one(unknown, 'formula has', 'formulas have')} no stored result and ${unknown === 1 ? 'is' : 'are'} missing: open the workbook ` +
				'in Excel and save it once.',
		]);
	if (hidden)
		notes.push([
			'data.hidden_rows',
			`${one(hidden, 'row is', 'rows are')} hidden in the workbook, perhaps by a filter, and ${hidden === 1 ? 'was' : 'were'} read like ` +
				'the others.',
		]);
	if (covered)
		notes.push([
			'data.merged_cells',
			`${one(covered, 'cell lies', 'cells lie')} under a merged one that begins in a row above and ` +
				`${covered === 1 ? 'is a gap' : 'are gaps'}: ` +
				'its value stands in the first row alone. If it holds for all of them, unmerge the cells and fill them before.',
		]);
	return notes;
}

/** Where the table of a sheet lies: its columns, their names, its first row. */
function tableIn(
	head: ReadonlyArray<{ cells: Cells; number: number }>,
	header: 'auto' | 'yes' | 'no',
): { from: number; names: string[]; body: number; notes: Sheet['notes'] } | undefined {
	const width = head.reduce((w, { cells }) => Math.max(w, cells.length), 0);
	if (width === 0) return undefined;
	const lines = head.map(
		({ cells, number }, i): Line => ({
			cells: Array.from({ length: width }, (_, k) => cells[k] ?? ''),
			gap: i > 0 && number > head[i - 1].number + 1,
		}),
	);
	const place = locate(lines, width, header);
	const used = [...place.header, ...lines.keys()].filter((i) => place.header.includes(i) || i >= place.body);
	let [from, to] = [width, 0];
	for (const i of used) {
		lines[i].cells.forEach((cell, k) => {
			if (cell === '') return;
			from = Math.min(from, k);
			to = Math.max(to, k + 1);
		});
	}
	if (to === 0) return undefined;
	const notes: Sheet['notes'] = [];
	const raw = place.header.length
		? headerNames(
				place.header.map((i) => lines[i].cells),
				width,
			).slice(from, to)
		: Array.from({ length: to - from }, (_, k) => `column_${k + 1}`);
	const shown = (i: number) => cutText(lines[i].cells.filter((c) => c !== '').join(' '), 60);
	if (place.above.length)
		notes.push([
			'data.preamble',
			`The table begins in row ${head[place.header[0] ?? place.body].number}: ` +
				`${place.above.length === 1 ? 'the row' : `the ${place.above.length} rows`} above it, ` +
				`${place.above.length === 1 ? '' : 'beginning with '}"${shown(place.above[0])}", ` +
				`${place.above.length === 1 ? 'was' : 'were'} left out.`,
		]);
	const other = tableAbove(place.above.map((i) => lines[i].cells));
	if (other !== undefined) notes.push(aboveSaid('row', head[place.above[other]].number));
	if (place.header.length > 1)
		notes.push([
			'data.header_rows',
			`Two rows (from row ${head[place.header[0]].number}) name the columns and were put together: ${raw
				.slice(0, SHOWN)
				.map((n) => `"${n}"`)
				.join(', ')}${raw.length > SHOWN ? ', ...' : ''}.`,
		]);
	if (place.header.length === 0 && header !== 'no')
		notes.push(['data.no_header', 'The first row looks like data, so the columns are called column_1, column_2 and so on.']);
	return { from, names: raw, body: place.body, notes };
}

/** What a cell shows, in a form that typing understands: numbers plain, dates ISO, formulas by their result. */
function cellText(value: unknown, count: Count, row: number): string | null {
	if (value === null || value === undefined || value === '') return null;
	if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString().replace('T00:00:00.000Z', '');
	if (typeof value === 'number' && Number.isNaN(value)) return failed(count, row);
	if (typeof value !== 'object') return String(value);
	if ('error' in value) return failed(count, row);
	if ('sharedString' in value) throw lostTexts();
	if ('result' in value && value.result !== undefined && value.result !== null) return cellText(value.result, count, row);
	if ('richText' in value && Array.isArray(value.richText))
		return value.richText.map((part: { text?: string }) => part.text ?? '').join('');
	if ('text' in value) return cellText(value.text, count, row);
	if (!('formula' in value || 'sharedFormula' in value)) return JSON.stringify(value);
	count.unknown++;
	return null;
}

/** The date that a cell holds, or that its formula gave. */
function dateIn(value: unknown): Date | undefined {
	const held = typeof value === 'object' && value !== null && 'result' in value ? value.result : value;
	return held instanceof Date && !Number.isNaN(held.getTime()) ? held : undefined;
}

const HOUR_MS = 3_600_000;
/** Where the two calendars of Excel begin; Macintosh's is the second. */
const DAY_ZERO = [Date.UTC(1899, 11, 30), Date.UTC(1904, 0, 1)] as const;
const LONGEST_MS = 366 * 24 * HOUR_MS;

/**
 * A time of day or a duration as hours, minutes and seconds. Excel keeps it as a part of a day, or as some days, so that it looks like a
 * moment at the end of 1899; the format in which it is shown tells. A whole date that shows its time alone stays a date.
 */
function clockOr(value: unknown, format: string | undefined): unknown {
	const date = dateIn(value);
	if (!date || format === undefined || !showsClock(format)) return value;
	const passed = DAY_ZERO.map((zero) => date.getTime() - zero).find((ms) => ms >= 0 && ms < LONGEST_MS);
	if (passed === undefined) return value;
	const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');
	const seconds = (passed % 60_000) / 1000;
	const rest = seconds % 1 === 0 ? '' : (seconds % 1).toFixed(3).slice(1);
	return `${Math.floor(passed / HOUR_MS)}:${two((passed % HOUR_MS) / 60_000)}:${two(seconds)}${rest}`;
}

/** Whether a format of numbers shows hours or seconds, and neither day nor year. */
function showsClock(format: string): boolean {
	// Words, colours and languages are no tokens; [h] counts on beyond a day.
	const tokens = format.replace(/"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|AM\/PM|A\/P/gi, '');
	return /[hs]/i.test(tokens) && !/[yd]/i.test(tokens);
}

/** A formula that failed; the streaming reader gives NaN for it. */
function failed(count: Count, row: number): null {
	count.errors++;
	count.first ??= row;
	return null;
}
