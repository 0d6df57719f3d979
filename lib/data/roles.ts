import type { ColumnRole, ColumnType } from '../domain/column.js';
import { NO_SIGNS, type Signs } from './signs.js';

/** What is known of a column when roles are guessed. */
export interface ColumnFacts {
	name: string;
	type: ColumnType;
	distinct: number;
	missing: number;
	rows: number;
	min?: number;
	max?: number;
	/** What its values look like. */
	signs?: Signs;
}

/** Share of the rows that must have a value in the column that says when they happened. */
export const TIME_SHARE = 0.95;
/** Share of the rows that must be filled, and as many empty, and how many they must be, where a column of one value says something. */
const MARK_SHARE = 0.01;
const MARK_ROWS = 10;
/** Share of a column's values of one form from which the column is of that form. */
const OF_THE_FORM = 0.9;
/** The same for what need not be all of it to be personal. */
const PERSONAL_SHARE = 0.5;
const PERSON_SHARE = 0.3;

const BIRTH_NAME = /birth|(?:^|[^a-z])(?:born|dob|geb)(?![a-z])|dob$|geburt|geboren|naissance|nacimiento|nascita|nascimento|geboorte/i;
const TIME_NAME = /date|time|timestamp|datum|day|month|when|created|observed|zeit/i;

/** Nothing that happened is so far away: dates from here on stand for "never" or "open". */
const ENDLESS = Date.UTC(2099, 0, 1);
const isEndless = ({ max }: ColumnFacts): boolean => max !== undefined && max >= ENDLESS;

/** Whether a column marks rows, as a cross in a form does: one value alone, and enough rows without it to learn from. */
export function isMark({ distinct, missing, rows: all }: Pick<ColumnFacts, 'distinct' | 'missing' | 'rows'>): boolean {
	const enough = Math.max(MARK_ROWS, all * MARK_SHARE);
	return distinct === 1 && missing >= enough && all - missing >= enough;
}

/** What each column is probably for, with a sentence where it is not plainly a feature. */
export function guessRoles(facts: readonly ColumnFacts[]): Array<{ role: ColumnRole; why?: string }> {
	const dates = facts.filter((f) => f.type === 'datetime' && !BIRTH_NAME.test(f.name) && f.distinct > 1);
	const filled = dates.filter((f) => !isEndless(f) && f.rows - f.missing >= f.rows * TIME_SHARE);
	const time = filled.length === 1 ? filled[0] : filled.find((f) => TIME_NAME.test(f.name));
	return facts.map((f) => {
		const present = f.rows - f.missing;
		if (present === 0) return { role: 'ignore', why: 'holds no value at all' };
		if (isMark(f)) return { role: 'feature', why: 'is a mark: one value in some rows, none in the others' };
		if (f.distinct === 1 && f.rows > 1)
			return { role: 'ignore', why: `has the same value in every row${f.missing ? ' that has one' : ''}` };
		if (f === time) {
			const gaps = f.missing ? ` (${rows(f.missing)} without a value will be left out of training)` : '';
			return { role: 'time', why: `says when a row happened: splits go forward in time${gaps}` };
		}
		const personal = personalKind(f);
		if (personal) return { role: 'ignore', why: `holds ${personal}: personal data, which a model should not learn by heart` };
		const id = idKind(f);
		if (id) return { role: 'id', why: `names the row: ${id}, and can predict nothing new` };
		if (f.type === 'text') return { role: 'ignore', why: 'is free text, nearly every row different' };
		if (dates.includes(f) && isEndless(f)) {
			const last = new Date(f.max!).toISOString().slice(0, 10);
			return { role: 'feature', why: `runs up to ${last}, as programs write that something has no end: no time to divide rows by` };
		}
		if (!time && dates.includes(f) && !filled.includes(f)) {
			const needed = `too few to divide them by time (${percent(TIME_SHARE)} are needed)`;
			return { role: 'feature', why: `has a value in ${percent(present / f.rows)} of the rows, ${needed}` };
		}
		if (!time && filled.length > 1 && filled.includes(f)) {
			return {
				role: 'feature',
				why: 'may say when a row happened, but so may another column; rows are divided in time where one has the role "time"',
			};
		}
		return { role: 'feature' };
	});
}

const rows = (n: number): string => `${n.toLocaleString('en')} row${n === 1 ? '' : 's'}`;
const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;

/** The words of a column's name: `customerId`, `customer_id` and `Customer-ID` have the same. */
const wordsOf = (name: string): string[] =>
	name
		.replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
		.replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
		.toLowerCase()
		.split(/[^\p{L}\d]+/u)
		.filter(Boolean);

