import type { ColumnFormat } from '../format.js';
import { examplesOf, mixedText, rowsOf, SAID, strayLimit, type Inferred, type InferOptions, type Tally } from './tally.js';
import { isCensored, isMissingWord } from './missing.js';
import { isClock, numberReader, numberText, readNumberCell, sameUnit, type NumberCell } from './number.js';

/** Text that counts as a code rather than a number: it would lose its leading zero. */
const LEADING_ZERO = /^[+-]?0\d+$/;
const MAX_LENGTH = 40;
/** Different texts of a column after which it is given up as numbers if fewer than half are any. */
const PROBE = 300;

interface Cells {
	/** Readable texts with their rows. */
	cells: Array<{ text: string; rows: number; cell: NumberCell }>;
	readable: number;
	words: number;
	stray: number;
	/** Rows by what their marks say. */
	marks: Record<'.' | ',' | 'either', number>;
	leadingZeros: number;
}

/** A column as numbers, if it is one. */
export function inferNumbers(tally: Tally, options: InferOptions & { forced?: boolean }, forced = false): Inferred | undefined {
	const first = collect(tally, options.decimal ?? '.', forced);
	if (!first || (first.readable === 0 && !forced)) return undefined;
	const own = ownMark(first, options);
	const mark = own.mark ?? options.vote?.mark ?? '.';
	const found = mark === (options.decimal ?? '.') ? first : collect(tally, mark, forced)!;
	const present = rowsOf(tally);
	const kind = unitOf(found, present, options.share, forced);
	if (!kind) return undefined;
	if ('note' in kind) return { type: 'category', format: {}, notes: [kind.note], says: {}, open: {} };
	const { cells, dropped } = kind;
	const stray = found.stray + dropped;
	const values = cells.map(({ cell }) => (kind.percent ? cell.value / 100 : cell.value));
	const fractions = cells.reduce((sum, { rows }, i) => sum + (Number.isInteger(values[i]) ? 0 : rows), 0);
	const whole = fractions === 0;
	if (!forced) {
		if (found.leadingZeros > 0 && fractions < found.readable / 10) return undefined;
		if (found.words > found.readable - dropped || blankCodes(cells)) return undefined;
		if (stray > strayLimit(present, options.share, codeLike(tally, cells, whole))) {
			// A column of two different numbers and a few words may be one of classes; of many words it surely is.
			return stray < present / 2 && (cells.length > 2 || stray <= present * SAID)
				? mixedText(whole ? 'integer' : 'number', stray, present, examplesOf(strayTexts(tally, cells)))
				: undefined;
		}
		// Integers beyond 2^53 are names of things: as numbers they would run together.
		if (whole && values.some((v) => !Number.isSafeInteger(v))) {
			return {
				type: 'category',
				format: {},
				notes: [`holds whole numbers too long for exact arithmetic and is kept as text${measured(cells)}`],
				says: {},
				open: {},
			};
		}
	}
	const money = [...new Set(cells.flatMap(({ cell }) => (cell.currency ? [cell.currency] : [])))].sort();
	const format = usualFormat(cells, whole, {
		...(mark === ',' && (own.mark === ',' || found.marks.either > 0 || found.marks[','] > 0) ? { decimal: ',' as const } : {}),
		...(cells.some(({ cell }) => cell.dashed) ? { dash: true } : {}),
		...(kind.percent ? { percent: true } : {}),
		...(kind.unit ? { unit: kind.unit } : {}),
		...(money.length ? { money } : {}),
	});
	const notes = [
		...(money.length > 1 ? [currencyNote(cells)] : []),
		...markNotes(found, own.mark, options, mark),
		...(kind.bare ? [kind.bare] : []),
		...exponentNotes(cells),
		...clockNotes(cells),
	];
	return {
		type: whole ? 'integer' : 'number',
		format,
		notes,
		says: own.sure ? { mark: own.mark } : {},
		open: found.marks.either > 0 && !own.mark ? { mark: true } : {},
		long: cells.some(({ text }) => text.length > 16),
	};
}

