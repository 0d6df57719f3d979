import type { ColumnType } from '../../domain/column.js';
import type { ColumnFormat } from '../format.js';
import { textParser } from '../parse.js';
import { BOOLEAN_WORDS, booleanReader } from './boolean.js';
import { valueReader } from './cell.js';
import { inferDates } from './inferDates.js';
import { inferNumbers } from './inferNumbers.js';
import { isMissingWord } from './missing.js';
import { areSlips, examplesOf, mixedText, rowsOf, SAID, strayLimit, type Inferred, type InferOptions, type Tally } from './tally.js';

const TEXT = (notes: string[] = []): Inferred => ({ type: 'category', format: {}, notes, says: {}, open: {} });

/**
 * The type that (nearly) every present text of a sample agrees on, else `category`. Cells that disagree are allowed up to `strayLimit`;
 * words for "missing" up to half of the column.
 */
export function inferColumn(tally: Tally, options: InferOptions = {}): Inferred {
	const base: ColumnFormat = options.nulls ? { nulls: [...options.nulls] } : {};
	const found = tally.size === 0 ? TEXT() : choose(tally, options);
	if (found.type === 'category') return { ...found, format: base };
	const format = { ...base, ...found.format };
	return { ...found, format: secondGrammar(found.type, format, tally.keys()) ? { ...format, v: 2 } : format };
}

function choose(tally: Tally, options: InferOptions): Inferred {
	const first = inferBoolean(tally, options) ?? inferNumbers(tally, options);
	if (first?.type === 'category' && (first.mixed?.type === 'boolean' || first.notes.length)) return first;
	// Day numbers of Excel among dates are numbers too, but not enough of them.
	const found = !first || first.mixed ? inferDates(tally, options) : first;
	return found && !(found.mixed && first) ? found : (first ?? TEXT());
}

/** The format that reads most of a sample as the type a person asked for. */
export function inferForced(tally: Tally, type: ColumnType, options: InferOptions = {}): Inferred {
	const base: ColumnFormat = options.nulls ? { nulls: [...options.nulls] } : {};
	const forced = { ...options, forced: true };
	const found =
		type === 'boolean'
			? inferBoolean(tally, forced, true)
			: type === 'number' || type === 'integer'
				? inferNumbers(tally, forced, true)
				: type === 'datetime'
					? inferDates(tally, forced, true)
					: undefined;
	if (!found) return { ...TEXT(), type, format: base };
	const format = { ...base, ...found.format };
	return { ...found, type, format: secondGrammar(type, format, tally.keys()) ? { ...format, v: 2 } : format };
}

const PLAIN = /^-?(?:[1-9]\d*|0)(?:\.\d+)?$/;
const ISO_DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Whether the first grammar reads some of these texts otherwise than the second, so that the format must name the second. */
export function secondGrammar(type: ColumnType, format: ColumnFormat, texts: Iterable<string>): boolean {
	if (type === 'category' || type === 'text') return false;
	if (format.dates || format.unit || format.money || format.percent) return true;
	const plain = !format.decimal && !format.group;
	const first = textParser(type, format);
	const second = valueReader(type, format);
	for (const text of texts) {
		if (type === 'datetime' ? ISO_DAY.test(text) && (format.date ?? 'iso') === 'iso' : plain && PLAIN.test(text)) continue;
		if (first(text) !== second(text)) return true;
	}
	return false;
}

function spellingsNote(tally: Tally): string {
	const texts = [...tally]
		.filter(([text]) => !isMissingWord(text))
		.sort((a, b) => b[1] - a[1])
		.map(([text]) => `"${text}"`);
	return (
		`holds yes and no in ${texts.length} spellings (${texts.slice(0, 8).join(', ')}${texts.length > 8 ? ', ...' : ''}) and ` +
		`is kept as text, since they may be different codes. Clean can read them as yes and no`
	);
}

function inferBoolean(tally: Tally, { share }: InferOptions, forced = false): Inferred | undefined {
	const words = new Map<string, number>();
	for (const [text, rows] of tally) {
		// Long before all texts are seen: hardly any column of yes and no has so many.
		if (words.size > 60 && !forced) return undefined;
		words.set(text.toLowerCase(), (words.get(text.toLowerCase()) ?? 0) + rows);
	}
	const present = rowsOf(tally);
	const pairs = forced ? [...BOOLEAN_WORDS, ['1', '0'] as const] : BOOLEAN_WORDS;
	let best: { pair: readonly [string, string]; rows: number } | undefined;
	for (const pair of pairs) {
		const [yes, no] = pair.map((word) => words.get(word) ?? 0);
		const fits = forced || (yes && no) || (pair[0] === 'true' && words.size === 1 && (yes || no));
		if (fits && (!best || yes + no > best.rows)) best = { pair, rows: yes + no };
	}
	if (!best) return undefined;
	const [yes, no] = best.pair;
	const plain: ColumnFormat = yes === 'true' ? {} : { yes, no };
	const read = booleanReader(plain);
	let others = 0;
	const strays = new Map<string, number>();
	let missing = 0;
	for (const [word, rows] of words) {
		if (word === yes || word === no) continue;
		if (read(word) !== undefined) others += rows;
		else if (isMissingWord(word)) missing += rows;
		else strays.set(word, rows);
	}
	if (!forced && missing > best.rows) return undefined;
	if (!forced && others > strayLimit(present, share)) return strays.size ? undefined : { ...TEXT(), notes: [spellingsNote(tally)] };
	if (!forced && !areSlips(strays.values(), present, share)) {
		const stray = [...strays.values()].reduce((a, b) => a + b, 0);
		return stray <= present * SAID ? mixedText('boolean', stray, present, examplesOf(strays.keys())) : undefined;
	}
	const usual = [yes, no].map(
		(word) => [...tally].filter(([text]) => text.toLowerCase() === word).sort((a, b) => b[1] - a[1])[0]?.[0] ?? word,
	) as [string, string];
	return {
		type: 'boolean',
		format: { ...plain, ...(usual[0] === yes && usual[1] === no ? {} : { shown: usual }) },
		notes: [],
		says: {},
		open: {},
	};
}
