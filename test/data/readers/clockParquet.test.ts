import { quoteText, withDuck } from '../../../lib/data/duck.js';
import { preview } from '../../../lib/data/preview.js';
import { cellReader } from '../../../lib/data/grammar/cell.js';
import { workshop } from '../helpers.js';

const shop = workshop();
let path: string;
beforeAll(async () => {
	path = shop.path('shifts.parquet');
	const begins = `TIME '08:15:30' + to_minutes(i * 30) AS begins`;
	await withDuck({}, async (duck) => {
		await duck.run(
			`COPY (SELECT 's' || i AS shift, ${begins}, i % 2 = 0 AS night FROM range(20) t(i)) TO ${quoteText(path)} (FORMAT parquet)`,
		);
	});
});
afterAll(() => shop.close());

test('a column of times of day holds hours, which is said, and reads the texts of such times later', async () => {
	const read = await shop.ingest({ source: 'file', params: { path } });
	const column = read.columns[1];
	expect([column.name, column.type]).toEqual(['begins', 'number']);
	expect((await preview(read.dataPath, read.columns, 3)).map(({ begins }) => begins)).toEqual([
		29_730 / 3600,
		31_530 / 3600,
		33_330 / 3600,
	]);
	expect(read.notes.map(({ text }) => text).join()).toContain('"begins" holds times of day, which are read as hours');
	expect(cellReader(column)('08:15:30')).toBe(29_730 / 3600);
});

test('a person who wants the times themselves gets them', async () => {
	const read = await shop.ingest({ source: 'file', params: { path }, types: { begins: 'category' } });
	expect((await preview(read.dataPath, read.columns, 1))[0].begins).toBe('08:15:30');
});
