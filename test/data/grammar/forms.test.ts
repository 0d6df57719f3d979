import fc from 'fast-check';
import { quoteText, withDuck } from '../../../lib/data/duck.js';
import type { ColumnFormat } from '../../../lib/data/format.js';
import { Form, formsOf, isBare, readableForms } from '../../../lib/data/grammar/forms.js';
import { usualForm, usualTest } from '../../../lib/data/grammar/sql.js';
import type { ColumnType } from '../../../lib/domain/column.js';
import { dateSpellings, numberSpellings } from './spellings.js';

const formsIn = (text: string): number => {
	const bytes = Buffer.from(`;${text};`);
	return text === '' ? 0 : formsOf(bytes, 1, bytes.length - 1);
};

/** Columns whose usual texts are told from their bytes. */
const COLUMNS: ReadonlyArray<[ColumnType, ColumnFormat, number]> = [
	['integer', {}, Form.whole],
	['number', {}, Form.number],
	['number', { point: true }, Form.point],
	['datetime', {}, Form.day],
	['datetime', { date: 'iso', nulls: ['-'] }, Form.day],
];

const signs = (alphabet: string, most: number) => fc.array(fc.constantFrom(...alphabet), { maxLength: most }).map((list) => list.join(''));
const texts = fc.oneof(
	{ weight: 6, arbitrary: signs('0123456789.-', 18) },
	{ weight: 4, arbitrary: fc.tuple(signs('-', 1), signs('0123', 3), signs('.', 1), signs('0012', 9)).map((parts) => parts.join('')) },
	{ weight: 2, arbitrary: fc.tuple(signs('0129', 4), signs('01', 2), signs('01239', 2)).map((parts) => parts.join('-')) },
	signs('0123456789.-+eE_ ,\tNaif', 12),
	fc.integer().map(String),
	fc.double().map(String),
	fc.double({ min: -1000, max: 1000, noNaN: true }).map((x) => x.toFixed(2)),
	fc.date({ noInvalidDate: true }).map((d) => d.toISOString().slice(0, 10)),
	numberSpellings.map(({ text }) => text),
	dateSpellings.map(({ text }) => text),
);

test.each(COLUMNS)('the bytes of a text tell what SQL reads of a column: %s %j', (type, format, form) => {
	expect(usualForm(type, format)?.form).toBe(form);
	const usual = usualTest(type, format);
	let seen = 0;
	fc.assert(
		fc.property(texts, (text) => {
			const has = (formsIn(text) & form) !== 0;
			seen += Number(has);
			expect([text, has]).toEqual([text, usual(text)]);
		}),
		{ numRuns: 20_000 },
	);
	expect(seen).toBeGreaterThan(200);
});

test.each<[ColumnType, ColumnFormat]>([
	['number', { decimal: ',' }],
	['number', { group: ',' }],
	['number', { places: 2 }],
	['number', { percent: true }],
	['number', { before: '$' }],
	['integer', { places: 1 }],
	['integer', { point: true }],
	['datetime', { show: '%d.%m.%Y' }],
	['boolean', {}],
])('other notations are read as texts: %s %j', (type, format) => {
	expect(usualForm(type, format)).toBeUndefined();
});

test('blanks around a text are seen, and no other sign is one', () => {
	const bare = (text: string): boolean => {
		const bytes = Buffer.from(text);
		return isBare(bytes, 0, bytes.length);
	};
	expect([' a', 'a ', '\ta', 'a\r', ' '].map(bare)).toEqual([false, false, false, false, false]);
	expect(['a', 'a b', '\u00a0a', 'é', '-', '日本'].map(bare)).toEqual([true, true, true, true, true, true]);
});

test('the database reads what is odd in a column of numbers', async () => {
	const sample = [...new Set(fc.sample(texts, { numRuns: 30_000, seed: 1 }))];
	const numbers = sample.filter((text) => readableForms(text) & Form.number);
	const whole = sample.filter((text) => readableForms(text) & Form.whole);
	expect(Math.min(numbers.length, whole.length)).toBeGreaterThan(1000);
	await withDuck({ threads: 2 }, async (duck) => {
		for (const [list, type] of [
			[numbers, 'DOUBLE'],
			[whole, 'BIGINT'],
		] as const) {
			const of = `unnest([${list.map(quoteText).join(', ')}])`;
			const read = await duck.rows<{ t: string }>(`SELECT t FROM (SELECT ${of} AS t) WHERE TRY_CAST(t AS ${type}) IS NULL`);
			expect(read).toEqual([]);
			const odd = await duck.rows<{ t: string; v: number | string }>(`SELECT t, TRY_CAST(t AS ${type}) AS v FROM (SELECT ${of} AS t)`);
			expect(odd.filter(({ t, v }) => Number(t) !== Number(v))).toEqual([]);
		}
	});
});
