import { BOOLEAN_WORDS } from '../grammar/boolean.js';

/**
 * How a text was found among the known values: as it is, in another spelling of the same value, or only when upper and lower case count the
 * same.
 */
export interface Match {
	level: string;
	how: 'exact' | 'spelling' | 'case';
}

/** Words for yes and no that belong together: those that make a column yes/no by themselves, and those that do not. */
const PAIRS: ReadonlyArray<readonly [string, string]> = [...BOOLEAN_WORDS, ['vrai', 'faux'], ['1', '0']];
const WORDS = new Map(
	PAIRS.flatMap(
		([yes, no]) =>
			[
				[yes, 1],
				[no, 0],
			] as Array<[string, 0 | 1]>,
	),
);

/** What a word says as yes or no in any of the languages that Ingest knows: 1, 0, or undefined. */
export const yesOrNo = (text: string): 0 | 1 | undefined => WORDS.get(tidy(text).toLowerCase());

/** One form of Unicode, no blanks around, single blanks inside. */
export const tidy = (text: string): string => text.normalize('NFC').replace(/\s+/gu, ' ').trim();

function withoutZerosBehind(digits: string): string {
	let to = digits.length;
	while (to > 0 && digits[to - 1] === '0') to--;
	return digits.slice(0, to);
}

/**
 * A whole or decimal number without what does not change it: leading zeros, a plus, zeros at the end of its fraction. Exact for any length.
 */
function plainNumber(text: string): { key: string; fraction: boolean } | undefined {
	const m = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(text);
	if (!m) return undefined;
	const whole = m[2].replace(/^0+(?=\d)/, '');
	const fraction = withoutZerosBehind(m[3] ?? '');
	const zero = whole === '0' && fraction === '';
	return { key: `${m[1] === '-' && !zero ? '-' : ''}${whole}${fraction && `.${fraction}`}`, fraction: fraction !== '' };
}

/** Values by a key; null where several share it, so that values which the training kept apart are never put together. */
function only(levels: readonly string[], keyOf: (level: string) => string | undefined): Map<string, string | null> {
	const found = new Map<string, string | null>();
	for (const level of levels) {
		const key = keyOf(level);
		if (key !== undefined) found.set(key, found.has(key) ? null : level);
	}
	return found;
}

/** The value for yes and the one for no, if the levels hold exactly one such pair of words. */
function yesNoLevels(folded: ReadonlyMap<string, string | null>, numbers: number): [no: string, yes: string] | undefined {
	const found = PAIRS.flatMap(([yes, no]): Array<[string, string]> => {
		const [a, b] = [folded.get(no), folded.get(yes)];
		return typeof a === 'string' && typeof b === 'string' && (yes !== '1' || numbers === 2) ? [[a, b]] : [];
	});
	return found.length === 1 ? found[0] : undefined;
}

/**
 * Finds the known value that a text (or a number, written as text) stands for: the same text; the same but for blanks around it and the
 * form of Unicode; another word for yes or no (`true` for `True`); another spelling of the same number (`1067` for `01067`); the same but
 * for case. Each only where exactly one known value fits: values that the training kept apart are never put together. Undefined where none
 * fits.
 */
export function levelMatcher(levels: readonly string[]): (text: string, isNumber?: boolean) => Match | undefined {
	const exact = new Set(levels);
	let maps: ReturnType<typeof build> | undefined;
	function build() {
		const folded = only(levels, (l) => tidy(l).toLowerCase());
		const numbers = only(levels, (l) => plainNumber(tidy(l))?.key);
		return { tidied: only(levels, tidy), folded, numbers, words: yesNoLevels(folded, numbers.size) };
	}
	return (text, isNumber = false) => {
		if (exact.has(text)) return { level: text, how: 'exact' };
		const { tidied, folded, numbers, words } = (maps ??= build());
		const key = tidy(text);
		const same = tidied.get(key);
		if (same !== undefined) return same === null ? undefined : { level: same, how: 'spelling' };
		const said = words && yesOrNo(key);
		// 1 and 0 are numbers first, where the column has any.
		if (said !== undefined && !(numbers.size > 0 && /^[01]$/.test(key) && words![0] !== '0'))
			return { level: words![said], how: 'spelling' };
		const number = plainNumber(key);
		// As text 1.10 may be a version, which is not 1.1; a number has no spelling of its own.
		if (number && (isNumber || !number.fraction)) {
			const level = numbers.get(number.key);
			if (level) return { level, how: 'spelling' };
		}
		const level = folded.get(key.toLowerCase());
		return level ? { level, how: WORDS.has(key.toLowerCase()) ? 'spelling' : 'case' } : undefined;
	};
}
