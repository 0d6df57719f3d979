/** How a text is cut into records and values. */
export interface Dialect {
	/** One character; a blank stands for any number of them (columns set in line, nothing quoted). */
	delimiter: string;
	quote: string;
	/** What stands before a quotation mark inside quotes: another one, or a backslash. */
	escape: string;
	/** Blanks stand between a separator and a quotation mark. */
	spaced?: boolean;
}

export const standard = (delimiter: string): Dialect => ({ delimiter, quote: '"', escape: '"' });

/** What is known of the table when its records are read once more, to tell a stray quotation mark from a value with line ends. */
export interface Expectation {
	width: number;
	/** Whether the text between two quotation marks is rows that a forgotten one swallowed; `column` is where it stands. */
	swallows(column: number, content: string): boolean;
	/** Lines end in a line feed: a carriage return alone ends one only where all values are there. */
	strayReturns: boolean;
}

export interface Parsed {
	cells: string[];
	/** Where the next record begins. */
	next: number;
	/** Lines it takes. */
	lines: number;
	/**
	 * A quotation mark in a place where it cannot be: how many lines it would have swallowed. The values are then those of its line alone.
	 */
	swallowed?: number;
	/** Quotation marks inside quotes that nothing escapes; read as they stand. */
	loose?: boolean;
}

const LF = 10;
const CR = 13;
/** A value with more characters between its quotation marks was never closed. */
const MAX_QUOTED = 1 << 20;

/**
 * Reads one record from `from`. Quotes double inside quotes, line ends inside quotes belong to the value (RFC 4180); what breaks this
 * costs a line and not the rest of the file. Undefined: `more` text is needed to tell. A blank line is one empty value.
 */
export function readRecord(text: string, from: number, dialect: Dialect, more: boolean, expected?: Expectation): Parsed | undefined {
	if (dialect.delimiter === ' ') return readAligned(text, from, more);
	const delimiter = dialect.delimiter.charCodeAt(0);
	const quote = dialect.quote.charCodeAt(0);
	const cells: string[] = [];
	let at = from;
	let lines = 1;
	let loose = false;
	let crossed = false;
	for (;;) {
		if (dialect.spaced) at = quoteBehindBlanks(text, at, quote);
		if (text.charCodeAt(at) === quote) {
			const quoted = readQuoted(text, at, dialect, delimiter, more);
			if (quoted === 'more') return undefined;
			const inner = quoted.open ? 0 : lineEnds(text, at, quoted.end);
			if (quoted.open || (inner > 0 && expected?.swallows(cells.length, quoted.value)))
				return openQuote(text, from, at, quoted.end, lines, dialect, more);
			cells.push(quoted.value);
			lines += inner;
			loose ||= quoted.loose;
			// A separator and a quotation mark are the beginning of a value: rather two rows that were joined than one value.
			crossed ||= quoted.loose && quoted.value.includes(dialect.delimiter + dialect.quote);
			at = quoted.end;
		} else {
			let end = at;
			for (; end < text.length; end++) {
				const c = text.charCodeAt(end);
				if (c === delimiter || c === LF) break;
				if (c === CR && !(expected?.strayReturns && text.charCodeAt(end + 1) !== LF && cells.length + 1 !== expected.width)) break;
			}
			cells.push(text.slice(at, end));
			at = end;
		}
		if (at >= text.length) return more ? undefined : { cells, next: at, lines, loose };
		const c = text.charCodeAt(at++);
		if (c === delimiter) continue;
		if (c === CR) {
			if (at === text.length && more) return undefined;
			if (text.charCodeAt(at) === LF) at++;
		}
		if (loose && expected && (crossed || cells.length !== expected.width)) {
			const line = openQuote(text, from, from, from, 1, dialect, more);
			return line && { ...line, swallowed: 0 };
		}
		return { cells, next: at, lines, loose };
	}
}

/** The place of a quotation mark that stands behind blanks, or else where they begin. */
function quoteBehindBlanks(text: string, from: number, quote: number): number {
	let at = from;
	while (text[at] === ' ') at++;
	return text.charCodeAt(at) === quote ? at : from;
}

interface Quoted {
	value: string;
	end: number;
	loose: boolean;
	open: boolean;
}

