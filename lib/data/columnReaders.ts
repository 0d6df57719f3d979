import type { DuckDBVector } from '@duckdb/node-api';
import { quoteName, type Duck } from './duck.js';
import type { StringVector } from './frame.js';
import { sortDictionary } from './sortDictionary.js';

/** What one column of a query fills, chunk by chunk. */
export interface ColumnReader {
	sql: string;
	/** `count` rows, from row `at` on. */
	read(vector: DuckDBVector, at: number, count: number): void;
	/** After the last chunk. */
	finish?(): void;
}

/** A number without gaps, and the array that it is to fill. */
export interface NumberColumn {
	sql: string;
	data: Float64Array;
}

/** Columns of numbers that come as one: a chunk of each would be an object of its own, and millions of rows have many thousands of these. */
const PACKED = 16;

/** Reads columns of numbers, several packed into one. */
export function numberReaders(columns: readonly NumberColumn[]): ColumnReader[] {
	const readers: ColumnReader[] = [];
	for (let from = 0; from < columns.length; from += PACKED) {
		const pack = columns.slice(from, from + PACKED);
		const width = pack.length;
		readers.push({
			sql: `[${pack.map((c) => c.sql).join(', ')}]::DOUBLE[${width}]`,
			read(vector, at, count) {
				const { items } = (vector as unknown as { childData: { items: Float64Array } }).childData;
				for (let j = 0; j < width; j++) every(items, j, width, pack[j].data, at, count);
			},
		});
	}
	return readers;
}

/** Every `step`th number, from `first` on. */
function every(items: Float64Array, first: number, step: number, out: Float64Array, at: number, count: number): void {
	for (let i = 0, k = first; i < count; i++, k += step) out[at + i] = items[k];
}

/** Above this many rows it is worth a query to know the values of a text column beforehand. */
const KNOWN_ROWS = 50_000;
/** Dictionaries up to this size are sorted; larger ones keep the order of first appearance. */
export const SORTED_LEVELS = 200_000;

/**
 * Reads a text column into codes. Where it has few values, these are looked at first, and rows come as hashes of theirs: DuckDB hashes each
 * value of a page once, where texts would be compared row by row. Hashes of different values that are equal are found beforehand; such a
 * column comes as texts.
 * @param scan where the column is read from, for a FROM
 * @param done gets the column after the last chunk
 */
export async function textReader(
	duck: Duck,
	scan: string,
	stored: string,
	codes: Uint32Array,
	done: (vector: StringVector) => void,
): Promise<ColumnReader> {
	const name = quoteName(stored);
	if (codes.length > KNOWN_ROWS) {
		// One look at the file: which values there are, or that they are too many.
		const different = `SELECT DISTINCT ${name} AS v FROM ${scan} WHERE ${name} IS NOT NULL LIMIT ${SORTED_LEVELS + 1}`;
		const read = await duck.connection.runAndReadAll(`SELECT v, hash(v) FROM (${different}) ORDER BY v`);
		const [dictionary = [], hashes = []] = read.getColumns() as [string[]?, bigint[]?];
		if (dictionary.length === 0) return { sql: '0', read() {}, finish: () => done({ codes, dictionary }) };
		const [{ gap }] = await duck.rows<{ gap: string | number }>('SELECT hash(NULL::VARCHAR) AS gap');
		const codeOf = dictionary.length <= SORTED_LEVELS && !hashes.includes(BigInt(gap)) ? hashTable(hashes) : undefined;
		if (codeOf)
			return {
				sql: `hash(${name})`,
				read(vector, at, count) {
					const { items } = vector as unknown as { items: BigUint64Array };
					lookUp(new Uint32Array(items.buffer, items.byteOffset, 2 * count), codeOf, codes, at, count);
				},
				finish: () => done({ codes, dictionary }),
			};
	}
	const index = new Map<string, number>();
	return {
		sql: `CAST(${name} AS VARCHAR)`,
		read(vector, at, count) {
			for (let i = 0; i < count; i++) {
				const text = vector.getItem(i) as string | null;
				if (text === null) continue;
				let code = index.get(text);
				if (code === undefined) index.set(text, (code = index.size + 1));
				codes[at + i] = code;
			}
		},
		finish() {
			const dictionary = [...index.keys()];
			done(dictionary.length <= SORTED_LEVELS ? sortDictionary({ codes, dictionary }) : { codes, dictionary });
		},
	};
}

/** The number of each 64-bit hash, counted from 1, by open addressing; 0 for any other. */
interface HashTable {
	mask: number;
	/** Low and high half of the hash at each place. */
	halves: Uint32Array;
	numbers: Uint32Array;
}

/** Nothing where two hashes are equal. */
function hashTable(hashes: readonly bigint[]): HashTable | undefined {
	let size = 16;
	while (size < 2 * hashes.length) size *= 2;
	const table: HashTable = { mask: size - 1, halves: new Uint32Array(2 * size), numbers: new Uint32Array(size) };
	const words = new Uint32Array(BigUint64Array.from(hashes).buffer);
	for (let k = 0; k < hashes.length; k++) {
		const [low, high] = [words[2 * k], words[2 * k + 1]];
		const slot = slotOf(table, low, high);
		if (table.numbers[slot] !== 0) return undefined;
		table.halves[2 * slot] = low;
		table.halves[2 * slot + 1] = high;
		table.numbers[slot] = k + 1;
	}
	return table;
}

/** Where a hash is, or where it would be. */
function slotOf({ mask, halves, numbers }: HashTable, low: number, high: number): number {
	let slot = low & mask;
	while (numbers[slot] !== 0 && (halves[2 * slot] !== low || halves[2 * slot + 1] !== high)) slot = (slot + 1) & mask;
	return slot;
}

function lookUp(words: Uint32Array, table: HashTable, out: Uint32Array, at: number, count: number): void {
	const { numbers } = table;
	for (let i = 0; i < count; i++) out[at + i] = numbers[slotOf(table, words[2 * i], words[2 * i + 1])];
}
