import fc from 'fast-check';
import { lookAlike, spellingKey, spellingsOf, yesNoIn } from '../../lib/data/spellings.js';

const counts = (labels: Record<string, number> | string[]) =>
	new Map(Array.isArray(labels) ? labels.map((l) => [l, 10]) : Object.entries(labels));
const unified = (labels: Record<string, number> | string[]) =>
	Object.fromEntries(spellingsOf(counts(labels)).flatMap(({ to, from }) => from.map(({ text }) => [text, to])));

it.each([
	[
		'six spellings of yes and no',
		{ yes: 300, Yes: 120, Y: 40, no: 500, 'N ': 9, No: 1 },
		{ yes: 'yes', Yes: 'yes', Y: 'yes', no: 'no', No: 'no', 'N ': 'no' },
	],
	[
		'words of several languages',
		{ false: 366, no: 349, NO: 343, n: 339, Yes: 178, 'yes ': 161, yes: 151, true: 134 },
		{ false: 'no', no: 'no', NO: 'no', n: 'no', Yes: 'yes', 'yes ': 'yes', yes: 'yes', true: 'yes' },
	],
	['capitals', { Yes: 20, No: 30, no: 2, Y: 5 }, { Yes: 'Yes', Y: 'Yes', No: 'No', no: 'No' }],
	[
		'blanks and case',
		{ Approved: 50, 'Approved ': 20, APPROVED: 30, Rejected: 90, 'rejected  ': 3 },
		{ Approved: 'Approved', 'Approved ': 'Approved', APPROVED: 'Approved', Rejected: 'Rejected', 'rejected  ': 'Rejected' },
	],
	[
		'only those with a stray blank and in capitals',
		{ 'Approved ': 60, APPROVED: 40, Rejected: 50 },
		{ 'Approved ': 'Approved', APPROVED: 'Approved' },
	],
	[
		'repeated and odd blanks',
		{ 'not paid': 9, 'not  paid': 3, 'not\u00a0paid': 2, '\ufeffnot paid': 1, paid: 20 },
		{ 'not paid': 'not paid', 'not  paid': 'not paid', 'not\u00a0paid': 'not paid', '\ufeffnot paid': 'not paid' },
	],
	[
		'forms of letters',
		{ 'Caf\u00e9': 9, 'Cafe\u0301': 3, ＣＡＦÉ: 1, Bar: 9 },
		{ 'Caf\u00e9': 'Caf\u00e9', 'Cafe\u0301': 'Caf\u00e9', ＣＡＦÉ: 'Caf\u00e9' },
	],
	['ß', { Straße: 9, STRASSE: 3, Weg: 9 }, { Straße: 'Straße', STRASSE: 'Straße' }],
	['yes and no among others', { yes: 9, no: 9, Y: 3, unknown: 4 }, { yes: 'yes', Y: 'yes' }],
	['yes, no, 1 and 0', { yes: 9, no: 9, 1: 3, 0: 4 }, { yes: 'yes', 1: 'yes', no: 'no', 0: 'no' }],
	['letters alone', { Y: 9, N: 9, y: 3 }, { Y: 'Y', y: 'Y' }],
	['German words', { ja: 5, Nein: 5, J: 2, nein: 9 }, { ja: 'ja', J: 'ja', Nein: 'nein', nein: 'nein' }],
	['a capital with a dot', { İyi: 9, iyi: 3, kötü: 9 }, { İyi: 'İyi', iyi: 'İyi' }],
	['words of other scripts', { да: 9, нет: 9, Да: 3, НЕТ: 1 }, { да: 'да', Да: 'да', нет: 'нет', НЕТ: 'нет' }],
	['a code with a stray blank', { A1: 9, 'A1 ': 3, B2: 9 }, { A1: 'A1', 'A1 ': 'A1' }],
])('%s become one', (_what, labels, to) => {
	expect(unified(labels)).toEqual(to);
});

it.each([
	['numbers with leading zeros', ['01', '1', '001']],
	['codes in both cases', ['A1', 'a1', 'B2']],
	['single letters', ['A', 'a', 'B']],
	['numbers', ['1', '1.0', '10']],
	['powers', ['m²', 'm2']],
	['words that are two', ['approved', 'not approved', 'disapproved']],
	['signs', ['+', '-', 'A+', 'A-']],
	['Y as a code', ['X', 'Y', 'Z', 'N']],
	['yes and no in one spelling', ['yes', 'no']],
	['true and 1, without a no', ['true', '1', '2']],
	['umlauts', ['schon', 'schön']],
])('%s stay different', (_what, labels) => {
	expect(unified(labels)).toEqual({});
});

it('codes that look alike are said, though not unified', () => {
	expect(lookAlike(counts(['A1', 'a1', 'B2'])).map(({ from }) => from.map((f) => f.text).sort())).toEqual([['A1', 'a1']]);
	expect(lookAlike(counts(['01', '1']))).toEqual([]);
	expect(lookAlike(counts(['A+', 'A-', 'A', '1-2', '1 2', 'ab', 'a-b']))).toEqual([]);
	expect(
		lookAlike(counts(['not_churned', 'Not churned', 'churned', '"yes"', 'yes', 'no', '>50K', '>50K.'])).map(({ from }) =>
			from.map((f) => f.text).sort(),
		),
	).toEqual([
		['>50K', '>50K.'],
		['Not churned', 'not_churned'],
		['"yes"', 'yes'],
	]);
	expect(lookAlike(counts(['yes', 'no']))).toEqual([]);
});

it('what is kept is a spelling of the value, has no stray blank, and is kept when unified again', () => {
	const label = fc.oneof(
		fc.constantFrom(
			'yes',
			'Yes ',
			'Y',
			'no',
			'N ',
			'NO',
			'1',
			'0',
			'01',
			'A1',
			'a1',
			' A1',
			'Approved ',
			'APPROVED',
			'ok  then',
			'OK then',
		),
		fc.string({ unit: 'grapheme', maxLength: 6 }).filter((s) => s.trim() !== ''),
	);
	fc.assert(
		fc.property(fc.uniqueArray(label, { minLength: 1, maxLength: 12 }), (labels) => {
			const yesNo = yesNoIn(labels);
			const map = unified(labels);
			for (const [from, to] of Object.entries(map)) {
				expect(to).toBe(to.trim());
				expect(spellingKey(to, yesNo)).toBe(spellingKey(from, yesNo));
			}
			const after = [...new Set(labels.map((l) => map[l] ?? l))];
			expect(unified(after)).toEqual({});
			// Codes: two that differ in more than blanks around them are never one.
			const codes = labels.filter((l) => /\d/.test(l.normalize('NFKC')) && yesNo !== 'digits');
			for (const a of codes)
				for (const b of codes)
					if (a.trim().replace(/\s+/g, ' ') !== b.trim().replace(/\s+/g, ' ') && spellingKey(a, yesNo) === spellingKey(b, yesNo))
						expect(a.normalize('NFC').replace(/[\s\u200b-\u200d\ufeff\u00ad\u2060]+/g, '')).toBe(
							b.normalize('NFC').replace(/[\s\u200b-\u200d\ufeff\u00ad\u2060]+/g, ''),
						);
		}),
		{ numRuns: 2_000 },
	);
});
