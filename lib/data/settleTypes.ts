import { booleanReader } from './grammar/boolean.js';
import { valueReader } from './grammar/cell.js';
import { spellingsOf } from './grammar/date.js';
import type { LeftoverCounts } from './grammar/leftovers.js';
import { inferColumn, inferForced, secondGrammar } from './grammar/inferColumn.js';
import { isMissingWord } from './grammar/missing.js';
import { areSlips, examplesOf, rowsOf, strayLimit, type Examples, type Inferred, type InferOptions } from './grammar/tally.js';
import { voteOf } from './grammar/vote.js';
import { Disagreement } from './known.js';
import type { RawColumn, RawTable, SourceContext } from './sources/contract.js';
import { cutText } from '../domain/text.js';
import { makeTyped, MOST_MADE, putLeftovers } from './typedTable.js';
import { type Open, type Whole, readingOf } from './openColumn.js';
import { readTallies, readMade, readRelation } from './readOpen.js';

/** Times that a type may be chosen anew when all rows are seen. */
const REVISIONS = 3;

/** What a column of text seems to be, or how it is read as the type that a person wants. */
export const infer = ({ tally, forced }: Pick<Open, 'tally' | 'forced'>, options: InferOptions): Inferred =>
	forced ? inferForced(tally, forced, options) : inferColumn(tally, options);

/** Numbers that are texts in a source with numbers are in somebody's notation. */
export const optionsOf = ({ strings }: RawColumn, options: InferOptions): InferOptions =>
	strings ? { ...options, plainNumbers: false } : options;

const needsCheck = ({ guess: { type } }: Open): boolean => type !== 'category' && type !== 'text';

/**
 * The columns vote on the notation of the file, and each is settled with it. Where all rows say something else of a column than the sample
 * did, those that left it to the vote are settled anew.
 */
export async function settleTogether(
	raw: RawTable,
	whole: Whole,
	complete: boolean,
	options: InferOptions,
	context: SourceContext,
): Promise<void> {
	const { columns } = whole;
	const isOpen = ({ guess: { open } }: Open): boolean => Boolean(open.mark || open.order);
	const vote = voteOf(
		columns.map((c) => c.guess),
		raw.delimiter,
	);
	for (const c of columns) if (isOpen(c)) c.guess = infer(c, optionsOf(c.column, { ...options, vote }));
	// It must be read, even where nothing is to be checked.
	if (raw.unread && !columns.some(needsCheck)) await readMade(raw, whole, [], context);
	await settle(raw, whole, columns, complete, { ...options, vote }, context);
	if (complete) return;
	const later = voteOf(
		columns.map((c) => c.guess),
		raw.delimiter,
	);
	if (later.mark !== vote.mark || later.dayFirst !== vote.dayFirst) {
		const again = columns.filter((c) => !c.forced && isOpen(c));
		for (const c of again) Object.assign(c, { guess: revised(c, { ...options, vote: later }), leftovers: undefined, made: undefined });
		await settle(raw, whole, again, complete, { ...options, vote: later }, context);
	}
	// What became text after its first pass.
	const late = columns.filter((c) => !c.made);
	if (late.length === 0 || late.length === columns.length) return;
	const made = await makeTyped(raw, late.map(readingOf), context.duck);
	for (const [i, c] of late.entries()) c.made = made[i];
}

/** Reads what SQL does not read itself; a guess that too many values deny is made anew from them, and gives way to text at last. */
async function settle(
	raw: RawTable,
	whole: Whole,
	columns: readonly Open[],
	complete: boolean,
	options: InferOptions,
	context: SourceContext,
): Promise<void> {
	let open = columns.filter(needsCheck);
	for (let round = 0; open.length; round++) {
		const again: Open[] = [];
		const rest = complete
			? await readTallies(open, context)
			: raw.columns.length <= MOST_MADE
				? await readMade(raw, whole, open, context)
				: await readRelation(raw, open, context);
		for (const c of rest) {
			context.check();
			if (c.forced) {
				await settled(c, context);
				continue;
			}
			if (c.known) {
				if (!fits(c, options)) throw new Disagreement(c.column.name, notAsBefore(c));
				await settled(c, context);
				continue;
			}
			const before = c.guess;
			// What the sample left open may be said by a row that was not in it, and a date may stand there in another spelling.
			const told = !complete && round < REVISIONS ? toldBy(c, options) : undefined;
			if (told) {
				Object.assign(c, { guess: told, leftovers: undefined, made: undefined });
				again.push(c);
				continue;
			}
			if (fits(c, options)) {
				await settled(c, context);
				continue;
			}
			if (round < REVISIONS) c.guess = revised(c, options);
			else c.guess = { ...before, type: 'category' };
			if (c.guess.type === 'category') mixed(c, before, options);
			else again.push(c);
			Object.assign(c, { leftovers: undefined, made: undefined });
		}
		open = again;
	}
}

