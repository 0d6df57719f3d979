import { compareText } from './sortDictionary.js';
import type { StringVector } from './frame.js';

/** Words for yes and no in several languages, in lower case; single letters and digits mean it only beside others. */
const YES = new Set(['yes', 'y', 'true', 't', 'on', 'ja', 'j', 'oui', 'si', 'sí', 'sim', 'wahr', 'да', 'evet', 'tak', '1']);
const NO = new Set(['no', 'n', 'false', 'f', 'off', 'nein', 'non', 'não', 'nao', 'falsch', 'нет', 'hayır', 'nie', '0']);

/** How far words for yes and no count as the same: not at all, words and letters, or `1` and `0` too. */
export type YesNo = 'separate' | 'words' | 'digits';

/** One value and the spellings of it that occur, the most frequent first. */
export interface Spelled {
	to: string;
	from: Array<{ text: string; count: number }>;
}

/** Signs that no eye sees: zero-width blanks, byte order marks, soft hyphens. */
const UNSEEN = /[\u00ad\u200b-\u200d\u2060\ufeff]/g;
const tidy = (text: string): string => text.normalize('NFC').replace(UNSEEN, '').replace(/\s+/gu, ' ').trim();
/** The capital `İ` of Turkish is an `i` with a second dot, once it is a small letter. */
const plain = (text: string): string => tidy(text.normalize('NFKC')).toLowerCase().replaceAll('ß', 'ss').replaceAll('i\u0307', 'i');

/** A code means exactly what stands there: what has a digit, and single letters (`A1` and `a1`, `01` and `1`, the genes `A` and `a`). */
const isCode = (text: string): boolean => /\p{N}/u.test(text) || [...text].length === 1;

/**
 * What two spellings of one value have in common. They may differ in case, in blanks around and within, and in the Unicode form of their
 * letters;
 * of codes only blanks around them count for nothing.
 */
export function spellingKey(text: string, yesNo: YesNo): string {
	const word = plain(text);
	if (yesNo === 'digits' || (yesNo === 'words' && !/\p{N}/u.test(word))) {
		if (YES.has(word)) return 'yes';
		if (NO.has(word)) return 'no';
	}
	const tidied = tidy(text);
	return isCode(tidied) ? `code ${tidied}` : `word ${word}`;
}

/** Whether labels are words for yes and no, so that `Y` and `yes` are the same. */
export function yesNoIn(labels: Iterable<string>): YesNo {
	const words = [...new Set([...labels].map(plain))].filter(Boolean);
	const both = (list: string[]): boolean => list.some((w) => YES.has(w)) && list.some((w) => NO.has(w));
	const lettered = words.filter((w) => !/\p{N}/u.test(w));
	if (words.every((w) => YES.has(w) || NO.has(w)) && both(words) && lettered.length) return 'digits';
	// With other labels among them, `yes` and `no` themselves must be there, or a `Y` may be a code.
	return both(lettered.filter((w) => w.length > 1)) ? 'words' : 'separate';
}

/** Values that occur in several spellings. @param counts how often each spelling occurs */
export function spellingsOf(counts: ReadonlyMap<string, number>, yesNo: YesNo = yesNoIn(counts.keys())): Spelled[] {
	const words = yesNo === 'separate' ? undefined : pairIn(counts);
	return groups(counts, (text) => spellingKey(text, yesNo))
		.map(({ key, from }) => ({ to: words?.get(key) ?? kept(from), from }))
		.filter(inOneCase);
}

