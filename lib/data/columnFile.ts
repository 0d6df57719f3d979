import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { BLOCK, plannedCodes, plannedNumbers, rangeOf, lengthOf, type Elsewhere } from './derived.js';
import { isNumberVector, type StringVector, type Vector } from './frame.js';
import { SORTED_LEVELS } from './columnReaders.js';
import { sortDictionary } from './sortDictionary.js';
import { MlopsError } from '../domain/errors.js';

type Values = Float64Array | Uint32Array;
type Kind<T> = new (length: number) => T;

/** Rows that are written at a time. */
export const ROWS_WRITTEN_TOGETHER = 65_536;

/**
 * A file of this process alone in which columns lie that are too long for memory, 8 bytes a number and 4 a text, as this machine has them
 * in memory. It has no name from the beginning (on Windows until it is closed), so it is gone however the process ends. It is read at once,
 * not in turns with other work: a block of 64 kB comes from the system's own memory as a rule.
 */
export class ColumnFile {
	readonly #file: number;
	#length = 0;

	/** @throws `store.full`, or what the operating system says */
	constructor(private readonly path: string) {
		this.#file = openSync(path, 'wx+', 0o600);
		try {
			rmSync(path);
		} catch {
			// Some systems keep the name of an open file: it goes when the file is closed.
		}
	}

	/** Bytes that were written. */
	get length(): number {
		return this.#length;
	}

	/** Appends bytes and says where they are. @throws `store.full` */
	append(values: Values): number {
		const at = this.#length;
		const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
		try {
			for (let done = 0, n = bytes.length; done < n; ) done += writeSync(this.#file, bytes, done, bytes.length - done, at + done);
		} catch (thrown) {
			throw MlopsError.from(thrown);
		}
		this.#length += bytes.length;
		return at;
	}

	/** Fills `out` with what was written from byte `at` on. */
	read(at: number, out: Values): void {
		const bytes = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
		for (let done = 0, n = bytes.length; done < n; ) {
			const read = readSync(this.#file, bytes, done, bytes.length - done, at + done);
			if (read === 0) throw new MlopsError('internal', 'A file of columns is shorter than what was written to it.');
			done += read;
		}
	}

	/** Columns of it can be read no more. */
	close(): void {
		closeSync(this.#file);
		rmSync(this.path, { force: true });
	}
}

/** One column of a file, written piece by piece. */
class Pieces<T extends Values> implements Elsewhere<T> {
	rows = 0;
	/** First row of each piece, and where it lies. */
	readonly #from: number[] = [];
	readonly #at: number[] = [];
	#block: { number: number; values: T } | undefined;

	constructor(
		private readonly file: ColumnFile,
		private readonly kind: Kind<T>,
	) {}

	append(values: T): void {
		if (values.length === 0) return;
		this.#at.push(this.file.append(values));
		this.#from.push(this.rows);
		this.rows += values.length;
	}

	read(from: number, out: T): void {
		let piece = this.#pieceOf(from);
		for (let done = 0, n = out.length; done < n; piece++) {
			const inside = from + done - this.#from[piece];
			const end = this.#from[piece + 1] ?? this.rows;
			const count = Math.min(out.length - done, end - from - done);
			const part = out.subarray(done, done + count) as T;
			this.file.read(this.#at[piece] + inside * out.BYTES_PER_ELEMENT, part);
			done += count;
		}
	}

	block(number: number): T {
		if (this.#block?.number === number) return this.#block.values;
		const from = number * BLOCK;
		const values = new this.kind(Math.min(BLOCK, this.rows - from));
		this.read(from, values);
		this.#block = { number, values };
		return values;
	}

	#pieceOf(row: number): number {
		let low = 0;
		let high = this.#from.length;
		while (low + 1 < high) {
			const middle = (low + high) >>> 1;
			if (this.#from[middle] <= row) low = middle;
			else high = middle;
		}
		return low;
	}
}

/** A column that goes to a file part by part. */
export class FiledColumn {
	#numbers: Pieces<Float64Array> | undefined;
	#codes: Pieces<Uint32Array> | undefined;
	#first: StringVector | undefined;
	/** Codes of all texts so far, where parts have dictionaries of their own. */
	#index: Map<string, number> | undefined;

	constructor(private readonly file: ColumnFile) {}

	/** Appends the values of the next rows; all parts are of one kind. */
	append(part: Vector): void {
		if (isNumberVector(part)) (this.#numbers ??= new Pieces(this.file, Float64Array)).append(part.data);
		else this.#appendTexts(part);
	}

	#appendTexts(part: StringVector): void {
		// Whether parts share their dictionary shows at the second one.
		if (!this.#first) {
			this.#first = part;
			return;
		}
		if (this.#codes === undefined) {
			this.#codes = new Pieces(this.file, Uint32Array);
			if (part.dictionary !== this.#first.dictionary) this.#index = new Map();
			this.#write(this.#first, this.#codes);
		} else if (!this.#index && part.dictionary !== this.#first.dictionary) {
			this.#index = new Map(this.#first.dictionary.map((text, k) => [text, k + 1]));
		}
		this.#write(part, this.#codes);
	}

	#write({ codes, dictionary }: StringVector, into: Pieces<Uint32Array>): void {
		const index = this.#index;
		if (!index) {
			into.append(codes);
			return;
		}
		const table = new Uint32Array(dictionary.length + 1);
		const coded = (text: string): number => index.get(text) ?? (index.set(text, index.size + 1), index.size);
		into.append(codes.map((code) => (code === 0 ? 0 : table[code] || (table[code] = coded(dictionary[code - 1])))));
	}

	/**
	 * The column. Its dictionary is that of the parts, where they have the same; else as a column that is read whole has it: sorted, or
	 * where there are very many texts in the order of first appearance.
	 */
	vector(): Vector {
		if (this.#numbers) return plannedNumbers({ rows: this.#numbers.rows, from: { data: this.#numbers, changes: [] } });
		if (!this.#first) throw new MlopsError('internal', 'A column without any part was to be read.');
		if (!this.#codes) return this.#first;
		const { rows } = this.#codes;
		const dictionary = this.#index ? [...this.#index.keys()] : this.#first.dictionary;
		if (!this.#index || dictionary.length > SORTED_LEVELS) return plannedCodes({ rows, codes: this.#codes }, dictionary);
		const order = sortDictionary({ codes: Uint32Array.from(dictionary.keys()).map((k) => k + 1), dictionary: [...dictionary] });
		return plannedCodes({ rows, codes: this.#codes, table: Uint32Array.of(0, ...order.codes) }, order.dictionary);
	}
}

/** The same column in a file. */
export function filed(file: ColumnFile, vector: Vector): Vector {
	const column = new FiledColumn(file);
	const rows = lengthOf(vector);
	for (let from = 0; from < rows; from += ROWS_WRITTEN_TOGETHER)
		column.append(rangeOf(vector, from, Math.min(rows, from + ROWS_WRITTEN_TOGETHER)));
	return rows ? column.vector() : vector;
}
