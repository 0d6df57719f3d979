import type { ColumnType } from '../../domain/column.js';
import type { ColumnFormat } from '../format.js';
import { missingTest, trimBlank } from '../parse.js';

/** Different trimmed texts of a column that are no word for "missing", with the rows that have them. */
export type Tally = ReadonlyMap<string, number>;

/** What the other columns of the file say. */
export interface FileVote {
	/** Decimal mark of the columns that leave no doubt; `weak`: of the separator or the dates, where no column says it. */
	mark?: '.' | ',';
	weak?: boolean;
	/** Words for people: why this mark. */
	why?: string;
	dayFirst?: boolean;
}

export interface InferOptions {
	nulls?: readonly string[];
	/** Decimal mark that a person named. */
	decimal?: '.' | ',';
	/** Numbers were written by a program, with a point. */
	plainNumbers?: boolean;
	/** Share of cells that may be unreadable, where a person said one. */
	share?: number;
	vote?: FileVote;
}

/** Some of the texts that are no value of a type, and whether there are others. */
export interface Examples {
	texts: string[];
	more: boolean;
}

export interface Inferred {
	/** `category` stands for text of any kind; `stringType` tells it from `text` once all rows are counted. */
	type: ColumnType;
	format: ColumnFormat;
	/** Things a person should know about the choice, each the end of a sentence that begins with the column's name. */
	notes: string[];
	/** What this column says about the notation of its file, leaving no doubt. */
	says: { mark?: '.' | ','; dayFirst?: boolean; dotted?: boolean };
	/** What this column needs to be told by the others. */
	open: { mark?: boolean; order?: boolean };
	/** Most cells are of this type, but too many are not: kept as text. `all`: every row was counted, not a sample. */
	mixed?: { type: ColumnType; failed: number; present: number; examples: Examples; all?: boolean };
	/** Numbers of more than 15 digits are many. */
	long?: boolean;
}

/** Share of cells that may be unreadable in a column of numbers or dates, unless a person says otherwise. */
export const STRAY_SHARE = 0.05;
/** The same where the rest looks like classes or codes, for which another word may be another class. */
const CODE_SHARE = 0.01;
/** With fewer values no share of them may be unreadable. */
export const FEW = 10;

/** Rows that may be unreadable among `present` ones: the share, but at least one where there are ten rows. */
export function strayLimit(present: number, share: number | undefined, codes = false): number {
	if (present < FEW) return 0;
	const allowed = Math.floor(present * (share ?? (codes ? CODE_SHARE : STRAY_SHARE)) + 1e-9);
	return share === undefined ? Math.max(1, allowed) : allowed;
}

/** A word in this share of a column of yes and no is a class of its own, as one that has been found so often is no slip. */
const OWN_CLASS = 0.01;

/** Whether so many words beside yes and no, with their rows, are slips: no more than the share, and none of them a class of its own. */
export function areSlips(words: Iterable<number>, present: number, share: number | undefined): boolean {
	const rows = [...words];
	if (rows.reduce((a, b) => a + b, 0) > strayLimit(present, share)) return false;
	return share !== undefined || rows.every((n) => n < FEW || n <= present * OWN_CLASS);
}

/** Of a column whose readable cells have at most two different values, the share of others up to which these are said to be in the way. */
export const SAID = 0.2;
const MOST_EXAMPLES = 5;

/** The first of these texts. */
export function examplesOf(texts: Iterable<string>): Examples {
	const first: string[] = [];
	for (const text of texts) {
		if (first.length === MOST_EXAMPLES) return { texts: first, more: true };
		first.push(text);
	}
	return { texts: first, more: false };
}

/** Counts the texts of a sample. */
export function tallyOf(sample: Iterable<string | null>, nulls?: readonly string[]): Map<string, number> {
	const missing = missingTest(nulls);
	const tally = new Map<string, number>();
	for (const text of sample) if (text !== null) tally.set(text, (tally.get(text) ?? 0) + 1);
	let blanks = false;
	for (const text of tally.keys()) {
		if (missing(text)) tally.delete(text);
		else if (trimBlank(text) !== text) blanks = true;
	}
	return blanks ? trimmed(tally) : tally;
}

function trimmed(tally: Tally): Map<string, number> {
	const counts = new Map<string, number>();
	for (const [text, rows] of tally) counts.set(trimBlank(text), (counts.get(trimBlank(text)) ?? 0) + rows);
	return counts;
}

/** A column that stays text, since too many cells are no value of a type that most of them are. */
export const mixedText = (type: ColumnType, failed: number, present: number, examples: Examples): Inferred => ({
	type: 'category',
	format: {},
	notes: [],
	says: {},
	open: {},
	mixed: { type, failed, present, examples },
});

export const rowsOf = (tally: Tally): number => {
	let n = 0;
	for (const rows of tally.values()) n += rows;
	return n;
};
