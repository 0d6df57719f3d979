import { createReadStream } from 'node:fs';
import { CsvWriter } from '../csvWriter.js';
import type { BadRow, SourceContext } from '../sources/contract.js';
import { cellKind } from './cellKind.js';
import type { CsvFile } from './csvShape.js';
import { readRecord, type Expectation, type Parsed } from './csvRecord.js';
import { cutText } from '../../domain/text.js';

/** What reading a file once more, record by record, gave. */
export interface Careful {
	/** The rows as CSV of ours: `width` values, then 1 where the row has fewer of its own. */
	path: string;
	bad: BadRow[];
	/** Rows with fewer values, in the file with nothing in the rest. */
	short: BadRow[];
	/** Why they may be complete all the same: whoever wrote the file leaves out empty values at the end of a row. */
	omitted: boolean;
	/** Rows with quotation marks that nothing escapes, read as they stand. */
	loose: number;
	/** Lines that quotation marks left open would have swallowed, and the lines where they stand. */
	swallowed: { lines: number; at: number[] };
	/** Remarks and repeated names between the rows. */
	remarks: number;
}

const BLOCK = 1 << 20;
const MAX_TEXT = 10_000;

/**
 * Reads a file that DuckDB's reader refuses in whole or in part: lines that end in different ways, quotation marks that are not closed,
 * rows of other lengths. A row that fits no way is kept apart with its line; the others are all there.
 */
export async function readCarefully(file: CsvFile, context: SourceContext): Promise<Careful> {
	const { width, kinds, dialect } = file;
	const path = await context.temporary('csv');
	const writer = new CsvWriter(path);
	const result: Careful = { path, bad: [], short: [], omitted: false, loose: 0, swallowed: { lines: 0, at: [] }, remarks: 0 };
	const fits = rowTest(kinds);
	let full = 0;
	let openEnds = 0;
	let misfits = 0;
	const take = async (record: Parsed, line: number): Promise<void> => {
		const { cells } = record;
		const text = () => cutText(cells.join(dialect.delimiter), MAX_TEXT);
		if (record.swallowed !== undefined) {
			result.bad.push({ row: line, reason: quoteReason(record.swallowed), text: text() });
			if (record.swallowed) {
				result.swallowed.lines += record.swallowed;
				result.swallowed.at.push(line);
			}
			return;
		}
		if (file.remarks && cells[0].startsWith('#')) {
			result.remarks++;
			return;
		}
		const extra = cells.length - width;
		if (extra > 0 && cells.slice(width).some((c) => c.trim() !== '')) {
			result.bad.push({ row: line, reason: `has more than ${width} values`, text: text() });
			return;
		}
		if (extra < 0) {
			result.short.push({ row: line, reason: `has fewer than ${width} values`, text: text() });
			if (!fits(cells)) misfits++;
		} else {
			full++;
			if (cells[width - 1] === '') openEnds++;
			if (record.loose) result.loose++;
		}
		await writer.write([
			...Array.from({ length: width }, (_, i) => (cells[i] === undefined || cells[i] === '' ? null : cells[i])),
			extra < 0 ? '1' : null,
		]);
	};
	await eachRecord(file, take, context);
	await writer.close();
	const { short } = result;
	result.omitted =
		short.length >= 3 &&
		short.length >= (full + short.length) * 0.01 &&
		full > 0 &&
		openEnds === 0 &&
		misfits === 0 &&
		short.every((s) => s.text.includes(dialect.delimiter));
	return result;
}

/** Gives each record below the names but blank ones, with the line in which it begins. */
export async function eachRecord(
	file: CsvFile,
	take: (record: Parsed, line: number) => Promise<void>,
	context: SourceContext,
): Promise<void> {
	const { width, dialect, skip, above } = file;
	const strayReturns = above ? above.strayReturns : (file.survey?.lf ?? 1) > 0;
	const expected: Expectation = { width, strayReturns, swallows: swallowTest(file) };
	let text = '';
	let line = 1;
	let first = true;
	const drain = async (more: boolean): Promise<void> => {
		let at = 0;
		while (at < text.length) {
			const record = readRecord(text, at, dialect, more, line > skip ? expected : above);
			if (!record) break;
			const blank = record.cells.length === 1 && record.cells[0].trim() === '';
			if (line > skip && (!blank || (width === 1 && record.swallowed !== undefined))) await take(record, line);
			line += record.lines;
			at = record.next;
		}
		text = text.slice(at);
	};
	for await (const chunk of createReadStream(file.path, { encoding: 'utf8', highWaterMark: BLOCK })) {
		context.check();
		text += first && (chunk as string).charCodeAt(0) === 0xfeff ? (chunk as string).slice(1) : chunk;
		first = false;
		await drain(true);
	}
	await drain(false);
}

function quoteReason(swallowed: number): string {
	if (swallowed === 0) return 'has a quotation mark in the wrong place';
	return `opens a quotation mark that is not closed: it would have swallowed ${swallowed} line${swallowed === 1 ? '' : 's'} more`;
}

/** A test for values that stand in columns of their kind. */
function rowTest(kinds: CsvFile['kinds']): (cells: readonly string[]) => boolean {
	return (cells) =>
		cells.every((cell, i) => {
			const kind = kinds[i];
			const found = kind ? cellKind(cell) : 'empty';
			return found === 'empty' || found === kind;
		});
}

/**
 * A test for text between quotation marks that is rows of the table: as many separators, and numbers and dates where the columns have them.
 */
export function swallowTest({
	width,
	kinds,
	dialect: { delimiter },
}: Pick<CsvFile, 'width' | 'kinds' | 'dialect'>): Expectation['swallows'] {
	return (column, content) => {
		const lines = content.split(/\r\n|\n|\r/).map((line) => line.split(delimiter));
		const last = lines.length - 1;
		if (lines[0].length !== width - column || lines[last].length !== column + 1) return false;
		if (lines.slice(1, -1).some((cells) => cells.length !== width)) return false;
		let checked = 0;
		for (const [n, cells] of lines.entries()) {
			for (const [i, cell] of cells.entries()) {
				const kind = kinds[n === 0 ? column + i : i];
				// The first and the last cell are cut by the quotation marks.
				if (!kind || (n === 0 && i === 0) || (n === last && i === column)) continue;
				const found = cellKind(cell);
				if (found === 'empty') continue;
				if (found !== kind) return false;
				checked++;
			}
		}
		return checked > 0;
	};
}