/** The value between quotation marks that begins at `from`; `end` is behind it, or where it became plain that the first one is stray. */
function readQuoted(text: string, from: number, { quote, escape }: Dialect, delimiter: number, more: boolean): Quoted | 'more' {
	let loose = false;
	for (let i = from + 1; ; ) {
		let j = text.indexOf(quote, i);
		if (escape !== quote) while (j > i && text[j - 1] === escape && text[j - 2] !== escape) j = text.indexOf(quote, j + 1);
		if (j < 0 || j - from > MAX_QUOTED)
			return more && text.length - from <= MAX_QUOTED
				? 'more'
				: { value: '', end: Math.min(text.length, from + MAX_QUOTED), loose, open: true };
		if (j + 1 >= text.length && more) return 'more';
		if (escape === quote && text[j + 1] === quote) {
			i = j + 2;
			continue;
		}
		let end = j + 1;
		while (text[end] === ' ') end++;
		const c = text.charCodeAt(end);
		if (end >= text.length || c === delimiter || c === LF || c === CR) {
			if (end >= text.length && more) return 'more';
			const value = text.slice(from + 1, j);
			return { value: value.includes(escape) ? value.replaceAll(escape + quote, quote) : value, end, loose, open: false };
		}
		if (lineEnds(text, from, j) > 0) return { value: '', end: j, loose, open: true };
		loose = true;
		i = j + 1;
	}
}

/** The record of one line, with quotation marks as they stand. */
function openQuote(
	text: string,
	from: number,
	at: number,
	end: number,
	lines: number,
	{ delimiter }: Dialect,
	more: boolean,
): Parsed | undefined {
	let stop = at;
	while (stop < text.length && text.charCodeAt(stop) !== LF && text.charCodeAt(stop) !== CR) stop++;
	if (stop + 1 >= text.length && more) return undefined;
	const next = text.charCodeAt(stop) === CR && text.charCodeAt(stop + 1) === LF ? stop + 2 : Math.min(text.length, stop + 1);
	return {
		cells: text.slice(from, stop).split(delimiter),
		next,
		lines,
		swallowed: lineEnds(text, at, end >= text.length ? text.trimEnd().length : end),
	};
}

function readAligned(text: string, from: number, more: boolean): Parsed | undefined {
	let end = from;
	while (end < text.length && text.charCodeAt(end) !== LF && text.charCodeAt(end) !== CR) end++;
	if (end + 1 >= text.length && more) return undefined;
	const next = text.charCodeAt(end) === CR && text.charCodeAt(end + 1) === LF ? end + 2 : Math.min(text.length, end + 1);
	return {
		cells: text
			.slice(from, end)
			.trim()
			.split(/[ \t]+/),
		next,
		lines: 1,
	};
}

/** Line ends between two places: CRLF counts once. */
function lineEnds(text: string, from: number, to: number): number {
	let count = 0;
	for (let i = from; i < to; i++) {
		const c = text.charCodeAt(i);
		if (c === LF || (c === CR && text.charCodeAt(i + 1) !== LF)) count++;
	}
	return count;
}

/** A value of a line that was cut at its separators, without the quotation marks around the whole of it. */
const unquoted = (cell: string, { quote }: Dialect): string =>
	cell.length > 1 && cell.startsWith(quote) && cell.endsWith(quote) ? cell.slice(1, -1) : cell;

/** A record of the beginning of a file. */
export interface HeadRecord {
	cells: string[];
	/** 1-based line where it begins. */
	line: number;
	lines: number;
	/** A blank line stands before it. */
	gap: boolean;
	/** It holds a quotation mark that swallows lines. */
	broken: boolean;
	loose: boolean;
	/** It ends in a carriage return alone. */
	returns: boolean;
}

/** The first records of a text, blank lines left out. `cut`: the text is a beginning, so that its last record is none. */
export function headRecords(text: string, dialect: Dialect, limit: number, cut = false, expected?: Expectation): HeadRecord[] {
	const records: HeadRecord[] = [];
	let gap = false;
	let line = 1;
	for (let at = 0; at < text.length && records.length < limit; ) {
		const record = readRecord(text, at, dialect, false, expected);
		if (!record || (cut && record.next >= text.length)) break;
		at = record.next;
		const blank = record.cells.length === 1 && record.cells[0].trim() === '';
		const broken = record.swallowed !== undefined;
		if (!blank)
			records.push({
				cells: broken ? record.cells.map((cell) => unquoted(cell, dialect)) : record.cells,
				line,
				lines: record.lines,
				gap,
				broken,
				loose: record.loose ?? false,
				returns: text.charCodeAt(at - 1) === CR,
			});
		gap = blank;
		line += record.lines;
	}
	return records;
}
