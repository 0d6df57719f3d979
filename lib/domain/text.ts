/**
 * Text that comes from people, made so that it reads back as it was written: JavaScript strings may hold half of an emoji, which no
 * file and no database can.
 */

/** Half characters (lone surrogates) become U+FFFD; well-formed text is given back as it is. */
export const wellFormed = (text: string): string => text.toWellFormed();

/** The same of every text in a JSON value, keys too. Plain data only: what JSON drops or refuses is left to JSON. */
export function wellFormedJson<T>(value: T): T {
	return deeply(value, wellFormed) as T;
}

const NUL = /\u0000/g;

/** Text for a column of its own: well-formed and without NUL characters, at which SQLite's own functions end a text. */
export const columnText = (text: string): string => wellFormed(text).replace(NUL, '\uFFFD');

/** What a person wrote or is called (comment, reason, actor): the same letters are the same text, whatever keyboard made them (NFC). */
export const personText = (text: string): string => columnText(text).normalize('NFC');

/** A text of at most so many UTF-16 units, cut between two characters as people see them, never inside an emoji. */
export function cutText(text: string, units: number): string {
	if (text.length <= units) return text;
	// A character as people see it may reach back from the cut by some units; those before are no matter.
	const from = Math.max(0, units - REACH);
	let end = from;
	for (const { index, segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text.slice(from, units + REACH))) {
		if (from + index + segment.length > units) break;
		end = from + index + segment.length;
	}
	return wellFormed(text.slice(0, end > from || from === 0 ? end : units));
}

/** The longest character that is kept whole: a family of emoji with skin tones takes some forty units. */
const REACH = 64;

/** Maps every text of a plain value; a value in which nothing changes is given back itself. */
function deeply(value: unknown, map: (text: string) => string): unknown {
	if (typeof value === 'string') return map(value);
	if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
	if (Array.isArray(value)) {
		const mapped = value.map((entry) => deeply(entry, map));
		return mapped.some((entry, i) => entry !== value[i]) ? mapped : value;
	}
	const entries = Object.entries(value);
	const mapped = entries.map(([key, entry]): [string, unknown] => [map(key), deeply(entry, map)]);
	return mapped.some(([key, entry], i) => key !== entries[i][0] || entry !== entries[i][1]) ? Object.fromEntries(mapped) : value;
}

/**
 * Commands to terminals: colours, cursor, titles. One that has no end takes nothing with it but its beginning: the rest is what was to be
 * said.
 */
const ANSI = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[ -/]*[0-~]/g;
/** Characters that act instead of showing: controls, line ends. */
const ACTING = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;
/** Characters that change what others look like: reading direction, marks of no width. */
const TURNING = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** Text for one line of a message, whatever is quoted in it: nothing that a terminal, a log or a page would act on. */
export const lineText = (text: string): string => wellFormed(text).replace(ANSI, '').replace(ACTING, ' ').replace(TURNING, '');

/** Characters of a value that a reason quotes. */
const MOST_QUOTED = 60;

/** `tenure = 3`, in one line. */
export function featureText(feature: string, value: unknown): string {
	const text = value === null || value === undefined ? 'no value' : value instanceof Date ? value.toISOString() : lineText(String(value));
	return `${lineText(feature)} = ${text.length > MOST_QUOTED ? `${cutText(text, MOST_QUOTED)}…` : text}`;
}
