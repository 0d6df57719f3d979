import { closeSync, openSync, readSync } from 'node:fs';
import { ALL_FORMS, Form, formsOf, isBare, readableForms } from '../grammar/forms.js';
import type { CellForms, OddCell } from '../sources/contract.js';

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

/** Nothing where a line is not plainly a row: values that hold line ends, quotation marks where none belong, too few or too many cells. */
export function readForms(part: Part): CellForms | undefined {
	const found = nothingFound(part.width);
	const look = lineReader(part, found);
	const file = openSync(part.path, 'r');
	try {
		const buffer = Buffer.allocUnsafe(BLOCK);
		let kept = 0;
		let { skip } = part;
		for (let at = part.from; at < part.to; ) {
			const read = readSync(file, buffer, kept, Math.min(BLOCK - kept, part.to - at), at);
			// Shorter than it was, or a line that no block holds.
			if (read === 0) return undefined;
			at += read;
			const filled = kept + read;
			const end = at === part.to ? filled : buffer.subarray(0, filled).lastIndexOf(LF) + 1;
			let begin = 0;
			for (; skip > 0 && begin < end; skip--) begin = buffer.subarray(0, end).indexOf(LF, begin) + 1 || end;
			if (!look(buffer, begin, end)) return undefined;
			kept = buffer.copy(buffer, 0, end, filled);
		}
		return found;
	} finally {
		closeSync(file);
	}
}

/** Odd cells of a column that lack one form: where there are more, it is not the form of the column. And those of all columns together. */
const MOST_ODD = 20_000;
const MOST_IN_ALL = 200_000;
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
	let all = 0;
	return (column, cell) => {
		const kept = odd[column];
		kept.push(cell);
		let gone = ++all > MOST_IN_ALL ? cell.lacks : 0;
		for (let k = 0; k < BITS; k++) if ((cell.lacks >> k) & 1 && ++lacking[column * BITS + k] > MOST_ODD) gone |= 1 << k;
		if (gone === 0) return;
		forms[column] &= ~gone;
		odd[column] = kept.filter(({ lacks }) => lacks & forms[column]);
		all -= kept.length - odd[column].length;
	};
}

/** What takes cells: their forms are what all of a column have in common. */
function cellTaker({ forms, words, odd }: CellForms, list: readonly string[]) {
	const missing = new Set(list);
	const keep = oddKeeper({ forms, odd });
	const isWord = (bytes: Buffer, from: number, to: number): boolean =>
		to - from <= LONGEST_WORD && missing.has(bytes.toString('utf8', from, to));
	return (bytes: Buffer, column: number, from: number, to: number, row: number): void => {
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
function lineReader({ width, delimiter, quote, crlf, words }: Part, found: CellForms) {
	const { forms } = found;
	const take = cellTaker(found, words);
	return (bytes: Buffer, begin: number, end: number): boolean => {
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
					let byte = 0;
					while (at < end && (byte = bytes[at]) !== delimiter && byte !== LF && byte !== quote) at++;
					if (at < end && byte === quote) return false;
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
