import type { Column, Labels, Matrix } from '../contract.js';
import { stratified } from './binning.js';
import type { Loss } from './losses/index.js';

/** Rows looked at to see whether it pays. */
const SAMPLE = 16_384;
/** Others like it that a row must have on average in all data, and the share of the rows that may be left. */
const OTHERS = 0.5;
const LEFT = 0.7;
/**
 * Rows that one may stand for; a larger group becomes several. Integers of 16 bits hold the gradients, and one huge group would leave the
 * others no digits.
 */
const MOST = 256;

/** Different rows with their number: `counts[i]` rows were equal to row i. Their order is that of first appearance. */
export interface DifferentRows {
	train: Matrix;
	labels: Labels;
	counts: Uint16Array;
}

/**
 * Rows that are equal in every column go the same way in every tree and have the same score, so one row with the sum of their weights and
 * the mean of their targets gives the trees the same sums: exact for a loss whose gradients are linear in the target; for others the target
 * must be equal too. Undefined where rows differ, or where a loss looks at each row's residual. Of 2.5 million flights described by hour,
 * weekday, distance, origin and destination 204,000 are different.
 */
export function joinEqualRows(train: Matrix, labels: Labels, loss: Loss, seed: number): DifferentRows | undefined {
	if (loss.renew || labels.offset) return undefined;
	const { rows } = train;
	const keys = [...train.columns, ...(loss.linear ? [] : [{ data: labels.y }])];
	if (!promising(keys, rows, seed)) return undefined;
	const found = group(keys, rows);
	if (!found) return undefined;
	const { of, first } = found;
	const counts = new Uint16Array(first.length);
	const weight = new Float64Array(first.length);
	const y = new Float64Array(first.length);
	for (let i = 0; i < rows; i++) {
		const w = labels.weight ? labels.weight[i] : 1;
		counts[of[i]]++;
		weight[of[i]] += w;
		y[of[i]] += w * labels.y[i];
	}
	for (let u = 0, n = y.length; u < n; u++) y[u] = loss.linear && weight[u] > 0 ? y[u] / weight[u] : labels.y[first[u]];
	const columns = train.columns.map((c): Column => {
		const { data, anew, ...column } = c;
		return { ...column, data: pick(data, first) } as Column;
	});
	return { train: { rows: first.length, columns }, labels: { y, classes: labels.classes, weight }, counts };
}

/** What rows must be equal in: one is read at a time, so that one is in memory where they are worked out. */
type Keys = ReadonlyArray<{ readonly data: Column['data'] }>;

/** Whole numbers, one a row: word `at` of every `step`. */
interface Words {
	words: Uint8Array | Uint16Array | Uint32Array;
	step: number;
	at: number;
}

/** A column's bits as whole numbers: views, no copies. */
function wordsOf(data: Column['data']): Words[] {
	if (!(data instanceof Float32Array || data instanceof Float64Array)) return [{ words: data, step: 1, at: 0 }];
	const step = data.BYTES_PER_ELEMENT / 4;
	const words = new Uint32Array(data.buffer, data.byteOffset, data.length * step);
	return Array.from({ length: step }, (_, at) => ({ words, step, at }));
}

/** From a sample, whether rows have others like them. Rows that differ in the first columns differ: most data are done after one. */
function promising(keys: Keys, rows: number, seed: number): boolean {
	const take = Math.min(rows, SAMPLE);
	const picks = stratified(rows, take, seed);
	const hash = new Uint32Array(take);
	for (let k = 0, next = 1; k < keys.length; k++) {
		for (const { words, step, at } of wordsOf(keys[k].data))
			for (let i = 0; i < take; i++) hash[i] = stir(hash[i], words[picks[i] * step + at]);
		if (k + 1 < next && k + 1 < keys.length) continue;
		next *= 2;
		const sorted = hash.slice().sort();
		let pairs = 0;
		for (let i = 0, j = 0; i < take; i = j) {
			while (j < take && sorted[j] === sorted[i]) j++;
			pairs += (j - i) * (j - i - 1);
		}
		if ((pairs / take) * (rows / take) < OTHERS) return false;
	}
	return true;
}

const stir = (h: number, word: number): number => {
	const x = Math.imul(h ^ word, 0x85ebca6b);
	return Math.imul(x ^ (x >>> 15), 0xc2b2ae35) ^ (x >>> 13);
};

/** The group of each row, and the first row of each group; undefined where there are too many groups. */
function group(keys: Keys, rows: number): { of: Uint32Array; first: Uint32Array } | undefined {
	const hash = new Int32Array(rows);
	const check = new Int32Array(rows);
	for (const { data } of keys) {
		for (const { words, step, at } of wordsOf(data)) {
			for (let i = 0, w = at; i < rows; i++, w += step) {
				hash[i] = stir(hash[i], words[w]);
				check[i] = Math.imul(check[i] ^ words[w], 0x9e3779b1) + (check[i] >>> 11);
			}
		}
	}
	const most = Math.floor(rows * LEFT);
	const of = new Uint32Array(rows);
	const first = new Uint32Array(most);
	const sizes = new Uint16Array(most);
	let groups = 0;
	let table = new Int32Array(1 << 12).fill(-1);
	for (let i = 0; i < rows; i++) {
		const mask = table.length - 1;
		let at = hash[i] & mask;
		let g = table[at];
		while (g >= 0 && (hash[first[g]] !== hash[i] || check[first[g]] !== check[i])) g = table[(at = (at + 1) & mask)];
		if (g < 0 || sizes[g] === MOST) {
			if (groups === most) return undefined;
			g = table[at] = groups;
			first[groups++] = i;
		}
		sizes[g]++;
		of[i] = g;
		if (groups * 2 > table.length) table = grown(table, first, hash);
	}
	const heads = first.slice(0, groups);
	return keys.every(({ data }) => wordsOf(data).every((key) => equal(key, heads, of))) ? { of, first: heads } : undefined;
}

/** Twice the table: the groups find their places again. */
function grown(table: Int32Array, first: Uint32Array, hash: Int32Array): Int32Array<ArrayBuffer> {
	const wider = new Int32Array(table.length * 2).fill(-1);
	const mask = wider.length - 1;
	for (const g of table) {
		if (g < 0) continue;
		let at = hash[first[g]] & mask;
		while (wider[at] >= 0) at = (at + 1) & mask;
		wider[at] = g;
	}
	return wider;
}

/** Whether rows are what their group is: hashes say so, but two rows could share one. */
function equal({ words, step, at }: Words, heads: Uint32Array, of: Uint32Array): boolean {
	const own = Uint32Array.from(heads, (row) => words[row * step + at]);
	for (let i = 0, w = at, n = of.length; i < n; i++, w += step) if (words[w] !== own[of[i]]) return false;
	return true;
}

function pick<T extends Column['data']>(data: T, rows: Uint32Array): T {
	const out = new (data.constructor as new (length: number) => T)(rows.length);
	for (let i = 0, n = rows.length; i < n; i++) out[i] = data[rows[i]];
	return out;
}