function collect(tally: Tally, mark: '.' | ',', forced: boolean): Cells | undefined {
	const found: Cells = { cells: [], readable: 0, words: 0, stray: 0, marks: { '.': 0, ',': 0, either: 0 }, leadingZeros: 0 };
	let seen = 0;
	for (const [text, rows] of tally) {
		if (++seen === PROBE && !forced && found.cells.length < PROBE / 4) return undefined;
		const cell = text.length > MAX_LENGTH ? undefined : readNumberCell(text, mark);
		if (cell) {
			found.cells.push({ text, rows, cell });
			found.readable += rows;
			if (cell.mark) found.marks[cell.mark] += rows;
			if (LEADING_ZERO.test(text)) found.leadingZeros += rows;
		} else if (isMissingWord(text)) found.words += rows;
		else found.stray += rows;
	}
	return found;
}

/** The decimal mark that the column itself says; `sure`: none of its texts says another. */
function ownMark({ cells, marks }: Cells, { decimal, plainNumbers }: InferOptions): { mark?: '.' | ','; sure?: boolean } {
	if (decimal) return { mark: decimal };
	if (plainNumbers && cells.every(({ cell, text }) => !cell.group && !text.includes(','))) return { mark: '.' };
	if (marks['.'] && marks[',']) return { mark: marks[','] > marks['.'] ? ',' : '.' };
	if (marks['.']) return { mark: '.', sure: true };
	return marks[','] ? { mark: ',', sure: true } : {};
}

function strayTexts(tally: Tally, cells: Cells['cells']): string[] {
	const read = new Set(cells.map((c) => c.text));
	return [...tally.keys()].filter((text) => !read.has(text) && !isMissingWord(text));
}

/** Where the rest are few whole numbers, or a stray one looks like a code, another word may be another class. */
function codeLike(tally: Tally, cells: Cells['cells'], whole: boolean): boolean {
	if (!whole) return false;
	const rows = cells.reduce((sum, c) => sum + c.rows, 0);
	if (cells.length <= 20 && cells.length <= rows / 3) return true;
	const read = new Set(cells.map((c) => c.text));
	return [...tally.keys()].some(
		(text) => !read.has(text) && !isMissingWord(text) && !isCensored(text) && /\d/.test(text) && /\p{L}/u.test(text),
	);
}

/** Telephone numbers and the like: nothing but groups of digits, the same number of groups in every text. */
function blankCodes(cells: Cells['cells']): boolean {
	const groups = new Set(
		cells.map(({ text, cell }) =>
			cell.group && /[ \u00a0\u202f\u2009]/.test(cell.group) && !/[.,]/.test(text) ? text.split(cell.group).length : 0,
		),
	);
	return groups.size === 1 && [...groups][0] >= 3 && cells.length > 1;
}

type Kind = { cells: Cells['cells']; dropped: number; percent?: boolean; unit?: string; bare?: string };

/**
 * What stands behind the numbers: nothing, `%` or one unit; cells that have something else are dropped. A note where units are too many,
 * undefined where words are no units.
 */
function unitOf(
	{ cells, readable }: Cells,
	present: number,
	share: number | undefined,
	forced: boolean,
): Kind | { note: string } | undefined {
	const units = new Map<string, number>();
	for (const { cell, rows } of cells) if (cell.unit) units.set(cell.unit, (units.get(cell.unit) ?? 0) + rows);
	if (units.size === 0) return { cells, dropped: 0 };
	const limit = strayLimit(present, share);
	const [top] = [...units].sort((a, b) => b[1] - a[1])[0];
	const same =
		top === '%'
			? cells.filter(({ cell }) => cell.unit === '%')
			: cells.filter(({ cell }) => cell.unit !== undefined && sameUnit(cell.unit, top));
	const rows = (list: Cells['cells']) => list.reduce((sum, c) => sum + c.rows, 0);
	const bare = cells.filter(({ cell }) => cell.unit === undefined);
	if (rows(bare) >= readable - limit || (forced && rows(bare) > rows(same))) return { cells: bare, dropped: readable - rows(bare) };
	if (top === '%') {
		if (rows(same) >= readable - limit || forced) return { cells: same, dropped: readable - rows(same), percent: true };
		return rows(same) + rows(bare) >= readable - limit ? percentNote(rows(same), rows(bare)) : undefined;
	}
	const both = [...same, ...bare];
	const known = cells.filter(({ cell }) => cell.unit !== undefined && UNITS.has(cell.unit));
	// Quantities, though no one unit is behind most of them.
	if (!forced && units.size > 1 && rows(known) >= readable * 0.9 && readable - rows(both) > limit) return unitsNote(units);
	if (!forced && !isUnit(top, same, rows(same) / readable)) return undefined;
	if (!forced && readable - rows(both) > limit) return unitsNote(units);
	const lone = rows(bare);
	return {
		cells: both,
		dropped: readable - rows(both),
		unit: top,
		...(lone ? { bare: `has ${lone} number${lone === 1 ? '' : 's'} without a unit, taken as ${top} like the others` } : {}),
	};
}

