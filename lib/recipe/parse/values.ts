import { DATE_PATTERNS, dateParser } from '../../data/dates.js';

const YES = new Set(['yes', 'y', 'true', 't', '1', 'on']);
const NO = new Set(['no', 'n', 'false', 'f', '0', 'off']);

/** 1 for yes, 0 for no, NaN for anything else. */
export function readBoolean(text: string): number {
	const word = text.trim().toLowerCase();
	return YES.has(word) ? 1 : NO.has(word) ? 0 : NaN;
}

const DAY_FIRST = ['%d/%m/%Y', '%d-%m-%Y'];
const MONTH_FIRST = ['%m/%d/%Y', '%m-%d-%Y'];
const COMPACT = /^(\d{4})(\d{2})(\d{2})$/;

/**
 * A reader of dates in mixed notations: UTC milliseconds, or NaN. Where day and month could be swapped, `dayFirst` decides;
 * a date that only makes sense the other way round is read that way.
 */
export function dateReader(dayFirst: boolean): (text: string) => number {
	const [first, second] = dayFirst ? [DAY_FIRST, MONTH_FIRST] : [MONTH_FIRST, DAY_FIRST];
	const ambiguous = new Set([...DAY_FIRST, ...MONTH_FIRST]);
	const parsers = [...DATE_PATTERNS.filter((p) => !ambiguous.has(p)), ...first, ...second].map(dateParser);
	return (text) => {
		const s = text
			.trim()
			.replace(/\s+/g, ' ')
			.replace(/^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? /i, '');
		const compact = COMPACT.exec(s);
		const iso = compact ? `${compact[1]}-${compact[2]}-${compact[3]}` : s;
		for (const parse of parsers) {
			const ms = parse(iso);
			if (!Number.isNaN(ms)) return ms;
		}
		return NaN;
	};
}