const PERSON_NAMES = new Set([
	'vorname',
	'nachname',
	'familienname',
	'zuname',
	'surname',
	'forename',
	'firstname',
	'lastname',
	'fullname',
	'username',
	'prenom',
	'prénom',
	'apellido',
	'apellidos',
	'cognome',
	'fname',
	'lname',
	'displayname',
]);
const PERSON_BEFORE_NAME = new Set([
	'first',
	'last',
	'given',
	'family',
	'full',
	'middle',
	'maiden',
	'person',
	'customer',
	'client',
	'patient',
	'passenger',
	'employee',
	'contact',
	'user',
	'owner',
	'member',
	'student',
	'guest',
	'kunden',
	'holder',
	'cardholder',
	'display',
]);
const ANY_NAMES = new Set([
	'name',
	'names',
	'nom',
	'nombre',
	'nome',
	'person',
	'kunde',
	'ansprechpartner',
	'mitarbeiter',
	'doctor',
	'arzt',
	'author',
	'agent',
]);
/** What else may be called after people. */
const THING_NAMES = new Set([
	'city',
	'town',
	'place',
	'ort',
	'stadt',
	'ville',
	'ciudad',
	'station',
	'airport',
	'region',
	'state',
	'country',
	'county',
	'district',
	'street',
	'brand',
	'product',
	'item',
	'marke',
	'produkt',
	'artikel',
	'company',
	'firma',
	'store',
	'shop',
	'school',
	'hospital',
	'title',
	'model',
	'team',
]);
const PHONE_NAMES = new Set([
	'phone',
	'telephone',
	'tel',
	'telefon',
	'mobile',
	'handy',
	'cell',
	'cellphone',
	'fax',
	'telefonnummer',
	'phonenumber',
	'mobil',
]);
const EMAIL_NAMES = new Set(['email', 'mail', 'emailaddress']);

const ADDRESS_NAMES = new Set([
	'address',
	'addr',
	'adresse',
	'anschrift',
	'street',
	'strasse',
	'straße',
	'direccion',
	'dirección',
	'indirizzo',
]);
const COUNT_NAMES = new Set(['count', 'counts', 'calls', 'minutes', 'usage', 'anzahl', 'total', 'price', 'cost', 'days']);

/** Called after phones, and not after how many or how long. */
const isPhoneName = (words: readonly string[]): boolean =>
	words.some((word) => PHONE_NAMES.has(word)) && !words.some((word) => COUNT_NAMES.has(word));

/** Marks that phone numbers alone have. A zero and digits may be any code. */
const dials = ({ phone, zeros }: Signs): boolean => phone >= OF_THE_FORM && zeros < OF_THE_FORM - PERSONAL_SHARE;

/** Whether a column of dates says when people were born: its age may predict, the day knows the person. */
export const isBirthDate = ({ name, type, distinct }: ColumnFacts): boolean => type === 'datetime' && distinct > 1 && BIRTH_NAME.test(name);

/** What a column holds that tells who a person is, in words; undefined for anything else. */
export function personalKind({ name, type, distinct, min, signs = NO_SIGNS }: ColumnFacts): string | undefined {
	const words = wordsOf(name);
	const last = words.at(-1) ?? '';
	const isText = type === 'category' || type === 'text';
	const calledEmail = isText && (EMAIL_NAMES.has(last) || words.includes('email'));
	if (signs.email >= PERSONAL_SHARE || (calledEmail && signs.email > 0.1)) return 'e-mail addresses';
	if (signs.iban >= PERSONAL_SHARE) return 'numbers of bank accounts (IBAN)';
	// Of one or two values a check digit fits by chance now and then.
	if (signs.card >= OF_THE_FORM && distinct > 2) return 'numbers of payment cards';
	const national = signs.national.find(({ called }) => !called || called.test(words.join(' ')));
	if (national) return `numbers that a state gives to persons (${national.label})`;
	if (signs.social >= PERSONAL_SHARE) return 'numbers of the social security';
	if (signs.address >= OF_THE_FORM) return 'addresses of machines';
	if (
		distinct > 1 &&
		(dials(signs) || (isPhoneName(words) && (isText ? signs.phone >= PERSONAL_SHARE : type === 'integer' && (min ?? 0) >= 1e5)))
	)
		return 'phone numbers';
	if (!isText || distinct < 3) return undefined;
	if (signs.street >= (words.some((word) => ADDRESS_NAMES.has(word)) ? 0.1 : PERSONAL_SHARE)) return 'street addresses';
	const calledPerson =
		PERSON_NAMES.has(words.join('')) || PERSON_NAMES.has(last) || (last === 'name' && PERSON_BEFORE_NAME.has(words.at(-2) ?? ''));
	// A column of names of no matter what: a few that are people's are enough.
	const few = ANY_NAMES.has(last) || PERSON_BEFORE_NAME.has(last) ? PERSON_SHARE / 3 : PERSON_SHARE;
	const calledThing = words.some((word) => THING_NAMES.has(word));
	return calledPerson || (!calledThing && signs.person >= few) ? 'names of people' : undefined;
}

