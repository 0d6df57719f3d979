import { NULL_WORDS } from '../format.js';
import { isMissingWord } from '../grammar/missing.js';

/** What a value of a text table looks like at first sight, without regard to its exact notation. */
export type CellKind = 'empty' | 'number' | 'moment' | 'flag' | 'text';

const NUMBER =
	/^[-+(]?\s?(?:[€$£¥₹]|[A-Z]{3}\s)?\s?[-+]?(?:\d[\d.,'\u00a0\u202f ]*|[.,]\d+)(?:[eE][-+]?\d+)?\s?(?:%|[€$£¥₹]|[A-Z]{3})?\)?$/;
const DATE = /^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})(?:[T ,]+\d.*)?$/;
const NAMED_DATE = /^(?:\p{L}{3,9},? )?(?:\d{1,2}\.?[ -]?\p{L}{3,9}\.?[ ,-]+\d{2,4}|\p{L}{3,9}\.? \d{1,2},? \d{4})(?:[T ,]+\d.*)?$/u;
const TIME = /^\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?$/;
const FLAGS = new Set(['true', 'false', 'yes', 'no', 'y', 'n', 't', 'f', 'ja', 'nein', 'oui', 'non', 'wahr', 'falsch']);
const NULLS = new Set(NULL_WORDS);

export function cellKind(raw: string): CellKind {
	const text = raw.trim();
	if (text === '' || NULLS.has(text) || isMissingWord(text)) return 'empty';
	if (text.length > 40) return 'text';
	if (DATE.test(text) || TIME.test(text) || NAMED_DATE.test(text)) return 'moment';
	if (NUMBER.test(text)) return 'number';
	return FLAGS.has(text.toLowerCase()) ? 'flag' : 'text';
}

/** For each column the kind that nearly all of its values have, if it is one that names never have. */
export function columnKinds(rows: ReadonlyArray<readonly string[]>, width: number): Array<'number' | 'moment' | undefined> {
	return Array.from({ length: width }, (_, i) => {
		const counts = { number: 0, moment: 0, other: 0 };
		for (const row of rows) {
			const kind = cellKind(row[i] ?? '');
			if (kind === 'number' || kind === 'moment') counts[kind]++;
			else if (kind !== 'empty') counts.other++;
		}
		const present = counts.number + counts.moment + counts.other;
		if (present === 0) return undefined;
		if (counts.number >= present * 0.8) return 'number';
		return counts.moment >= present * 0.8 ? 'moment' : undefined;
	});
}
