import { isNumeric, type ColumnType } from '../domain/column.js';
import { changedNumbers, numbersOfCodes, recoded, type Change } from '../data/derived.js';
import { isNumberVector, type StringVector, type Value, type Vector } from '../data/frame.js';

/**
 * How one value becomes another. Both forms of a step run the same function: the vector form over a column
 * (text: once for each dictionary entry), the row form over one value. Missing is NaN for numbers and null for text.
 * `all`: the same as `map` for each of many numbers where they are. A loop of a step's own is several times as fast as one that all steps
 * share, since the compiler puts the step's function into it.
 */
export type Derive =
	| { from: 'number'; to: 'number'; map(x: number): number; all?: Change }
	| { from: 'number'; to: 'text'; map(x: number): string | null }
	| { from: 'text'; to: 'number'; map(x: string | null): number }
	| { from: 'text'; to: 'text'; map(x: string | null): string | null };

/** How a column of this type is kept: as numbers or as coded strings. */
export const kindOf = (type: ColumnType): 'number' | 'text' => (isNumeric(type) ? 'number' : 'text');

/** How numbers are changed where they are by a derivation. */
export const changeBy = (derive: Derive & { from: 'number'; to: 'number' }): Change => derive.all ?? mapAll(derive.map);

/** A column by derivation, worked out when it is read. `again`: how another thread makes the same of numbers (crewTasks.ts). */
export function deriveVector(vector: Vector, derive: Derive, again?: object): Vector {
	if (derive.from === 'number') {
		if (!isNumberVector(vector)) throw new TypeError('deriveVector: numbers expected');
		if (derive.to === 'number') return changedNumbers(vector, changeBy(derive), again);
		const { data } = vector;
		return textVector(data.length, (i) => derive.map(data[i]));
	}
	if (isNumberVector(vector)) throw new TypeError('deriveVector: text expected');
	return derive.to === 'number' ? dictionaryNumbers(vector, derive.map) : mapDictionary(vector, derive.map);
}

/** A derivation as a function of one value. */
export function valueDeriver(derive: Derive): (value: Value | undefined) => Value {
	if (derive.from === 'number') {
		if (derive.to === 'number') {
			const { map } = derive;
			return (value) => orNull(map(typeof value === 'number' ? value : NaN));
		}
		const { map } = derive;
		return (value) => map(typeof value === 'number' ? value : NaN);
	}
	if (derive.to === 'number') {
		const { map } = derive;
		return (value) => orNull(map(typeof value === 'string' ? value : null));
	}
	const { map } = derive;
	return (value) => map(typeof value === 'string' ? value : null);
}

export const orNull = (x: number): number | null => (x !== x ? null : x);

const mapAll =
	(map: (x: number) => number): Change =>
	(values) => {
		for (let i = 0, n = values.length; i < n; i++) values[i] = map(values[i]);
	};

function dictionaryNumbers(vector: StringVector, map: (s: string | null) => number): Vector {
	const { dictionary } = vector;
	const table = new Float64Array(dictionary.length + 1);
	table[0] = map(null);
	for (let k = 0; k < dictionary.length; k++) table[k + 1] = map(dictionary[k]);
	return numbersOfCodes(vector, table);
}

/** Maps the dictionary, merges entries that became equal, and recodes the rows. */
function mapDictionary(vector: StringVector, map: (s: string | null) => string | null): StringVector {
	const { dictionary } = vector;
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
	return recoded(vector, table, [...index.keys()]);
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