/** The guess that rows outside of the sample allow: one that leaves nothing open, or that reads dates which this one does not. */
function toldBy(c: Open, options: InferOptions): Inferred | undefined {
	const { guess, leftovers } = c;
	const unread = guess.type === 'datetime' && (leftovers?.unreadable ?? 0) > 0;
	if (!leftovers || !(guess.open.mark || guess.open.order || unread)) return undefined;
	const told = revised(c, options);
	if (told.type !== guess.type) return undefined;
	const more = unread && spellingsOf(told.format).length > spellingsOf(guess.format).length;
	const closed = (guess.open.mark || guess.open.order) && !told.open.mark && !told.open.order;
	return more || closed ? told : undefined;
}

/** What was read by the JavaScript form takes its place. */
async function settled(c: Open, { duck }: SourceContext): Promise<void> {
	if (c.made && c.leftovers?.table) await putLeftovers(c.made, c.guess.type, c.leftovers.table, duck);
	c.guess = withGrammar(c);
}

/** The format names the second grammar where a text of the leftovers needs it. */
function withGrammar({ guess, leftovers }: Open): Inferred {
	if (guess.format.v || !leftovers || !secondGrammar(guess.type, guess.format, leftovers.texts.keys())) return guess;
	return { ...guess, format: { ...guess.format, v: 2 } };
}

const notAsBefore = ({ guess: { type }, leftovers }: Open): string => {
	const [text] = leftovers?.example === undefined ? [...(leftovers?.texts.keys() ?? [])] : [leftovers.example];
	return `is ${type} there, which ${text === undefined ? 'some values are' : `"${cutText(text, 40)}" is`} not`;
};

function fits({ guess, leftovers, present: here, known }: Open, { share }: InferOptions): boolean {
	if (!leftovers) return true;
	const present = here + (known?.present ?? 0);
	if (guess.type === 'integer' && (leftovers.fractions || leftovers.unsafe)) return false;
	// Codes with a leading zero among whole numbers.
	if (guess.type === 'integer' && [...leftovers.texts.keys()].some((text) => /^[+-]?0\d+$/.test(text))) return false;
	if (guess.type === 'boolean' && !areSlips(strayWords(leftovers, guess.format), present, share)) return false;
	return leftovers.unreadable + (known?.strays ?? 0) <= strayLimit(present, share) && leftovers.words <= present / 2;
}

/** Rows of each word that is neither yes nor no. */
function strayWords({ texts }: LeftoverCounts, format: Inferred['format']): number[] {
	const read = booleanReader(format);
	const words = new Map<string, number>();
	for (const [text, rows] of texts) {
		const word = text.toLowerCase();
		if (read(text) === undefined && !isMissingWord(text)) words.set(word, (words.get(word) ?? 0) + rows);
	}
	return [...words.values()];
}

/** Chooses anew from the sample and from what was left over of all rows; the sample stands for the rows that it was taken from. */
function revised(c: Open, options: InferOptions): Inferred {
	const factor = c.present / Math.max(1, rowsOf(c.tally));
	const texts = new Map([...c.tally].map(([text, rows]) => [text, rows * factor]));
	for (const [text, rows] of [...(c.leftovers?.texts ?? [])].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) texts.set(text, rows);
	return inferColumn(texts, optionsOf(c.column, options));
}

/** What of the leftovers could not be read, in their order. */
function leftoverExamples({ texts, example = '' }: LeftoverCounts, { type, format }: Inferred): Examples {
	const read = valueReader(type, format);
	const unread = [...texts.keys()].filter((text) => read(text) === undefined && !isMissingWord(text));
	return examplesOf(unread.length ? unread.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)) : [example]);
}

function mixed(c: Open, before: Inferred, options: InferOptions): void {
	c.guess = { ...c.guess, format: options.nulls ? { nulls: [...options.nulls] } : {} };
	if (!c.leftovers || c.guess.notes.length) return;
	const failed = c.leftovers.unreadable + c.leftovers.words;
	if (!failed) return;
	c.guess.mixed = { type: before.type, failed, present: c.present, examples: leftoverExamples(c.leftovers, before), all: true };
}
