import type { ColumnProfile } from '../../../domain/profile.js';
import { number } from '../../data/inWords.js';
import { cutText } from '../../../domain/text.js';

/** A value of a column as people read it: dates are kept as milliseconds. */
export const valueOf = (type: ColumnProfile['type'], value: number | undefined): string =>
	value === undefined ? '–' : type === 'datetime' ? new Date(value).toISOString().slice(0, 16).replace('T', ' ') : number(value);

/** The most frequent values, as bars are called: long ones are cut. */
export const shortValue = (value: string | number): string => {
	const text = String(value).trim() === '' ? '(blank)' : String(value);
	return text.length > 40 ? `${cutText(text, 39)}…` : text;
};

/** How a histogram's bars are called: from one edge to the next. */
export const binNames = (type: ColumnProfile['type'], edges: readonly number[]): string[] =>
	edges.slice(0, -1).map((edge, i) => `${valueOf(type, edge)} to ${valueOf(type, edges[i + 1])}`);
