import { isNumberVector, type Frame } from '../data/frame.js';

/** Numbers of the rows that pass a test, ascending. */
export function rowsWhere(rows: number, keep: (row: number) => boolean): Uint32Array {
	const out = new Uint32Array(rows);
	let n = 0;
	for (let i = 0; i < rows; i++) if (keep(i)) out[n++] = i;
	return out.slice(0, n);
}

const bits = new Float64Array(1);
const words = new Uint32Array(bits.buffer);

/** One round of a 32-bit mix (constants of MurmurHash3). */
const mix = (hash: number, word: number): number => {
	let k = Math.imul(word, 0xcc9e2d51);
	k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
	const h = hash ^ k;
	return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
};
const finish = (hash: number): number => {
	let h = hash ^ (hash >>> 16);
	h = Math.imul(h, 0x85ebca6b);
	h ^= h >>> 13;
	h = Math.imul(h, 0xc2b2ae35);
	return (h ^ (h >>> 16)) >>> 0;
};

/** A 32-bit hash of a number and a seed, the same everywhere. */
export function hashNumber(value: number, seed: number): number {
	bits[0] = value + 0; // -0 becomes 0
	return finish(mix(mix(seed | 0, words[0]), words[1]));
}

/** Groups equal rows: for each row the number of the first row with the same values in these columns (missing equals missing). */
export function firstEqualRow(frame: Frame, columns: readonly number[]): Uint32Array {
	const { rows } = frame;
	const hashes = new Int32Array(rows);
	const vectors = columns.map((c) => frame.vectors[c]);
	for (const v of vectors) {
		if (isNumberVector(v)) {
			const { data } = v;
			for (let i = 0; i < rows; i++) {
				const x = data[i];
				bits[0] = x !== x ? NaN : x + 0;
				hashes[i] = mix(mix(hashes[i], words[0]), words[1]);
			}
		} else {
			const { codes } = v;
			for (let i = 0; i < rows; i++) hashes[i] = mix(hashes[i], codes[i]);
		}
	}
	const same = (a: number, b: number): boolean => {
		for (const v of vectors) {
			if (isNumberVector(v)) {
				const x = v.data[a];
				const y = v.data[b];
				if (x !== y && (x === x || y === y)) return false;
			} else if (v.codes[a] !== v.codes[b]) return false;
		}
		return true;
	};
	let size = 16;
	while (size < rows * 2) size *= 2;
	const table = new Int32Array(size).fill(-1); // open addressing: the first row of each group
	const first = new Uint32Array(rows);
	for (let i = 0; i < rows; i++) {
		let slot = finish(hashes[i]) & (size - 1);
		while (table[slot] >= 0 && !same(table[slot], i)) slot = (slot + 1) & (size - 1);
		if (table[slot] < 0) table[slot] = i;
		first[i] = table[slot];
	}
	return first;
}
