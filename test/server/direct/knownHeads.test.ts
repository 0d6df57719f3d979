import { createKnownHeads } from '../../../lib/server/direct/knownHeads.js';

describe('heads of requests that were read already', () => {
	/** How many of these had to be read, asked one after the other. */
	function readOf(heads: ReturnType<typeof createKnownHeads<number>>, texts: readonly string[]): number {
		let read = 0;
		for (const text of texts) {
			const known = heads.get(text);
			if (known === undefined) heads.add(text, read++);
		}
		return read;
	}
	const different = (count: number, from: string) => Array.from({ length: count }, (_, i) => `${from} ${i}`);
	const again = (texts: readonly string[], times: number) => Array.from({ length: times }, () => texts).flat();

	it('are not read again', () => {
		const heads = createKnownHeads<number>();
		expect(readOf(heads, again(different(50, 'length'), 100))).toBe(50);
	});

	it('are kept by the hundred where few of them come again, and not by the thousand where none does', () => {
		const heads = createKnownHeads<number>();
		expect(readOf(heads, different(100_000, 'trace'))).toBe(100_000);
		expect(heads.size).toBeLessThan(500);
	});

	it('are known again once such come that come again', () => {
		const heads = createKnownHeads<number>();
		readOf(heads, different(10_000, 'trace'));
		const texts = different(20, 'length');
		readOf(heads, again(texts, 2_000));
		expect(readOf(heads, again(texts, 10))).toBe(0);
	});

	it('are kept one by one beside others that never come again', () => {
		const heads = createKnownHeads<number>();
		const mixed = different(20_000, 'trace').flatMap((text) => [text, 'always']);
		const read = readOf(heads, mixed);
		expect(read).toBeGreaterThanOrEqual(20_001);
		expect(read).toBeLessThan(20_400);
	});

	it('that are long are read each time', () => {
		const heads = createKnownHeads<number>();
		expect(readOf(heads, again(['x'.repeat(3_000)], 10))).toBe(10);
		expect(heads.size).toBe(0);
	});
});
