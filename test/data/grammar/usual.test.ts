import fc from 'fast-check';
import { withDuck, quoteText } from '../../../lib/data/duck.js';
import type { ColumnFormat } from '../../../lib/data/format.js';
import { valueReader, valueText } from '../../../lib/data/grammar/cell.js';
import { usualSql, usualTest } from '../../../lib/data/grammar/sql.js';
import type { ColumnType } from '../../../lib/domain/column.js';
import { dateSpellings, numberSpellings } from './spellings.js';

/**
 * What SQL reads, JavaScript reads as the same value, and the value gives the text back; what SQL does not read, the JavaScript form says
 * so too.
 * @returns texts that SQL read
 */
async function compare(texts: readonly string[], type: ColumnType, format: ColumnFormat, long = false): Promise<number> {
	return await withDuck({ threads: 2 }, async (duck) => {
		await duck.run(`CREATE TEMP TABLE texts AS SELECT unnest([${texts.map(quoteText).join(', ')}]) AS t`);
		const sql = usualSql('t', type, format, long);
		const value = type === 'datetime' ? `CAST(epoch_ms(${sql}) AS DOUBLE)` : `CAST(${sql} AS DOUBLE)`;
		const rows = await duck.rows<{ t: string; v: number | null }>(`SELECT t, ${value} AS v FROM texts`);
		const read = valueReader(type, format);
		const show = valueText(type, format);
		const usual = usualTest(type, format, long);
		expect(rows).toHaveLength(texts.length);
		const wrong = rows.filter(({ t, v }) => (v !== null) !== usual(t) || (v !== null && (read(t) !== v || show(v) !== t)));
		expect({ type, format, wrong }).toEqual({ type, format, wrong: [] });
		return rows.filter(({ v }) => v !== null).length;
	});
}

const NUMBERS: Array<[ColumnType, ColumnFormat, boolean?]> = [
	['number', {}],
	['number', {}, true],
	['integer', {}],
	['number', { decimal: ',' }],
	['number', { places: 2 }],
	['number', { point: true }],
	['number', { point: true }, true],
	['integer', { places: 1 }],
	['number', { group: ',', places: 2 }],
	['number', { group: '.', decimal: ',' }],
	['number', { group: '.', decimal: ',', places: 2 }],
	['integer', { group: ' ' }],
	['integer', { group: '.', decimal: ',' }],
	['number', { before: '$', group: ',', places: 2, money: ['USD'], v: 2 }],
	['number', { after: ' €', decimal: ',', group: '.', places: 2, money: ['EUR'], v: 2 }],
	['number', { after: 'kg', unit: 'kg', v: 2 }],
	['number', { percent: true, after: '%', v: 2 }],
	['number', { group: "'", places: 2 }],
	['number', { before: 'CHF ', group: "'", places: 2, money: ['CHF'], v: 2 }],
];

test('numbers: at least 10,000 spellings in each notation', async () => {
	const texts = [...new Set(fc.sample(numberSpellings, { numRuns: 14_000, seed: 7 }).map(({ text }) => text))];
	expect(texts.length).toBeGreaterThan(10_000);
	const read: number[] = [];
	for (const [type, format, long] of NUMBERS) read.push(await compare(texts, type, format, long));
	// SQL has its share: most notations are among the texts.
	expect(read.filter((n) => n > 0).length).toBeGreaterThan(NUMBERS.length - 4);
}, 120_000);

test('dates: at least 10,000 spellings in each', async () => {
	const texts = [...new Set(fc.sample(dateSpellings, { numRuns: 14_000, seed: 7 }).map(({ text }) => text))];
	expect(texts.length).toBeGreaterThan(10_000);
	const formats: ColumnFormat[] = [
		{ date: 'iso' },
		{ date: 'iso', show: '%Y-%m-%d %H:%M:%S' },
		{ date: 'iso', show: '%Y-%m-%dT%H:%M:%SZ' },
		{ date: 'iso', show: '%Y-%m-%dT%H:%M:%S.%gZ' },
		{ date: 'iso', show: '%Y-%m-%d %H:%M' },
		{ date: '%d.%m.%Y', show: '%d.%m.%Y' },
		{ date: '%m/%d/%Y', show: '%m/%d/%Y %H:%M' },
		{ date: '%d/%m/%Y', show: '%-d/%-m/%Y' },
		{ date: '%b %d %Y', show: '%b %d, %Y' },
		{ dates: ['iso', '%d.%m.%Y'], show: '%d.%m.%Y' },
		{ dates: ['%Y%m%dT%H%M%S'], show: '%Y%m%dT%H%M%SZ' },
		{ dates: ['%Y%m%dT%H%M%S', 'iso'], show: '%Y%m%dT%H%M' },
		{ dates: ['%Y-%m-%dT%H'], show: '%Y-%m-%dT%H' },
	];
	for (const format of formats) await compare(texts, 'datetime', format);
}, 120_000);

test('yes and no', async () => {
	const words = fc.sample(fc.mixedCase(fc.constantFrom('yes', 'no', 'true', 'false', 'ja', 'nein', '1', '0', 'maybe', 'on')), {
		numRuns: 300,
		seed: 1,
	});
	for (const format of [
		{},
		{ yes: 'yes', no: 'no' },
		{ yes: 'ja', no: 'nein', shown: ['Ja', 'Nein'] as [string, string] },
		{ shown: ['True', 'False'] as [string, string] },
	])
		await compare(words, 'boolean', format);
});
