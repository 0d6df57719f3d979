import { isIP } from 'node:net';
import { luhnChecksumValidate as luhn, mod97base10Validate, weightedSum } from 'stdnum/lib/cjs/util/checksum';
import { isNumberVector, type Vector } from './frame.js';
import { nationalNumbers, type NationalNumber } from './nationalNumbers.js';

/** What the values of a column look like: the share (0 to 1) of its different values, or of a sample of them, that have each form. */
export interface Signs {
	email: number;
	phone: number;
	iban: number;
	card: number;
	/** Addresses of machines. */
	address: number;
	/** Numbers of the American social security. */
	social: number;
	street: number;
	person: number;
	uuid: number;
	hash: number;
	code: number;
	/** Numbers of articles, books and devices with their check digit (EAN, GTIN, ISBN, IMEI). */
	article: number;
	/** Digits alone, with a zero before them: what a phone number without any mark looks like, and many a code. */
	zeros: number;
	/** Numbers of persons that nearly all of them can be. */
	national: readonly NationalNumber[];
}

export const NO_SIGNS: Signs = {
	email: 0,
	phone: 0,
	iban: 0,
	card: 0,
	address: 0,
	social: 0,
	street: 0,
	person: 0,
	uuid: 0,
	hash: 0,
	code: 0,
	article: 0,
	zeros: 0,
	national: [],
};

/** Values that are looked at, spread evenly over the different ones. */
export const LOOKED_AT = 2_000;

