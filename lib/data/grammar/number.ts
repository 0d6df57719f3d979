import type { ColumnFormat } from '../format.js';

/** What one text says as a number. */
export interface NumberCell {
	value: number;
	/** ISO code of the currency that stands beside it. */
	currency?: string;
	/** `%` or a unit that stands behind it, as written. */
	unit?: string;
	/** What its marks say about the notation of the file it comes from: the decimal mark, or that it could be either. */
	mark?: '.' | ',' | 'either';
	/** The separator of its groups of three, if it has some. */
	group?: string;
	/** A dash stands in the place of the cents (`12,-`). What formats that know nothing of it read there: the number below zero, or none. */
	dashed?: 'below' | 'none';
}

const SIGNS = new Map([
	['€', 'EUR'],
	['$', 'USD'],
	['US$', 'USD'],
	['£', 'GBP'],
	['¥', 'JPY'],
	['￥', 'JPY'],
	['₹', 'INR'],
	['A$', 'AUD'],
	['C$', 'CAD'],
	['CA$', 'CAD'],
	['HK$', 'HKD'],
	['NZ$', 'NZD'],
	['S$', 'SGD'],
	['R$', 'BRL'],
	['₽', 'RUB'],
	['₺', 'TRY'],
	['₩', 'KRW'],
	['₪', 'ILS'],
	['₫', 'VND'],
	['₴', 'UAH'],
	['₱', 'PHP'],
	['฿', 'THB'],
	['₦', 'NGN'],
	['₡', 'CRC'],
	['₸', 'KZT'],
	['Fr.', 'CHF'],
	['SFr.', 'CHF'],
	['Rs', 'INR'],
	['Rs.', 'INR'],
	['zł', 'PLN'],
	['Kč', 'CZK'],
	['kr', 'kr'],
	['kr.', 'kr'],
	['Ft', 'HUF'],
	['euro', 'EUR'],
	['euros', 'EUR'],
	['Euro', 'EUR'],
	['Euros', 'EUR'],
	['dollars', 'USD'],
	['pounds', 'GBP'],
]);
const CODES = new Set(
	(
		'USD EUR GBP CHF JPY CNY RMB INR AUD CAD NZD SEK NOK DKK ISK PLN CZK HUF RON BGN TRY RUB UAH BRL MXN ARS CLP COP PEN ZAR EGP NGN ' +
		'KES MAD SGD HKD KRW TWD THB IDR MYR PHP VND PKR BDT LKR ILS AED SAR QAR KWD'
	).split(' '),
);

/** The ISO code of a currency's sign, code or word; undefined if it is none. */
export function currencyOf(word: string): string | undefined {
	return SIGNS.get(word) ?? (/^[A-Za-z]{3}$/.test(word) && CODES.has(word.toUpperCase()) ? word.toUpperCase() : undefined);
}

const PLAIN = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const BLANKS = '[ \\u00a0\\u202f\\u2009]*';
/** Sign, currency, sign, digits with their marks, exponent, what stands behind. */
const SHAPE = new RegExp(
	`^([+-]?)${BLANKS}([^\\d\\s.,'+-][^\\d\\s+-]{0,5})?${BLANKS}([+-]?)${BLANKS}` +
		`(\\d[\\d.,' \\u00a0\\u202f\\u2009]*|[.,]\\d+)([eE][+-]?\\d+)?([^\\d]?.{0,14})$`,
	'u',
);
/**
 * Hours, minutes, seconds: a time of day or a duration, perhaps with days before them, as pandas (`-1 days +22:00:00`), Python and
 * PostgreSQL write it. With two parts it could be minutes and seconds as well.
 */
const CLOCK = /^(?:([+-]?\d{1,5}) days?,? )?([+-]?)(\d{1,5}):([0-5]\d):([0-5]\d(?:[.,]\d{1,9})?)$/;
export const isClock = (text: string): boolean => CLOCK.test(text);

