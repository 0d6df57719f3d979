/** What people write into a cell of numbers, dates or yes/no where they have no value. In a column of text they may mean something. */
const WORDS = new Set([
	'unknown', 'unknwn', 'unk', 'unbekannt', 'inconnu', 'desconocido', 'sconosciuto', '?', '??', '???', '-', '--', '---', '–', '—', '.', '..', '...', '*', '/', '_',
	'none', 'nil', 'nan', 'null', '(null)', '<null>', '[null]', '\\n', 'na', 'n.a.', 'n.a', 'n/a', 'n\\a', '<na>', '(na)', 'nat', 'n/d', 'n.d.', 'nd', 'n. a.', 'k.a.', 'k. a.', 'k.a', 'keine angabe', 'keine',
	'missing', '(missing)', 'tbd', 'tba', 'tbc', 'tdb', 'not available', 'not applicable', 'not known', 'not recorded', 'not measured', 'undefined', 'void', 'no data', 'no value', 'nodata',
	'blank', '(blank)', 'empty', '(empty)', '#div/0!', '#value!', '#ref!', '#name?', '#num!', '#n/a', '#n/a n/a', '#na', '#null!', '#wert!', '#zahl!', '#bezug!', '-nan', '-nan(ind)', '1.#qnan', '1.#ind', 'error', 'refused', 'declined',
]);

/** Whether a trimmed text in a column of numbers, dates or yes/no says that there is no value. */
export const isMissingWord = (text: string): boolean => WORDS.has(text.toLowerCase());

/** Limits of measurement and counts withheld: `<5`, `> 100`, `≤0.1`. */
export const isCensored = (text: string): boolean => /^(?:[<>≤≥~]|<=|>=|ca\.?|approx\.?)\s*[\d.,]+$/i.test(text);
