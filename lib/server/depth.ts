const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_LIST = 91;
const OPEN_OBJECT = 123;
const CLOSE_LIST = 93;
const CLOSE_OBJECT = 125;

/**
 * Whether JSON nests deeper than so many levels. Looks at each character once and parses nothing: a text of some megabytes that is nothing
 * but brackets takes a parser seconds, in which nobody else is answered.
 */
export function isDeeper(text: string, levels: number): boolean {
	let depth = 0;
	for (let i = 0; i < text.length; i++) {
		const c = text.charCodeAt(i);
		if (c === QUOTE) {
			// To the end of the string; what is escaped ends none.
			for (i++; i < text.length && text.charCodeAt(i) !== QUOTE; i++) if (text.charCodeAt(i) === BACKSLASH) i++;
		} else if (c === OPEN_LIST || c === OPEN_OBJECT) {
			if (++depth > levels) return true;
		} else if (c === CLOSE_LIST || c === CLOSE_OBJECT) depth--;
	}
	return false;
}
