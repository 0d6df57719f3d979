import { CsvWriter, csvCell } from '../data/csvWriter.js';
import { isNumberVector, type Frame, type Vector } from '../data/frame.js';
import { isoText } from '../data/preview.js';
import { isDiskFull, MlopsError } from '../domain/errors.js';

const ROWS_A_WRITE = 10_000;

export interface CsvOptions {
	rowIdName?: string;
	/** Puts an apostrophe before texts that Excel and its like would run as formulas. */
	forSpreadsheets?: boolean;
}

/**
 * A table that comes in parts with the same columns, as CSV (RFC 4180, header first): row id, then its columns. Missing is empty, dates are
 * ISO, numbers keep all their digits. What `work` throws is thrown when the file is closed.
 * @throws `store.full`
 */
export async function writeCsvParts(
	path: string,
	options: CsvOptions,
	work: (add: (part: Frame) => Promise<void>) => Promise<void>,
): Promise<void> {
	const file = new CsvWriter(path);
	try {
		try {
			let begun = false;
			await work(async (part) => {
				await writeLines(file, part, options, !begun);
				begun = true;
			});
		} finally {
			await file.close();
		}
	} catch (error) {
		throw isDiskFull(error) ? MlopsError.from(error) : error;
	}
}

async function writeLines(
	file: CsvWriter,
	frame: Frame,
	{ rowIdName = 'row', forSpreadsheets = false }: CsvOptions,
	first: boolean,
): Promise<void> {
	const quoted = (text: string): string => csvCell(forSpreadsheets ? harmlessCell(text) : text);
	if (first) await file.writeLines([[rowIdName, ...frame.schema.map((c) => c.name)].map(quoted).join(',')]);
	const readers = frame.vectors.map((v, j) => readerOf(v, frame.schema[j].type === 'datetime', quoted));
	for (let at = 0; at < frame.rows; at += ROWS_A_WRITE) {
		const lines: string[] = [];
		for (let i = at; i < Math.min(at + ROWS_A_WRITE, frame.rows); i++)
			lines.push(`${frame.rowId[i]},${readers.map((read) => read(i)).join(',')}`);
		await file.writeLines(lines);
	}
}

function readerOf(v: Vector, isDate: boolean, quoted: (text: string) => string): (row: number) => string {
	if (isNumberVector(v)) return (i) => (Number.isNaN(v.data[i]) ? '' : isDate ? isoText(v.data[i]) : String(v.data[i]));
	const texts = ['', ...v.dictionary.map(quoted)];
	return (i) => texts[v.codes[i]];
}

/** What a spreadsheet takes for the beginning of a formula, full-width forms and what it skips before them included. */
const FORMULA = /^[\s\u0000-\u001f\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;
const NUMBER = /^[+-]?(?:\d+(?:[.,]\d*)*|\.\d+)(?:e[+-]?\d+)?$/i;

/** A text that a spreadsheet shows instead of running it; numbers, negative ones too, stay as they are. */
export const harmlessCell = (text: string): string => (FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text);
