/**
 * Numbers that a state gives to a person, told by their check digits (and the day of birth in them), never by their form alone. Written
 * after the published rules of each; the tests hold them against python-stdnum.
 */
export interface NationalNumber {
	label: string;
	/** The check is shared with numbers of other things (ISBN, firms): it counts only where the column is called so. */
	called?: RegExp;
	/** Takes the text in capitals, without blanks, points, hyphens and slashes. */
	fits(text: string): boolean;
}

/** Different values below which check digits that fit may be chance. */
const FEWEST = 8;
/** Share of them that must fit. */
const FITTING = 0.9;
/** Values after which a number that does not fit most of them is given up. */
const PROBE = 40;

const digits = (text: string): number[] => Array.from(text, Number);
const weighted = (list: readonly number[], weights: readonly number[]): number => weights.reduce((sum, w, i) => sum + w * list[i], 0);

/** Luhn's check: every second digit from the right doubled, the sum of all digits divides by ten. */
export function luhn(text: string): boolean {
	const sum = digits(text).reduceRight((total, digit, i) => {
		const value = (text.length - i) % 2 ? digit : digit * 2;
		return total + (value > 9 ? value - 9 : value);
	}, 0);
	return sum % 10 === 0;
}

/** The check digit of EAN, GTIN and ISBN-13: digits times 3 and 1 in turn, from the right. */
export const eanFits = (text: string): boolean =>
	digits(text).reduceRight((sum, digit, i) => sum + digit * ((text.length - i) % 2 ? 1 : 3), 0) % 10 === 0;

/** ISO 7064, MOD 11,10. */
function mod11With10(list: readonly number[]): boolean {
	let check = 5;
	for (const digit of list) check = ((((check || 10) * 2) % 11) + digit) % 10;
	return check === 1;
}

/** Verhoeff's check: the digits, permuted by their place, multiply to 0 in the dihedral group of ten. */
const PERMUTED = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
function verhoeff(list: readonly number[]): boolean {
	let check = 0;
	for (let i = 0; i < list.length; i++) {
		let digit = list[list.length - 1 - i];
		for (let k = 0; k < i % 8; k++) digit = PERMUTED[digit];
		const [a, b] = [check, digit];
		check = a < 5 ? (b < 5 ? (a + b) % 5 : ((a + b) % 5) + 5) : b < 5 ? ((a - b) % 5) + 5 : (a - b + 5) % 5;
	}
	return check === 0;
}

/** A day that may be, whatever the year: month and day as they stand in the number. */
const isDay = (month: number, day: number): boolean => month >= 1 && month <= 12 && day >= 1 && day <= (month === 2 ? 29 : 31);

const ITALIAN_ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
const place = (sign: string): number => (sign <= '9' ? Number(sign) : sign.charCodeAt(0) - 65);

/** Remainder of a whole number of any length. */
const rest = (text: string, by: number): number => Number(BigInt(text) % BigInt(by));

const form =
	(pattern: RegExp, check: (text: string, d: number[]) => boolean): NationalNumber['fits'] =>
	(text) =>
		pattern.test(text) && check(text, digits(text));

/** Six digits of a day of birth, in either order. */
const yearFirst = (text: string, at = 0): [month: number, day: number] => [+text.slice(at + 2, at + 4), +text.slice(at + 4, at + 6)];
const dayFirst = (text: string): [month: number, day: number] => [+text.slice(2, 4), +text.slice(0, 2)];

/** The check digit of Estonia and Lithuania: a second row of weights where the first gives ten. */
function baltic(d: readonly number[]): boolean {
	const [first, second] = [
		[1, 2, 3, 4, 5, 6, 7, 8, 9, 1],
		[3, 4, 5, 6, 7, 8, 9, 1, 2, 3],
	].map((w) => weighted(d, w) % 11);
	return (first < 10 ? first : second % 10) === d[10];
}

function brazilian(d: readonly number[]): boolean {
	const check = (upTo: number) => ((d.slice(0, upTo).reduce((sum, x, i) => sum + x * (upTo + 1 - i), 0) * 10) % 11) % 10;
	return new Set(d).size > 1 && check(9) === d[9] && check(10) === d[10];
}

function french(text: string): boolean {
	const body = text.slice(0, 13).replace('2A', '19').replace('2B', '18');
	return 97 - rest(body, 97) === +text.slice(13);
}