const UNIT = /^[\p{L}%‰°µ"²³][\p{L}\d%°µ²³/·*^.-]{0,11}$/u;

/**
 * Reads a number as people write it: groups of three with `,` `.` `'` or blanks, decimal point or comma, a currency (sign, code or word)
 * before or behind, a unit or `%` behind, brackets, a trailing or a Unicode minus for negatives, a dash for no cents, exponents. Where a
 * single mark stands before exactly three digits, `mark` says whether it is the decimal one. Times and durations (`8:15:30`) are hours.
 * Undefined where the text is no number. `%` does not divide here.
 */
export function readNumberCell(raw: string, mark: '.' | ','): NumberCell | undefined {
	if (PLAIN.test(raw) && (mark === '.' || !raw.includes('.'))) {
		const value = Number(raw);
		if (!Number.isFinite(value)) return undefined;
		return { value: value + 0, mark: raw.includes('.') ? plainMark(raw) : undefined };
	}
	const clock = raw.includes(':') ? CLOCK.exec(raw) : null;
	if (clock) {
		const [, days = '0', sign, hours, minutes, seconds] = clock;
		const passed = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds.replace(',', '.'));
		return { value: (Number(days) * 86_400 + (sign === '-' ? -passed : passed)) / 3600 + 0, unit: 'h' };
	}
	let text = raw
		.replace(/[\u2212\u2013]/g, '-')
		.replaceAll('\u2019', "'")
		.trim();
	let negative = false;
	const bracketed = /^\(([^()]*)\)$/.exec(text);
	if (bracketed) [negative, text] = [true, bracketed[1].trim()];
	const m = SHAPE.exec(text);
	if (!m) return undefined;
	const [, first, before, second, digits, exponent = '', rest] = m;
	if (first && second) return undefined;
	// A telephone number begins so: +49 170 123 456.
	if ((first || second) === '+' && /[ \u00a0\u202f\u2009]/.test(digits.trim())) return undefined;
	let behind = rest.trim();
	let minus = first === '-' || second === '-';
	const dash = !exponent && /[.,]$/.test(digits) ? /^(?:--?|\u2014)(?![\d-])/.exec(rest)?.[0] : undefined;
	const dashed = dash && (dash === behind && dash === '-' && !first && !second && !bracketed ? 'below' : 'none');
	if (dash) behind = behind.slice(dash.length).trim();
	if (behind === '-' && !minus && !first && !second && !exponent) [behind, minus] = ['', true];
	if (bracketed && (minus || first || second)) return undefined;
	let currency: string | undefined;
	if (before !== undefined && (currency = currencyOf(before)) === undefined) return undefined;
	let unit: string | undefined;
	if (behind) {
		const money = currencyOf(behind);
		if (money && currency && money !== currency) return undefined;
		if (money) currency = money;
		else if (!currency && UNIT.test(behind)) unit = behind;
		else return undefined;
	}
	const read = readDigits(digits.trim(), mark);
	if (!read || (exponent && read.group)) return undefined;
	const size = Number(read.digits + exponent);
	if (!Number.isFinite(size)) return undefined;
	return {
		value: (negative !== minus ? -size : size) + 0,
		currency,
		unit,
		mark: read.mark,
		group: read.group,
		...(dashed ? { dashed } : {}),
	};
}

/** A leading `0.` or other than three digits behind the point say that it is a decimal point. */
const plainMark = (text: string): '.' | 'either' => (/^[+-]?[1-9]\d{0,2}\.\d{3}$/.test(text) ? 'either' : '.');

