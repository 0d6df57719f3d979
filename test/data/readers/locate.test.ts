import fc from 'fast-check';
import { findDialect } from '../../../lib/data/readers/dialect.js';
import { headerNames, locate, tableWidth } from '../../../lib/data/readers/locate.js';
import { headRecords, readRecord, standard } from '../../../lib/data/readers/csvRecord.js';

const word = fc.constantFrom('region', 'units', 'price', 'month', 'city', 'score', 'weight', 'state', 'branch', 'level');
const names = fc.uniqueArray(word, { minLength: 2, maxLength: 6 });
const title = fc.constantFrom(
	'Monthly report',
	'Created on: 2024-03-01',
	'for internal use only',
	'Q1',
	'Report of all branches, preliminary',
	'# exported by a tool',
);

/** A table whose first column is words and whose others are numbers. */
const table = fc.record({
	names,
	title: fc.array(title, { maxLength: 4 }),
	blank: fc.boolean(),
	padded: fc.boolean(),
	decimal: fc.constantFrom('.', ','),
	delimiter: fc.constantFrom(';', '\t', '|', ','),
	end: fc.constantFrom('\n', '\r\n'),
	values: fc.array(fc.tuple(fc.constantFrom('north', 'south', 'east'), fc.integer({ min: 0, max: 9999 })), { minLength: 6, maxLength: 30 }),
});

test('the table is found below titles, whatever separates its values', () => {
	fc.assert(
		fc.property(table, ({ names: header, title: above, blank, padded, decimal, delimiter, end, values }) => {
			fc.pre(!(delimiter === ',' && (decimal === ',' || above.some((t) => t.includes(',')))));
			const pad = (line: string) => (padded ? line + delimiter.repeat(header.length - 1) : line);
			const lines = [
				...above.map(pad),
				...(blank && above.length ? [pad('')] : []),
				header.join(delimiter),
				...values.map(([first, n]) => [first, ...header.slice(1).map((_, i) => `${n + i}${decimal}${i}5`)].join(delimiter)),
			];
			const text = lines.join(end);
			const dialect = findDialect(text)!;
			expect(dialect).toEqual(standard(delimiter));
			const records = headRecords(text, dialect, 500);
			// Remarks with # are taken away before.
			const rest = records.slice(
				Math.max(
					0,
					records.findIndex((r) => !r.cells[0].startsWith('#')),
				),
			);
			const place = locate(rest, tableWidth(rest), 'auto');
			expect(
				headerNames(
					place.header.map((i) => rest[i].cells),
					place.width,
				),
			).toEqual(header);
			expect(rest.length - place.body).toBe(values.length);
		}),
		{ numRuns: 2000 },
	);
});

test('what is quoted comes back, record by record, whatever piece of the text is there first', () => {
	const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', ' ', 'é'), maxLength: 6 });
	fc.assert(
		fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 }), fc.nat(), (rows, cut) => {
			const text = rows.map((cells) => cells.map((c) => `"${c.replaceAll('"', '""')}"`).join(',')).join('\n') + '\n';
			const read: string[][] = [];
			let part = text.slice(0, cut % text.length);
			let at = 0;
			for (let whole = false; ; ) {
				const record = readRecord(part, at, standard(','), !whole);
				if (!record) [part, whole] = [text, true];
				else {
					read.push(record.cells);
					at = record.next;
				}
				if (whole && at >= text.length) break;
			}
			expect(read).toEqual(rows);
		}),
		{ numRuns: 2000 },
	);
});

test.each([
	['a line end in the first value of the first row', '1\n0,2.5,7.1,3,4'],
	['a line end in the last value of the first row', '1,2.5,7.1,3,\n4'],
	['a line end in the second row', '1,2.5,7.1,3,4\n2,2024-\n03-05,3.5,8.1,5'],
	['a row of many words', '1,2.5,7.1,3,4\n2,x,y,none,?\n3,x,9.1,-,soon\n1001,none,late,x,1002'],
	['a row of the wrong separator', '1,2.5,7.1,3,4\n2;3.5;8.1;5;6\n3,x,none,-,7\n4,2.5,7.1,3,4\n5,2.5,7.1,3,4'],
])('%s makes no title of the names above', (_what, rows) => {
	const rest = Array.from({ length: 20 }, (_, i) => `${i + 3},${i}.5,${i}.1,${i},${i * 2}`);
	const records = headRecords(['id,size,price,rooms,floor', rows, ...rest, ''].join('\n'), standard(','), 500);
	for (const wanted of ['auto', 'yes'] as const)
		expect(locate(records, tableWidth(records), wanted)).toMatchObject({ width: 5, header: [0], body: 1, above: [] });
});

test.each([
	['words', '1002,?\n1003,7.25\n1004,none yet\n1005,x'],
	['words and gaps', '1002,?\n1003,none yet\n1004,\n1005,x'],
])('a number and a word among %s in the first rows are not the names of two columns', (_what, rows) => {
	const rest = Array.from({ length: 20 }, (_, i) => `${i + 1006},${i}.25`);
	const records = headRecords(['id,size', rows, ...rest, ''].join('\n'), standard(','), 500);
	for (const wanted of ['auto', 'yes'] as const)
		expect(locate(records, tableWidth(records), wanted)).toMatchObject({ header: [0], body: 1, above: [] });
});

test('a title with as many values as the table, and a remark below it, are no names', () => {
	const text = 'Report,spring,all branches\npreliminary\nmonth,units,price\njan,2,3.5\nfeb,3,4.5\nmar,4,5.5\napr,5,6.5\n';
	const records = headRecords(text, standard(','), 500);
	expect(locate(records, tableWidth(records), 'auto')).toMatchObject({ header: [2], body: 3, above: [0, 1] });
});
