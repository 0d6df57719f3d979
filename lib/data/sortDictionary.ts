import type { StringVector } from './frame.js';

/** Order of Unicode code points, which is also that of UTF-8 bytes and so DuckDB's. */
export function compareText(a: string, b: string): number {
	const length = Math.min(a.length, b.length);
	for (let i = 0; i < length; i++) {
		const x = a.charCodeAt(i);
		const y = b.charCodeAt(i);
		if (x !== y) {
			// Surrogates stand for code points above all others, though their own numbers do not.
			const high = (c: number) => (c >= 0xd800 && c <= 0xdfff ? c + 0x10000 : c);
			return high(x) - high(y);
		}
	}
	return a.length - b.length;
}

/** The same values with a sorted dictionary; codes are rewritten in place, so only for vectors that nobody else holds. */
export function sortDictionary({ codes, dictionary }: { codes: Uint32Array; dictionary: string[] }): StringVector {
	const order = dictionary.map((_, i) => i).sort((a, b) => compareText(dictionary[a], dictionary[b]));
	if (order.every((v, i) => v === i)) return { codes, dictionary };
	const map = new Uint32Array(dictionary.length + 1);
	order.forEach((old, i) => {
		map[old + 1] = i + 1;
	});
	for (let i = 0, n = codes.length; i < n; i++) codes[i] = map[codes[i]];
	return { codes, dictionary: order.map((i) => dictionary[i]) };
}
