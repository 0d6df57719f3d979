import { LeftOut } from '../../lib/domain/leftOut.js';

const circle: Record<string, unknown> = {};
circle.self = circle;

test('counts what JSON cannot hold of rows, and names the first places', () => {
	const left = new LeftOut();
	const lines = Array.from({ length: 7 }, (_, i) =>
		left.line({ a: i, b: i % 2 ? Infinity : null, c: i === 3 ? circle : 'x' }, `row ${i + 1}`),
	);
	expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
		Array.from({ length: 7 }, (_, i) => ({ a: i, b: null, c: i === 3 ? null : 'x' })),
	);
	expect(left.notes()).toEqual([
		['data.value_left_out', '1 value was circular or nested too deep to keep and is missing: "c" of row 4.'],
		['data.infinite', expect.stringMatching(/^3 values were infinite, .* and are missing: "b" of row 2, "b" of row 4, "b" of row 6\. /)],
	]);
});

test('names five places at most, and says nothing of gaps, NaN and long whole numbers', () => {
	const left = new LeftOut();
	for (let i = 0; i < 6; i++) left.line({ a: -Infinity, b: null, c: NaN, d: 5n, e: undefined }, `item ${i}`);
	expect(left.notes().map(([, text]) => text)).toEqual([expect.stringMatching(/^6 values .* "a" of item 4, \.\.\.\. /)]);
	expect(new LeftOut().notes()).toEqual([]);
});
