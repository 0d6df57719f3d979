import { isNumeric, type ColumnType } from '../domain/column.js';
import { isNumberVector, type StringVector, type Value, type Vector } from '../data/frame.js';

/**
 * How one value becomes another. Both forms of a step run the same function: the vector form over a column
 * (text: once for each dictionary entry), the row form over one value. Missing is NaN for numbers and null for text.
 */
export type Derive =
	| { from: 'number'; to: 'number'; map(x: number): number }
	| { from: 'number'; to: 'text'; map(x: number): string | null }
	| { from: 'text'; to: 'number'; map(x: string | null): number }
	| { from: 'text'; to: 'text'; map(x: string | null): string | null };

/** How a column of this type is kept: as numbers or as coded strings. */
export const kindOf = (type: ColumnType): 'number' | 'text' => (isNumeric(type) ? 'number' : 'text');

/** Applies a derivation to a whole column. */
export function deriveVector(vector: Vector, derive: Derive): Vector {
	if (derive.from === 'number') {
		if (!isNumberVector(vector)) throw new TypeError('deriveVector: numbers expected');
		return derive.to === 'number'
			? { data: mapNumbers(vector.data, derive.map) }
			: textVector(vector.data.length, (i) => derive.map(vector.data[i]));
	}
	if (isNumberVector(vector)) throw new TypeError('deriveVector: text expected');
	return derive.to === 'number' ? { data: dictionaryNumbers(vector, derive.map) } : mapDictionary(vector, derive.map);
}

/** Applies a derivation to one value. */
export function deriveValue(value: Value | undefined, derive: Derive): Value {
	if (derive.from === 'number') {
		const x = typeof value === 'number' ? value : NaN;
		return derive.to === 'number' ? orNull(derive.map(x)) : derive.map(x);
	}
	const s = typeof value === 'string' ? value : null;
	return derive.to === 'number' ? orNull(derive.map(s)) : derive.map(s);
}

export const orNull = (x: number): number | null => (Number.isNaN(x) ? null : x);

function mapNumbers(data: Float64Array, map: (x: number) => number): Float64Array {
	const out = new Float64Array(data.length);
	for (let i = 0; i < data.length; i++) out[i] = map(data[i]);
	return out;
}

function dictionaryNumbers({ codes, dictionary }: StringVector, map: (s: string | null) => number): Float64Array {
	const table = new Float64Array(dictionary.length + 1);
	table[0] = map(null);
	for (let k = 0; k < dictionary.length; k++) table[k + 1] = map(dictionary[k]);
	const out = new Float64Array(codes.length);
	for (let i = 0; i < codes.length; i++) out[i] = table[codes[i]];
	return out;
}

/** Maps the dictionary, merges entries that became equal, and recodes the rows. */
function mapDictionary({ codes, dictionary }: StringVector, map: (s: string | null) => string | null): StringVector {
	const index = new Map<string, number>();
	const code = (s: string | null): number => {
		if (s === null) return 0;
		let c = index.get(s);
		if (c === undefined) index.set(s, (c = index.size + 1));
		return c;
	};
	const table = new Uint32Array(dictionary.length + 1);
	for (let k = 0; k < dictionary.length; k++) table[k + 1] = code(map(dictionary[k]));
	table[0] = code(map(null));
	const out = new Uint32Array(codes.length);
	for (let i = 0; i < codes.length; i++) out[i] = table[codes[i]];
	return { codes: out, dictionary: [...index.keys()] };
}

/** Codes strings produced row by row. */
export function textVector(rows: number, at: (row: number) => string | null): StringVector {
	const index = new Map<string, number>();
	const codes = new Uint32Array(rows);
	for (let i = 0; i < rows; i++) {
		const s = at(i);
		if (s === null) continue;
		let c = index.get(s);
		if (c === undefined) index.set(s, (c = index.size + 1));
		codes[i] = c;
	}
	return { codes, dictionary: [...index.keys()] };
}

/** A column of nothing but missing values. */
export const missingVector = (type: ColumnType, rows: number): Vector =>
	isNumeric(type) ? { data: new Float64Array(rows).fill(NaN) } : { codes: new Uint32Array(rows), dictionary: [] };
