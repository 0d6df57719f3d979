// Cells of a text file and their forms. `../../cellForms.ts` and `../../../grammar/forms.ts` are the same in plain TypeScript, and say what
// forms are; what is rare goes back to them.

/** State, by offset in bytes from `AT`; numbers of 32 bits. */
const AT: usize = 4096;
const enum S { at = 0, end = 4, column = 8, row = 12, from = 16, to = 20, ofColumn = 24, ofRow = 28, width = 32, delimiter = 36, quote = 40, crlf = 44 }
/** Forms of each column. */
const FORMS: usize = AT + 64;

const enum Form { whole = 1, number = 2, point = 4, day = 8, bare = 16 }
/** All is looked at; a cell lacks forms of its column; a line is not plainly a row. */
const enum Said { done = 0, lacks = 1, odd = 2 }

const LF: u32 = 10;
const CR: u32 = 13;
const MINUS: u32 = 45;
const POINT: u32 = 46;
const ZERO: u32 = 48;

@inline
function byteAt(at: usize): u32 {
	return <u32>load<u8>(at);
}

@inline
function isDigit(byte: u32): bool {
	return byte - ZERO <= 9;
}

@inline
function isBare(from: usize, to: usize): bool {
	return byteAt(from) > 32 && byteAt(to - 1) > 32;
}

/** Where the first of three bytes stands, or the end. The memory goes on behind it. */
@inline
function find(from: usize, end: usize, a: v128, b: v128, c: v128): usize {
	for (let at = from; at < end; at += 16) {
		const bytes = v128.load(at);
		const found = i8x16.bitmask(v128.or(v128.or(i8x16.eq(bytes, a), i8x16.eq(bytes, b)), i8x16.eq(bytes, c)));
		if (found) return min<usize>(at + <usize>ctz(found), end);
	}
	return end;
}

function two(at: usize): u32 {
	const tens = byteAt(at);
	const ones = byteAt(at + 1);
	return isDigit(tens) && isDigit(ones) ? (tens - ZERO) * 10 + ones - ZERO : 0;
}

function daysOf(year: u32, month: u32): u32 {
	if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
	return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/** Four digits and a minus are known to stand at its beginning. */
function isDay(from: usize, to: usize): bool {
	if (to - from != 10 || byteAt(from + 4) != MINUS || byteAt(from + 7) != MINUS || byteAt(from) == ZERO) return false;
	let year: u32 = 0;
	for (let i = from; i < from + 4; i++) year = year * 10 + byteAt(i) - ZERO;
	const month = two(from + 5);
	const day = two(from + 8);
	return month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month);
}

function formsOf(from: usize, to: usize): u32 {
	if (!isBare(from, to)) return 0;
	if (to - from > 16) return Form.bare;
	const signed = byteAt(from) == MINUS;
	let at = signed ? from + 1 : from;
	const begin = at;
	while (at < to && isDigit(byteAt(at))) at++;
	const whole = at - begin;
	if (whole == 0) return Form.bare;
	const small = byteAt(begin) == ZERO;
	if (small && whole > 1) return Form.bare;
	if (at == to) return whole > 15 || (small && signed) ? Form.bare : Form.bare | Form.whole | Form.number;
	const next = byteAt(at);
	if (next == MINUS) return !signed && isDay(from, to) ? Form.bare | Form.day : Form.bare;
	if (next != POINT || whole > 15) return Form.bare;
	const behind = at + 1;
	if (behind == to) return Form.bare;
	for (let i = behind; i < to; i++) if (!isDigit(byteAt(i))) return Form.bare;
	if (byteAt(to - 1) == ZERO) return to - behind == 1 && !(small && signed) ? Form.bare | Form.point : Form.bare;
	if (small) {
		let first = behind;
		while (byteAt(first) == ZERO) first++;
		if (first - behind > 5) return Form.bare;
	}
	return Form.bare | Form.number | Form.point;
}

/** Goes on with the lines between `at` and `end`, until all are looked at or a cell needs to be. */
export function run(): i32 {
	const end = <usize>load<u32>(AT, S.end);
	const width = load<u32>(AT, S.width);
	const delimiter = load<u32>(AT, S.delimiter);
	const quote = load<u32>(AT, S.quote);
	const crlf = load<u32>(AT, S.crlf) != 0;
	const delimiters = i8x16.splat(<i8>delimiter);
	const quotes = i8x16.splat(<i8>quote);
	const feeds = i8x16.splat(10);
	const returns = i8x16.splat(13);
	let at = <usize>load<u32>(AT, S.at);
	let column = load<u32>(AT, S.column);
	let row = load<u32>(AT, S.row);
	while (column != 0 || at < end) {
		// A line without anything is no row.
		if (column == 0 && (byteAt(at) == LF || (crlf && byteAt(at) == CR && byteAt(at + 1) == LF))) {
			at += byteAt(at) == LF ? 1 : 2;
			row++;
			continue;
		}
		let from = at;
		let to: usize;
		let doubled = false;
		if (at < end && byteAt(at) == quote) {
			from = ++at;
			for (;;) {
				at = find(at, end, quotes, feeds, returns);
				if (at >= end || byteAt(at) != quote) return Said.odd;
				if (at + 1 >= end || byteAt(at + 1) != quote) break;
				doubled = true;
				at += 2;
			}
			to = at++;
			if (crlf && at < end && byteAt(at) == CR) at++;
		} else {
			at = find(at, end, delimiters, feeds, quotes);
			if (at < end && byteAt(at) == quote) return Said.odd;
			to = crlf && at > from && byteAt(at - 1) == CR ? at - 1 : at;
		}
		const ofColumn = column;
		const ofRow = row;
		if (at >= end || byteAt(at) == LF) {
			if (column + 1 != width) return Said.odd;
			column = 0;
			row++;
		} else {
			if (byteAt(at) != delimiter || ++column == width) return Said.odd;
		}
		at++;
		const forms = byteAt(FORMS + ofColumn);
		if (forms == 0 || from == to) continue;
		if (forms == Form.bare || doubled) {
			store<u8>(FORMS + ofColumn, isBare(from, to) ? forms & Form.bare : 0);
			continue;
		}
		if (forms & ~formsOf(from, to)) {
			store<u32>(AT, <u32>at, S.at);
			store<u32>(AT, column, S.column);
			store<u32>(AT, row, S.row);
			store<u32>(AT, <u32>from, S.from);
			store<u32>(AT, <u32>to, S.to);
			store<u32>(AT, ofColumn, S.ofColumn);
			store<u32>(AT, ofRow, S.ofRow);
			return Said.lacks;
		}
	}
	store<u32>(AT, row, S.row);
	return Said.done;
}
