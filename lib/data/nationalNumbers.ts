import type { Validator } from 'stdnum';
import { validate as vnr } from 'stdnum/lib/cjs/at/vnr';
import { validate as nn } from 'stdnum/lib/cjs/be/nn';
import { validate as egn } from 'stdnum/lib/cjs/bg/egn';
import { validate as cpf } from 'stdnum/lib/cjs/br/cpf';
import { validate as sin } from 'stdnum/lib/cjs/ca/sin';
import { validate as ahv } from 'stdnum/lib/cjs/ch/ssn';
import { validate as ric } from 'stdnum/lib/cjs/cn/ric';
import { validate as rc } from 'stdnum/lib/cjs/cz/rc';
import { validate as steuerId } from 'stdnum/lib/cjs/de/idnr';
import { validate as cpr } from 'stdnum/lib/cjs/dk/cpr';
import { validate as ik } from 'stdnum/lib/cjs/ee/ik';
import { validate as dni } from 'stdnum/lib/cjs/es/dni';
import { validate as nie } from 'stdnum/lib/cjs/es/nie';
import { validate as hetu } from 'stdnum/lib/cjs/fi/hetu';
import { validate as nir } from 'stdnum/lib/cjs/fr/nir';
import { validate as nino } from 'stdnum/lib/cjs/gb/nino';
import { validate as amka } from 'stdnum/lib/cjs/gr/amka';
import { validate as israeli } from 'stdnum/lib/cjs/il/idnr';
import { validate as aadhaar } from 'stdnum/lib/cjs/in/aadhaar';
import { validate as codiceFiscale } from 'stdnum/lib/cjs/it/codicefiscale';
import { validate as rrn } from 'stdnum/lib/cjs/kr/rrn';
import { validate as curp } from 'stdnum/lib/cjs/mx/curp';
import { validate as bsn } from 'stdnum/lib/cjs/nl/bsn';
import { validate as fodselsnummer } from 'stdnum/lib/cjs/no/fodselsnummer';
import { validate as pesel } from 'stdnum/lib/cjs/pl/pesel';
import { validate as cnp } from 'stdnum/lib/cjs/ro/cnp';
import { validate as jmbg } from 'stdnum/lib/cjs/rs/jmbg';
import { validate as personnummer } from 'stdnum/lib/cjs/se/personnummer';
import { validate as tckimlik } from 'stdnum/lib/cjs/tr/tckimlik';
import { weightedSum } from 'stdnum/lib/cjs/util/checksum';
import { validate as southAfrican } from 'stdnum/lib/cjs/za/idnr';

/** A number that a state gives to a person, told by its check digits (and the day of birth in it), never by its form alone. */
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

/** Whether the check digits of a text fit. */
type Validate = Validator['validate'];

/** Looks at the form first: nearly all texts of nearly all columns end there, and the library takes its time, also to be loaded. */
function number(label: string, form: RegExp, checks: () => readonly Validate[], called?: RegExp): NationalNumber {
	return { label, called, fits: (text) => form.test(text) && checks().some((validate) => validate(text).isValid) };
}

/** The sign before the last four tells the century, so the library asks for it; `fits` is given a text without hyphens. */
const withHyphen =
	(validate: Validate): Validate =>
	(text) =>
		validate(/\d{6}$|^\d{9}[\dA-Z]$/.test(text) ? `${text.slice(0, -4)}-${text.slice(-4)}` : text);

/** Of the national health service, which the library does not know: digits times 10 to 1. */
const nhs = (text: string): boolean => weightedSum(text, { weights: [10, 9, 8, 7, 6, 5, 4, 3, 2, 1], modulus: 11 }) === 0;

const NUMBERS: readonly NationalNumber[] = [
	number('Austria', /^\d{10}$/, () => [vnr]),
	number('Belgium', /^\d{11}$/, () => [nn]),
	number('Bulgaria', /^\d{10}$/, () => [egn]),
	number('Brazil (CPF)', /^\d{11}$/, () => [cpf]),
	number('Switzerland (AHV)', /^756\d{10}$/, () => [ahv]),
	number('China', /^\d{17}[\dX]$/, () => [ric]),
	number('Czechia or Slovakia', /^\d{10}$/, () => [rc]),
	number('Germany (tax)', /^\d{11}$/, () => [steuerId]),
	number('Estonia or Lithuania', /^\d{11}$/, () => [ik]),
	number('Spain (DNI, NIE)', /^(?:\d|[XYZ])\d{7}[A-Z]$/, () => [dni, nie]),
	number('Finland', /^\d{6}[+A-FU-Y]?\d{3}[\dA-Y]$/, () => [withHyphen(hetu)]),
	number('France (NIR)', /^[12]\d{4}(?:\d{2}|2A|2B)\d{8}$/, () => [nir]),
	number('Greece (AMKA)', /^\d{11}$/, () => [amka]),
	number('India (Aadhaar)', /^\d{12}$/, () => [aadhaar]),
	number('Italy (codice fiscale)', /^[A-Z]{6}[\dA-Z]{10}$/, () => [codiceFiscale]),
	number('Korea', /^\d{13}$/, () => [rrn]),
	number('Mexico (CURP)', /^[A-Z]{4}\d{6}[HM][A-Z]{5}[\dA-Z]\d$/, () => [curp]),
	number('Norway', /^\d{11}$/, () => [fodselsnummer]),
	number('Poland (PESEL)', /^\d{11}$/, () => [pesel]),
	number('Romania (CNP)', /^\d{13}$/, () => [cnp]),
	number('states that were Yugoslavia (JMBG)', /^\d{13}$/, () => [jmbg]),
	number('Sweden', /^(?:19|20)?\d{6}\+?\d{4}$/, () => [withHyphen(personnummer)]),
	number('Turkey', /^\d{11}$/, () => [tckimlik]),
	number('South Africa', /^\d{13}$/, () => [southAfrican]),
	number('Canada (SIN)', /^\d{9}$/, () => [sin], /\b(?:sin|social insurance)\b/),
	number('the Netherlands (BSN)', /^\d{8,9}$/, () => [bsn], /\b(?:bsn|burgerservicenummer|sofinummer|sofi)\b/),
	{ label: 'the United Kingdom (NHS)', called: /\bnhs\b/, fits: (text) => /^\d{10}$/.test(text) && nhs(text) },
	number(
		'the United Kingdom (national insurance)',
		/^[A-Z]{2}\d{6}[A-D]$/,
		() => [nino],
		/\b(?:nino|ni number|ni no|national insurance)\b/,
	),
	number('Denmark (CPR)', /^\d{10}$/, () => [cpr], /\b(?:cpr|personnummer)\b/),
	number('Israel', /^\d{8,9}$/, () => [israeli], /\b(?:teudat|zehut|israeli id)\b/),
];

/** The numbers of persons that (nearly) all of these different values can be. */
export function nationalNumbers(different: readonly string[]): NationalNumber[] {
	if (different.length < FEWEST) return [];
	const bare = different.map((text) => text.toUpperCase().replace(/[\s.\/-]/g, ''));
	const share = (list: readonly string[], { fits }: NationalNumber) =>
		list.filter((text) => text.length <= 20 && fits(text)).length / list.length;
	const probe = bare.slice(0, PROBE);
	return NUMBERS.filter((one) => share(probe, one) > FITTING / 2 && share(bare, one) >= FITTING);
}
