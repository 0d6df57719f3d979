import { quoteText } from '../duck.js';

/** What people write into a cell of numbers, dates or yes/no where they have no value. In a column of text they may mean something. */
const WORDS = new Set([
	'unknown',
	'unknwn',
	'unk',
	'unbekannt',
	'inconnu',
	'desconocido',
	'sconosciuto',
	'?',
	'??',
	'???',
	'-',
	'--',
	'---',
	'–',
	'—',
	'.',
	'..',
	'...',
	'*',
	'/',
	'_',
	'none',
	'nil',
	'nan',
	'null',
	'(null)',
	'<null>',
	'[null]',
	'\\n',
	'na',
	'n.a.',
	'n.a',
	'n/a',
	'n\\a',
	'<na>',
	'(na)',
	'nat',
	'n/d',
	'n.d.',
	'nd',
	'n. a.',
	'k.a.',
	'k. a.',
	'k.a',
	'keine angabe',
	'keine',
	'missing',
	'(missing)',
	'tbd',
	'tba',
	'tbc',
	'tdb',
	'not available',
	'not applicable',
	'not known',
	'not recorded',
	'not measured',
	'undefined',
	'void',
	'no data',
	'no value',
	'nodata',
	'blank',
	'(blank)',
	'empty',
	'(empty)',
	'#div/0!',
	'#value!',
	'#ref!',
	'#name?',
	'#num!',
	'#n/a',
	'#n/a n/a',
	'#na',
	'#null!',
	'#wert!',
	'#zahl!',
	'#bezug!',
	'-nan',
	'-nan(ind)',
	'1.#qnan',
	'1.#ind',
	'error',
	'refused',
	'declined',
]);

/** Whether a trimmed text in a column of numbers, dates or yes/no says that there is no value. */
export const isMissingWord = (text: string): boolean => WORDS.has(text.toLowerCase());

/** Every blank that `trim` of a text takes away. */
const BLANKS =
	'\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff';

/** SQL for `isMissingWord` of a text that is yet to be trimmed. */
export function missingWordSql(text: string): string {
	// To trim takes several times as long as to look whether there is anything to trim.
	const blanks = quoteText(BLANKS);
	const edges = quoteText(`^[${BLANKS}]|[${BLANKS}]$`);
	const trimmed = `CASE WHEN regexp_matches(${text}, ${edges}) THEN trim(${text}, ${blanks}) ELSE ${text} END`;
	return `lower(${trimmed}) IN (${[...WORDS].map(quoteText).join(', ')})`;
}

/** Limits of measurement and counts withheld: `<5`, `> 100`, `≤0.1`. */
export const isCensored = (text: string): boolean => /^(?:[<>≤≥~]|<=|>=|ca\.?|approx\.?)\s*[\d.,]+$/i.test(text);
