import type { ColumnFormat } from '../format.js';

/** Pairs of words for 1 and 0. A single word of the first pair is enough, since it can mean nothing else. */
export const BOOLEAN_WORDS: ReadonlyArray<readonly [string, string]> = [
	['true', 'false'],
	['yes', 'no'],
	['y', 'n'],
	['t', 'f'],
	['on', 'off'],
	['ja', 'nein'],
	['oui', 'non'],
	['si', 'no'],
	['sí', 'no'],
	['wahr', 'falsch'],
];

const YES = new Set([...BOOLEAN_WORDS.map(([yes]) => yes), '1', '1.0', 'j']);
const NO = new Set([...BOOLEAN_WORDS.map(([, no]) => no), '0', '0.0']);

/** A reader of one column's yes and no: the column's own words first, then every other word for yes and no. */
export function booleanReader(format: ColumnFormat): (text: string) => number | undefined {
	const { yes = 'true', no = 'false' } = format;
	return (text) => {
		const word = text.toLowerCase();
		if (word === yes) return 1;
		if (word === no) return 0;
		return YES.has(word) ? 1 : NO.has(word) ? 0 : undefined;
	};
}

/** The usual text of 1 and 0 in a column. */
export function booleanText(format: ColumnFormat): (value: number) => string {
	const { yes = 'true', no = 'false', shown = [yes, no] } = format;
	return (value) => (value ? shown[0] : shown[1]);
}