/** Without quotation marks and full stops around, and with one sign between words: `not_churned`, `"not churned"`, `not churned.` */
const bare = (word: string): string =>
	word
		.replace(/^["'“”‘’«»]+|["'“”‘’«».!]+$/gu, '')
		.replace(/(?<=\p{L})[-_ ](?=\p{L})/gu, ' ')
		.trim();

/** Labels that a person would take for one another, codes included: those are never made one, but said. */
export function lookAlike(counts: ReadonlyMap<string, number>): Spelled[] {
	const yesNo = yesNoIn(counts.keys());
	return groups(counts, (text) => {
		const word = bare(plain(text)) || plain(text);
		const key = spellingKey(word, yesNo);
		return key === 'yes' || key === 'no' ? key : `word ${word}`;
	}).map(({ from }) => ({ to: from[0].text, from }));
}

function groups(counts: ReadonlyMap<string, number>, keyOf: (text: string) => string): Array<{ key: string; from: Spelled['from'] }> {
	const found = new Map<string, Spelled['from']>();
	for (const [text, count] of counts) {
		const key = keyOf(text);
		found.set(key, [...(found.get(key) ?? []), { text, count }]);
	}
	const several = [...found].filter(([, from]) => from.length > 1);
	for (const [, from] of several) from.sort((a, b) => b.count - a.count || compareText(a.text, b.text));
	return several.map(([key, from]) => ({ key, from })).sort((a, b) => compareText(a.key, b.key));
}

const inOneCase = ({ to, from }: Spelled): boolean => from.some(({ text }) => text !== to);

/** Words for yes and no that belong together. */
const PAIRS = [
	['yes', 'no'],
	['true', 'false'],
	['ja', 'nein'],
	['oui', 'non'],
	['si', 'no'],
	['sí', 'no'],
	['sim', 'não'],
	['wahr', 'falsch'],
	['on', 'off'],
] as const;
/** Ways to write them: `yes`, `Yes`, `YES`. */
const STYLES = [(w: string) => w, (w: string) => w[0].toUpperCase() + w.slice(1), (w: string) => w.toUpperCase()];

/** The pair of words for yes and no that occurs most, of one language and written alike; nothing where no pair is there. */
function pairIn(counts: ReadonlyMap<string, number>): ReadonlyMap<string, string> | undefined {
	const tidied = new Map<string, number>();
	for (const [text, count] of counts) tidied.set(tidy(text), (tidied.get(tidy(text)) ?? 0) + count);
	const sum = (word: string, writes: (typeof STYLES)[number]): number => tidied.get(writes(word)) ?? 0;
	const anyhow = (word: string): number => Math.max(...STYLES.map((style) => sum(word, style)));
	const all = PAIRS.filter(([yes, no]) => anyhow(yes) && anyhow(no)).flatMap(([yes, no]) =>
		STYLES.map((style) => ({ yes: style(yes), no: style(no), count: sum(yes, style) + sum(no, style) })),
	);
	if (!all.length) return undefined;
	const { yes, no } = all.reduce((best, next) => (next.count > best.count ? next : best));
	return new Map([
		['yes', yes],
		['no', no],
	]);
}

/** What each label is once its spellings are unified: labels of one value have the same. */
export function unifiedLabels(counts: ReadonlyMap<string, number>): Map<string, string> {
	const to = new Map([...counts.keys()].map((label) => [label, tidy(label)]));
	for (const group of spellingsOf(counts)) for (const { text } of group.from) to.set(text, group.to);
	return to;
}

/** The most frequent spelling without stray blanks. */
function kept(from: Spelled['from']): string {
	const sums = new Map<string, number>();
	for (const { text, count } of from) sums.set(tidy(text), (sums.get(tidy(text)) ?? 0) + count);
	const all = [...sums].sort((a, b) => b[1] - a[1] || compareText(a[0], b[0]));
	return all[0][0];
}

/** `"yes" (300 rows), "Yes" (120) and "Y" (40)` */
export function spellingList({ from }: Spelled): string {
	const most = 6;
	const unit = ` row${from[0].count === 1 ? '' : 's'}`;
	const shown = from.slice(0, most).map(({ text, count }, i) => `"${text}" (${count.toLocaleString('en')}${i ? '' : unit})`);
	if (from.length > most) return `${shown.join(', ')} and ${from.length - most} more`;
	return `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** How often each text of a string column occurs. */
export function countsOf({ codes, dictionary }: StringVector, counted?: (row: number) => boolean): Map<string, number> {
	const counts = new Float64Array(dictionary.length + 1);
	for (let i = 0, n = codes.length; i < n; i++) if (!counted || counted(i)) counts[codes[i]]++;
	const found = new Map<string, number>();
	for (let c = 1, n = counts.length; c < n; c++) if (counts[c]) found.set(dictionary[c - 1], counts[c]);
	return found;
}
