import { DATE_PATTERNS } from '../dates.js';
import type { ColumnFormat } from '../format.js';
import { DATE_SPELLINGS, dateReader, dateSpelling, dateText, serialDate, showsLike, spellingExample, SWAPPED } from './date.js';
import { examplesOf, mixedText, strayLimit, rowsOf, type FileVote, type Inferred, type InferOptions, type Tally } from './tally.js';
import { isMissingWord } from './missing.js';

const MAX_LENGTH = 70;
const PROBE = 200;
const LOOKS_LIKE = /\d.*[\d\p{L}]/u;
const MONTH_FIRST = [...SWAPPED.keys()];
const DAY_FIRST = [...SWAPPED.values()];
const YEARS_AROUND = 5 * 366 * 86_400_000;

interface Spelt {
	/** Rows by spelling; those in which day and month can be swapped stand under the name with the month first. */
	rows: Map<string, number>;
	/** Of those, rows that make sense in one order only. */
	only: Map<string, { month: number; day: number }>;
	texts: Map<string, string>;
	words: number;
	stray: number;
	serials: Map<string, number>;
	/** Some texts that are no dates. */
	strays: string[];
	/** A text that could be read with the day first, where the year was taken to be. */
	years?: string;
}

/** A column as dates, if it is one. Day and month are told apart by its texts, else by the file's other dates. */
export function inferDates(tally: Tally, options: InferOptions, forced = false): Inferred | undefined {
	const spelt = yearsFirst(monthsAlone(spell(tally, forced), forced));
	if (!spelt || (spelt.rows.size === 0 && !forced)) return undefined;
	const present = rowsOf(tally);
	const limit = strayLimit(present, options.share);
	const readable = [...spelt.rows.values()].reduce((a, b) => a + b, 0);
	const names: string[] = [];
	const notes: string[] = [];
	let stray = spelt.stray;
	let open = false;
	const says: Inferred['says'] = {};
	const order = orderOf(spelt, options.vote);
	for (const [name] of [...spelt.rows].sort((a, b) => b[1] - a[1])) {
		const only = spelt.only.get(name);
		if (!only) {
			names.push(name);
			continue;
		}
		const decided = only.month !== only.day && Math.min(only.month, only.day) <= (only.month + only.day) * 0.05;
		const dayFirst = decided ? only.day > only.month : (order.dayFirst ?? name.startsWith('%m-'));
		stray += dayFirst ? only.month : only.day;
		if (only.month && only.day && stray > limit && !forced) {
			return {
				type: 'category',
				format: {},
				notes: [
					`is kept as text: its dates have day and month in both orders ` +
						`(${only.day} with the day first, ${only.month} with the month first)`,
				],
				says: {},
				open: {},
			};
		}
		names.push(dayFirst ? SWAPPED.get(name)! : name);
		if (decided) says.dayFirst = dayFirst;
		else if (order.source !== 'column') {
			open = true;
			notes.push(
				order.source === 'file'
					? `could have day and month in either order and is read with the ${dayFirst ? 'day' : 'month'} first, ` +
							'as other columns of the file are'
					: `could have day and month in either order and is read with the ${dayFirst ? 'day' : 'month'} first, ` +
							`as in ${spellingExample(names.at(-1)!)}`,
			);
		}
	}
	if (spelt.years)
		notes.push(`could have day or year first ("${spelt.years}") and is read with the year first, since so its dates lie closer together`);
	const serial = serials(spelt, names);
	if (!serial) stray += [...spelt.serials.values()].reduce((a, b) => a + b, 0);
	if (!forced && spelt.words > readable) return undefined;
	if (!forced && stray > limit) {
		const strays = [...spelt.strays, ...(serial ? [] : spelt.serials.keys())];
		return stray < present / 2 ? mixedText('datetime', stray, present, examplesOf(strays)) : undefined;
	}
	if (names.includes('%d.%m.%Y') || names.includes('%d.%m.%y')) says.dotted = true;
	if (names.length > 1)
		notes.push(`has dates in ${names.length} spellings ` + `(such as ${names.map(spellingExample).join(', ')}), all read as dates`);
	if (serial)
		notes.push(`has ${[...spelt.serials.values()].reduce((a, b) => a + b, 0)} day numbers of Excel among its dates, read as dates`);
	const format: ColumnFormat =
		names.length === 1 && DATE_PATTERNS.includes(names[0]) && !serial
			? { date: names[0] }
			: names.length
				? { dates: names, ...(serial ? { serial } : {}) }
				: { date: 'iso' };
	return { type: 'datetime', format: usualFormat(spelt, names, format), notes, says, open: open ? { order: true } : {} };
}

function spell(tally: Tally, forced: boolean): Spelt | undefined {
	const readers = new Map(DATE_SPELLINGS.map((name) => [name, dateSpelling(name)]));
	const names = DATE_SPELLINGS.filter((name) => !DAY_FIRST.includes(name));
	const spelt: Spelt = { rows: new Map(), only: new Map(), texts: new Map(), words: 0, stray: 0, strays: [], serials: new Map() };
	let last = names[0];
	let seen = 0;
	const spellingOf = (text: string): string | undefined => {
		for (const name of [last, ...names]) {
			if (!Number.isNaN(readers.get(name)!(text))) return name;
			if (MONTH_FIRST.includes(name) && !Number.isNaN(readers.get(SWAPPED.get(name)!)!(text))) return name;
		}
		return undefined;
	};
	for (const [text, rows] of tally) {
		if (++seen === PROBE && !forced && spelt.texts.size + spelt.serials.size < PROBE / 4) return undefined;
		const name = text.length <= MAX_LENGTH && text.length >= 6 && LOOKS_LIKE.test(text) ? spellingOf(text) : undefined;
		if (name) {
			last = name;
			spelt.rows.set(name, (spelt.rows.get(name) ?? 0) + rows);
			if (spelt.texts.size < PROBE * 5) spelt.texts.set(text, name);
			if (!MONTH_FIRST.includes(name)) continue;
			const only = spelt.only.get(name) ?? { month: 0, day: 0 };
			const [month, day] = [readers.get(name)!(text), readers.get(SWAPPED.get(name)!)!(text)];
			if (Number.isNaN(day)) only.month += rows;
			else if (Number.isNaN(month)) only.day += rows;
			spelt.only.set(name, only);
		} else if (!Number.isNaN(serialDate(text))) spelt.serials.set(text, rows);
		else if (isMissingWord(text)) spelt.words += rows;
		else {
			spelt.stray += rows;
			if (spelt.strays.length < PROBE) spelt.strays.push(text);
		}
	}
	return spelt;
}

