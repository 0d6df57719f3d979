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