const percentNote = (signed: number, bare: number): { note: string } => ({
	note:
		`is kept as text: ${signed} of its numbers have a percent sign and ${bare} have none, so these may be of another scale. Write all of ` +
		'them in one way',
});

function unitsNote(units: ReadonlyMap<string, number>): { note: string } {
	const list = [...units]
		.sort((a, b) => b[1] - a[1])
		.slice(0, 4)
		.map(([unit, n]) => `${unit} (${n})`)
		.join(', ');
	return {
		note: `is kept as text: its numbers have different units, ${list}. Bring them to one unit, or give each unit a column of its own`,
	};
}

const UNITS = new Set(
	(
		'kg g mg µg μg t lb lbs oz st km m cm mm µm nm mi ft in yd l L ml mL cl dl hl gal s sec secs ms min mins h hr hrs hours hour d day ' +
		'days wk weeks mo months month y yr yrs year years ' +
		'kWh MWh Wh kW MW W V kV A mA mAh Ah mV Hz kHz MHz GHz °C °F ° K Pa hPa kPa MPa bar mbar psi atm km/h kmh kph m/s mph kn m² m2 km² ' +
		'sqm sqft ha ac m³ m3 cm³ cm3 cc hp PS bhp rpm Nm kmpl km/kg mpg ' +
		'B KB kB MB GB TB px dpi pcs pc Stk Stück x dB ppm ppb kcal cal kJ J N Jahre Tage Std lux lm Ω mmHg mg/dl mg/dL g/dl g/dL ' +
		'mmol/l mmol/L IU U/l U/L bpm pts'
	).split(' '),
);

/** Whether a text is the sign or the short name of a unit. */
export const isUnitName = (text: string): boolean => UNITS.has(text) && text !== 'x';

/** A known unit, or a word that stands apart behind nearly every number; a capital letter next to the digits is part of a code (12A). */
function isUnit(unit: string, cells: Cells['cells'], share: number): boolean {
	// A code with letters (`00ff`, `007 B`) would lose its zeros.
	if (cells.some(({ text }) => /^[+-]?0\d/.test(text) && !isClock(text))) return false;
	if (/^\p{L}$/u.test(unit))
		return UNITS.has(unit) && share > 0.9 && (!/\p{Lu}/u.test(unit) || cells.every(({ text }) => !/\d\p{L}$/u.test(text)));
	if (UNITS.has(unit)) return share > 0.25;
	// Any other word needs a blank before it and several numbers: `100AB` is a name.
	return (
		share > 0.9 && /^\p{L}{2,}/u.test(unit) && cells.length >= 3 && cells.every(({ text }) => /\d[ \u00a0\u202f\u2009]\p{L}/u.test(text))
	);
}

/** What to do where numbers that are too long for names are written as nobody writes a name. */
const measured = (cells: Cells['cells']): string =>
	cells.some(({ text }) => /\de[+-]?\d/i.test(text))
		? '. If it measures something, as the exponents suggest, give it the type "number" under "Column Settings" of Ingest'
		: '';

/** Digits, an E and digits in every text: numbers of a program, which writes a fraction or a sign now and then, or codes of parts. */
function exponentNotes(cells: Cells['cells']): string[] {
	if (cells.length < 3 || !cells.every(({ text }) => /^\d+E\d+$/i.test(text))) return [];
	const [{ text, cell }] = cells;
	return [
		`has an exponent in every number ("${text}" is read as ${cell.value}). If these are codes, give the column the type ` +
			`"category" under "Column Settings" of Ingest`,
	];
}

