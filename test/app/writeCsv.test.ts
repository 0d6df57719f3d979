import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { harmlessCell, writeCsvParts } from '../../lib/app/writeCsv.js';
import { frameFromRows } from '../../lib/data/frameFromRows.js';

const folder = mkdtempSync(join(tmpdir(), 'mlops-csv-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('cells that a spreadsheet would run', () => {
	it.each([
		'=1+1',
		'+SUM(A1)',
		'-2+3',
		'@SUM(1)',
		'\t=1',
		'\r=1',
		'\n=1',
		' =1',
		'\uFF1D1',
		'\uFF0BA1',
		'\uFF0D1+2',
		'\uFF20A',
		'\u00a0=1',
		'\ufeff=1',
		'\t',
		'+,1',
		'-,5',
		'=',
		'-',
		'+',
		'--1',
		'+-',
		'-a',
		'=HYPERLINK("http://example.com")',
		'\u200b=1',
	])('get an apostrophe: %j', (text) => {
		expect(harmlessCell(text)).toBe(`'${text}`);
	});

	it.each(['', 'a', 'a=1', '-5', '+5', '-5.25', '-1,234.50', '-1e-7', '-.5', '+49', 'x-y', '5-3', "'=1", '12:30', '(5)', 'a\n=1'])(
		'stay as they are: %j',
		(text) => {
			expect(harmlessCell(text)).toBe(text);
		},
	);

	it('never begin with what runs (10,000 texts)', () => {
		fc.assert(
			fc.property(fc.string({ unit: fc.constantFrom(...'=+-@\t\r\n "\',;ab1.\uFF1D\uFF0B\uFF0D\uFF20\u200b'), maxLength: 6 }), (text) => {
				const cell = harmlessCell(text);
				expect(/^[=+@\uFF1D\uFF0B\uFF0D\uFF20\t\r\n]/.test(cell) && !/^\+[\d.]/.test(cell)).toBe(false);
				expect(cell.endsWith(text)).toBe(true);
			}),
			{ numRuns: 10_000 },
		);
	});

	it('are made harmless in values and names where asked, and numbers stay numbers', async () => {
		const frame = frameFromRows(
			[
				{ '=name': "=cmd|' /C calc'!A0", n: -5, t: '-5' },
				{ '=name': 'plain, text', n: 1.5, t: '@home' },
			],
			[
				{ name: '=name', type: 'text', role: 'feature' },
				{ name: 'n', type: 'number', role: 'feature' },
				{ name: 't', type: 'text', role: 'feature' },
			],
		);
		const path = join(folder, 'a.csv');
		await writeCsvParts(path, { forSpreadsheets: true }, async (add) => await add(frame));
		expect(readFileSync(path, 'utf8')).toBe("row,'=name,n,t\n0,'=cmd|' /C calc'!A0,-5,-5\n1,\"plain, text\",1.5,'@home\n");
		await writeCsvParts(path, {}, async (add) => await add(frame));
		expect(readFileSync(path, 'utf8')).toBe('row,=name,n,t\n0,=cmd|\' /C calc\'!A0,-5,-5\n1,"plain, text",1.5,@home\n');
	});
});
