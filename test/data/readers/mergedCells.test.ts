import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import ExcelJs from 'exceljs';
import { preview } from '../../../lib/data/preview.js';
import { underMerged } from '../../../lib/data/readers/mergedCells.js';
import { workshop, type Workshop } from '../helpers.js';

let shop: Workshop;
beforeAll(() => {
	shop = workshop();
});
afterAll(() => shop.close());

/** Regions that are merged over three rows each, beside a text that no packing makes smaller. */
async function workbook(name: string, rows: number, bytes: number): Promise<string> {
	const book = new ExcelJs.Workbook();
	const sheet = book.addWorksheet('sales');
	sheet.addRow(['region', 'amount', 'text']);
	for (let i = 0; i < rows; i++) sheet.addRow([i % 3 === 0 ? `region ${i % 4}` : null, i + 0.5, randomBytes(bytes).toString('base64')]);
	for (let i = 0; i < 30; i += 3) sheet.mergeCells(i + 2, 1, i + 4, 1);
	const path = shop.path(name);
	await book.xlsx.writeFile(path);
	return path;
}

test('a large workbook, whose rows are read as they come, says of merged cells what a small one says', async () => {
	const read = async (path: string) => {
		const { notes, dataPath, columns } = await shop.ingest({ source: 'file', params: { path } });
		const note = notes.find(({ code }) => code === 'data.merged_cells')?.text;
		return { note, regions: (await preview(dataPath, columns, 7)).map(({ region }) => region) };
	};
	const small = await read(await workbook('small.xlsx', 60, 3));
	const path = await workbook('large.xlsx', 600, 9000);
	expect((await stat(path)).size).toBeGreaterThan(3 << 20);
	expect(small.note).toMatch(/^20 cells lie under a merged one that begins in a row above and are gaps: /);
	expect(await read(path)).toEqual(small);
});

test('what is hidden under a merged cell is not read; under an empty one there are no gaps to speak of', () => {
	const under = underMerged([
		{ top: 2, left: 1, bottom: 4, right: 2 },
		{ top: 3, left: 3, bottom: 3, right: 4 },
		{ top: 3, left: 5, bottom: 4, right: 5 },
	]);
	const row = (number: number, ...values: unknown[]) => {
		const cells = [undefined, ...values];
		const covered = under(number, cells);
		return [covered, ...Array.from({ length: values.length }, (_, i) => cells[i + 1] ?? null)];
	};
	expect(row(1, 'a', 'b', 'c', 'd', 'e')).toEqual([0, 'a', 'b', 'c', 'd', 'e']);
	expect(row(2, 'x', 'hidden', 'c', 'd', 'e')).toEqual([0, 'x', null, 'c', 'd', 'e']);
	expect(row(3, 'hidden', 'hidden', 'c', 'hidden', null)).toEqual([2, null, null, 'c', null, null]);
	expect(row(4, 'hidden', null, 'c', 'd', 'hidden')).toEqual([2, null, null, 'c', 'd', null]);
	expect(row(5, 'a', 'b', 'c', 'd', 'e')).toEqual([0, 'a', 'b', 'c', 'd', 'e']);
});