/** What times and durations became. */
function clockNotes(cells: Cells['cells']): string[] {
	const clock = cells.find(({ text }) => isClock(text));
	if (!clock) return [];
	const hours = Number(clock.cell.value.toPrecision(6));
	return [`holds times or durations, which are read as hours: "${clock.text}" is ${hours}`];
}

function currencyNote(cells: Cells['cells']): string {
	const counts = new Map<string, number>();
	for (const { cell, rows } of cells) if (cell.currency) counts.set(cell.currency, (counts.get(cell.currency) ?? 0) + rows);
	const list = [...counts]
		.sort((a, b) => b[1] - a[1])
		.map(([money, n]) => `${money} (${n})`)
		.join(', ');
	return `holds money of different currencies, ${list}: the numbers are not comparable with one another until they are converted`;
}

function markNotes({ cells, marks }: Cells, own: '.' | ',' | undefined, options: InferOptions, mark: '.' | ','): string[] {
	if (!marks.either || options.decimal || (options.plainNumbers && own === '.')) return [];
	const { text } = cells.find(({ cell }) => cell.mark === 'either')!;
	const read = readNumberCell(text, mark)!.value;
	const other = readNumberCell(text, mark === '.' ? ',' : '.')!.value;
	const unsure = (why: string) =>
		`could be read in two ways: "${text}" is taken as ${read} ${why}, and not as ${other}. If that is wrong, set the ` +
		`decimal mark under "Options" of Ingest`;
	if (own && !(marks['.'] && marks[','])) return [];
	if (own) return [unsure('since most of its other numbers are written so')];
	const { vote } = options;
	// Groups of thousands are the reading that changes the plain one: said even where the file leaves no doubt.
	if (vote?.mark && !vote.weak)
		return read >= 1000 || read <= -1000 ? [`has thousands in groups ("${text}" is ${read}), since ${vote.why}`] : [];
	return [unsure(vote?.mark ? `since ${vote.why}` : 'as programs write it')];
}

const SAMPLE = 400;

/** Adds the usual text of the column to a format: what most of its texts are written like. */
function usualFormat(cells: Cells['cells'], whole: boolean, format: ColumnFormat): ColumnFormat {
	const top = <T>(list: Array<T | undefined>): T | undefined => {
		const counts = new Map<T | undefined, number>();
		for (const key of list) counts.set(key, (counts.get(key) ?? 0) + 1);
		return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
	};
	const step = Math.max(1, Math.floor(cells.length / SAMPLE));
	const sample = cells.filter((_, i) => i % step === 0);
	const affixes = sample.map(({ text }) => /^[+-]?([^\d.,+-]*)[\d.,' \u00a0\u202f\u2009]*?([^\d.,]*)$/u.exec(text));
	// Signs and brackets say something of the value: `(5)` and `5-` are not 5 with something around it.
	const affix = (text: string | undefined) => (text && !/[-+\u2212\u2010-\u2014()]/.test(text) ? text : undefined);
	const before = affix(top(affixes.map((m) => m?.[1])));
	const after = affix(top(affixes.map((m) => m?.[2])));
	const group = top(sample.flatMap(({ cell }) => (Math.abs(cell.value) >= 1000 ? [cell.group] : []))) ?? undefined;
	const decimal = format.decimal ?? '.';
	const fraction = new RegExp(`\\${decimal}(\\d+)[^\\d]*$`);
	const places = top(
		sample.map(({ text, cell }) => {
			if (/e/i.test(text) || (whole && cell.group === decimal)) return 0;
			return fraction.exec(text)?.[1].length ?? 0;
		}),
	);
	const marks = { ...(group ? { group } : {}), ...(before ? { before } : {}), ...(after ? { after } : {}) };
	const best = [{ ...marks }, ...(whole ? [] : [{ ...marks, point: true }]), ...(places ? [{ ...marks, places }] : [])].map(
		(more): ColumnFormat => ({ ...format, ...more }),
	);
	const back = best.map((f) => {
		const [read, show] = [numberReader(f), numberText(f)];
		return sample.reduce((sum, { text }) => {
			const value = read(text);
			return sum + (value !== undefined && show(value) === text ? 1 : 0);
		}, 0);
	});
	// The first of equals is the plainest.
	return best[back.indexOf(Math.max(...back))];
}