const ID_WORDS = new Set(['id', 'ids', 'uuid', 'guid', 'pk', 'oid']);
const ROW_WORDS = new Set([
	'key',
	'index',
	'row',
	'nr',
	'no',
	'num',
	'number',
	'nummer',
	'unnamed',
	'serial',
	'reference',
	'ref',
	'token',
	'hash',
	'code',
]);
const ENTITY =
	'customer|client|user|order|passenger|patient|record|row|case|member|account|transaction|employee|student|invoice|ticket|contract' +
	'|policy|booking|claim|kunden|bestell|rechnungs|vertrags|konto|auftrags|personal|mitglieds';
const ENTITY_NUMBER = new RegExp(`(^| )(${ENTITY})s? ?(id|no|nr|num|number|nummer|key|code)$`);
/** Columns of such names count or measure something, however different their values are. */
const MEASURE_NAME = new RegExp(
	'year|jahr|année|\\bage\\b|alter|zip|plz|postal|postcode|postleitzahl|amount|betrag|price|preis|salary|gehalt|income|cost|kosten' +
		'|revenue' +
		'|umsatz|population|distance|balance|saldo|total|sum\\b|count|anzahl|score|weight|gewicht',
);

/** Things that have numbers: a column called after one of them, with whole numbers that are all different, names it. */
const ENTITIES = new Set([
	'customer',
	'client',
	'user',
	'order',
	'passenger',
	'patient',
	'member',
	'account',
	'employee',
	'student',
	'invoice',
	'ticket',
	'contract',
	'kunde',
	'konto',
	'auftrag',
	'bestellung',
	'rechnung',
	'vertrag',
	'patientin',
	'mitglied',
]);

const ALMOST_ALL = 0.99;
const MANY = 50;

/** Why a column names rows rather than describes them, in words; undefined for anything else. */
export function idKind(f: ColumnFacts): string | undefined {
	const present = f.rows - f.missing;
	if (present < 10 || present < f.rows / 2) return undefined;
	const words = wordsOf(f.name);
	const last = words.at(-1) ?? '';
	const share = f.distinct / present;
	const strong = ID_WORDS.has(last) || ENTITY_NUMBER.test(words.join(' '));
	const called = strong || ROW_WORDS.has(last) || words[0] === 'unnamed';
	const measures = !strong && MEASURE_NAME.test(words.join(' '));
	const all =
		share === 1 ? 'it is different in every row' : `it has ${f.distinct.toLocaleString('en')} different values in ${rows(present)}`;
	if ((f.signs ?? NO_SIGNS).article >= OF_THE_FORM && share >= ALMOST_ALL)
		return `${all}, as numbers of articles or devices with their check digit`;
	if (f.type === 'integer') {
		if (called && share >= ALMOST_ALL) return all;
		if (ENTITIES.has(last) && share >= ALMOST_ALL && (f.min ?? 0) >= MANY) return all;
		if (strong && f.distinct > MANY && share >= 0.2) return all;
		return !measures && counts(f, present) ? `${all}, as numbers that are given out in turn are` : undefined;
	}
	if (f.type !== 'category' && f.type !== 'text') return undefined;
	const { uuid, hash, code } = f.signs ?? NO_SIGNS;
	if (uuid >= OF_THE_FORM && f.distinct > MANY && share >= 0.05) return `${all}, of the form of a UUID`;
	const often = share >= ALMOST_ALL || (f.distinct > MANY && share >= 0.2);
	if (often && (hash >= OF_THE_FORM || code >= OF_THE_FORM)) return `${all}, of the form of a code`;
	if (called && share >= ALMOST_ALL) return all;
	if (strong && f.distinct > MANY && share >= 0.2) return all;
	return f.type === 'category' && present >= 20 && share >= ALMOST_ALL && !measures ? all : undefined;
}

/**
 * Times that the chance of as few equal values is smaller than one in a million, and more: whole numbers that were measured would meet
 * again.
 */
const SURPRISE = 15;
/** Numbers that were given out in turn may still be there twice: copies, corrections. */
const MOST = 0.95;

/**
 * Whole numbers that were given out and not measured. Were they drawn at random from their range, `present`² / (2 · range) pairs would be
 * equal (the birthday problem); many fewer are. So numbers with gaps are found too, in any order, and amounts of a wide range are not.
 */
function counts({ distinct, min, max, rows: all }: ColumnFacts, present: number): boolean {
	if (min === undefined || max === undefined) return false;
	const range = max - min + 1;
	if (distinct === all && range === all && (min === 0 || min === 1)) return true;
	const pairs = (present * (present - 1)) / (2 * range);
	return present >= 20 && distinct >= present * MOST && pairs >= SURPRISE && present - distinct < pairs / 10;
}