/** By itself, or behind a name as mail programs write it: `Ada L <ada@a.example>`. */
const EMAIL = /^(?:[^@<>]*<)?(?:mailto:)?[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@.,;<>]{2,}>?$/i;
const PHONE = /^(?:\+\d|00\d|0\d|\(0?\d|\d{3}[-. ]\d{3}[-. ]\d{4}$|\d{3}[-. ]\d{4}$)[\d\s().\/-]*$/;
/** A further number inside the house, behind the number itself. */
const EXTENSION = /\s*(?:x|ext\.?|extension|durchwahl|dw)\s*\d{1,6}$/i;
const IBAN = /^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/;
/**
 * Beginnings and lengths by network (ISO/IEC 7812): Visa, Mastercard, American Express, Diners Club, JCB and Discover, UnionPay, Maestro.
 */
const CARD = new RegExp(
	'^(?:4(?:\\d{12}|\\d{15}|\\d{18})|5[1-5]\\d{14}|2(?:2[2-9]|[3-6]\\d|7[01]|720)\\d{13}|3[47]\\d{13}|3(?:0[0-5]|[68]\\d)\\d{11}' +
		'|(?:35(?:2[89]|[3-8]\\d)|6011|64[4-9]\\d|65\\d\\d)\\d{12}|62\\d{14,17}|(?:5[0678]|6[0-9])\\d{10,17})$',
);
const SOCIAL = /^(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}$/;
const MAC = /^(?:[\da-f]{2}:){5}[\da-f]{2}$|^(?:[\da-f]{2}-){5}[\da-f]{2}$/i;
const LEADING_ZEROS = /^0\d+$/;
const STREET_WORD =
	'street|st|avenue|ave|av|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|place|pl|square|sq|terrace|highway|hwy|parkway|pkwy|way' +
	'|close|crescent|straße|strasse|str|weg|gasse|allee|platz|ring|damm|ufer|rue|chemin|quai|impasse|calle' +
	'|avenida|paseo|plaza|via|viale|corso' +
	'|piazza|rua|travessa|straat|laan|gracht|plein|ulica|ul|vägen|gatan|gata|vej|gade';
/** A house number before or behind the name of a street, in the ways of several countries. */
const STREET = new RegExp(
	`^(?:(?:flat|apt\\.?|apartment|unit|suite|appartement|wohnung) ?\\w{1,5}, ?)?(?:\\d{1,5}[a-z]?,? ` +
		`(?:.*[\\s.])?(?:${STREET_WORD})(?![\\p{L}])|(?:.*[\\s.])?[\\p{L}-]*(?:${STREET_WORD})(?![\\p{L}])[^\\d]*,? \\d{1,5} ` +
		`?[a-z]?(?![\\p{L}\\d]))`,
	'iu',
);
const UUID = /^\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?$/i;
const HEX = /^(?:0x)?[0-9a-f]{16,128}$/i;
const TOKEN = /^[A-Za-z0-9_-]{20,}={0,2}$/;

/** First names and forms of address that are common in several languages: enough to tell a list of people from a list of things. */
const PEOPLE = new Set(
	(
		'mr mrs ms miss dr herr frau prof sir adam ahmed alan albert alex alexander alexandra ali alice amanda amy ana andrea andreas ' +
		'andrew anna anne anthony antonio barbara ben benjamin bernd brian carl carlos carol carmen charles ' +
		'charlotte chris christian christina christine claudia clara daniel david deborah dennis diana donald dorothy edward elena ' +
		'elias elizabeth ella emil emily emma eric erik eva fatima felix fernando florian francesco francois frank ' +
		'franz fritz gabriel george giulia giuseppe greta hannah hans harry heinz helen helena helga henry ines ingrid isabella ivan ' +
		'jack jacob jakob james jan jane jason javier jean jeff jennifer jessica jim joan joe johann johannes john ' +
		'jonas jonathan jorge jose joseph joshua juan julia julian julie jurgen jürgen karen karin karl katharina kate katrin kenneth ' +
		'kevin klaus lars laura lea lena leon leonie linda lisa louis lucas lucia lucy luis luisa lukas maria marie ' +
		'marco margaret mark markus martin martina mary mateo matthew matthias max maximilian melissa mia michael michelle miguel ' +
		'mohamed mohammed monica monika nancy nicholas nicole nina noah olga oliver olivia omar oscar pablo patricia ' +
		'patrick paul paula pedro peter petra philip philipp pierre rachel rainer ralf rebecca richard robert roberto ruth ryan sabine ' +
		'samuel sandra sara sarah scott sebastian sharon simon sofia sophia sophie stefan stefanie stephanie ' +
		'stephen steven susan susanne sven teresa theresa thomas tim timothy tom tobias ursula uwe valentina vera victor victoria ' +
		'walter wei werner william wolfgang yuki zoe'
	).split(' '),
);

/** How names of places begin that are called after people. */
const PLACES = new Set([
	'san',
	'santa',
	'santo',
	'sant',
	'são',
	'st',
	'saint',
	'sainte',
	'sankt',
	'port',
	'fort',
	'mount',
	'lake',
	'cape',
	'bad',
	'villa',
	'los',
	'las',
	'el',
]);

/** Looks at the values of one column, in the same order at every run. */
export function signsOf(vector: Vector): Signs {
	if (isNumberVector(vector)) return signsOfNumbers(evenly(vector.data));
	const used = new Uint8Array(vector.dictionary.length + 1);
	for (let i = 0, n = vector.codes.length; i < n; i++) used[vector.codes[i]] = 1;
	const places = vector.dictionary.map((_, k) => k).filter((k) => used[k + 1]);
	return signsOfTexts(evenly(places).map((k) => vector.dictionary[k]));
}

/** What different texts look like, all of which are looked at. */
export function signsOfTexts(different: readonly string[]): Signs {
	const texts = different.map((text) => text.trim()).filter(Boolean);
	const share = (test: (text: string) => boolean): number => (texts.length ? texts.filter(test).length / texts.length : 0);
	return {
		email: share((t) => EMAIL.test(t)),
		phone: share(isPhone),
		iban: share(isIban),
		card: share((t) => isCard(t.replace(/[ -]/g, ''))),
		address: addressShare(texts),
		social: share((t) => SOCIAL.test(t)),
		street: share((t) => t.length < 120 && STREET.test(t)),
		person: share(isPerson),
		uuid: share((t) => UUID.test(t)),
		hash: share(isHash),
		code: codeShare(texts),
		article: share(isArticle),
		zeros: share((t) => LEADING_ZEROS.test(t)),
		national: nationalNumbers(texts),
	};
}

/** Numbers (NaN where missing), all of which are looked at: what has check digits may be among them; other forms would not be numbers. */
export function signsOfNumbers(data: ArrayLike<number>): Signs {
	const numbers = [...new Set(Array.from(data).filter((x) => !Number.isNaN(x)))];
	// All of these numbers are longer, and none is broken.
	const texts = numbers.every((x) => x >= 1e7 && Number.isSafeInteger(x)) ? numbers.map(String) : [];
	const share = (test: (text: string) => boolean): number => (texts.length ? texts.filter(test).length / texts.length : 0);
	return { ...NO_SIGNS, card: share(isCard), article: share(isArticle), national: nationalNumbers(texts) };
}

const evenly = (list: ArrayLike<number>): number[] => {
	const count = Math.min(list.length, LOOKED_AT);
	return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]);
};

