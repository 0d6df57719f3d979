/**
 * Forms of texts that SQL reads by itself, told from their bytes: a column whose texts all have one can be read as its type at once, with
 * no text ever made. Each is what `usualSql` reads of a column with the usual notation (`usualForm`).
 */
export const Form = {
	/** Whole numbers of at most 15 digits. */
	whole: 1,
	/** Numbers as programs write them: no zero at the end, and none alone behind the point. */
	number: 2,
	/** Numbers that all have a point: a zero behind it where nothing else is. */
	point: 4,
	/** Days: 2024-05-31. */
	day: 8,
	/** Texts without blanks around them. */
	bare: 16,
} as const;
export const ALL_FORMS = Form.whole | Form.number | Form.point | Form.day | Form.bare;
const NUMBERS = Form.number | Form.point;

const MINUS = 45;
const POINT = 46;
const ZERO = 48;
/** As many bytes as a number may have of which 15 digits come back from a double. */
const LONGEST = 16;
const DIGITS = 15;
/** Zeros behind the point, below which a number is written with an exponent. */
const ZEROS = 5;
const DAY = 10;

const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;

/** Forms that the text from `from` to `to` has, which are some bytes at least. */
export function formsOf(bytes: Uint8Array, from: number, to: number): number {
	return isBare(bytes, from, to) ? Form.bare | numberForms(bytes, from, to) : 0;
}

/** Other signs that cannot be seen are no blanks, but rare before or behind a value. */
export const isBare = (bytes: Uint8Array, from: number, to: number): boolean => bytes[from] > 32 && bytes[to - 1] > 32;

/**
 * Forms that the database reads a text as, besides those it has: it gives a value, if perhaps not ours. A column that has one of these
 * forms but for some texts can be read so if these are then read by themselves.
 */
export function readableForms(text: string): number {
	const number = /^-?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,2})?$/.test(text) ? NUMBERS : 0;
	return /^-?\d{1,17}$/.test(text) ? Form.whole | number : number;
}

function numberForms(bytes: Uint8Array, from: number, to: number): number {
	if (to - from > LONGEST) return 0;
	const signed = bytes[from] === MINUS;
	let at = signed ? from + 1 : from;
	const begin = at;
	while (at < to && isDigit(bytes[at])) at++;
	const whole = at - begin;
	if (whole === 0) return 0;
	const small = bytes[begin] === ZERO;
	if (small && whole > 1) return 0;
	if (at === to) return whole > DIGITS || (small && signed) ? 0 : Form.whole | Form.number;
	if (bytes[at] === MINUS) return !signed && isDay(bytes, from, to) ? Form.day : 0;
	if (bytes[at] !== POINT || whole > DIGITS) return 0;
	return formsBehindPoint(bytes, at + 1, to, small, signed);
}

function formsBehindPoint(bytes: Uint8Array, from: number, to: number, small: boolean, signed: boolean): number {
	if (from === to) return 0;
	for (let i = from; i < to; i++) if (!isDigit(bytes[i])) return 0;
	if (bytes[to - 1] === ZERO) return to - from === 1 && !(small && signed) ? Form.point : 0;
	if (small) {
		let first = from;
		while (bytes[first] === ZERO) first++;
		if (first - from > ZEROS) return 0;
	}
	return Form.number | Form.point;
}

function isDay(bytes: Uint8Array, from: number, to: number): boolean {
	if (to - from !== DAY || bytes[from + 4] !== MINUS || bytes[from + 7] !== MINUS || bytes[from] === ZERO) return false;
	let year = 0;
	for (let i = from; i < from + 4; i++) year = year * 10 + bytes[i] - ZERO;
	const two = (at: number): number => (isDigit(bytes[at]) && isDigit(bytes[at + 1]) ? (bytes[at] - ZERO) * 10 + bytes[at + 1] - ZERO : 0);
	const month = two(from + 5);
	const day = two(from + 8);
	return month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month);
}

function daysOf(year: number, month: number): number {
	if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
	return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
