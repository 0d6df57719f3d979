import { loadFrame } from '../../lib/data/loadFrame.js';
import { numbersOf } from '../../lib/data/frame.js';
import { workshop, type Workshop } from './helpers.js';
import { stringsOf } from './frames.js';

let shop: Workshop;
beforeAll(() => {
	shop = workshop();
});
afterAll(() => shop.close());

test('flights: three million rows, six of them in July, time goes forward', async () => {
	const result = await shop.ingest({ source: 'example', params: { example: 'flights' } });
	expect(result.rows).toBe(3_000_000);
	expect(result.columns.map((c) => [c.name, c.type, c.role])).toEqual([
		['date', 'datetime', 'time'],
		['delay', 'integer', 'target'],
		['distance', 'integer', 'feature'],
		['origin', 'category', 'feature'],
		['destination', 'category', 'feature'],
	]);
	expect(result.task).toBe('regression');
	const frame = await loadFrame(result.dataPath, { schema: result.columns });
	const dates = numbersOf(frame, 'date');
	expect(dates.filter((t) => t >= Date.UTC(2001, 6, 1))).toHaveLength(6);
	expect(stringsOf(frame, 'origin').dictionary).toContain('ORD');
	expect(frame.rowId[2_999_999]).toBe(2_999_999);
}, 300_000);
