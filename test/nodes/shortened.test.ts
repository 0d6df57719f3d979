import { itemsForTool, shortened, TOOL_BYTES } from '../../nodes/shared/shortened';

const size = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

describe('an answer for an agent', () => {
	it('is left as it is while it fits', () => {
		const json = { drifted: true, driftedColumns: ['a', 'b'] };
		expect(shortened(json, TOOL_BYTES)).toBe(json);
	});

	it('loses the ends of its lists first, and says so', () => {
		const json = {
			drifted: true,
			summary: 'Drift.',
			driftedColumns: Array.from({ length: 5_000 }, (_, i) => `a column with a long name ${i}`),
		};
		const cut = shortened(json, TOOL_BYTES);
		expect(size(cut)).toBeLessThanOrEqual(TOOL_BYTES);
		expect(cut).toMatchObject({ drifted: true, summary: 'Drift.', shortened: expect.stringContaining(String(size(json))) });
		const names = cut.driftedColumns as string[];
		expect(names[0]).toBe('a column with a long name 0');
		expect(names.at(-1)).toBe(`... and ${5_000 - (names.length - 1)} more`);
	});

	it.each([
		['one text', { text: 'é'.repeat(100_000) }],
		['deep objects', { a: { b: { c: Array.from({ length: 300 }, (_, i) => ({ i, text: 'x'.repeat(300) })) } }, passed: false }],
		['fields without number', { ...Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`field ${i}`, i])), passed: false }],
		[
			'keys of an inner object',
			{ probabilities: Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`class ${i}`, 0.001])), passed: false },
		],
	])('fits whatever it is made of: %s', (_what, json) => {
		for (const bytes of [TOOL_BYTES, 400]) {
			const cut = shortened(json, bytes);
			expect(size(cut)).toBeLessThanOrEqual(bytes);
			expect(cut.shortened).toBeDefined();
		}
	});

	it('of several items fits together, without binaries, and counts what is left out', () => {
		const items = Array.from({ length: 30 }, (_, i) => ({
			json: { i, text: 'x'.repeat(900) },
			binary: { report: { data: '', mimeType: 'text/plain' } },
			pairedItem: { item: i },
		}));
		const out = itemsForTool(items);
		expect(out.reduce((sum, { json }) => sum + size(json), 0)).toBeLessThanOrEqual(TOOL_BYTES);
		expect(out.every((item) => item.binary === undefined)).toBe(true);
		expect(out.at(-1)!.json.itemsLeftOut).toBe(30 - out.length);
		expect(out[0]).toMatchObject({ json: { i: 0 }, pairedItem: { item: 0 } });
	});
});