const MONTHS_ALONE = ['%Y-%m', '%Y/%m'];

/** `2010-11` beside `2011-12` is a season, `1001-07` a number: months are of years near ours, and not each the year that follows. */
function monthsAlone(spelt: Spelt | undefined, forced: boolean): Spelt | undefined {
	if (!spelt || forced) return spelt;
	for (const name of MONTHS_ALONE) {
		const texts = [...spelt.texts].filter(([, own]) => own === name).map(([text]) => text);
		const seasons = texts.length > 1 && texts.every((text) => (+text.slice(0, 4) + 1) % 100 === +text.slice(5));
		if (!seasons && texts.every((text) => text >= '18' && text < '22')) continue;
		spelt.stray += spelt.rows.get(name) ?? 0;
		spelt.strays.push(...texts.slice(0, PROBE));
		spelt.rows.delete(name);
		for (const text of texts) spelt.texts.delete(text);
	}
	return spelt;
}

const SHORT_YEARS = ['%m-%d-%y', '%y-%m-%d'];

/**
 * `24-01-17` is 2024 or the 24th. The year is first where some text says so, or where what stands first takes far fewer values than what
 * stands last, as years do beside days.
 */
function yearsFirst(spelt: Spelt | undefined): Spelt | undefined {
	const [short, years] = SHORT_YEARS;
	if (!spelt?.rows.has(short)) return spelt;
	const read = dateSpelling(years);
	const texts = [...spelt.texts].filter(([, name]) => name === short).map(([text]) => text);
	if (texts.some((text) => Number.isNaN(read(text)))) return spelt;
	const different = (from: number) => new Set(texts.map((text) => text.slice(from, from + 2))).size;
	const sure = spelt.rows.has(years);
	if (!sure && different(6) < 4 * different(0)) return spelt;
	spelt.rows.set(years, (spelt.rows.get(years) ?? 0) + spelt.rows.get(short)!);
	spelt.rows.delete(short);
	spelt.only.delete(short);
	for (const text of texts) spelt.texts.set(text, years);
	if (!sure) spelt.years = texts[0];
	return spelt;
}

/** The order that ambiguous dates take from the column's other spellings, else from the file. */
function orderOf({ only }: Spelt, vote: FileVote | undefined): { dayFirst?: boolean; source?: 'column' | 'file' } {
	const all = [...only.values()];
	const [month, day] = [all.reduce((sum, o) => sum + o.month, 0), all.reduce((sum, o) => sum + o.day, 0)];
	if (month !== day) return { dayFirst: day > month, source: 'column' };
	if (vote?.dayFirst !== undefined) return { dayFirst: vote.dayFirst, source: 'file' };
	return vote?.mark === ',' ? { dayFirst: true } : {};
}

/** Whether numbers among the dates are day numbers of Excel: all of them days near the other dates. */
function serials({ serials: found, texts }: Spelt, names: readonly string[]): boolean {
	if (found.size === 0 || names.length === 0) return false;
	const read = dateReader({ dates: [...names] });
	const times = [...texts.keys()].map(read).filter((t): t is number => t !== undefined);
	if (times.length === 0) return false;
	const [from, to] = [times.reduce((a, b) => Math.min(a, b)) - YEARS_AROUND, times.reduce((a, b) => Math.max(a, b)) + YEARS_AROUND];
	return [...found.keys()].every((text) => serialDate(text) >= from && serialDate(text) <= to);
}

const SHOWN = 300;

/** Adds the usual text of the column, where it is not the plain ISO date. */
function usualFormat({ texts }: Spelt, names: readonly string[], format: ColumnFormat): ColumnFormat {
	const sample = [...texts].slice(0, SHOWN).filter(([, name]) => names.includes(name) || names.includes(SWAPPED.get(name) ?? ''));
	const read = dateReader(format);
	const shows = new Set(
		sample
			.slice(0, 40)
			.flatMap(([text, name]) => showsLike(text, names.includes(name) ? name : SWAPPED.get(name)!))
			.filter(isPlainShow),
	);
	let best: string | undefined;
	let most = sample.filter(([text]) => dateText({})(read(text)!) === text).length;
	for (const show of shows) {
		const write = dateText({ show });
		const count = sample.filter(([text]) => write(read(text)!) === text).length;
		if (count > most) [best, most] = [show, count];
	}
	return best ? { ...format, show: best } : format;
}

/** Only marks between the digits: AM and PM, days of the week and zones would be the same for all values. */
const isPlainShow = (show: string): boolean =>
	/^[-/., :]*T?[-/., :]*Z?$/.test(show.replace(/%-?[YmdHMSgby]/g, '').replace(/\+00:?00$/, ''));