function isPhone(full: string): boolean {
	const text = full.replace(EXTENSION, '');
	if (!PHONE.test(text)) return false;
	const digits = text.replace(/\D/g, '').length;
	return digits >= 7 && digits <= 15;
}

/** The number of an account with its check digits (ISO 13616: the rest of dividing by 97 is 1). */
function isIban(text: string): boolean {
	const bare = text.replace(/\s/g, '').toUpperCase();
	return IBAN.test(bare) && mod97base10Validate(bare.slice(4) + bare.slice(0, 4));
}

const isCard = (digits: string): boolean => CARD.test(digits) && luhn(digits);

/** The check digit of EAN, GTIN and ISBN-13: digits times 3 and 1 in turn, from the right. */
const eanFits = (text: string): boolean => weightedSum(text, { weights: [1, 3], modulus: 10, reverse: true }) === 0;

const isArticle = (text: string): boolean => (/^(?:\d{8}|\d{12,14})$/.test(text) && eanFits(text)) || (/^\d{15}$/.test(text) && luhn(text));

/** Addresses of machines. Four numbers with points may be versions too: among addresses some part has three digits now and then. */
function addressShare(texts: readonly string[]): number {
	const four = texts.filter((t) => isIP(t) === 4);
	const long = four.filter((t) => /\d{3}/.test(t)).length >= four.length / 10;
	const others = texts.filter((t) => MAC.test(t) || isIP(t) === 6).length;
	return texts.length ? (others + (long ? four.length : 0)) / texts.length : 0;
}

/** Two to five words without a digit, one of the first three of them a common first name or form of address. */
function isPerson(text: string): boolean {
	if (/[\d@]/.test(text)) return false;
	const words = text
		.toLowerCase()
		.split(/[\s,.]+/)
		.filter(Boolean);
	if (PLACES.has(words[0])) return false;
	return words.length >= 2 && words.length <= 6 && words.slice(0, 3).some((word) => PEOPLE.has(word));
}

/** Digests and tokens: long, without blanks, digits and letters mixed. */
function isHash(text: string): boolean {
	if (!/\d/.test(text) || !/[a-z]/i.test(text)) return false;
	return HEX.test(text) || (TOKEN.test(text) && (text.match(/[A-Za-z]\d|\d[A-Za-z]/g)?.length ?? 0) >= 3);
}

/** How many are of the most frequent form of a code: letters and a number of at least three digits, as in `C-00017` or `2024/INV/0042`. */
function codeShare(texts: readonly string[]): number {
	const forms = new Map<string, number>();
	for (const text of texts) {
		if (/\s/.test(text) || !/[A-Za-z#_/-]/.test(text) || (text.match(/\d/g)?.length ?? 0) < 3) continue;
		const form = text.replace(/\d+/g, '9').replace(/[A-Za-z]+/g, 'a');
		forms.set(form, (forms.get(form) ?? 0) + 1);
	}
	return texts.length ? Math.max(0, ...forms.values()) / texts.length : 0;
}