const GROUPED = /^\d{1,3}(?:([.,' \u00a0\u202f\u2009])\d{3})(?:\1\d{3})*$/;
/** Lakh and crore: 12,34,567. */
const INDIAN = /^[1-9]\d?(?:,\d{2})+,\d{3}$/;

function readDigits(text: string, mark: '.' | ','): { digits: string; mark?: NumberCell['mark']; group?: string } | undefined {
	const dots = text.split('.').length - 1;
	const commas = text.split(',').length - 1;
	const blanks = /[' \u00a0\u202f\u2009]/.test(text);
	if (!dots && !commas && !blanks) return { digits: text };
	let decimal: '.' | ',' | undefined;
	let either = false;
	if (dots && commas) decimal = text.lastIndexOf('.') > text.lastIndexOf(',') ? '.' : ',';
	else if (dots + commas === 1) {
		const own = dots ? '.' : ',';
		either = !blanks && /^[1-9]\d{0,2}[.,]\d{3}$/.test(text);
		decimal = either && own !== mark ? undefined : own;
	}
	const at = decimal ? text.lastIndexOf(decimal) : text.length;
	const whole = text.slice(0, at);
	const fraction = text.slice(at + 1);
	if ((decimal && text.indexOf(decimal) !== at) || !/^\d*$/.test(fraction) || (whole === '' && fraction === '')) return undefined;
	const grouped = GROUPED.exec(whole);
	if (!grouped && !/^\d*$/.test(whole) && !INDIAN.test(whole)) return undefined;
	if (grouped && whole.startsWith('0')) return undefined;
	const group = grouped?.[1] ?? (INDIAN.test(whole) ? ',' : undefined);
	const evidence = either ? 'either' : (decimal ?? (group === '.' ? ',' : group === ',' ? '.' : undefined));
	return { digits: `${whole.replace(/[^\d]/g, '') || '0'}.${fraction || '0'}`, mark: evidence, group };
}

/** A reader of one column's numbers by its format: the value (a percentage as a share), or undefined. */
export function numberReader(format: ColumnFormat): (text: string) => number | undefined {
	const { decimal = '.', percent, unit } = format;
	return (text) => {
		const cell = readNumberCell(text, decimal);
		if (!cell) return undefined;
		if (cell.dashed && !format.dash) return cell.dashed === 'below' && !percent ? -cell.value : undefined;
		if (percent) return cell.unit === '%' ? cell.value / 100 : undefined;
		if (cell.unit !== undefined && !sameUnit(cell.unit, unit)) return undefined;
		return cell.value;
	};
}

/** Units that nobody tells apart by capitals. */
const CASELESS = new Set([
	'kg',
	'g',
	'lb',
	'lbs',
	'oz',
	'km',
	'cm',
	'mm',
	'km/h',
	'mph',
	'ml',
	'l',
	'h',
	'hr',
	'hrs',
	'min',
	'mins',
	'sec',
	'day',
	'days',
	'year',
	'years',
	'yrs',
	'pcs',
	'kwh',
	'sqft',
	'sqm',
]);

/** Whether two unit words are one unit. */
export const sameUnit = (a: string, b: string | undefined): boolean =>
	a === b ||
	(b !== undefined &&
		a.toLowerCase().replace(/\.$/, '') === b.toLowerCase().replace(/\.$/, '') &&
		CASELESS.has(a.toLowerCase().replace(/\.$/, '')));

/** The usual text of a number in a column: `places`, groups, decimal mark and what stands before and behind, as the format says. */
export function numberText(format: ColumnFormat): (value: number) => string {
	const { decimal = '.', group, places, point, percent, before = '', after = '' } = format;
	if (decimal === '.' && !group && places === undefined && !point && !percent && !before && !after) return String;
	return (value) => {
		const size = percent ? Number((Math.abs(value) * 100).toPrecision(15)) : Math.abs(value);
		const plain = places === undefined ? String(size) : size.toFixed(places);
		if (plain.includes('e')) return String(value);
		const [whole, fraction] = plain.split('.');
		const grouped = group ? whole.replace(/\B(?=(?:\d{3})+$)/g, group) : whole;
		const rest = fraction === undefined ? (point ? `${decimal}0` : '') : decimal + fraction;
		return `${value < 0 ? '-' : ''}${before}${grouped}${rest}${after}`;
	};
}
