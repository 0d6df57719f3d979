import type { DuckDBVector } from '@duckdb/node-api';
import { quoteName, type Duck } from './duck.js';
import type { Vector } from './frame.js';
import { sortDictionary } from './sortDictionary.js';

/** What columns of a query become, part by part of the rows. */
export interface ColumnReader {
	sql: string;
	/** Which columns these are, by the numbers that the caller gave. */
	places: readonly number[];
	/** Begins a part of so many rows. */
	begin(rows: number): void;
	/** `count` rows of a chunk, from `from` on, are those of the part from `at` on. */
	read(vector: DuckDBVector, from: number, at: number, count: number): void;
	/** The columns of the part, in the order of `places`. */
	end(): Vector[];
}

/** A number without gaps. */
export interface NumberColumn {
	sql: string;
	place: number;
}

const memory = (bytes: number, shared: boolean): ArrayBuffer | SharedArrayBuffer =>
	shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);

/** Columns of numbers that come as one: a chunk of each is an object of its own, and millions of rows have many thousands of these. */
const PACKED = 16;

/** Reads columns of numbers, several packed into one. */
export function numberReaders(columns: readonly NumberColumn[], shared: boolean): ColumnReader[] {
	const readers: ColumnReader[] = [];
	for (let first = 0; first < columns.length; first += PACKED) {
		const pack = columns.slice(first, first + PACKED);
		const width = pack.length;
		let arrays: Float64Array[] = [];
		readers.push({
			sql: `[${pack.map((c) => c.sql).join(', ')}]::DOUBLE[${width}]`,
			places: pack.map((c) => c.place),
			begin(rows) {
				arrays = pack.map(() => new Float64Array(memory(8 * rows, shared)));
			},
			read(vector, from, at, count) {
				const { items } = (vector as unknown as { childData: { items: Float64Array } }).childData;
				for (let j = 0; j < width; j++) every(items, from * width + j, width, arrays[j], at, count);
			},
			end: () => arrays.map((data) => ({ data })),
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
 * column comes as texts, and each part has a dictionary of its own.
 * @param scan where the column is read from, for a FROM
 * @param rows that will be read
 */
export async function textReader(
	duck: Duck,
	scan: string,
	{ stored, place, rows, shared }: { stored: string; place: number; rows: number; shared: boolean },
): Promise<ColumnReader> {
	const name = quoteName(stored);
	const places = [place];
	let codes: Uint32Array = new Uint32Array(0);
	const begin = (part: number): void => {
		codes = new Uint32Array(memory(4 * part, shared));
	};
	if (rows > KNOWN_ROWS) {
		// One look at the file: which values there are, or that they are too many.
		const different = `SELECT DISTINCT ${name} AS v FROM ${scan} WHERE ${name} IS NOT NULL LIMIT ${SORTED_LEVELS + 1}`;
		const read = await duck.connection.runAndReadAll(`SELECT v, hash(v) FROM (${different}) ORDER BY v`);
		const [dictionary = [], hashes = []] = read.getColumns() as [string[]?, bigint[]?];
		if (dictionary.length === 0) return { sql: '0', places, begin, read() {}, end: () => [{ codes, dictionary }] };
		const [{ gap }] = await duck.rows<{ gap: string | number }>('SELECT hash(NULL::VARCHAR) AS gap');
		const codeOf = dictionary.length <= SORTED_LEVELS && !hashes.includes(BigInt(gap)) ? hashTable(hashes) : undefined;
		if (codeOf)
			return {
				sql: `hash(${name})`,
				places,
				begin,
				read(vector, from, at, count) {
					const { items } = vector as unknown as { items: BigUint64Array };
					lookUp(new Uint32Array(items.buffer, items.byteOffset + 8 * from, 2 * count), codeOf, codes, at, count);
				},
				end: () => [{ codes, dictionary }],
			};
	}
	let index = new Map<string, number>();
	return {
		sql: `CAST(${name} AS VARCHAR)`,
		places,
		begin(part) {
			begin(part);
			index = new Map();
		},
		read(vector, from, at, count) {
			for (let i = 0; i < count; i++) {
				const text = vector.getItem(from + i) as string | null;
				if (text === null) continue;
				let code = index.get(text);
				if (code === undefined) index.set(text, (code = index.size + 1));
				codes[at + i] = code;
			}
		},
		end() {
			const dictionary = [...index.keys()];
			return [dictionary.length <= SORTED_LEVELS ? sortDictionary({ codes, dictionary }) : { codes, dictionary }];
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
