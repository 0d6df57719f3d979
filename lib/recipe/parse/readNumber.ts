import { own } from '../../domain/dictionary.js';

/** Which sign separates whole from fraction; `auto` decides value by value. */
export type Decimal = 'auto' | '.' | ',';

/** Before the number or behind it. */
const CURRENCY = new RegExp(
	String.raw`^(?:\p{Sc}|(?:usd|eur|gbp|chf|jpy|cny|inr|aud|cad|us\$|a\$|c\$|rs\.?)(?![\p{L}]))\s*|` +
		String.raw`\s*(?:\p{Sc}|(?<![\p{L}])(?:usd|eur|gbp|chf|jpy|cny|inr|aud|cad|dollars?|euros?|pounds?))$`,
	'gu',
);
const SCALES: Record<string, number> = { k: 1e3, thousand: 1e3, million: 1e6, mio: 1e6, mn: 1e6, billion: 1e9, bn: 1e9 };
const SCALED = /^([+-]?[\d.,' \u00a0\u202f_]*\d)\s*(k|thousand|million|mio|mn|billion|bn)\.?$/;
const EXPONENT = /^[+-]?(?:\d+\.?\d*|\.\d+)e[+-]?\d+$/;

/**
 * Reads a number as people write it: with currency, thousands separators, percent ("12 %" is 0.12), brackets for negatives,
 * scale words ("1.5k", "2 million") or in English words ("twenty-five"). NaN if it is none.
 *
 * Not built on `readNumberCell`, by which Ingest reads: that one knows a column's notation, keeps the unit beside the number and refuses
 * what it does not know, where this one decides value by value. Recipes are stored, so what it answers stays.
 */
export function readNumber(text: string, decimal: Decimal = 'auto'): number {
	let s = text.normalize('NFKC').trim().toLowerCase().replaceAll('\u2212', '-');
	if (!s) return NaN;
	let sign = 1;
	const bracketed = /^\((.*)\)$/.exec(s);
	if (bracketed) {
		sign = -1;
		s = bracketed[1].trim();
	}
	const leading = /^([+-])\s*(.*)$/.exec(s);
	if (leading) {
		if (leading[1] === '-') sign = -sign;
		s = leading[2];
	}
	s = s.replace(CURRENCY, '').trim();
	const second = leading ? null : /^([+-])\s*(.*)$/.exec(s);
	if (second) {
		if (second[1] === '-') sign = -sign;
		s = second[2];
	}
	let factor = 1;
	const percent = s.endsWith('%');
	if (percent) s = s.slice(0, -1).trimEnd();
	const scaled = SCALED.exec(s);
	if (scaled) {
		factor = own(SCALES, scaled[2])!;
		s = scaled[1];
	}
	const plain = EXPONENT.test(s) ? Number(s) : readDigits(s, decimal);
	const value = Number.isNaN(plain) ? readWords(s) : plain;
	const scaledUp = sign * value * factor;
	const result = percent ? scaledUp / 100 : scaledUp;
	return Number.isFinite(result) ? result + 0 : NaN;
}

function readDigits(text: string, decimal: Decimal): number {
	if (!/^[\d.,' _]*\d[.,]?$|^[\d.,' _]*\d$/.test(text)) return NaN;
	const mark = decimal === 'auto' ? guessDecimal(text) : decimal;
	const other = mark === ',' ? '.' : ',';
	const at = text.indexOf(mark);
	const whole = at < 0 ? text : text.slice(0, at);
	const fraction = at < 0 ? '' : text.slice(at + 1);
	if (!/^\d*$/.test(fraction)) return NaN;
	const groups = whole.split(new RegExp(`[${other}' _]`));
	const grouped = groups.length === 1 || (/^\d{1,3}$/.test(groups[0]) && groups.slice(1).every((g) => /^\d{3}$/.test(g)));
	if (!grouped || !/^\d*$/.test(groups.join(''))) return NaN;
	const digits = `${groups.join('') || '0'}.${fraction || '0'}`;
	return groups.join('') || fraction ? Number(digits) : NaN;
}

/** The last of two different marks is the decimal one; a single comma before exactly three digits, or a repeated mark, groups thousands. */
function guessDecimal(text: string): '.' | ',' {
	const dots = text.split('.').length - 1;
	const commas = text.split(',').length - 1;
	if (dots && commas) return text.lastIndexOf('.') > text.lastIndexOf(',') ? '.' : ',';
	if (commas === 1) return /^[1-9]\d{0,2},\d{3}$/.test(text) ? '.' : ',';
	if (dots > 1) return ',';
	return '.';
}

const UNITS = [
	'zero',
	'one',
	'two',
	'three',
	'four',
	'five',
	'six',
	'seven',
	'eight',
	'nine',
	'ten',
	'eleven',
	'twelve',
	'thirteen',
	'fourteen',
	'fifteen',
	'sixteen',
	'seventeen',
	'eighteen',
	'nineteen',
];
const TENS = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const WORDS = new Map<string, number>([
	...UNITS.map((w, i): [string, number] => [w, i]),
	...TENS.map((w, i): [string, number] => [w, 20 + 10 * i]),
	['a', 1],
	['fourty', 40],
]);
const MULTIPLIERS = new Map<string, number>([
	['thousand', 1e3],
	['million', 1e6],
	['billion', 1e9],
]);

/** English number words up to billions, with "minus" and "point". */
function readWords(text: string): number {
	const tokens = text.split(/[\s-]+/).filter((t) => t !== 'and');
	if (!tokens.length) return NaN;
	let sign = 1;
	if (tokens[0] === 'minus' || tokens[0] === 'negative') {
		sign = -1;
		tokens.shift();
	}
	const point = tokens.indexOf('point');
	const wholeTokens = point < 0 ? tokens : tokens.slice(0, point);
	const digits = point < 0 ? [] : tokens.slice(point + 1).map((t) => UNITS.indexOf(t));
	if (!wholeTokens.length || (point >= 0 && (!digits.length || digits.some((d) => d < 0 || d > 9)))) return NaN;
	let total = 0;
	let group = 0;
	let last = Infinity;
	for (const token of wholeTokens) {
		const value = WORDS.get(token);
		const multiplier = MULTIPLIERS.get(token);
		if (value !== undefined) {
			// "twenty five" adds up, "five twenty" or "two three" is no number.
			if (group && !(last >= 100 || (last >= 20 && last < 100 && value > 0 && value < 10))) return NaN;
			group += value;
			last = value;
		} else if (token === 'hundred') {
			if (group < 1 || group > 99) return NaN;
			group *= 100;
			last = 100;
		} else if (multiplier !== undefined) {
			if (!group || (total && multiplier >= 1e9)) return NaN;
			total += group * multiplier;
			group = 0;
			last = Infinity;
		} else return NaN;
	}
	return sign * (total + group + (digits.length ? Number(`0.${digits.join('')}`) : 0));
}