function italian(text: string): boolean {
	const sum = Array.from(text.slice(0, 15)).reduce((total, sign, i) => total + (i % 2 ? place(sign) : ITALIAN_ODD[place(sign)]), 0);
	return sum % 26 === place(text[15]);
}

/** The German tax number of a person: exactly one of its first ten digits comes more than once, two or three times. */
function germanTax(text: string, d: number[]): boolean {
	const times = digits('0123456789').map((x) => d.slice(0, 10).filter((y) => y === x).length);
	const often = times.filter((n) => n > 1);
	return text[0] !== '0' && often.length === 1 && often[0] <= 3 && mod11With10(d);
}

function turkish(_: string, d: number[]): boolean {
	const [odd, even] = [d[0] + d[2] + d[4] + d[6] + d[8], d[1] + d[3] + d[5] + d[7]];
	return (((odd * 7 - even) % 10) + 10) % 10 === d[9] && d.slice(0, 10).reduce((a, b) => a + b) % 10 === d[10];
}

const CURP = '0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ';
const DNI = 'TRWAGMYFPDXBNJZSQVHLCKE';
const HETU = '0123456789ABCDEFHJKLMNPRSTUVWXY';

const NUMBERS: readonly NationalNumber[] = [
	{
		label: 'Austria',
		// Months 13 to 15 stand where the numbers of a day are used up.
		fits: form(/^[1-9]\d{5}(?:0[1-9]|1[0-5])\d{2}$/, (t, d) => {
			const day = +t.slice(4, 6);
			return day >= 1 && day <= 31 && weighted(d, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 === d[3];
		}),
	},
	{
		label: 'Belgium',
		fits: form(/^\d{11}$/, (t) => {
			const [month, day] = yearFirst(t);
			const known = (month % 20 <= 12 && day <= 31) || month === 0;
			// Who was born from 2000 on has a 2 before the number that is divided.
			const bodies = [t.slice(0, 9), ...(+t.slice(0, 2) < 50 ? [`2${t.slice(0, 9)}`] : [])];
			return known && bodies.some((body) => 97 - rest(body, 97) === +t.slice(9));
		}),
	},
	{
		label: 'Bulgaria',
		fits: form(
			/^\d{10}$/,
			(t, d) => isDay(yearFirst(t)[0] % 20, yearFirst(t)[1]) && (weighted(d, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11) % 10 === d[9],
		),
	},
	{ label: 'Brazil (CPF)', fits: form(/^\d{11}$/, (_, d) => brazilian(d)) },
	{ label: 'Switzerland (AHV)', fits: form(/^756\d{10}$/, eanFits) },
	{
		label: 'China',
		fits: form(/^\d{6}(?:19|20)\d{9}[\dX]$/, (t, d) => {
			const check = '10X98765432'[weighted(d, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11];
			return isDay(...yearFirst(t, 8)) && check === t[17];
		}),
	},
	{
		label: 'Czechia or Slovakia',
		fits: form(/^\d{10}$/, (t) => rest(t.slice(0, 9), 11) % 10 === +t[9] && isDay((yearFirst(t)[0] % 50) % 20, yearFirst(t)[1])),
	},
	{ label: 'Germany (tax)', fits: form(/^\d{11}$/, germanTax) },
	{
		label: 'Estonia or Lithuania',
		fits: form(/^[1-8]\d{10}$/, (t, d) => isDay(...yearFirst(t, 1)) && baltic(d)),
	},
	{
		label: 'Spain (DNI, NIE)',
		fits: form(
			/^(?:\d|[XYZ])\d{7}[A-Z]$/,
			(t) =>
				DNI[
					rest(
						t.slice(0, 8).replace(/[XYZ]/, (c) => String('XYZ'.indexOf(c))),
						23,
					)
				] === t[8],
		),
	},
	{
		label: 'Finland',
		fits: form(/^\d{6}[+A-FU-Y]?\d{3}[\dA-Y]$/, (t) => {
			const body = t.slice(0, 6) + t.slice(-4, -1);
			return t.length > 9 && isDay(...dayFirst(t)) && HETU[rest(body, 31)] === t.at(-1);
		}),
	},
	{ label: 'France (NIR)', fits: form(/^[12]\d{4}(?:\d{2}|2A|2B)\d{8}$/, french) },
	{ label: 'Greece (AMKA)', fits: form(/^\d{11}$/, (t) => isDay(...dayFirst(t)) && luhn(t)) },
	{ label: 'India (Aadhaar)', fits: form(/^[2-9]\d{11}$/, (_, d) => verhoeff(d)) },
	{ label: 'Italy (codice fiscale)', fits: form(/^[A-Z]{6}[\dL-NP-V]{2}[A-EHLMPR-T][\dL-NP-V]{2}[A-Z][\dL-NP-V]{3}[A-Z]$/, italian) },
	{
		label: 'Korea',
		fits: form(
			/^\d{13}$/,
			(t, d) => isDay(...yearFirst(t)) && (11 - (weighted(d, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11)) % 10 === d[12],
		),
	},
	{
		label: 'Mexico (CURP)',
		fits: form(/^[A-Z]{4}\d{6}[HM][A-Z]{5}[\dA-Z]\d$/, (t, d) => {
			const sum = Array.from(t.slice(0, 17)).reduce((total, sign, i) => total + CURP.indexOf(sign) * (18 - i), 0);
			return isDay(...yearFirst(t, 4)) && (10 - (sum % 10)) % 10 === d[17];
		}),
	},
	{
		label: 'Norway',
		fits: form(/^\d{11}$/, (t, d) => {
			const [month, day] = dayFirst(t);
			const checks = [
				[3, 7, 6, 1, 8, 9, 4, 5, 2, 1],
				[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1],
			];
			return isDay(month % 40, day % 40) && checks.every((w) => weighted(d, w) % 11 === 0);
		}),
	},
	{
		label: 'Poland (PESEL)',
		fits: form(
			/^\d{11}$/,
			(t, d) => isDay(yearFirst(t)[0] % 20, yearFirst(t)[1]) && weighted(d, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0,
		),
	},
	{
		label: 'Romania (CNP)',
		fits: form(/^[1-9]\d{12}$/, (t, d) => {
			const check = weighted(d, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
			return isDay(...yearFirst(t, 1)) && (check === 10 ? 1 : check) === d[12];
		}),
	},
	{
		label: 'states that were Yugoslavia (JMBG)',
		fits: form(
			/^\d{13}$/,
			(t, d) => isDay(...dayFirst(t)) && ((11 - (weighted(d, [7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11) % 10 === d[12],
		),
	},
	{
		label: 'Sweden',
		fits: form(/^(?:19|20)?\d{6}\+?\d{4}$/, (t) => {
			const ten = t.replace('+', '').slice(-10);
			return isDay(yearFirst(ten)[0], yearFirst(ten)[1] % 60) && luhn(ten);
		}),
	},
	{ label: 'Turkey', fits: form(/^[1-9]\d{10}$/, turkish) },
	{ label: 'South Africa', fits: form(/^\d{10}[012]\d{2}$/, (t) => isDay(...yearFirst(t)) && luhn(t)) },
	{ label: 'Canada (SIN)', called: /\b(?:sin|social insurance)\b/, fits: form(/^[1-9]\d{8}$/, luhn) },
	{
		label: 'the Netherlands (BSN)',
		called: /\b(?:bsn|burgerservicenummer|sofinummer|sofi)\b/,
		fits: form(/^\d{8,9}$/, (t) => weighted(digits(t.padStart(9, '0')), [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0),
	},
	{
		label: 'the United Kingdom (NHS)',
		called: /\bnhs\b/,
		fits: form(/^\d{10}$/, (_, d) => weighted(d, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0),
	},
	{
		label: 'the United Kingdom (national insurance)',
		called: /\b(?:nino|ni number|ni no|national insurance)\b/,
		fits: (text) => /^(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]$/.test(text),
	},
	{ label: 'Denmark (CPR)', called: /\b(?:cpr|personnummer)\b/, fits: form(/^\d{10}$/, (t) => isDay(...dayFirst(t))) },
	{ label: 'Israel', called: /\b(?:teudat|zehut|israeli id)\b/, fits: form(/^\d{8,9}$/, (t) => luhn(t.padStart(9, '0'))) },
];

/** The numbers of persons that (nearly) all of these different values can be. */
export function nationalNumbers(different: readonly string[]): NationalNumber[] {
	if (different.length < FEWEST) return [];
	const bare = different.map((text) => text.toUpperCase().replace(/[\s.\/-]/g, ''));
	const share = (list: readonly string[], { fits }: NationalNumber) =>
		list.filter((text) => text.length <= 20 && fits(text)).length / list.length;
	const probe = bare.slice(0, PROBE);
	return NUMBERS.filter((number) => share(probe, number) > FITTING / 2 && share(bare, number) >= FITTING);
}
