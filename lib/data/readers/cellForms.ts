import { closeSync, openSync, readSync } from 'node:fs';
import { ALL_FORMS, Form, formsOf, isBare, readableForms } from '../grammar/forms.js';
import type { CellForms, OddCell } from '../sources/contract.js';
import { cellKernel, type TakeCell } from './cellKernel.js';

/** Part of a text file that begins and ends between two of its lines, and how they are cut into cells. */
export interface Part {
	path: string;
	from: number;
	to: number;
	/** Lines at its beginning that are no rows. */
	skip: number;
	width: number;
	/** Bytes. */
	delimiter: number;
	quote: number;
	/** Lines end in CRLF. */
	crlf: boolean;
	/** Words for "missing", beside nothing at all. */
	words: readonly string[];
}

const LF = 10;
const CR = 13;
const BLOCK = 4 << 20;
const LONGEST_WORD = 32;

/**
 * Nothing where a line is not plainly a row: values that hold line ends, quotation marks where none belong, too few or too many cells.
 * @param plain in plain TypeScript even where WebAssembly does it: for comparisons
 */
export function readForms(part: Part, plain = false): CellForms | undefined {
	const kernel = plain ? undefined : cellKernel(BLOCK, part);
	const found: CellForms = { ...nothingFound(part.width), ...(kernel ? { forms: kernel.forms } : {}) };
	const take = cellTaker(found, part.words);
	const look = kernel ? (begin: number, end: number) => kernel.look(begin, end, take) : lineReader(part, found, take);
	const buffer = kernel?.bytes ?? Buffer.allocUnsafe(BLOCK);
	const file = openSync(part.path, 'r');
	try {
		let kept = 0;
		let { skip } = part;
		for (let at = part.from; at < part.to; ) {
			const read = readSync(file, buffer, kept, Math.min(BLOCK - kept, part.to - at), at);
			// Shorter than it was, or a line that no block holds.
			if (read === 0) return undefined;
			at += read;
			const filled = buffer.subarray(0, kept + read);
			const end = at === part.to ? filled.length : filled.lastIndexOf(LF) + 1;
			let begin = 0;
			for (; skip > 0 && begin < end; skip--) begin = filled.subarray(0, end).indexOf(LF, begin) + 1 || end;
			if (!look(begin, end, buffer)) return undefined;
			kept = filled.copy(buffer, 0, end);
		}
		return { ...found, forms: Uint8Array.from(found.forms), rows: kernel?.rows() ?? found.rows };
	} finally {
		closeSync(file);
	}
}

/**
 * Odd cells of a column that lack one form: where there are more, it is not the form of the column. Of the first rows there may be fewer,
 * so that a form which many lack is soon given up.
 */
const MOST_ODD = 20_000;
const FIRST_ODD = 200;
const ODD_SHARE = 1 / 50;
const BITS = 8;

export const nothingFound = (width: number): CellForms => ({
	rows: 0,
	forms: new Uint8Array(width).fill(ALL_FORMS),
	words: new Uint8Array(width),
	odd: Array.from({ length: width }, () => []),
});

/** What keeps odd cells that the database reads, and takes a form from a column where too many lack it. */
export function oddKeeper({ forms, odd }: Pick<CellForms, 'forms' | 'odd'>): (column: number, cell: OddCell) => void {
	const lacking = new Uint32Array(forms.length * BITS);
	return (column, { row, text, ...cell }) => {
		const lacks = cell.lacks & forms[column];
		if (lacks === 0) return;
		odd[column].push({ row, text, lacks });
		const most = Math.min(MOST_ODD, FIRST_ODD + row * ODD_SHARE);
		let gone = 0;
		for (let k = 0; k < BITS; k++) if ((lacks >> k) & 1 && ++lacking[column * BITS + k] > most) gone |= 1 << k;
		if (gone === 0) return;
		forms[column] &= ~gone;
		odd[column] = odd[column].filter((kept) => kept.lacks & forms[column]);
	};
}

/** What takes cells: their forms are what all of a column have in common. */
function cellTaker({ forms, words, odd }: CellForms, list: readonly string[]): TakeCell {
	const missing = new Set(list);
	const keep = oddKeeper({ forms, odd });
	const isWord = (bytes: Buffer, from: number, to: number): boolean =>
		to - from <= LONGEST_WORD && missing.has(bytes.toString('utf8', from, to));
	return (bytes, column, from, to, row) => {
		if (from === to) return;
		if (forms[column] === Form.bare) {
			if (!isBare(bytes, from, to)) forms[column] = 0;
			return;
		}
		const of = formsOf(bytes, from, to);
		const lacks = forms[column] & ~of;
		if (lacks === 0) return;
		if ((of & ~Form.bare) === 0 && isWord(bytes, from, to)) {
			words[column] = 1;
			return;
		}
		const text = bytes.toString('utf8', from, to);
		const readable = lacks & (of & Form.bare ? readableForms(text) : 0);
		forms[column] &= ~(lacks & ~readable);
		if (readable) keep(column, { row, text, lacks: readable });
	};
}

/** Looks at all lines from `begin` to `end`, and says whether they are plainly rows. */
function lineReader({ width, delimiter, quote, crlf }: Part, found: CellForms, take: TakeCell) {
	const { forms } = found;
	// Whether a cell that does not begin with a quotation mark ends at a byte, or is none.
	const stops = new Uint8Array(256);
	stops[delimiter] = stops[LF] = stops[quote] = 1;
	return (begin: number, end: number, bytes: Buffer): boolean => {
		let at = begin;
		while (at < end) {
			// A line without anything is no row.
			if (bytes[at] === LF || (crlf && bytes[at] === CR && bytes[at + 1] === LF)) {
				at += bytes[at] === LF ? 1 : 2;
				found.rows++;
				continue;
			}
			for (let column = 0; ; column++) {
				if (column === width) return false;
				const from = at;
				if (at < end && bytes[at] === quote) {
					let plain = true;
					for (at++; ; at++) {
						if (at >= end || bytes[at] === LF || bytes[at] === CR) return false;
						if (bytes[at] !== quote) continue;
						if (bytes[at + 1] !== quote || at + 1 >= end) break;
						plain = false;
						at++;
					}
					if (forms[column]) {
						if (plain) take(bytes, column, from + 1, at, found.rows);
						else forms[column] &= isBare(bytes, from + 1, at) ? Form.bare : 0;
					}
					at++;
					if (crlf && at < end && bytes[at] === CR) at++;
				} else {
					while (at < end && stops[bytes[at]] === 0) at++;
					if (at < end && bytes[at] === quote) return false;
					if (forms[column]) take(bytes, column, from, crlf && at > from && bytes[at - 1] === CR ? at - 1 : at, found.rows);
				}
				if (at >= end || bytes[at] === LF) {
					if (column + 1 !== width) return false;
					at++;
					found.rows++;
					break;
				}
				if (bytes[at] !== delimiter) return false;
				at++;
			}
		}
		return true;
	};
}
